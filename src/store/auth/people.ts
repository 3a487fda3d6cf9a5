import { ADVISORY_CLASS, OPERATORS_LOCK } from '../connections.js';
import type { PrismaAccess, Transaction } from '../prisma-client.js';
import { safe } from '../rows.js';
import { insertEvent } from './events.js';
import type {
  Role,
  Limits,
  Organization,
  Person,
  OrganizationUser,
  Membership,
  NewAccessEvent,
} from './model.js';
import { toOrganization, toPerson, toRole } from './rows.js';

export interface NewOrganizationRow {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly limits: Limits;
}

export interface OrganizationStore {
  /** @param ownerId the person who owns it from the beginning; null: nobody yet */
  createOrganization(
    organization: NewOrganizationRow,
    ownerId: string | null,
    events: readonly NewAccessEvent[],
  ): Promise<Organization>;
  organization(id: string): Promise<Organization | null>;
  /** In the order of ids; `after` is the last id of the previous page. */
  organizations(page: { readonly after?: string; readonly limit: number }): Promise<Organization[]>;
  /** null: there is no such organization. */
  updateOrganization(
    id: string,
    change: {
      readonly name?: string;
      readonly limits?: Partial<Limits>;
      readonly disabledAt?: number | null;
    },
    event: NewAccessEvent,
  ): Promise<Organization | null>;
}

export interface PersonStore {
  person(id: string): Promise<Person | null>;
  personByEmail(email: string): Promise<Person | null>;
  hasOperator(): Promise<boolean>;
  /** All operators, by e-mail address. */
  operators(): Promise<Person[]>;
  /**
   * The person with this e-mail address: an existing one, unchanged, or a new one. Concurrent callers get the
   * same person.
   */
  findOrCreatePerson(
    person: Omit<Person, 'disabledAt' | 'needsPasskey'>,
  ): Promise<{ readonly person: Person; readonly created: boolean }>;
  /**
   * null: there is no such person. A new password ends all sessions of the person in the same transaction,
   * and so does disabling the person. It voids no invitation: otherwise somebody who has taken the address
   * could keep its owner from using one. `operator: false` also deletes invitations to become an operator.
   * 'last_operator': refused, nobody could manage the service any more.
   */
  updatePerson(
    id: string,
    change: {
      readonly name?: string;
      readonly passwordHash?: string;
      readonly operator?: boolean;
      readonly disabledAt?: number | null;
    },
    event: NewAccessEvent,
  ): Promise<Person | 'last_operator' | null>;
}

/** The users of organizations. */
export interface UserStore {
  /** Users of an organization, by e-mail address. */
  users(organizationId: string): Promise<OrganizationUser[]>;
  /** Memberships that the person has accepted, oldest first; of disabled organizations too. */
  memberships(personId: string): Promise<Membership[]>;
  /** 'present': the person is a user of the organization, or invited, already; nothing changed. */
  addUser(
    user: {
      readonly organizationId: string;
      readonly personId: string;
      readonly role: Role;
      readonly invitedName: string;
      readonly createdAt: number;
      readonly acceptedAt: number | null;
    },
    event: NewAccessEvent,
  ): Promise<'added' | 'present'>;
  /** 'last_owner': refused, the organization would have no owner who has accepted. */
  changeRole(
    user: { readonly organizationId: string; readonly personId: string; readonly role: Role },
    event: NewAccessEvent,
  ): Promise<'changed' | 'unchanged' | 'absent' | 'last_owner'>;
  /**
   * Also deletes the person's invitations into this organization and digests of it, and makes the person's sessions that act
   * for it act for none. 'last_owner': refused, as by `changeRole`.
   */
  removeUser(
    user: { readonly organizationId: string; readonly personId: string },
    event: NewAccessEvent,
  ): Promise<'removed' | 'absent' | 'last_owner'>;
}

