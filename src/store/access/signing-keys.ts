import type { Connections } from '../connections.js';
import type { Everyday } from '../everyday.js';
import { ADVISORY_CLASS, SIGNING_KEYS_LOCK } from '../names.js';
import { transaction } from '../transaction.js';
import type { AccessStore } from './access-store.js';
import { insertEvent } from './events.js';
import { toSigningKey } from './rows.js';

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
