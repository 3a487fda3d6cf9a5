import { StoreError } from '../errors.js';
import type {
  AccessEvent as AccessEventRow,
  ApiKey as ApiKeyRow,
  Invitation as InvitationRow,
  Organization as OrganizationRow,
  Passkey as PasskeyRow,
  Person as PersonRow,
  Session as SessionRow,
  SigningKey as SigningKeyRow,
} from '../prisma/client.js';
import { safe } from '../rows.js';
import {
  EVENT_KINDS,
  PROVIDER_PREFIX,
  ROLES,
  SCOPES,
  type AccessEvent,
  type ApiKey,
  type Invitation,
  type Limits,
  type Organization,
  type Passkey,
  type Person,
  type ProviderIdentity,
  type Role,
  type Session,
  type SigningKey,
} from './model.js';

const safeOrNull = (value: bigint | null): number | null => (value === null ? null : safe(value));

export function toOrganization(row: OrganizationRow): Organization {
  return {
    id: row.id,
    number: row.number,
    name: row.name,
    createdAt: safe(row.createdAt),
    disabledAt: safeOrNull(row.disabledAt),
    limits: toLimits(row),
    requiresPasskey: row.requiresPasskey,
  };
}

function toLimits({
  requestsPerMinute,
  digestsPerDay,
  bytesPerDay,
}: Pick<OrganizationRow, keyof Limits>): Limits {
  return {
    requestsPerMinute,
    digestsPerDay: safeOrNull(digestsPerDay),
    bytesPerDay: safeOrNull(bytesPerDay),
  };
}

export function toPerson(row: PersonRow): Person {
  return { ...row, createdAt: safe(row.createdAt), disabledAt: safeOrNull(row.disabledAt) };
}

export function toPasskey(row: PasskeyRow): Passkey {
  return {
    ...row,
    counter: safe(row.counter),
    createdAt: safe(row.createdAt),
    lastUsedAt: safeOrNull(row.lastUsedAt),
  };
}

export function toSession(row: SessionRow): Session {
  const { id, organizationId, address, network, agent, withPasskey } = row;
  const provider = providerOf(row);
  return {
    ...{ id, organizationId, address, network, agent, withPasskey, provider },
    personId: row.personId ?? `${PROVIDER_PREFIX}${provider?.subject ?? ''}`,
    createdAt: safe(row.createdAt),
    lastUsedAt: safe(row.lastUsedAt),
    expiresAt: safe(row.expiresAt),
    endedAt: safeOrNull(row.endedAt),
  };
}

function providerOf(row: SessionRow): ProviderIdentity | null {
  const { providerIssuer: issuer, providerSubject: subject, providerName: name, providerEmail: email } = row;
  if (issuer === null || subject === null || name === null || row.providerRole === null) return null;
  return { issuer, subject, name, email, role: toRole(row.providerRole) };
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

export function toInvitation(row: InvitationRow): Invitation {
  const { personId, organizationId, operator, setsPassword } = row;
  const times = { createdAt: safe(row.createdAt), expiresAt: safe(row.expiresAt) };
  return { personId, organizationId, operator, setsPassword, ...times };
}

export function toSigningKey(row: SigningKeyRow): SigningKey {
  return { ...row, createdAt: safe(row.createdAt), retiredAt: safeOrNull(row.retiredAt) };
}

export function toAccessEvent(row: AccessEventRow): AccessEvent {
  const { organizationId, personId, keyId, address } = row;
  return {
    ...{ organizationId, personId, keyId, address },
    id: safe(row.id),
    at: safe(row.at),
    kind: oneOf(EVENT_KINDS, row.kind),
    detail: JSON.parse(row.detail) as AccessEvent['detail'],
  };
}

export const toRole = (text: string): Role => oneOf(ROLES, text);

/** @throws {StoreError} refused: no version of this program wrote it */
function oneOf<T extends string>(known: readonly T[], text: string): T {
  const found = known.find((each) => each === text);
  if (found === undefined) throw new StoreError('refused', `unknown value in the database: ${text}`);
  return found;
}
