import type pg from 'pg';
import type { Connections } from '../connections.js';
import type { Everyday } from '../everyday.js';
import { safe } from '../rows.js';
import { transaction } from '../transaction.js';
import type { AccessStore } from './access-store.js';
import { insertEvent } from './events.js';
import { toAccount, toPerson, toRole } from './rows.js';

type Users = Pick<AccessStore, 'users' | 'memberships' | 'addUser' | 'changeRole' | 'removeUser'>;

export function usersOver(connections: Connections, everyday: Everyday): Users {
  return {
    users: async (accountId) => {
      const rows = await everyday.ask('reading users', (prisma) =>
        prisma.accountUser.findMany({
          where: { accountId },
          include: { person: true },
          orderBy: { person: { email: 'asc' } },
        }),
      );
      return rows.map(({ person, role, createdAt, acceptedAt }) => ({
        accountId,
        person: toPerson(person),
        role: toRole(role),
        createdAt: safe(createdAt),
        acceptedAt: acceptedAt === null ? null : safe(acceptedAt),
      }));
    },

    memberships: async (personId) => {
      const rows = await everyday.ask('reading memberships', (prisma) =>
        prisma.accountUser.findMany({
          where: { personId, acceptedAt: { not: null } },
          include: { account: true },
          orderBy: [{ acceptedAt: 'asc' }, { accountId: 'asc' }],
        }),
      );
      return rows.map(({ account, role }) => ({ account: toAccount(account), role: toRole(role) }));
    },

    addUser: ({ accountId, personId, role, createdAt, acceptedAt }, event) =>
      transaction(connections, 'adding a user', async (client) => {
        const { rowCount } = await client.query(
          `INSERT INTO account_user (account_id, person_id, role, created_at, accepted_at)
           VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
          [accountId, personId, role, createdAt, acceptedAt],
        );
        if (rowCount === 0) return 'present';
        await insertEvent(client, event);
        return 'added';
      }),

    changeRole: ({ accountId, personId, role }, event) =>
      transaction(connections, 'changing a role', async (client) => {
        await lockAccount(client, accountId);
        const { rows } = await client.query<{ role: string }>(
          'SELECT role FROM account_user WHERE account_id = $1 AND person_id = $2',
          [accountId, personId],
        );
        const [present] = rows;
        if (present === undefined) return 'absent';
        if (present.role === role) return 'unchanged';
        if (await isLastOwner(client, accountId, personId)) return 'last_owner';
        await client.query('UPDATE account_user SET role = $3 WHERE account_id = $1 AND person_id = $2', [
          accountId,
          personId,
          role,
        ]);
        await insertEvent(client, event);
        return 'changed';
      }),

    removeUser: ({ accountId, personId }, event) =>
      transaction(connections, 'removing a user', async (client) => {
        await lockAccount(client, accountId);
        if (await isLastOwner(client, accountId, personId)) return 'last_owner';
        const both = [accountId, personId];
        const { rowCount } = await client.query(
          'DELETE FROM account_user WHERE account_id = $1 AND person_id = $2',
          both,
        );
        if (rowCount === 0) return 'absent';
        await client.query('DELETE FROM invitation WHERE account_id = $1 AND person_id = $2', both);
        await client.query(
          'UPDATE session SET account_id = NULL WHERE account_id = $1 AND person_id = $2',
          both,
        );
        await insertEvent(client, event);
        return 'removed';
      }),
  };
}

/** Held to the end of the transaction: of two that take an account's last owners away, the second sees what the first did. */
export async function lockAccount(client: pg.ClientBase, accountId: string): Promise<void> {
  await client.query('SELECT FROM account WHERE id = $1 FOR NO KEY UPDATE', [accountId]);
}

/** Only those who can sign in count: owners who have accepted and are not disabled. */
async function isLastOwner(client: pg.ClientBase, accountId: string, personId: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM account_user
     WHERE account_id = $1 AND person_id = $2 AND role = 'owner' AND accepted_at IS NOT NULL AND NOT EXISTS (
       SELECT FROM account_user AS other JOIN person ON person.id = other.person_id
       WHERE other.account_id = $1 AND other.person_id <> $2 AND other.role = 'owner'
         AND other.accepted_at IS NOT NULL AND person.disabled_at IS NULL
     )`,
    [accountId, personId],
  );
  return rowCount === 1;
}
