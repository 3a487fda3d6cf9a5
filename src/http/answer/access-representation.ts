import { may, PERMISSIONS, type Principal as KnownPrincipal, type Tokens } from '../../access/index.js';
import type {
  AccessEvent,
  Account as StoredAccount,
  AccountUser,
  ApiKey as StoredApiKey,
  Session as StoredSession,
} from '../../store/index.js';
import type * as resources from '../schema/access-resources.js';
import { formatTime } from './representation.js';

/** How accounts and people become JSON. Hashes of secrets and numbers of rows stay inside. */

export function accountJson({ id, name, createdAt, disabledAt, limits }: StoredAccount): resources.Account {
  return {
    id,
    name,
    createdAt: formatTime(createdAt),
    disabledAt: timeOrNull(disabledAt),
    limits: limitsJson(limits),
  };
}

export function accountName({ id, name }: StoredAccount) {
  return { id, name };
}

export function userJson({ person, role, createdAt, acceptedAt }: AccountUser): resources.User {
  return {
    id: person.id,
    email: person.email,
    name: person.name,
    role,
    createdAt: formatTime(createdAt),
    acceptedAt: timeOrNull(acceptedAt),
    disabledAt: timeOrNull(person.disabledAt),
  };
}

export function invitationJson({ token, expiresAt }: { readonly token: string; readonly expiresAt: number }) {
  return { token, expiresAt: formatTime(expiresAt) };
}

export function apiKeyJson(key: StoredApiKey): resources.ApiKey {
  return {
    id: key.id,
    name: key.name,
    prefix: `ingam_${key.id}_`,
    scopes: [...key.scopes],
    networks: [...key.networks],
    createdAt: formatTime(key.createdAt),
    createdBy: key.createdBy,
    expiresAt: timeOrNull(key.expiresAt),
    revokedAt: timeOrNull(key.revokedAt),
    lastUsedAt: timeOrNull(key.lastUsedAt),
    limits: limitsJson(key.limits),
  };
}

export function principalJson(principal: KnownPrincipal): resources.Principal {
  const permissions = PERMISSIONS.filter((permission) => may(principal, permission));
  switch (principal.kind) {
    case 'anonymous':
      return { kind: 'anonymous', permissions };
    case 'key':
      return {
        kind: 'key',
        id: principal.keyId,
        account: accountName(principal.account),
        scopes: [...principal.scopes],
        permissions,
      };
    case 'user':
      return {
        kind: 'user',
        id: principal.personId,
        email: principal.email,
        name: principal.name,
        operator: principal.operator,
        account: principal.account === null ? null : accountName(principal.account),
        role: principal.role,
        permissions,
      };
  }
}

export function tokensJson({ accessToken, accessExpiresAt, refreshToken, refreshExpiresAt }: Tokens) {
  return {
    accessToken,
    accessExpiresAt: formatTime(accessExpiresAt),
    refreshToken,
    refreshExpiresAt: formatTime(refreshExpiresAt),
  };
}

export function ownSessionJson(session: StoredSession, currentId: string | null) {
  const { id, createdAt, lastUsedAt, expiresAt, address, agent, accountId } = session;
  return {
    id,
    current: id === currentId,
    createdAt: formatTime(createdAt),
    lastUsedAt: formatTime(lastUsedAt),
    expiresAt: formatTime(expiresAt),
    address,
    agent,
    accountId,
  };
}

export function eventJson(event: AccessEvent): resources.AccessLog['events'][number] {
  const { id, at, kind, accountId, personId, keyId, address, detail } = event;
  return {
    id,
    at: formatTime(at),
    kind,
    accountId,
    personId,
    keyId,
    address,
    detail: { ...detail },
  };
}

function limitsJson({ requestsPerMinute, digestsPerDay, bytesPerDay }: StoredAccount['limits']) {
  return { requestsPerMinute, digestsPerDay, bytesPerDay };
}

function timeOrNull(milliseconds: number | null): string | null {
  return milliseconds === null ? null : formatTime(milliseconds);
}
