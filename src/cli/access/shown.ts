import type { AccessEvent, Account, AccountUser, ApiKey, Person } from '../../store/index.js';
import { isoTime } from '../output/text.js';

/** What programs are given: what the API gives them, field for field. */

const timeOrNull = (time: number | null) => (time === null ? null : isoTime(time));

export function accountJson({ id, name, createdAt, disabledAt, limits }: Account) {
  return { id, name, createdAt: isoTime(createdAt), disabledAt: timeOrNull(disabledAt), limits };
}

export function personJson({ id, email, name, operator, passwordHash, createdAt, disabledAt }: Person) {
  return {
    id,
    email,
    name,
    operator,
    hasPassword: passwordHash !== null,
    createdAt: isoTime(createdAt),
    disabledAt: timeOrNull(disabledAt),
  };
}

export function userJson({ person, role, createdAt, acceptedAt }: AccountUser) {
  return {
    id: person.id,
    email: person.email,
    name: person.name,
    role,
    createdAt: isoTime(createdAt),
    acceptedAt: timeOrNull(acceptedAt),
    disabledAt: timeOrNull(person.disabledAt),
  };
}

export function keyJson(key: ApiKey) {
  const { id, name, scopes, networks, createdBy, limits } = key;
  return {
    id,
    name,
    prefix: `ingam_${id}_`,
    scopes,
    networks,
    createdAt: isoTime(key.createdAt),
    createdBy,
    expiresAt: timeOrNull(key.expiresAt),
    revokedAt: timeOrNull(key.revokedAt),
    lastUsedAt: timeOrNull(key.lastUsedAt),
    limits,
  };
}

export function eventJson({ id, at, kind, accountId, personId, keyId, address, detail }: AccessEvent) {
  return { id, at: isoTime(at), kind, accountId, personId, keyId, address, detail };
}

/** A day, for tables; `-` for never. */
export function day(time: number | null): string {
  return time === null ? '-' : isoTime(time).slice(0, 10);
}