export function organizationRows(prisma: PrismaAccess): OrganizationStore {
  return {
    createOrganization: (organization, ownerId, events) =>
      prisma.transaction('creating an organization', async (tx) => {
        const created = await insertOrganization(tx, organization, ownerId);
        for (const event of events) await insertEvent(tx, event);
        return created;
      }),

    organization: async (id) => {
      const row = await prisma.read('reading an organization', ({ organization }) =>
        organization.findUnique({ where: { id } }),
      );
      return row === null ? null : toOrganization(row);
    },

    organizations: async ({ after, limit }) => {
      const rows = await prisma.read('reading organizations', ({ organization }) =>
        organization.findMany({
          ...(after === undefined ? {} : { where: { id: { gt: after } } }),
          orderBy: { id: 'asc' },
          take: limit,
        }),
      );
      return rows.map(toOrganization);
    },

    updateOrganization: (id, { limits, ...change }, event) =>
      prisma.transaction('changing an organization', async (tx) => {
        if ((await tx.organization.findUnique({ where: { id } })) === null) return null;
        const row = await tx.organization.update({ where: { id }, data: { ...change, ...limits } });
        await insertEvent(tx, event);
        return toOrganization(row);
      }),
  };
}

export async function insertOrganization(
  tx: Transaction,
  { limits, ...organization }: NewOrganizationRow,
  ownerId: string | null,
): Promise<Organization> {
  const row = await tx.organization.create({ data: { ...organization, ...limits } });
  if (ownerId !== null) {
    const { id: organizationId, createdAt } = organization;
    const { name } = await tx.person.findUniqueOrThrow({ where: { id: ownerId } });
    await tx.organizationUser.create({
      data: {
        ...{ organizationId, personId: ownerId, role: 'owner', name },
        ...{ createdAt, acceptedAt: createdAt },
      },
    });
  }
  return toOrganization(row);
}

export function personRows(prisma: PrismaAccess): PersonStore {
  return {
    person: async (id) => {
      const row = await prisma.read('reading a person', ({ person }) => person.findUnique({ where: { id } }));
      return row === null ? null : toPerson(row);
    },

    personByEmail: async (email) => {
      const row = await prisma.read('reading a person', ({ person }) =>
        person.findUnique({ where: { email } }),
      );
      return row === null ? null : toPerson(row);
    },

    hasOperator: () =>
      prisma.read(
        'looking for an operator',
        async ({ person }) => (await person.findFirst({ where: { operator: true } })) !== null,
      ),

    operators: async () => {
      const rows = await prisma.read('reading operators', ({ person }) =>
        person.findMany({ where: { operator: true }, orderBy: { email: 'asc' } }),
      );
      return rows.map(toPerson);
    },

    findOrCreatePerson: (person) =>
      prisma.transaction('adding a person', async (tx) => {
        const { count } = await tx.person.createMany({ data: [person], skipDuplicates: true });
        // Sees what a concurrent caller has committed: the insert has waited for it.
        const row = await tx.person.findUniqueOrThrow({ where: { email: person.email } });
        return { person: toPerson(row), created: count === 1 };
      }),

    updatePerson: (id, change, event) =>
      prisma.transaction('changing a person', async (tx) => {
        const { passwordHash, operator, disabledAt } = change;
        const isDisabled = disabledAt !== undefined && disabledAt !== null;
        if (operator !== undefined || isDisabled) await lockOperators(tx);
        if ((operator === false || isDisabled) && (await isLastOperator(tx, id))) return 'last_operator';
        if ((await tx.person.findUnique({ where: { id } })) === null) return null;
        const row = await tx.person.update({ where: { id }, data: change });
        if (operator === false) await tx.invitation.deleteMany({ where: { personId: id, operator: true } });
        if (passwordHash !== undefined || isDisabled) await endSessionsOf(tx, id, event.at);
        await insertEvent(tx, event);
        return toPerson(row);
      }),
  };
}

