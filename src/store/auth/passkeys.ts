import { bytes, type PrismaAccess, type Transaction } from '../prisma-client.js';
import { spend } from './challenges.js';
import { insertEvent } from './events.js';
import type { NewAccessEvent, Organization, Passkey, Person, SpentChallenge } from './model.js';
import { toOrganization, toPasskey, toPerson } from './rows.js';

export interface PasskeyStore {
  /** Of a person, oldest first. */
  passkeys(personId: string): Promise<Passkey[]>;
  /** null: nobody has a passkey that its authenticator calls so. */
  passkeyBy(credentialId: Uint8Array): Promise<{ readonly passkey: Passkey; readonly person: Person } | null>;
  /**
   * 'refused', and nothing was written: the challenge was answered before, the authenticator's name for it is
   * taken, the person is disabled, or no longer has this password. 'full': the person has `most` passkeys.
   * @param passwordHash of the person, as the caller has read it: who replaces it removes all passkeys
   * @param sessionId the session in which it is added, which is one with a passkey from then on
   */
  addPasskey(
    passkey: Omit<Passkey, 'lastUsedAt'>,
    options: {
      readonly challenge: SpentChallenge;
      readonly passwordHash: string | null;
      readonly most: number;
      readonly sessionId: string;
    },
    event: NewAccessEvent,
  ): Promise<'added' | 'refused' | 'full'>;
  /**
   * Records that a passkey has answered a challenge. 'spent': the challenge was answered before. 'behind': its
   * counter has not grown, so there may be a copy of it. 'absent': it was removed.
   */
  usePasskey(use: {
    readonly id: string;
    readonly counter: number;
    readonly challenge: SpentChallenge;
    readonly now: number;
  }): Promise<'used' | 'spent' | 'behind' | 'absent'>;
  /** false: the person has no such passkey. */
  renamePasskey(
    passkey: { readonly personId: string; readonly id: string; readonly name: string },
    event: NewAccessEvent,
  ): Promise<boolean>;
  /**
   * Without the last one, the password alone signs in again. false: the person has no such passkey; 'required': it is
   * the last one, and an organization of the person requires one.
   */
  removePasskey(
    passkey: { readonly personId: string; readonly id: string },
    event: NewAccessEvent,
  ): Promise<boolean | 'required'>;
  /**
   * Whether the password alone signs in. false: without a passkey it must.
   */
  setPasskeyNeeded(personId: string, needed: boolean, event: NewAccessEvent): Promise<boolean>;
  /**
   * Whether people act for the organization only with a passkey. null: there is no such organization; 'no_passkey': the
   * person who requires it has none, and would be locked out.
   * @param requirement `by`: id of that person; null: the machine itself
   */
  requirePasskeys(
    requirement: { readonly organizationId: string; readonly required: boolean; readonly by: string | null },
    event: NewAccessEvent,
  ): Promise<Organization | null | 'no_passkey'>;
}

export function passkeyRows(prisma: PrismaAccess): PasskeyStore {
  return {
    passkeys: async (personId) => {
      const rows = await prisma.read('reading passkeys', ({ passkey }) =>
        passkey.findMany({ where: { personId }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] }),
      );
      return rows.map(toPasskey);
    },

    passkeyBy: async (credentialId) => {
      const row = await prisma.read('reading a passkey', ({ passkey }) =>
        passkey.findUnique({ where: { credentialId: bytes(credentialId) }, include: { person: true } }),
      );
      if (row === null) return null;
      const { person, ...passkey } = row;
      return { passkey: toPasskey(passkey), person: toPerson(person) };
    },

    addPasskey: (passkey, { challenge, passwordHash, most, sessionId }, event) =>
      prisma.transaction('adding a passkey', async (tx) => {
        const { personId } = passkey;
        await lockPerson(tx, personId);
        const where = { id: personId, disabledAt: null, passwordHash };
        if ((await tx.person.findFirst({ where })) === null) return 'refused';
        if ((await tx.passkey.count({ where: { personId } })) >= most) return 'full';
        if (!(await spend(tx, challenge))) return 'refused';
        const { credentialId, publicKey, ...rest } = passkey;
        const { count } = await tx.passkey.createMany({
          data: [{ ...rest, credentialId: bytes(credentialId), publicKey: bytes(publicKey) }],
          skipDuplicates: true,
        });
        if (count === 0) return 'refused';
        await tx.session.updateMany({ where: { id: sessionId, personId }, data: { withPasskey: true } });
        await insertEvent(tx, event);
        return 'added';
      }),

    usePasskey: ({ id, counter, challenge, now }) =>
      prisma.transaction('using a passkey', async (tx) => {
        if (!(await spend(tx, challenge))) return 'spent';
        const { count } = await tx.passkey.updateMany({
          where: { id, OR: [{ counter: { lt: counter } }, ...(counter === 0 ? [{ counter: 0 }] : [])] },
          data: { counter, lastUsedAt: now },
        });
        if (count === 1) return 'used';
        return (await tx.passkey.findUnique({ where: { id } })) === null ? 'absent' : 'behind';
      }),

    renamePasskey: ({ personId, id, name }, event) =>
      prisma.transaction('renaming a passkey', async (tx) => {
        const { count } = await tx.passkey.updateMany({ where: { id, personId }, data: { name } });
        if (count === 0) return false;
        await insertEvent(tx, event);
        return true;
      }),

    removePasskey: ({ personId, id }, event) =>
      prisma.transaction('removing a passkey', async (tx) => {
        await lockPerson(tx, personId);
        const own = await tx.passkey.findMany({ where: { personId }, select: { id: true } });
        if (!own.some((each) => each.id === id)) return false;
        if (own.length === 1) {
          const organization = { requiresPasskey: true };
          if ((await tx.organizationUser.count({ where: { personId, organization } })) > 0) return 'required';
          await tx.person.update({ where: { id: personId }, data: { needsPasskey: false } });
        }
        await tx.passkey.delete({ where: { id } });
        await insertEvent(tx, event);
        return true;
      }),

    requirePasskeys: ({ organizationId: id, required, by }, event) =>
      prisma.transaction('requiring passkeys', async (tx) => {
        if (by !== null) await lockPerson(tx, by);
        if (by !== null && required && (await tx.passkey.count({ where: { personId: by } })) === 0) {
          return 'no_passkey';
        }
        const data = { requiresPasskey: required };
        const [row] = await tx.organization.updateManyAndReturn({ where: { id }, data });
        if (row === undefined) return null;
        await insertEvent(tx, event);
        return toOrganization(row);
      }),

    setPasskeyNeeded: (personId, needsPasskey, event) =>
      prisma.transaction('changing whether a passkey is needed', async (tx) => {
        await lockPerson(tx, personId);
        if (needsPasskey && (await tx.passkey.count({ where: { personId } })) === 0) return false;
        await tx.person.update({ where: { id: personId }, data: { needsPasskey } });
        await insertEvent(tx, event);
        return true;
      }),
  };
}

/** Changes of one person's passkeys and password are made one after the other. */
async function lockPerson(tx: Transaction, personId: string): Promise<void> {
  await tx.$executeRaw`SELECT FROM person WHERE id = ${personId} FOR NO KEY UPDATE`;
}

export async function removePasskeysOf(tx: Transaction, personId: string): Promise<Passkey[]> {
  const rows = await tx.passkey.findMany({ where: { personId }, orderBy: { createdAt: 'asc' } });
  await tx.passkey.deleteMany({ where: { personId } });
  return rows.map(toPasskey);
}
