import type { SigningKind } from '../messages/signing.js';
import { insertEvent } from './auth/events.js';
import type { NewAccessEvent } from './auth/model.js';
import { bytes, type PrismaAccess, type Transaction } from './prisma-client.js';
import type { SigningRequest as Row } from './prisma/client.js';
import { safe } from './rows.js';

/** What an organization asks of a person without an account. Times are milliseconds since the Unix epoch. */
export interface SigningRequest {
  readonly id: string;
  /** The organization's number. */
  readonly organization: number;
  readonly createdAt: number;
  /** `key:<id>` or `person:<id>`. */
  readonly createdBy: string;
  readonly expiresAt: number;
  readonly language: 'en' | 'ko';
  /** What is asked. */
  readonly kind: SigningKind;
  /** null: erased, as the texts below. */
  readonly title: string | null;
  readonly message: string | null;
  /** SHA-256 of the document of a contract, 32 bytes; null: the request is about something else. */
  readonly document: Uint8Array | null;
  readonly documentName: string | null;
  readonly documentSize: number | null;
  /** What the organization calls the person. */
  readonly name: string | null;
  readonly email: string | null;
  /** Counts the links that the request has had. */
  readonly link: number;
  /** SHA-256 of what opens the link; null: nothing does. */
  readonly secretHash: Uint8Array | null;
  readonly openedAt: number | null;
  /** The verifier key that the person gave. */
  readonly key: string | null;
  readonly keyGivenAt: number | null;
  /** Id of the contract, the item or the work. */
  readonly record: Uint8Array | null;
  /** What the claim of a work shall state, without nonce and holder: JSON. */
  readonly claim: string | null;
  /** The verifier key that held the item or work when the request was made. */
  readonly holder: string | null;
  /** The sequence of the item or work at that time. */
  readonly since: number | null;
  /** The sequence of the event that answered the request, once it was seen; of a contract always null. */
  readonly answered: number | null;
  /** How often whoever held a link has changed the request. */
  readonly changes: number;
  /** Why it has ended, unless the record says it. */
  readonly ended: 'declined' | 'delegated' | 'withdrawn' | null;
  readonly endedAt: number | null;
  readonly reason: string | null;
  /** The request whose person has passed it on. */
  readonly predecessor: string | null;
  /** The key that the contract names until the key of this request takes its place. */
  readonly predecessorKey: string | null;
  /** The event for that, signed by the key before: JSON with `note` and `body`. */
  readonly handover: string | null;
  readonly mailedAt: number | null;
  readonly mailFailedAt: number | null;
  readonly erasedAt: number | null;
}

export type MailKind =
  /** To give a key. */
  | 'invite'
  | 'remind'
  /** To sign, when it is the person's turn. */
  | 'sign'
  /** To sign that the key of whoever was named takes the place of one's own, and for that one to sign it too. */
  | 'hand_over'
  | 'take_over'
  /** What became of the contract that the person has signed. */
  | 'ended';

/** An e-mail that is ordered. */
export interface OrderedMail {
  /** Id of the request. */
  readonly request: string;
  readonly kind: MailKind;
}

/** An e-mail that a process has claimed. */
export interface ClaimedMail {
  readonly id: number;
  readonly kind: MailKind;
  /** This one included. */
  readonly attempts: number;
  /** The record's sequence in the latest block when it was claimed; -1: no block has it. */
  readonly sealed: number;
  readonly request: SigningRequest;
  /** What the organization is called; null: it is disabled. */
  readonly organizationName: string | null;
}

/** A change of a request, together with its event in the access log and the e-mail that it causes. */
export interface SigningChange {
  readonly id: string;
  /** The request must still be like this. */
  readonly expected: Partial<SigningRequest>;
  readonly changes: Partial<SigningRequest>;
  /** null: none is written. */
  readonly event: NewAccessEvent | null;
  readonly mails: readonly OrderedMail[];
}

/** Most requests of an organization that have neither ended nor expired. */
export const MAX_OPEN_REQUESTS = 10_000;

