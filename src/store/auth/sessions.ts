import { textArray } from '../arrays.js';
import { type Connections, transaction } from '../connections.js';
import { ADVISORY_CLASS, SIGNING_KEYS_LOCK } from '../names.js';
import type { Everyday } from '../prisma-client.js';
import { insertEvent } from './events.js';
import {
  ORGANIZATION_COLUMNS,
  type OrganizationRow,
  PERSON_COLUMNS,
  type PersonRow,
  SESSION_COLUMNS,
  type SessionRow,
  toOrganization,
  toPerson,
  toRole,
  toSession,
  toSigningKey,
} from './rows.js';
import type { AccessStore, SessionFacts } from './store.js';

type Sessions = Pick<
  AccessStore,
  'createSession' | 'sessionFacts' | 'chooseOrganization' | 'sessions' | 'endSession' | 'expireSessions'
>;

interface FactsRow {
  readonly session: SessionRow;
  readonly person: PersonRow;
  readonly organization: OrganizationRow | null;
  readonly role: string | null;
}

const FACTS = `
SELECT to_json(session) AS session, to_json(person) AS person, to_json(organization) AS organization, organization_user.role
FROM (SELECT ${SESSION_COLUMNS} FROM session WHERE id = ANY ($1::text[])) AS session
JOIN (SELECT ${PERSON_COLUMNS} FROM person) AS person ON person.id = session."personId"
LEFT JOIN organization_user ON organization_user.organization_id = session."organizationId"
  AND organization_user.person_id = session."personId" AND organization_user.accepted_at IS NOT NULL
LEFT JOIN (SELECT ${ORGANIZATION_COLUMNS} FROM organization WHERE disabled_at IS NULL) AS organization
  ON organization.id = organization_user.organization_id`;

