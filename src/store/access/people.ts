import type pg from 'pg';
import type { Connections } from '../connections.js';
import type { Everyday } from '../everyday.js';
import { ADVISORY_CLASS, OPERATORS_LOCK } from '../names.js';
import { nothingWritten } from '../pg-errors.js';
import { transaction } from '../transaction.js';
import type { AccessStore } from './access-store.js';
import { insertEvent } from './events.js';
import { PERSON_COLUMNS, toPerson, type PersonRow } from './rows.js';

type People = Pick<
  AccessStore,
  'person' | 'personByEmail' | 'hasOperator' | 'operators' | 'obtainPerson' | 'updatePerson'
>;

export function peopleOver(connections: Connections, everyday: Everyday): People {
  return {
    person: async (id) => {
      const row = await everyday.ask('reading a person', (prisma) =>
        prisma.person.findUnique({ where: { id } }),
      );
      return row === null ? null : toPerson(row);
    },

    personByEmail: async (email) => {
      const row = await everyday.ask('reading a person', (prisma) =>
        prisma.person.findUnique({ where: { email } }),
      );
      return row === null ? null : toPerson(row);
    },

    hasOperator: async () => {
      const row = await everyday.ask('looking for an operator', (prisma) =>
        prisma.person.findFirst({ where: { operator: true }, select: { id: true } }),
      );
      return row !== null;
    },

    operators: async () => {
      const rows = await everyday.ask('reading operators', (prisma) =>
        prisma.person.findMany({ where: { operator: true }, orderBy: { email: 'asc' } }),
      );
      return rows.map(toPerson);
    },

    obtainPerson: ({ id, email, name, passwordHash, operator, createdAt }) =>
      connections.write(
        async (client) => {
          const inserted = await client.query<PersonRow>(
            `INSERT INTO person (id, email, name, password_hash, operator, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (email) DO NOTHING RETURNING ${PERSON_COLUMNS}`,
            [id, email, name, passwordHash, operator, createdAt],
          );
          const [created] = inserted.rows;
          if (created !== undefined) return { person: toPerson(created), created: true };
          // A statement of its own: only that sees what the other caller has committed. People are never removed.
          const { rows } = await client.query<PersonRow>(
            `SELECT ${PERSON_COLUMNS} FROM person WHERE email = $1`,
            [email],
          );
          const [found] = rows;
          if (found === undefined) throw new TypeError('the person in the way is not there');
          return { person: toPerson(found), created: false };
        },
        (error) => nothingWritten(error, 'adding a person'),
      ),

    updatePerson: (id, { name, passwordHash, operator, disabledAt }, event) =>
      transaction(connections, 'changing a person', async (client) => {
        if (operator !== undefined || disabledAt != null) await lockOperators(client);
        if ((operator === false || disabledAt != null) && (await isLastOperator(client, id))) {
          return 'last_operator';
        }
        const columns = Object.entries({
          name,
          password_hash: passwordHash,
          operator,
          disabled_at: disabledAt,
        }).filter(([, value]) => value !== undefined);
        const set = columns.map(([column], i) => `${column} = $${i + 2}`);
        const { rows } = await client.query<PersonRow>(
          `UPDATE person SET ${['id = id', ...set].join(', ')} WHERE id = $1 RETURNING ${PERSON_COLUMNS}`,
          [id, ...columns.map(([, value]) => value)],
        );
        const [row] = rows;
        if (row === undefined) return null;
        if (passwordHash !== undefined) await voidInvitationsIntoNoAccount(client, id);
        if (passwordHash !== undefined || disabledAt != null) await endSessionsOf(client, id, event.at);
        await insertEvent(client, event);
        return toPerson(row);
      }),
  };
}

/** Held to the end of the transaction: of two that make or unmake an operator, the second sees what the first has done. */
export async function lockOperators(client: pg.ClientBase): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1, $2)', [ADVISORY_CLASS, OPERATORS_LOCK]);
}

async function isLastOperator(client: pg.ClientBase, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM person WHERE id = $1 AND operator AND disabled_at IS NULL
     AND NOT EXISTS (SELECT FROM person WHERE id <> $1 AND operator AND disabled_at IS NULL)`,
    [id],
  );
  return rowCount === 1;
}

export async function endSessionsOf(client: pg.ClientBase, personId: string, now: number): Promise<void> {
  await client.query('UPDATE session SET ended_at = $2 WHERE person_id = $1 AND ended_at IS NULL', [
    personId,
    now,
  ]);
}

/** Those set a password, and somebody who sets another one need not know that they are about. */
export async function voidInvitationsIntoNoAccount(client: pg.ClientBase, personId: string): Promise<void> {
  await client.query('DELETE FROM invitation WHERE person_id = $1 AND account_id IS NULL', [personId]);
}
