import type pg from 'pg';
import { type Connections, transaction } from '../connections.js';
import { nothingWritten } from '../errors.js';
import { ADVISORY_CLASS, OPERATORS_LOCK } from '../names.js';
import type { Everyday } from '../prisma-client.js';
import { safe } from '../rows.js';
import { insertEvent } from './events.js';
import {
  ORGANIZATION_COLUMNS,
  type OrganizationRow,
  PERSON_COLUMNS,
  type PersonRow,
  toOrganization,
  toPerson,
  toRole,
} from './rows.js';
import type { AccessStore } from './store.js';

type Organizations = Pick<
  AccessStore,
  'createOrganization' | 'organization' | 'organizations' | 'updateOrganization'
>;

export function organizationsOver(connections: Connections, everyday: Everyday): Organizations {
  return {
    createOrganization: ({ id, name, createdAt, limits }, event) =>
      transaction(connections, 'creating an organization', async (client) => {
        const { rows } = await client.query<OrganizationRow>(
          `INSERT INTO organization (id, name, created_at, requests_per_minute, digests_per_day, bytes_per_day)
           VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${ORGANIZATION_COLUMNS}`,
          [id, name, createdAt, limits.requestsPerMinute, limits.digestsPerDay, limits.bytesPerDay],
        );
        await insertEvent(client, event);
        const [row] = rows;
        if (row === undefined) throw new TypeError('INSERT … RETURNING returned no row');
        return toOrganization(row);
      }),

    organization: async (id) => {
      const row = await everyday.ask('reading an organization', (prisma) =>
        prisma.organization.findUnique({ where: { id } }),
      );
      return row === null ? null : toOrganization(row);
    },

    organizations: async ({ after, limit }) => {
      const rows = await everyday.ask('reading organizations', (prisma) =>
        prisma.organization.findMany({
          ...(after === undefined ? {} : { where: { id: { gt: after } } }),
          orderBy: { id: 'asc' },
          take: limit,
        }),
      );
      return rows.map(toOrganization);
    },

    updateOrganization: (id, { name, limits = {}, disabledAt }, event) =>
      transaction(connections, 'changing an organization', async (client) => {
        const columns = Object.entries({
          name,
          disabled_at: disabledAt,
          requests_per_minute: limits.requestsPerMinute,
          digests_per_day: limits.digestsPerDay,
          bytes_per_day: limits.bytesPerDay,
        }).filter(([, value]) => value !== undefined);
        const set = columns.map(([column], i) => `${column} = $${i + 2}`);
        const { rows } = await client.query<OrganizationRow>(
          `UPDATE organization SET ${['id = id', ...set].join(', ')} WHERE id = $1 RETURNING ${ORGANIZATION_COLUMNS}`,
          [id, ...columns.map(([, value]) => value)],
        );
        const [row] = rows;
        if (row === undefined) return null;
        await insertEvent(client, event);
        return toOrganization(row);
      }),
  };
}

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
        if (passwordHash !== undefined) await voidInvitationsIntoNoOrganization(client, id);
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
export async function voidInvitationsIntoNoOrganization(
  client: pg.ClientBase,
  personId: string,
): Promise<void> {
  await client.query('DELETE FROM invitation WHERE person_id = $1 AND organization_id IS NULL', [personId]);
}

type Users = Pick<AccessStore, 'users' | 'memberships' | 'addUser' | 'changeRole' | 'removeUser'>;

export function usersOver(connections: Connections, everyday: Everyday): Users {
  return {
    users: async (organizationId) => {
      const rows = await everyday.ask('reading users', (prisma) =>
        prisma.organizationUser.findMany({
          where: { organizationId },
          include: { person: true },
          orderBy: { person: { email: 'asc' } },
        }),
      );
      return rows.map(({ person, role, createdAt, acceptedAt }) => ({
        organizationId,
        person: toPerson(person),
        role: toRole(role),
        createdAt: safe(createdAt),
        acceptedAt: acceptedAt === null ? null : safe(acceptedAt),
      }));
    },

    memberships: async (personId) => {
      const rows = await everyday.ask('reading memberships', (prisma) =>
        prisma.organizationUser.findMany({
          where: { personId, acceptedAt: { not: null } },
          include: { organization: true },
          orderBy: [{ acceptedAt: 'asc' }, { organizationId: 'asc' }],
        }),
      );
      return rows.map(({ organization, role }) => ({
        organization: toOrganization(organization),
        role: toRole(role),
      }));
    },

    addUser: ({ organizationId, personId, role, createdAt, acceptedAt }, event) =>
      transaction(connections, 'adding a user', async (client) => {
        const { rowCount } = await client.query(
          `INSERT INTO organization_user (organization_id, person_id, role, created_at, accepted_at)
           VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
          [organizationId, personId, role, createdAt, acceptedAt],
        );
        if (rowCount === 0) return 'present';
        await insertEvent(client, event);
        return 'added';
      }),

    changeRole: ({ organizationId, personId, role }, event) =>
      transaction(connections, 'changing a role', async (client) => {
        await lockOrganization(client, organizationId);
        const { rows } = await client.query<{ role: string }>(
          'SELECT role FROM organization_user WHERE organization_id = $1 AND person_id = $2',
          [organizationId, personId],
        );
        const [present] = rows;
        if (present === undefined) return 'absent';
        if (present.role === role) return 'unchanged';
        if (await isLastOwner(client, organizationId, personId)) return 'last_owner';
        await client.query(
          'UPDATE organization_user SET role = $3 WHERE organization_id = $1 AND person_id = $2',
          [organizationId, personId, role],
        );
        await insertEvent(client, event);
        return 'changed';
      }),

    removeUser: ({ organizationId, personId }, event) =>
      transaction(connections, 'removing a user', async (client) => {
        await lockOrganization(client, organizationId);
        if (await isLastOwner(client, organizationId, personId)) return 'last_owner';
        const both = [organizationId, personId];
        const { rowCount } = await client.query(
          'DELETE FROM organization_user WHERE organization_id = $1 AND person_id = $2',
          both,
        );
        if (rowCount === 0) return 'absent';
        await client.query('DELETE FROM invitation WHERE organization_id = $1 AND person_id = $2', both);
        await client.query(
          'UPDATE session SET organization_id = NULL WHERE organization_id = $1 AND person_id = $2',
          both,
        );
        await insertEvent(client, event);
        return 'removed';
      }),
  };
}

/** Held to the end of the transaction: of two that take an organization's last owners away, the second sees what the first did. */
export async function lockOrganization(client: pg.ClientBase, organizationId: string): Promise<void> {
  await client.query('SELECT FROM organization WHERE id = $1 FOR NO KEY UPDATE', [organizationId]);
}

/** Only those who can sign in count: owners who have accepted and are not disabled. */
async function isLastOwner(
  client: pg.ClientBase,
  organizationId: string,
  personId: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM organization_user
     WHERE organization_id = $1 AND person_id = $2 AND role = 'owner' AND accepted_at IS NOT NULL AND NOT EXISTS (
       SELECT FROM organization_user AS other JOIN person ON person.id = other.person_id
       WHERE other.organization_id = $1 AND other.person_id <> $2 AND other.role = 'owner'
         AND other.accepted_at IS NOT NULL AND person.disabled_at IS NULL
     )`,
    [organizationId, personId],
  );
  return rowCount === 1;
}
