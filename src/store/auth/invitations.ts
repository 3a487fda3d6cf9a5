import { bytes, type PrismaAccess, type Transaction } from '../prisma-client.js';
import { insertEvent } from './events.js';
import type { Person, Invitation, NewAccessEvent } from './model.js';
import { endSessionsOf, lockOperators, lockOrganization, voidPasswordInvitations } from './people.js';
import { toInvitation, toPerson } from './rows.js';

export interface InvitationStore {
  /**
   * Replaces every other invitation of the same person into the same organization; null counts as a value of
   * its own.
   */
  replaceInvitation(
    invitation: Invitation & { readonly secretHash: Uint8Array },
    event: NewAccessEvent | null,
  ): Promise<void>;
  /** null: there is none, it has expired, or it cannot be used any more. */
  invitation(secretHash: Uint8Array, now: number): Promise<Invitation | null>;
  /**
   * Uses up an invitation; of two concurrent callers one succeeds. In one transaction: the person gets the
   * new password, if any, which ends all their sessions and deletes their invitations into no organization;
   * and the membership in the invitation's organization is accepted. An invitation for the first operator
   * makes `operator` an operator, a new or an existing person; other invitations ignore `operator`.
   *
   * null, and nothing was changed: the invitation is not valid (see `invitation`); the person's password is
   * no longer `previousPasswordHash`; or the invitation of an organization would set the password of an
   * operator or of a person who has accepted another organization, whose owners would get into that one.
   */
  redeemInvitation(
    redemption: {
      readonly secretHash: Uint8Array;
      readonly now: number;
      /** Ignored for the first operator. */
      readonly previousPasswordHash: string | null;
      /** null: the person keeps their password, which the caller has checked. */
      readonly passwordHash: string | null;
      readonly name: string | null;
      readonly operator: { readonly id: string; readonly email: string } | null;
    },
    event: (person: Person) => NewAccessEvent,
  ): Promise<Person | null>;
}

type Redemption = Parameters<InvitationStore['redeemInvitation']>[0];

export function invitationRows(prisma: PrismaAccess): InvitationStore {
  return {
    replaceInvitation: ({ secretHash, personId, organizationId, createdAt, expiresAt }, event) =>
      prisma.transaction('inviting', async (tx) => {
        await lockInvited(tx, personId);
        await tx.invitation.deleteMany({ where: { personId, organizationId } });
        await tx.invitation.create({
          data: { secretHash: bytes(secretHash), personId, organizationId, createdAt, expiresAt },
        });
        if (event !== null) await insertEvent(tx, event);
      }),

    invitation: (secretHash, now) =>
      prisma.read('reading an invitation', (client) => validInvitation(client, secretHash, now)),

    redeemInvitation: (redemption, event) =>
      prisma.transaction('accepting an invitation', async (tx) => {
        const person = await redeem(tx, redemption);
        if (person !== null) await insertEvent(tx, event(person));
        return person;
      }),
  };
}

/** null: there is none, it has expired, or it must not be used any more. */
async function validInvitation(
  tx: Transaction,
  secretHash: Uint8Array,
  now: number,
): Promise<Invitation | null> {
  const row = await tx.invitation.findFirst({
    where: {
      secretHash: bytes(secretHash),
      expiresAt: { gt: now },
      OR: [{ personId: null }, { person: { disabledAt: null } }],
    },
  });
  if (row === null) return null;
  if (row.personId === null && (await tx.person.findFirst({ where: { operator: true } })) !== null)
    return null;
  return toInvitation(row);
}

/**
 * Changes of one person's invitations are made one after the other, and so are changes of who is an operator.
 */
async function lockInvited(tx: Transaction, personId: string | null): Promise<void> {
  if (personId === null) await lockOperators(tx);
  else await tx.$executeRaw`SELECT FROM person WHERE id = ${personId} FOR NO KEY UPDATE`;
}

async function redeem(tx: Transaction, redemption: Redemption): Promise<Person | null> {
  const { secretHash, now } = redemption;
  const seen = await validInvitation(tx, secretHash, now);
  if (seen === null) return null;
  // The organization is locked before the person, as everywhere: otherwise two transactions could wait for
  // each other.
  if (seen.organizationId !== null) await lockOrganization(tx, seen.organizationId);
  await lockInvited(tx, seen.personId);
  // It may have been used while this transaction waited for the locks.
  const invitation = await validInvitation(tx, secretHash, now);
  if (invitation === null) return null;
  const id =
    invitation.personId === null
      ? await makeFirstOperator(tx, redemption)
      : await acceptMembership(tx, redemption, invitation, invitation.personId);
  if (id === null) return null;
  await tx.invitation.deleteMany({ where: { secretHash: bytes(secretHash) } });
  return settle(tx, redemption, id);
}

/** @throws {RangeError} when the operator could not sign in */
async function makeFirstOperator(
  tx: Transaction,
  { operator, name, now, passwordHash }: Redemption,
): Promise<string | null> {
  if (operator === null) return null;
  const person = await tx.person.upsert({
    where: { email: operator.email },
    create: { ...operator, name: name ?? operator.email, operator: true, createdAt: now },
    update: { operator: true, disabledAt: null },
  });
  if ((person.passwordHash ?? passwordHash) === null) throw new RangeError('an operator needs a password');
  return person.id;
}

/**
 * Accepts the person's role in the invitation's organization. null: the invitation must not do what it is
 * used for.
 */
async function acceptMembership(
  tx: Transaction,
  { previousPasswordHash, passwordHash, now }: Redemption,
  { organizationId }: Invitation,
  personId: string,
): Promise<string | null> {
  const person = await tx.person.findUnique({ where: { id: personId } });
  if (person === null || person.passwordHash !== previousPasswordHash) return null;
  if (organizationId === null) return personId;
  if (passwordHash !== null) {
    const elsewhere = await tx.organizationUser.findFirst({
      where: { personId, acceptedAt: { not: null }, organizationId: { not: organizationId } },
    });
    if (person.operator || elsewhere !== null) return null;
  }
  const where = { organizationId_personId: { organizationId, personId } };
  const user = await tx.organizationUser.findUnique({ where });
  if (user === null) return null;
  if (user.acceptedAt === null) await tx.organizationUser.update({ where, data: { acceptedAt: now } });
  return personId;
}

async function settle(tx: Transaction, { passwordHash, name, now }: Redemption, id: string): Promise<Person> {
  const row = await tx.person.update({
    where: { id },
    data: { ...(passwordHash === null ? {} : { passwordHash }), ...(name === null ? {} : { name }) },
  });
  if (passwordHash !== null) {
    await endSessionsOf(tx, id, now);
    await voidPasswordInvitations(tx, id);
  }
  return toPerson(row);
}