export interface SigningStore {
  /**
   * Adds a request, and makes the change of the one that it follows, both or neither.
   * @returns `too_many`: the organization has as many open requests as it may have; `changed`: the request that it
   *   follows is not as expected, or has been passed on before
   */
  addSigningRequest(
    request: SigningRequest,
    mails: readonly OrderedMail[],
    event: NewAccessEvent,
    follows: SigningChange | null,
  ): Promise<'added' | 'too_many' | 'changed'>;

  /** @returns false: the request is not as expected, and nothing is written */
  changeSigningRequest(change: SigningChange): Promise<boolean>;

  /**
   * Removes everything of a request that tells of a person, and its link.
   * @returns false: the organization has no such request, or it was erased before
   */
  eraseSigningRequest(organization: number, id: string, at: number, event: NewAccessEvent): Promise<boolean>;

  /** null: there is none. */
  signingRequest(id: string): Promise<SigningRequest | null>;

  /** The request that a link opens, and the organization that asks; null: none, or the organization is disabled. */
  signingRequestOf(secretHash: Uint8Array): Promise<AskedRequest | null>;

  /** The requests to which these were passed on and that have not ended, by the id of the one before. */
  signingSuccessors(ids: readonly string[]): Promise<ReadonlyMap<string, SigningRequest>>;

  /** An organization's requests, the latest first. */
  signingRequests(query: {
    readonly organization: number;
    readonly record?: Uint8Array;
    /** Only those made before this one. */
    readonly before?: string;
    readonly limit: number;
  }): Promise<SigningRequest[]>;

  /** E-mails that are due, or whose record has gone on, until `until` for this caller alone. */
  claimSigningMail(now: number, until: number, limit: number): Promise<ClaimedMail[]>;

  /** @param dueAt when it is tried again; null: it was sent, or is not needed any more */
  settleSigningMail(id: number, dueAt: number | null): Promise<void>;

  /** Lets an e-mail wait until the record is past `seen`, its sequence in the latest block, or until `dueAt`. */
  holdSigningMail(id: number, seen: number, dueAt: number): Promise<void>;

  /** Gives an e-mail up. */
  failSigningMail(id: number, request: string, at: number): Promise<void>;
}

export interface AskedRequest {
  readonly request: SigningRequest;
  readonly organization: { readonly id: string; readonly number: number; readonly name: string };
}

