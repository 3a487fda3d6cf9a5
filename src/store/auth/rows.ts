import { StoreError } from '../errors.js';
import { safe } from '../rows.js';
import {
  EVENT_KINDS,
  ROLES,
  SCOPES,
  type Organization,
  type ApiKey,
  type Invitation,
  type Person,
  type Session,
  type SigningKey,
} from './store.js';

/** A bigint column: text from pg, BigInt from Prisma, a number within JSON. */
type Integer = string | bigint | number;

/** Columns under the names that Prisma gives them: a row looks the same, whoever has read it. */
export const ORGANIZATION_COLUMNS = `id, number, name, created_at AS "createdAt", disabled_at AS "disabledAt",
  requests_per_minute AS "requestsPerMinute", digests_per_day AS "digestsPerDay", bytes_per_day AS "bytesPerDay"`;

export const PERSON_COLUMNS = `id, email, name, password_hash AS "passwordHash", operator, created_at AS "createdAt",
  disabled_at AS "disabledAt"`;

export const SESSION_COLUMNS = `id, person_id AS "personId", organization_id AS "organizationId", created_at AS "createdAt",
  last_used_at AS "lastUsedAt", expires_at AS "expiresAt", ended_at AS "endedAt", address, agent`;

export const API_KEY_COLUMNS = `id, organization_id AS "organizationId", name, secret_hash AS "secretHash", scopes, networks,
  created_at AS "createdAt", created_by AS "createdBy", expires_at AS "expiresAt", revoked_at AS "revokedAt",
  last_used_at AS "lastUsedAt", requests_per_minute AS "requestsPerMinute", digests_per_day AS "digestsPerDay",
  bytes_per_day AS "bytesPerDay"`;

interface LimitColumns {
  readonly requestsPerMinute: number | null;
  readonly digestsPerDay: Integer | null;
  readonly bytesPerDay: Integer | null;
}

export interface OrganizationRow extends LimitColumns {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly createdAt: Integer;
  readonly disabledAt: Integer | null;
}

export interface PersonRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string | null;
  readonly operator: boolean;
  readonly createdAt: Integer;
  readonly disabledAt: Integer | null;
}

export interface SessionRow {
  readonly id: string;
  readonly personId: string;
  readonly organizationId: string | null;
  readonly createdAt: Integer;
  readonly lastUsedAt: Integer;
  readonly expiresAt: Integer;
  readonly endedAt: Integer | null;
  readonly address: string;
  readonly agent: string;
}

export interface ApiKeyRow extends LimitColumns {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly secretHash: Uint8Array;
  readonly scopes: readonly string[];
  readonly networks: readonly string[];
  readonly createdAt: Integer;
  readonly createdBy: string;
  readonly expiresAt: Integer | null;
  readonly revokedAt: Integer | null;
  readonly lastUsedAt: Integer | null;
}

const safeOrNull = (value: Integer | null): number | null => (value === null ? null : safe(value));

export function toOrganization(row: OrganizationRow): Organization {
  return {
    id: row.id,
    number: row.number,
    name: row.name,
    createdAt: safe(row.createdAt),
    disabledAt: safeOrNull(row.disabledAt),
    limits: toLimits(row),
  };
}

function toLimits({ requestsPerMinute, digestsPerDay, bytesPerDay }: LimitColumns): Organization['limits'] {
  return {
    requestsPerMinute,
    digestsPerDay: safeOrNull(digestsPerDay),
    bytesPerDay: safeOrNull(bytesPerDay),
  };
}

export function toPerson(row: PersonRow): Person {
  return { ...row, createdAt: safe(row.createdAt), disabledAt: safeOrNull(row.disabledAt) };
}

export function toSession(row: SessionRow): Session {
  return {
    ...row,
    createdAt: safe(row.createdAt),
    lastUsedAt: safe(row.lastUsedAt),
    expiresAt: safe(row.expiresAt),
    endedAt: safeOrNull(row.endedAt),
  };
}

export function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    organizationId: row.organizationId,
    name: row.name,
    secretHash: row.secretHash,
    scopes: row.scopes.map((scope) => oneOf(SCOPES, scope)),
    networks: row.networks,
    createdAt: safe(row.createdAt),
    createdBy: row.createdBy,
    expiresAt: safeOrNull(row.expiresAt),
    revokedAt: safeOrNull(row.revokedAt),
    lastUsedAt: safeOrNull(row.lastUsedAt),
    limits: toLimits(row),
  };
}

export function toInvitation(row: {
  readonly personId: string | null;
  readonly organizationId: string | null;
  readonly createdAt: Integer;
  readonly expiresAt: Integer;
}): Invitation {
  const { personId, organizationId } = row;
  return { personId, organizationId, createdAt: safe(row.createdAt), expiresAt: safe(row.expiresAt) };
}

export function toSigningKey(row: {
  readonly id: string;
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
  readonly createdAt: Integer;
  readonly retiredAt: Integer | null;
}): SigningKey {
  return { ...row, createdAt: safe(row.createdAt), retiredAt: safeOrNull(row.retiredAt) };
}

export const toRole = (text: string) => oneOf(ROLES, text);
export const toEventKind = (text: string) => oneOf(EVENT_KINDS, text);

/** @throws {StoreError} refused: no version of this program wrote it */
function oneOf<T extends string>(known: readonly T[], text: string): T {
  const found = known.find((each) => each === text);
  if (found === undefined) throw new StoreError('refused', `the database holds an unknown word: ${text}`);
  return found;
}
