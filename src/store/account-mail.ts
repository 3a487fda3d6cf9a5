import type { PrismaAccess, Transaction } from './prisma-client.js';
import { safe } from './rows.js';

/** What an e-mail to a person is about: an invitation, or an alarm of the log, which goes to operators. */
export type AccountMailKind = 'invitation' | Alarm;
export type Alarm = 'anchor.late' | 'member.alarm';

/** Times are milliseconds since the Unix epoch. */
export interface NewAccountMail {
  /** Id. */
  readonly person: string;
  readonly kind: AccountMailKind;
  /** null: not known. */
  readonly language: 'en' | 'ko' | null;
  readonly data: object;
  /** Nobody needs it after that; null: it is sent as late as it may be. */
  readonly until: number | null;
}

/** An e-mail that a process has claimed. */
export interface ClaimedAccountMail extends Omit<NewAccountMail, 'person' | 'data'> {
  readonly id: number;
  /** This one included. */
  readonly attempts: number;
  readonly data: Readonly<Record<string, unknown>>;
  /** null: it is not needed any more: the person is disabled, or of an alarm, no operator. */
  readonly email: string | null;
}

export interface AccountMailStore {
  /** E-mails that are due, until `until` for this caller alone. */
  claimAccountMail(now: number, until: number, limit: number): Promise<ClaimedAccountMail[]>;

  /** @param dueAt when it is tried again; null: it was sent, is not needed any more, or is given up */
  settleAccountMail(id: number, dueAt: number | null): Promise<void>;
}

interface Row {
  readonly id: bigint;
  readonly attempts: number;
  readonly until: bigint | null;
  readonly kind: AccountMailKind;
  readonly language: 'en' | 'ko' | null;
  readonly data: string;
  readonly email: string | null;
}

export function accountMailRows(prisma: PrismaAccess): AccountMailStore {
  return {
    claimAccountMail: (now, until, limit) =>
      prisma.transaction('claiming e-mails to people', async (tx) => {
        const claimed = await tx.$queryRaw<Row[]>`
          UPDATE account_mail AS mail SET due_at = ${until}::bigint, attempts = mail.attempts + 1
          FROM person
          WHERE person.id = mail.person AND mail.id IN (
            SELECT id FROM account_mail WHERE due_at <= ${now}::bigint
            ORDER BY due_at LIMIT ${limit}::integer FOR UPDATE SKIP LOCKED
          )
          RETURNING mail.id, mail.attempts, mail.until, mail.kind, mail.language, mail.data,
            CASE WHEN person.disabled_at IS NULL AND (mail.kind = 'invitation' OR person.operator)
              THEN person.email END AS email`;
        return claimed.map(({ id, until: end, data, ...mail }) => ({
          ...{ ...mail, id: safe(id), until: end === null ? null : safe(end) },
          data: JSON.parse(data) as ClaimedAccountMail['data'],
        }));
      }),

    settleAccountMail: (id, dueAt) =>
      prisma.transaction('settling an e-mail to a person', async (tx) => {
        const where = { id: BigInt(id) };
        if (dueAt === null) await tx.accountMail.deleteMany({ where });
        else await tx.accountMail.updateMany({ where, data: { dueAt } });
      }),
  };
}

export async function orderAccountMail(
  tx: Transaction,
  { person, data, ...mail }: NewAccountMail,
): Promise<void> {
  await tx.accountMail.create({
    data: { ...mail, of: person, data: JSON.stringify(data), dueAt: 0, attempts: 0 },
  });
}

/** One to each operator, due at once. */
export async function orderAlarms(tx: Transaction, kind: Alarm, data: object): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO account_mail (due_at, attempts, person, kind, data)
    SELECT 0, 0, id, ${kind}, ${JSON.stringify(data)} FROM person WHERE operator AND disabled_at IS NULL`;
}
