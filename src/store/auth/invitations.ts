import { type NewAccountMail, orderAccountMail } from '../account-mail.js';
import { bytes, type PrismaAccess, type Transaction } from '../prisma-client.js';
import { insertEvent } from './events.js';
import type { Passkey, Person, Invitation, NewAccessEvent } from './model.js';
import { removePasskeysOf } from './passkeys.js';
import {
  endSessionsOf,
  insertOrganization,
  lockOperators,
  lockOrganization,
  type NewOrganizationRow,
} from './people.js';
import { toInvitation, toPerson } from './rows.js';

export interface InvitationStore {
  /**
   * Replaces every other invitation of the same person to the same: into that organization (null counts as a
   * value of its own), as operator or not. An operator's invitation also replaces those for whoever comes
   * first.
   */
  replaceInvitation(
    invitation: Invitation & { readonly secretHash: Uint8Array },
    event: NewAccessEvent | null,
    /** The e-mail that has it; by default none does. */
    mail?: NewAccountMail | null,
  ): Promise<void>;
  /** null: there is none, it has expired, or it cannot be used any more. */
  invitation(secretHash: Uint8Array, now: number): Promise<Invitation | null>;
  /** People with an invitation to become an operator, by e-mail address. */
  invitedOperators(now: number): Promise<Person[]>;
  /**
   * Uses up an invitation; of two concurrent callers one succeeds. In one transaction: the membership in the
   * invitation's organization is accepted; the person becomes an operator, if it says so; and the person gets
   * the new password, if any, which ends all their sessions and removes their passkeys: who replaces a password
   * has lost the passkeys, or somebody else has added them. If the invitation `setsPassword`, no other
   * invitation of that person can replace the new password any more. An invitation for the first operator
   * makes `operator` an operator, a new or an existing person, and the owner of the new `organization`, if
   * there is one; other invitations ignore both.
   *
   * null, and nothing was changed: the invitation is not valid (see `invitation`); or the person's password
   * is no longer `previousPasswordHash`; or the invitation must not replace the person's password. Those that
   * do not `setsPassword` replace it only for a person who has joined the invitation's organization and no
   * other, and is no operator: otherwise the organization's owners would get in elsewhere.
   */
  redeemInvitation(
    redemption: {
      readonly secretHash: Uint8Array;
      readonly now: number;
      /** Ignored if the invitation `setsPassword` and there is a new one. */
      readonly previousPasswordHash: string | null;
      /** null: the person keeps their password, which the caller has checked. */
      readonly passwordHash: string | null;
      readonly name: string | null;
      readonly operator: { readonly id: string; readonly email: string } | null;
      readonly organization: NewOrganizationRow | null;
    },
    events: (person: Person, removedPasskeys: readonly Passkey[]) => readonly NewAccessEvent[],
  ): Promise<Person | null>;
}

type Redemption = Parameters<InvitationStore['redeemInvitation']>[0];

