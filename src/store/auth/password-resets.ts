import { bytes, type PrismaAccess, type Transaction } from '../prisma-client.js';
import { safe } from '../rows.js';
import { insertEvent } from './events.js';
import type { NewAccessEvent, PasswordReset, Person } from './model.js';
import { endSessionsOf } from './people.js';
import { toPerson } from './rows.js';

/** A link that a process is to send. */
export interface ClaimedReset extends Pick<PasswordReset, 'id' | 'email' | 'language' | 'expiresAt'> {
  /** This one included. */
  readonly attempts: number;
  /** Whether somebody signs in with this address and a password. */
  readonly isKnown: boolean;
}

export interface PasswordResetStore {
  /** Does the same whether or not the address is somebody's. */
  addPasswordReset(reset: PasswordReset): Promise<void>;
  /** Those whose e-mail is due and that have not expired, until `until` for this caller alone. */
  claimPasswordResets(now: number, until: number, limit: number): Promise<ClaimedReset[]>;
  /** @param dueAt when the e-mail is tried again; null: it was sent, or is not sent */
  settlePasswordReset(id: string, dueAt: number | null): Promise<void>;
  /** Whose password the link replaces; null: it is none, was used, or has expired. */
  passwordReset(secretHash: Uint8Array, now: number): Promise<Person | null>;
  /**
   * Replaces the password of the person: that ends all their sessions, and every link for the same address. Passkeys stay.
   * Of two concurrent callers one succeeds. null: nothing was changed, as by `passwordReset`.
   */
  redeemPasswordReset(
    redemption: { readonly secretHash: Uint8Array; readonly now: number; readonly passwordHash: string },
    event: (person: Person) => NewAccessEvent,
  ): Promise<Person | null>;
  expirePasswordResets(now: number): Promise<void>;
}

export function passwordResetRows(prisma: PrismaAccess): PasswordResetStore {
  return {
    addPasswordReset: ({ secretHash, askedAt, ...reset }) =>
      prisma.transaction('asking for a new password', async (tx) => {
        await tx.passwordReset.create({
          data: { ...reset, askedAt, dueAt: askedAt, attempts: 0, secretHash: bytes(secretHash) },
        });
      }),

    claimPasswordResets: (now, until, limit) =>
      prisma.transaction('claiming links for new passwords', async (tx) => {
        const claimed = await tx.$queryRaw<
          {
            id: string;
            email: string;
            language: 'en' | 'ko' | null;
            expires_at: bigint;
            attempts: number;
            known: boolean;
          }[]
        >`
          UPDATE password_reset AS reset SET due_at = ${until}::bigint, attempts = attempts + 1
          WHERE id IN (
            SELECT id FROM password_reset WHERE due_at <= ${now}::bigint AND expires_at > ${now}::bigint
            ORDER BY due_at LIMIT ${limit}::integer FOR UPDATE SKIP LOCKED
          )
          RETURNING id, email, language, expires_at, attempts, EXISTS (
            SELECT FROM person
            WHERE person.email = reset.email AND disabled_at IS NULL AND password_hash IS NOT NULL
          ) AS known`;
        return claimed.map(({ expires_at: expiresAt, known: isKnown, ...reset }) => ({
          ...{ ...reset, expiresAt: safe(expiresAt), isKnown },
        }));
      }),

    settlePasswordReset: (id, dueAt) =>
      prisma.transaction('settling a link for a new password', async (tx) => {
        await tx.passwordReset.updateMany({ where: { id }, data: { dueAt } });
      }),

    passwordReset: (secretHash, now) =>
      prisma.read('reading a link for a new password', (client) => personOf(client, secretHash, now)),

    redeemPasswordReset: ({ secretHash, now, passwordHash }, event) =>
      prisma.transaction('setting a new password', async (tx) => {
        const person = await personOf(tx, secretHash, now);
        if (person === null) return null;
        const { id, email } = person;
        // One who waits for the other finds the link gone.
        const { count } = await tx.passwordReset.deleteMany({ where: { secretHash: bytes(secretHash) } });
        if (count === 0) return null;
        await tx.passwordReset.deleteMany({ where: { email } });
        await tx.person.update({ where: { id }, data: { passwordHash } });
        await endSessionsOf(tx, id, now);
        await insertEvent(tx, event(person));
        return person;
      }),

    expirePasswordResets: (now) =>
      prisma.transaction('removing old links for new passwords', async (tx) => {
        await tx.passwordReset.deleteMany({ where: { expiresAt: { lte: now } } });
      }),
  };
}

async function personOf(
  tx: Pick<Transaction, 'passwordReset' | 'person'>,
  secretHash: Uint8Array,
  now: number,
): Promise<Person | null> {
  const reset = await tx.passwordReset.findFirst({
    where: { secretHash: bytes(secretHash), expiresAt: { gt: now } },
  });
  if (reset === null) return null;
  const row = await tx.person.findFirst({
    where: { email: reset.email, disabledAt: null, passwordHash: { not: null } },
  });
  return row === null ? null : toPerson(row);
}