/** Held to the end of the transaction, so that changes of who is an operator are made one after the other. */
export async function lockOperators(tx: Transaction): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADVISORY_CLASS}::integer, ${OPERATORS_LOCK}::integer)`;
}

async function isLastOperator(tx: Transaction, id: string): Promise<boolean> {
  const active = { operator: true, disabledAt: null };
  const person = await tx.person.findFirst({ where: { id, ...active } });
  if (person === null) return false;
  return (await tx.person.findFirst({ where: { id: { not: id }, ...active } })) === null;
}

export async function endSessionsOf(tx: Transaction, personId: string, now: number): Promise<void> {
  await tx.session.updateMany({ where: { personId, endedAt: null }, data: { endedAt: now } });
}

export function userRows(prisma: PrismaAccess): UserStore {
  return {
    users: async (organizationId) => {
      const rows = await prisma.read('reading users', ({ organizationUser }) =>
        organizationUser.findMany({
          where: { organizationId },
          include: { person: true },
          orderBy: { person: { email: 'asc' } },
        }),
      );
      return rows.map(({ person, role, name, createdAt, acceptedAt }) => ({
        organizationId,
        person: toPerson(person),
        role: toRole(role),
        invitedName: name,
        createdAt: safe(createdAt),
        acceptedAt: acceptedAt === null ? null : safe(acceptedAt),
      }));
    },

    memberships: async (personId) => {
      const rows = await prisma.read('reading memberships', ({ organizationUser }) =>
        organizationUser.findMany({
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

    addUser: ({ invitedName: name, ...user }, event) =>
      prisma.transaction('adding a user', async (tx) => {
        const data = [{ ...user, name }];
        const { count } = await tx.organizationUser.createMany({ data, skipDuplicates: true });
        if (count === 0) return 'present';
        await insertEvent(tx, event);
        return 'added';
      }),

    changeRole: ({ organizationId, personId, role }, event) =>
      prisma.transaction('changing a role', async (tx) => {
        await lockOrganization(tx, organizationId);
        const where = { organizationId_personId: { organizationId, personId } };
        const user = await tx.organizationUser.findUnique({ where });
        if (user === null) return 'absent';
        if (user.role === role) return 'unchanged';
        if (await isLastOwner(tx, organizationId, personId)) return 'last_owner';
        await tx.organizationUser.update({ where, data: { role } });
        await insertEvent(tx, event);
        return 'changed';
      }),

    removeUser: ({ organizationId, personId }, event) =>
      prisma.transaction('removing a user', async (tx) => {
        await lockOrganization(tx, organizationId);
        if (await isLastOwner(tx, organizationId, personId)) return 'last_owner';
        const where = { organizationId, personId };
        const { count } = await tx.organizationUser.deleteMany({ where });
        if (count === 0) return 'absent';
        await tx.invitation.deleteMany({ where });
        await tx.session.updateMany({ where, data: { organizationId: null } });
        await tx.$executeRaw`
          DELETE FROM digest USING organization
          WHERE organization.id = ${organizationId} AND organization_number = organization.number
            AND person = ${personId}`;
        await insertEvent(tx, event);
        return 'removed';
      }),
  };
}

/**
 * Held to the end of the transaction, so that changes of who owns the organization are made one after the
 * other.
 */
export async function lockOrganization(tx: Transaction, id: string): Promise<void> {
  await tx.$executeRaw`SELECT FROM organization WHERE id = ${id} FOR NO KEY UPDATE`;
}

/** Only those who can sign in count: owners who have accepted and are not disabled. */
async function isLastOwner(tx: Transaction, organizationId: string, personId: string): Promise<boolean> {
  const owner = { organizationId, role: 'owner', acceptedAt: { not: null } };
  const user = await tx.organizationUser.findFirst({ where: { personId, ...owner } });
  if (user === null) return false;
  const other = await tx.organizationUser.findFirst({
    where: { personId: { not: personId }, person: { disabledAt: null }, ...owner },
  });
  return other === null;
}
