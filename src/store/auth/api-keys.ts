import { textArray } from '../binary.js';
import type { Connections } from '../connections.js';
import { nothingWritten } from '../errors.js';
import { bytes, type PrismaAccess, type Transaction } from '../prisma-client.js';
import { insertWebhookEvent } from '../webhook-events.js';
import { insertEvent } from './events.js';
import type { ApiKey, NewAccessEvent } from './model.js';
import { toApiKey } from './rows.js';

export interface ApiKeyStore {
  createKey(key: Omit<ApiKey, 'revokedAt' | 'lastUsedAt'>, event: NewAccessEvent): Promise<void>;
  /** Newest first, revoked ones too. */
  keys(organizationId: string): Promise<ApiKey[]>;
  /** false: the organization has no such key, or it was revoked before. */
  revokeKey(
    key: { readonly organizationId: string; readonly id: string },
    now: number,
    event: NewAccessEvent,
  ): Promise<boolean>;
  /** Sets `lastUsedAt`, to the minute. */
  recordKeyUse(ids: readonly string[], now: number): Promise<void>;
}

/** The precision of `lastUsedAt`: a key in use is written once a minute, not at every request. */
const USE_STEP_MS = 60_000;

/**
 * SKIP LOCKED, which Prisma cannot express: rows that another instance writes at this moment are left to it.
 */
const RECORD_USE = `
UPDATE api_key SET last_used_at = $2
WHERE id IN (
  SELECT id FROM api_key WHERE id = ANY ($1::text[]) AND (last_used_at IS NULL OR last_used_at <= $2::bigint - ${USE_STEP_MS})
  FOR NO KEY UPDATE SKIP LOCKED
)`;

export function apiKeyRows(connections: Connections, prisma: PrismaAccess): ApiKeyStore {
  return {
    createKey: ({ limits, secretHash, scopes, networks, ...key }, event) =>
      prisma.transaction('creating an API key', async (tx) => {
        await tx.apiKey.create({
          data: {
            ...key,
            ...limits,
            secretHash: bytes(secretHash),
            scopes: [...scopes],
            networks: [...networks],
          },
        });
        await tell(tx, 'key.created', key, event.at);
        await insertEvent(tx, event);
      }),

    keys: async (organizationId) => {
      const rows = await prisma.read('reading API keys', ({ apiKey }) =>
        apiKey.findMany({
          where: { organizationId },
          orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
        }),
      );
      return rows.map(toApiKey);
    },

    revokeKey: ({ organizationId, id }, now, event) =>
      prisma.transaction('revoking an API key', async (tx) => {
        const where = { id, organizationId, revokedAt: null };
        const { count } = await tx.apiKey.updateMany({ where, data: { revokedAt: now } });
        if (count === 0) return false;
        await tell(tx, 'key.revoked', { organizationId, id }, event.at);
        await insertEvent(tx, event);
        return true;
      }),

    recordKeyUse: async (ids, now) => {
      await connections.write(
        (client) => client.query(RECORD_USE, [textArray(ids), now]),
        (error) => nothingWritten(error, 'recording the use of API keys'),
      );
    },
  };
}

async function tell(
  tx: Transaction,
  type: 'key.created' | 'key.revoked',
  { organizationId, id }: { readonly organizationId: string; readonly id: string },
  at: number,
): Promise<void> {
  const organization = await tx.organization.findUnique({
    where: { id: organizationId },
    select: { number: true },
  });
  if (organization !== null) await insertWebhookEvent(tx, at, organization.number, type, { key: id });
}
