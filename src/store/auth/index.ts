import type { Connections } from '../connections.js';
import type { PrismaAccess } from '../prisma-client.js';
import { apiKeyRows, type ApiKeyStore } from './api-keys.js';
import { challengeRows, type ChallengeStore } from './challenges.js';
import { credentialRows, type CredentialStore } from './credentials.js';
import { eventRows, type EventStore } from './events.js';
import { invitationRows, type InvitationStore } from './invitations.js';
import { passkeyRows, type PasskeyStore } from './passkeys.js';
import { passwordResetRows, type PasswordResetStore } from './password-resets.js';
import {
  organizationRows,
  type OrganizationStore,
  personRows,
  type PersonStore,
  userRows,
  type UserStore,
} from './people.js';
import { sessionRows, type SessionStore, signingKeyRows, type SigningKeyStore } from './sessions.js';

/**
 * Organizations, people, sessions, keys and the access log in PostgreSQL. Every change takes its event, and
 * both are committed together. Methods reject with StoreErrors as those of `Store` do: `unavailable`,
 * `refused`, and writes also with `outcome_unknown`, after which they can be repeated unless stated
 * otherwise. Reads see the committed state, never a cache: what is revoked is revoked on every instance.
 *
 * Times are milliseconds since the Unix epoch. Callers make the ids. Secrets are passed as SHA-256, 32 bytes.
 */
export interface AccessStore
  extends
    OrganizationStore,
    PersonStore,
    UserStore,
    InvitationStore,
    PasswordResetStore,
    PasskeyStore,
    ChallengeStore,
    SessionStore,
    CredentialStore,
    SigningKeyStore,
    ApiKeyStore,
    EventStore {}

export function accessRows(connections: Connections, prisma: PrismaAccess): AccessStore {
  return {
    ...organizationRows(prisma),
    ...personRows(prisma),
    ...userRows(prisma),
    ...invitationRows(prisma),
    ...passwordResetRows(prisma),
    ...passkeyRows(prisma),
    ...challengeRows(prisma),
    ...sessionRows(prisma),
    ...signingKeyRows(prisma),
    ...apiKeyRows(connections, prisma),
    ...credentialRows(connections),
    ...eventRows(prisma),
  };
}