export function signingRows(prisma: PrismaAccess): SigningStore {
  return {
    addSigningRequest: (request, mails, event, follows) =>
      prisma.transaction('adding a request to sign', async (tx) => {
        // Two at the same time must not exceed the number together.
        await tx.$executeRaw`
          SELECT FROM organization WHERE number = ${request.organization}::integer FOR NO KEY UPDATE`;
        const open = await tx.signingRequest.count({
          where: {
            organizationNumber: request.organization,
            ended: null,
            erasedAt: null,
            expiresAt: { gt: request.createdAt },
          },
        });
        if (open >= MAX_OPEN_REQUESTS) return 'too_many';
        if (follows !== null) {
          if (!(await change(tx, follows))) return 'changed';
          const before = await tx.signingRequest.count({
            where: { predecessor: request.predecessor, ended: null },
          });
          if (before > 0) return 'changed';
        }
        await tx.signingRequest.create({ data: columnsOf(request) as Row });
        await order(tx, mails, request.createdAt);
        await insertEvent(tx, event);
        return 'added';
      }),

    changeSigningRequest: (wanted) =>
      prisma.transaction('changing a request to sign', (tx) => change(tx, wanted)),

    eraseSigningRequest: (organization, id, at, event) =>
      prisma.transaction('erasing a request to sign', async (tx) => {
        const { count } = await tx.signingRequest.updateMany({
          where: { id, organizationNumber: organization, erasedAt: null },
          data: {
            ...{ title: null, message: null, documentName: null, name: null, email: null, key: null },
            ...{ reason: null, handover: null, predecessorKey: null, secretHash: null, erasedAt: at },
            ...{ claim: null, holder: null },
          },
        });
        if (count === 0) return false;
        // It asks nobody any more: the person who has passed it on can name somebody else.
        await tx.signingRequest.updateMany({
          where: { id, ended: null },
          data: { ended: 'withdrawn', endedAt: at },
        });
        await tx.signingMail.deleteMany({ where: { request: id } });
        await insertEvent(tx, event);
        return true;
      }),

    signingRequest: async (id) => {
      const row = await prisma.read('reading a request to sign', (client) =>
        client.signingRequest.findUnique({ where: { id } }),
      );
      return row === null ? null : toRequest(row);
    },

    signingRequestOf: (secretHash) =>
      prisma.read('reading a request to sign', async (client) => {
        const row = await client.signingRequest.findUnique({ where: { secretHash: bytes(secretHash) } });
        if (row === null) return null;
        const organization = await client.organization.findUnique({
          where: { number: row.organizationNumber },
        });
        if (organization === null || organization.disabledAt !== null) return null;
        const { id, number, name } = organization;
        return { request: toRequest(row), organization: { id, number, name } };
      }),

    signingSuccessors: async (ids) => {
      const rows = await prisma.read('reading requests to sign', (client) =>
        client.signingRequest.findMany({ where: { predecessor: { in: [...ids] }, ended: null } }),
      );
      return new Map(rows.map((row) => [row.predecessor ?? '', toRequest(row)]));
    },

    signingRequests: async ({ organization, record, before, limit }) => {
      const rows = await prisma.read('reading requests to sign', async (client) => {
        const last =
          before === undefined
            ? null
            : await client.signingRequest.findFirst({
                where: { id: before, organizationNumber: organization },
              });
        if (before !== undefined && last === null) return [];
        return client.signingRequest.findMany({
          where: {
            organizationNumber: organization,
            ...(record === undefined ? {} : { record: bytes(record) }),
            ...(last === null
              ? {}
              : {
                  OR: [
                    { createdAt: { lt: last.createdAt } },
                    { createdAt: last.createdAt, id: { lt: last.id } },
                  ],
                }),
          },
          orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
          take: limit,
        });
      });
      return rows.map(toRequest);
    },

    claimSigningMail: (now, until, limit) =>
      prisma.transaction('claiming e-mails', async (tx) => {
        const claimed = await tx.$queryRaw<
          { id: bigint; request: string; kind: MailKind; attempts: number; sealed: bigint | null }[]
        >`
          UPDATE signing_mail AS mail SET due_at = ${until}::bigint, attempts = attempts + 1, seen = NULL
          FROM (
            SELECT waiting.id, record.sequence FROM signing_mail AS waiting
            JOIN signing_request ON signing_request.id = waiting.request
            LEFT JOIN record ON record.id = signing_request.record
            WHERE waiting.due_at <= ${now}::bigint OR record.sequence > waiting.seen
            ORDER BY waiting.due_at LIMIT ${limit}::integer FOR UPDATE OF waiting SKIP LOCKED
          ) AS due
          WHERE mail.id = due.id
          RETURNING mail.id, mail.request, mail.kind, mail.attempts, due.sequence AS sealed`;
        const requests = new Map(
          (
            await tx.signingRequest.findMany({
              where: { id: { in: claimed.map(({ request }) => request) } },
            })
          ).map((row) => [row.id, toRequest(row)]),
        );
        const organizations = new Map(
          (
            await tx.organization.findMany({
              where: { number: { in: [...requests.values()].map(({ organization }) => organization) } },
            })
          ).map((row) => [row.number, row.disabledAt === null ? row.name : null]),
        );
        return claimed.flatMap(({ id, request: of, kind, attempts, sealed }) => {
          const request = requests.get(of);
          if (request === undefined) return [];
          const organizationName = organizations.get(request.organization) ?? null;
          return [
            {
              id: safe(id),
              kind,
              attempts,
              sealed: sealed === null ? -1 : safe(sealed),
              request,
              organizationName,
            },
          ];
        });
      }),

    settleSigningMail: (id, dueAt) =>
      prisma.transaction('settling an e-mail', async (tx) => {
        const where = { id: BigInt(id) };
        if (dueAt === null) await tx.signingMail.deleteMany({ where });
        else await tx.signingMail.updateMany({ where, data: { dueAt } });
      }),

    holdSigningMail: (id, seen, dueAt) =>
      prisma.transaction('holding an e-mail', async (tx) => {
        const data = { seen, dueAt, attempts: 0 };
        await tx.signingMail.updateMany({ where: { id: BigInt(id) }, data });
      }),

    failSigningMail: (id, request, at) =>
      prisma.transaction('giving up an e-mail', async (tx) => {
        await tx.signingMail.deleteMany({ where: { id: BigInt(id) } });
        await tx.signingRequest.updateMany({ where: { id: request }, data: { mailFailedAt: at } });
      }),
  };
}