export function sessionsOver(connections: Connections, everyday: Everyday): Sessions {
  return {
    createSession: (session, refreshHash, event, passwordHash) =>
      transaction(connections, 'beginning a session', async (client) => {
        const { id, personId, organizationId, createdAt, lastUsedAt, expiresAt, address, agent } = session;
        // A password that is changed at this moment waits for this session, and ends it; or was first, and is seen here.
        const { rowCount } = await client.query(
          `SELECT FROM person WHERE id = $1 AND disabled_at IS NULL
           AND ($2::text IS NULL OR password_hash = $2) FOR SHARE`,
          [personId, passwordHash ?? null],
        );
        if (rowCount === 0) return false;
        await client.query(
          `INSERT INTO session (id, person_id, organization_id, created_at, last_used_at, expires_at, address, agent)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
          [id, personId, organizationId, createdAt, lastUsedAt, expiresAt, address, agent],
        );
        await client.query(
          'INSERT INTO refresh_token (secret_hash, session_id, issued_at) VALUES ($1, $2, $3)',
          [refreshHash, id, createdAt],
        );
        await insertEvent(client, event);
        return true;
      }),

    sessionFacts: async (ids) => {
      const rows = await connections.prepared<FactsRow>('session_facts', FACTS, [textArray(ids)]);
      const facts = new Map(rows.map((row) => [row.session.id, toFacts(row)]));
      return ids.map((id) => facts.get(id) ?? null);
    },

    chooseOrganization: async (id, organizationId) => {
      await everyday.ask('choosing an organization', (prisma) =>
        prisma.session.updateMany({ where: { id }, data: { organizationId } }),
      );
    },

    sessions: async (personId, now) => {
      const rows = await everyday.ask('reading sessions', (prisma) =>
        prisma.session.findMany({
          where: { personId, endedAt: null, expiresAt: { gt: now } },
          orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
        }),
      );
      return rows.map(toSession);
    },

    endSession: (id, now, event) =>
      transaction(connections, 'ending a session', async (client) => {
        const { rowCount } = await client.query(
          'UPDATE session SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL',
          [id, now],
        );
        if (rowCount === 0) return false;
        await insertEvent(client, event);
        return true;
      }),

    expireSessions: async (before) => {
      const { count } = await everyday.ask('removing old sessions', (prisma) =>
        prisma.session.deleteMany({
          where: { OR: [{ expiresAt: { lt: before } }, { endedAt: { lt: before } }] },
        }),
      );
      return count;
    },
  };
}

function toFacts({ session, person, organization, role }: FactsRow): SessionFacts {
  return {
    session: toSession(session),
    person: toPerson(person),
    membership:
      organization === null || role === null
        ? null
        : { organization: toOrganization(organization), role: toRole(role) },
  };
}

type RefreshTokens = Pick<AccessStore, 'rotateRefreshToken'>;

export function refreshTokensOver(connections: Connections): RefreshTokens {
  return {
    rotateRefreshToken: ({ oldHash, newHash, now, reusedEvent }) =>
      transaction(connections, 'trading a refresh token', async (client) => {
        // The row lock lets one of two through; the other finds the token used, and takes it for stolen.
        const tokens = await client.query<{ session_id: string; used_at: string | null }>(
          'SELECT session_id, used_at FROM refresh_token WHERE secret_hash = $1 FOR UPDATE',
          [oldHash],
        );
        const [token] = tokens.rows;
        if (token === undefined) return { outcome: 'unknown' };
        const [change, value] = token.used_at === null ? ['last_used_at = $2', now] : ['ended_at = $2', now];
        const sessions = await client.query<SessionRow>(
          `UPDATE session SET ${change} WHERE id = $1 AND ended_at IS NULL AND expires_at > $3
           RETURNING ${SESSION_COLUMNS}`,
          [token.session_id, value, now],
        );
        const [row] = sessions.rows;
        if (row === undefined) return { outcome: 'unknown' };
        const session = toSession(row);
        if (token.used_at !== null) {
          await insertEvent(client, reusedEvent(session));
          return { outcome: 'reused' };
        }
        await client.query('UPDATE refresh_token SET used_at = $2 WHERE secret_hash = $1', [oldHash, now]);
        await client.query(
          'INSERT INTO refresh_token (secret_hash, session_id, issued_at) VALUES ($1, $2, $3)',
          [newHash, token.session_id, now],
        );
        return { outcome: 'rotated', session };
      }),
  };
}

type SigningKeys = Pick<AccessStore, 'signingKeys' | 'rotateSigningKey'>;

export function signingKeysOver(connections: Connections, everyday: Everyday): SigningKeys {
  return {
    signingKeys: async () => {
      const rows = await everyday.ask('reading signing keys', (prisma) =>
        prisma.signingKey.findMany({ orderBy: [{ createdAt: 'desc' }, { id: 'asc' }] }),
      );
      return rows.map(toSigningKey);
    },

    rotateSigningKey: (key, { replaces, removeRetiredBefore, event }) =>
      transaction(connections, 'changing the signing key', async (client) => {
        await client.query('SELECT pg_advisory_xact_lock($1, $2)', [ADVISORY_CLASS, SIGNING_KEYS_LOCK]);
        const { rows } = await client.query<{ id: string }>(
          `SELECT id FROM signing_key WHERE retired_at IS NULL ORDER BY created_at DESC, id LIMIT 1`,
        );
        if ((rows[0]?.id ?? null) !== replaces) return false;
        await client.query('DELETE FROM signing_key WHERE retired_at < $1', [removeRetiredBefore]);
        await client.query('UPDATE signing_key SET retired_at = $1 WHERE retired_at IS NULL', [
          key.createdAt,
        ]);
        await client.query(
          `INSERT INTO signing_key (id, public_key, private_key, created_at, retired_at) VALUES ($1, $2, $3, $4, $5)`,
          [key.id, key.publicKey, key.privateKey, key.createdAt, key.retiredAt],
        );
        await insertEvent(client, event);
        return true;
      }),
  };
}
