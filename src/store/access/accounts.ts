import type { Connections } from '../connections.js';
import type { Everyday } from '../everyday.js';
import { transaction } from '../transaction.js';
import type { AccessStore } from './access-store.js';
import { insertEvent } from './events.js';
import { ACCOUNT_COLUMNS, toAccount, type AccountRow } from './rows.js';

type Accounts = Pick<AccessStore, 'createAccount' | 'account' | 'accounts' | 'updateAccount'>;

export function accountsOver(connections: Connections, everyday: Everyday): Accounts {
  return {
    createAccount: ({ id, name, createdAt, limits }, event) =>
      transaction(connections, 'creating an account', async (client) => {
        const { rows } = await client.query<AccountRow>(
          `INSERT INTO account (id, name, created_at, requests_per_minute, digests_per_day, bytes_per_day)
           VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${ACCOUNT_COLUMNS}`,
          [id, name, createdAt, limits.requestsPerMinute, limits.digestsPerDay, limits.bytesPerDay],
        );
        await insertEvent(client, event);
        const [row] = rows;
        if (row === undefined) throw new TypeError('INSERT … RETURNING returned no row');
        return toAccount(row);
      }),

    account: async (id) => {
      const row = await everyday.ask('reading an account', (prisma) =>
        prisma.account.findUnique({ where: { id } }),
      );
      return row === null ? null : toAccount(row);
    },

    accounts: async ({ after, limit }) => {
      const rows = await everyday.ask('reading accounts', (prisma) =>
        prisma.account.findMany({
          ...(after === undefined ? {} : { where: { id: { gt: after } } }),
          orderBy: { id: 'asc' },
          take: limit,
        }),
      );
      return rows.map(toAccount);
    },

    updateAccount: (id, { name, limits = {}, disabledAt }, event) =>
      transaction(connections, 'changing an account', async (client) => {
        const columns = Object.entries({
          name,
          disabled_at: disabledAt,
          requests_per_minute: limits.requestsPerMinute,
          digests_per_day: limits.digestsPerDay,
          bytes_per_day: limits.bytesPerDay,
        }).filter(([, value]) => value !== undefined);
        const set = columns.map(([column], i) => `${column} = $${i + 2}`);
        const { rows } = await client.query<AccountRow>(
          `UPDATE account SET ${['id = id', ...set].join(', ')} WHERE id = $1 RETURNING ${ACCOUNT_COLUMNS}`,
          [id, ...columns.map(([, value]) => value)],
        );
        const [row] = rows;
        if (row === undefined) return null;
        await insertEvent(client, event);
        return toAccount(row);
      }),
  };
}