export function invitationRows(prisma: PrismaAccess): InvitationStore {
  return {
    replaceInvitation: ({ secretHash, ...invitation }, event, mail = null) =>
      prisma.transaction('inviting', async (tx) => {
        const { personId, organizationId, operator } = invitation;
        await lockInvited(tx, invitation);
        await tx.invitation.deleteMany({ where: { personId, organizationId, operator } });
        if (operator) await tx.invitation.deleteMany({ where: { personId: null } });
        await tx.invitation.create({ data: { secretHash: bytes(secretHash), ...invitation } });
        if (mail !== null) await orderAccountMail(tx, mail);
        if (event !== null) await insertEvent(tx, event);
      }),

    invitation: (secretHash, now) =>
      prisma.read('reading an invitation', (client) => validInvitation(client, secretHash, now)),

    invitedOperators: async (now) => {
      const rows = await prisma.read('reading invited operators', ({ person }) =>
        person.findMany({
          where: {
            operator: false,
            disabledAt: null,
            invitations: { some: { operator: true, expiresAt: { gt: now } } },
          },
          orderBy: { email: 'asc' },
        }),
      );
      return rows.map(toPerson);
    },

    redeemInvitation: (redemption, events) =>
      prisma.transaction('accepting an invitation', async (tx) => {
        const redeemed = await redeem(tx, redemption);
        if (redeemed === null) return null;
        const { person, removedPasskeys } = redeemed;
        for (const event of events(person, removedPasskeys)) await insertEvent(tx, event);
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
async function lockInvited(
  tx: Transaction,
  { personId, operator }: Pick<Invitation, 'personId' | 'operator'>,
): Promise<void> {
  if (personId === null || operator) await lockOperators(tx);
  if (personId !== null) await tx.$executeRaw`SELECT FROM person WHERE id = ${personId} FOR NO KEY UPDATE`;
}

interface Redeemed {
  readonly person: Person;
  readonly removedPasskeys: readonly Passkey[];
}

async function redeem(tx: Transaction, redemption: Redemption): Promise<Redeemed | null> {
  const { secretHash, now } = redemption;
  const seen = await validInvitation(tx, secretHash, now);
  if (seen === null) return null;
  // The organization is locked before the person, as everywhere: otherwise two transactions could wait for
  // each other.
  if (seen.organizationId !== null) await lockOrganization(tx, seen.organizationId);
  await lockInvited(tx, seen);
  // It may have been used while this transaction waited for the locks.
  const invitation = await validInvitation(tx, secretHash, now);
  if (invitation === null) return null;
  const id =
    invitation.personId === null
      ? await makeFirstOperator(tx, redemption, invitation)
      : await accept(tx, redemption, invitation, invitation.personId);
  if (id === null) return null;
  await tx.invitation.deleteMany({ where: { secretHash: bytes(secretHash) } });
  const settled = await settle(tx, redemption, invitation, id);
  if (invitation.personId === null && redemption.organization !== null) {
    await insertOrganization(tx, redemption.organization, id);
  }
  return settled;
}

/** null: the person has a password, which this invitation must not replace. */
async function makeFirstOperator(
  tx: Transaction,
  { operator, name, now, previousPasswordHash, passwordHash }: Redemption,
  { setsPassword }: Invitation,
): Promise<string | null> {
  if (operator === null) return null;
  const known = await tx.person.findUnique({ where: { email: operator.email } });
  if (known === null) {
    if (passwordHash === null) return null;
    const row = { ...operator, name: name ?? operator.email, operator: true, createdAt: now };
    await tx.person.create({ data: row });
    return operator.id;
  }
  const keepsPassword = passwordHash === null || known.passwordHash === null;
  const isProved = known.disabledAt === null && known.passwordHash === previousPasswordHash && keepsPassword;
  if ((known.passwordHash ?? passwordHash) === null || !(setsPassword || isProved)) return null;
  await tx.person.update({ where: { id: known.id }, data: { operator: true, disabledAt: null } });
  return known.id;
}

/** Gives the person what the invitation is for. null: the invitation must not be used in this way. */
async function accept(
  tx: Transaction,
  { previousPasswordHash, passwordHash, now }: Redemption,
  { organizationId, operator, setsPassword }: Invitation,
  personId: string,
): Promise<string | null> {
  const person = await tx.person.findUnique({ where: { id: personId } });
  if (person === null || (person.passwordHash ?? passwordHash) === null) return null;
  const memberships = await tx.organizationUser.findMany({ where: { personId } });
  const place = memberships.find((each) => each.organizationId === organizationId) ?? null;
  if (organizationId !== null && place === null) return null;
  if (!setsPassword || passwordHash === null) {
    if (person.passwordHash !== previousPasswordHash) return null;
    const elsewhere = memberships.some((each) => each.acceptedAt !== null && each !== place);
    const ownersMayReplace = !person.operator && !elsewhere && place !== null && place.acceptedAt !== null;
    if (passwordHash !== null && person.passwordHash !== null && !ownersMayReplace) return null;
  }
  if (place !== null && place.acceptedAt === null) {
    const where = { organizationId_personId: { organizationId: place.organizationId, personId } };
    await tx.organizationUser.update({ where, data: { acceptedAt: now } });
  }
  if (operator) await tx.person.update({ where: { id: personId }, data: { operator } });
  return personId;
}

async function settle(
  tx: Transaction,
  { passwordHash, name, now }: Redemption,
  { setsPassword }: Invitation,
  id: string,
): Promise<Redeemed> {
  const row = await tx.person.update({
    where: { id },
    data: {
      ...(passwordHash === null ? {} : { passwordHash, needsPasskey: false }),
      ...(name === null ? {} : { name }),
    },
  });
  if (passwordHash === null) return { person: toPerson(row), removedPasskeys: [] };
  await endSessionsOf(tx, id, now);
  if (setsPassword) await endOtherResets(tx, id);
  return { person: toPerson(row), removedPasskeys: await removePasskeysOf(tx, id) };
}

/** Whoever sets a new password need not know which other links could replace it. */
async function endOtherResets(tx: Transaction, personId: string): Promise<void> {
  await tx.invitation.deleteMany({ where: { personId, organizationId: null, operator: false } });
  await tx.invitation.updateMany({ where: { personId }, data: { setsPassword: false } });
}