async function change(
  tx: Transaction,
  { id, expected, changes, event, mails }: SigningChange,
): Promise<boolean> {
  const { count } = await tx.signingRequest.updateMany({
    where: { id, erasedAt: null, ...columnsOf(expected) },
    data: columnsOf(changes),
  });
  if (count === 0) return false;
  await order(tx, mails, changes.mailedAt ?? 0);
  if (event !== null) await insertEvent(tx, event);
  return true;
}

/** Of e-mails that wait, the newest says what matters; what became of the contract is said besides. */
async function order(tx: Transaction, mails: readonly OrderedMail[], dueAt: number): Promise<void> {
  for (const { request, kind } of mails) {
    const replaced = kind === 'ended' ? { kind } : { kind: { not: 'ended' } };
    await tx.signingMail.deleteMany({ where: { request, ...replaced } });
    await tx.signingMail.create({ data: { request, kind, dueAt, attempts: 0 } });
  }
}

type Columns = Partial<Omit<Row, 'secretHash' | 'document' | 'record'>> & {
  secretHash?: Uint8Array<ArrayBuffer> | null;
  document?: Uint8Array<ArrayBuffer> | null;
  record?: Uint8Array<ArrayBuffer> | null;
};

const TIMES = [
  'createdAt',
  'expiresAt',
  'documentSize',
  'openedAt',
  'keyGivenAt',
  'endedAt',
  'mailedAt',
  'mailFailedAt',
  'erasedAt',
  'since',
  'answered',
] as const satisfies readonly (keyof SigningRequest)[];

function columnsOf(request: Partial<SigningRequest>): Columns {
  const { organization, secretHash, document, record, ...rest } = request;
  const columns: Record<string, unknown> = { ...rest };
  for (const name of TIMES) {
    const value = request[name];
    if (typeof value === 'number') columns[name] = BigInt(value);
  }
  return {
    ...columns,
    ...(organization === undefined ? {} : { organizationNumber: organization }),
    ...(secretHash === undefined ? {} : { secretHash: secretHash === null ? null : bytes(secretHash) }),
    ...(document === undefined ? {} : { document: document === null ? null : bytes(document) }),
    ...(record === undefined ? {} : { record: record === null ? null : bytes(record) }),
  };
}

function toRequest({ organizationNumber, ...row }: Row): SigningRequest {
  const time = (value: bigint | null) => (value === null ? null : safe(value));
  return {
    ...row,
    organization: organizationNumber,
    createdAt: safe(row.createdAt),
    expiresAt: safe(row.expiresAt),
    documentSize: time(row.documentSize),
    openedAt: time(row.openedAt),
    keyGivenAt: time(row.keyGivenAt),
    endedAt: time(row.endedAt),
    mailedAt: time(row.mailedAt),
    mailFailedAt: time(row.mailFailedAt),
    erasedAt: time(row.erasedAt),
    since: time(row.since),
    answered: time(row.answered),
    kind: row.kind as SigningRequest['kind'],
    language: row.language === 'ko' ? 'ko' : 'en',
    ended: row.ended as SigningRequest['ended'],
  };
}
