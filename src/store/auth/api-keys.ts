import { textArray } from '../arrays.js';
import { safe } from '../rows.js';
import { type Connections, transaction } from '../connections.js';
import type { Everyday } from '../prisma-client.js';
import type { StoreLog } from '../store.js';
import type { AccessStore } from './store.js';
import { insertEvent } from './events.js';
import {
  ORGANIZATION_COLUMNS,
  API_KEY_COLUMNS,
  toOrganization,
  toApiKey,
  type OrganizationRow,
  type ApiKeyRow,
} from './rows.js';

type ApiKeys = Pick<AccessStore, 'createKey' | 'keys' | 'keyFacts' | 'revokeKey' | 'markKeysUsed'>;

/** What `lastUsedAt` is exact to: a key at work is written once a minute, not once a request. */
const USE_STEP_MS = 60_000;

const FACTS = `
SELECT key.*, to_json(organization) AS organization, (SELECT version FROM access_version) AS version
FROM (SELECT ${API_KEY_COLUMNS} FROM api_key WHERE id = ANY ($1::text[])) AS key
JOIN (SELECT ${ORGANIZATION_COLUMNS} FROM organization) AS organization ON organization.id = key."organizationId"`;

/** Rows that another instance is marking at this moment are left to it. */
const MARK_USED = `
UPDATE api_key SET last_used_at = $2
WHERE id IN (
  SELECT id FROM api_key WHERE id = ANY ($1::text[]) AND (last_used_at IS NULL OR last_used_at <= $2::bigint - ${USE_STEP_MS})
  FOR NO KEY UPDATE SKIP LOCKED
)`;

export function apiKeysOver(connections: Connections, everyday: Everyday, log: StoreLog): ApiKeys {
  return {
    createKey: (key, event) =>
      transaction(connections, 'making an API key', async (client) => {
        const { id, organizationId, name, secretHash, scopes, networks, createdAt, createdBy, expiresAt } =
          key;
        const { requestsPerMinute, digestsPerDay, bytesPerDay } = key.limits;
        await client.query(
          `INSERT INTO api_key (id, organization_id, name, secret_hash, scopes, networks, created_at, created_by, expires_at,
             requests_per_minute, digests_per_day, bytes_per_day)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
          [id, organizationId, name, secretHash, scopes, networks, createdAt, createdBy, expiresAt].concat([
            requestsPerMinute,
            digestsPerDay,
            bytesPerDay,
          ]),
        );
        await insertEvent(client, event);
      }),

    keys: async (organizationId) => {
      const rows = await everyday.ask('reading API keys', (prisma) =>
        prisma.apiKey.findMany({
          where: { organizationId },
          orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
        }),
      );
      return rows.map(toApiKey);
    },

    keyFacts: async (ids) => {
      const rows = await connections.prepared<
        ApiKeyRow & { readonly organization: OrganizationRow; readonly version: string }
      >('key_facts', FACTS, [textArray(ids)]);
      const facts = new Map(
        rows.map((row) => [
          row.id,
          { key: toApiKey(row), organization: toOrganization(row.organization), version: safe(row.version) },
        ]),
      );
      return ids.map((id) => facts.get(id) ?? null);
    },

    revokeKey: ({ organizationId, id }, now, event) =>
      transaction(connections, 'revoking an API key', async (client) => {
        const { rowCount } = await client.query(
          'UPDATE api_key SET revoked_at = $3 WHERE id = $1 AND organization_id = $2 AND revoked_at IS NULL',
          [id, organizationId, now],
        );
        if (rowCount === 0) return false;
        await insertEvent(client, event);
        return true;
      }),

    markKeysUsed: async (ids, now) => {
      try {
        await connections.pool.query(MARK_USED, [textArray(ids), now]);
      } catch (error) {
        log.warn({ err: error }, 'when API keys were last used could not be written');
      }
    },
  };
}
