import { insertEvent } from './auth/events.js';
import type { NewAccessEvent } from './auth/model.js';
import type { PrismaAccess, Transaction } from './prisma-client.js';
import type { Webhook as Row, WebhookCursor as CursorRow } from './prisma/client.js';
import { safe } from './rows.js';

/** What webhooks can be told. The first ones are told of whole ranges of positions. */
export const WEBHOOK_TYPES = [
  'notarization.sealed',
  'notarization.cosigned',
  'notarization.anchored',
  'record.event',
  'contract.executed',
  'contract.expired',
  'contract.deadline_near',
  'key.created',
  'key.revoked',
  'anchor.late',
  'member.alarm',
] as const;

export type WebhookType = (typeof WEBHOOK_TYPES)[number];

/**
 * How far a webhook has come with one type. Of notarizations, `place` is the first position that is not told yet, and
 * `sub` is 0; of events of records, height and id of the last event that is told; of others, the id of the last one,
 * and 0.
 */
export interface WebhookPlace {
  readonly place: number;
  readonly sub: number;
}

/** Why a webhook is disabled: a person wanted it, its receiver failed for too long, or it answered 410 Gone. */
export type WebhookEnd = 'person' | 'failed' | 'gone';

/** Times are milliseconds since the Unix epoch. */
export interface Webhook {
  readonly id: string;
  /** The organization's number. */
  readonly organization: number;
  readonly name: string;
  readonly url: string;
  readonly createdAt: number;
  /** Person id; `cli`. */
  readonly createdBy: string;
  /** Counts its secrets. */
  readonly secret: number;
  readonly secretSince: number;
  readonly disabledAt: number | null;
  readonly disabledBecause: WebhookEnd | null;
  /** Failed attempts of the message that is being sent. */
  readonly attempts: number;
  /** Nothing is sent before. */
  readonly dueAt: number;
  /** What it is told, and how far. */
  readonly cursors: ReadonlyMap<WebhookType, WebhookPlace>;
}

/** How an attempt ended. */
export const WEBHOOK_OUTCOMES = [
  'delivered',
  /** There was an answer, and it was not 2xx. */
  'status',
  'timeout',
  /** The address is not one that webhooks may reach. */
  'address_refused',
  /** The name has no address. */
  'unknown_host',
  /** No secure connection could be made. */
  'tls',
  /** No connection, or it broke. */
  'connection',
] as const;

export type WebhookOutcome = (typeof WEBHOOK_OUTCOMES)[number];

export interface NewWebhookAttempt {
  readonly message: string;
  readonly type: string;
  /** Counts from 1. */
  readonly attempt: number;
  readonly at: number;
  readonly ms: number;
  /** null: there was no answer. */
  readonly status: number | null;
  readonly outcome: WebhookOutcome;
}

export interface WebhookAttempt extends NewWebhookAttempt {
  /** Grows with time. */
  readonly id: number;
}

export interface WebhookChange {
  readonly organization: number;
  readonly id: string;
  readonly changes: Partial<Pick<Webhook, 'name' | 'url' | 'secret' | 'secretSince' | 'dueAt'>>;
  /** Absent: stays as it is. null: enabled. */
  readonly disabled?: { readonly at: number; readonly because: WebhookEnd } | null;
  /** Are put there; null: it is not told of this type any more. */
  readonly cursors?: ReadonlyMap<WebhookType, WebhookPlace | null>;
  readonly event: NewAccessEvent;
}

export interface WebhookFailure {
  readonly id: string;
  readonly claim: number;
  readonly at: number;
  readonly because: Exclude<WebhookEnd, 'person'>;
  readonly attempt: NewWebhookAttempt;
  /** Whether owners get e-mails. */
  readonly mails: boolean;
}

/** An e-mail for an owner that a process has claimed: the webhook was disabled because of its receiver. */
export interface ClaimedWebhookMail {
  readonly id: number;
  /** This one included. */
  readonly attempts: number;
  readonly webhook: Pick<Webhook, 'id' | 'organization' | 'name' | 'url'>;
  /** null: it is not needed any more: the webhook is not disabled for this, or the person is no owner now. */
  readonly told: {
    readonly because: Exclude<WebhookEnd, 'person'>;
    readonly disabledAt: number;
    readonly organizationName: string;
    readonly email: string;
  } | null;
}

export interface WebhookStore {
  /** Adds a webhook together with its event. @returns false: the organization has `most` already */
  addWebhook(webhook: Webhook, event: NewAccessEvent, most: number): Promise<boolean>;

  /** An organization's, the earliest first. */
  webhooks(organization: number): Promise<Webhook[]>;

  /** null: the organization has no such webhook. */
  webhook(organization: number, id: string): Promise<Webhook | null>;

  /**
   * Changes a webhook; what a process is sending to it meanwhile changes nothing of it any more, and may be sent again.
   * @returns false: the organization has no such webhook
   */
  changeWebhook(change: WebhookChange): Promise<boolean>;

  /** With everything that belongs to it. @returns false: the organization has no such webhook */
  removeWebhook(organization: number, id: string, event: NewAccessEvent): Promise<boolean>;

  /**
   * Gives a message up, and disables the webhook because of its receiver. An e-mail to each owner waits then.
   * @returns false: the webhook was changed meanwhile, or another process works on it; only the attempt is noted
   */
  disableWebhook(end: WebhookFailure, event: NewAccessEvent): Promise<boolean>;

  /** E-mails that are due, until `until` for this caller alone. */
  claimWebhookMail(now: number, until: number, limit: number): Promise<ClaimedWebhookMail[]>;

  /** @param dueAt when it is tried again; null: it was sent, is not needed any more, or is given up */
  settleWebhookMail(id: number, dueAt: number | null): Promise<void>;

  addWebhookAttempt(webhook: string, attempt: NewWebhookAttempt): Promise<void>;

  /** The latest first; `before`: the id of the last one of the page before. */
  webhookAttempts(query: {
    readonly webhook: string;
    readonly before?: number;
    /** Those that were not delivered. */
    readonly failed?: boolean;
    readonly limit: number;
  }): Promise<WebhookAttempt[]>;

  /** Removes attempts and events that are older. */
  expireWebhooks(before: number): Promise<void>;
}

export function webhookRows(prisma: PrismaAccess): WebhookStore {
  return {
    addWebhook: (webhook, event, most) =>
      prisma.transaction('adding a webhook', async (tx) => {
        // Two at the same time must not exceed the number together.
        await tx.$executeRaw`SELECT FROM organization WHERE number = ${webhook.organization}::integer FOR NO KEY UPDATE`;
        const count = await tx.webhook.count({ where: { organizationNumber: webhook.organization } });
        if (count >= most) return false;
        const { organization, cursors, ...own } = webhook;
        await tx.webhook.create({
          data: { ...own, organizationNumber: organization, claimedUntil: 0, claim: 0 },
        });
        await putCursors(tx, webhook.id, cursors);
        await insertEvent(tx, event);
        return true;
      }),

    webhooks: async (organization) => {
      const rows = await prisma.read('reading webhooks', (client) =>
        client.webhook.findMany({
          where: { organizationNumber: organization },
          orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
          include: { cursors: true },
        }),
      );
      return rows.map(toWebhook);
    },

    webhook: async (organization, id) => {
      const row = await prisma.read('reading a webhook', (client) =>
        client.webhook.findFirst({
          where: { id, organizationNumber: organization },
          include: { cursors: true },
        }),
      );
      return row === null ? null : toWebhook(row);
    },

    changeWebhook: ({ organization, id, changes, disabled, cursors = new Map(), event }) =>
      prisma.transaction('changing a webhook', async (tx) => {
        const isMoved = cursors.size > 0;
        const { count } = await tx.webhook.updateMany({
          where: { id, organizationNumber: organization },
          data: {
            ...changes,
            ...(disabled === undefined
              ? {}
              : {
                  disabledAt: disabled?.at ?? null,
                  disabledBecause: disabled?.because ?? null,
                  attempts: 0,
                }),
            ...(isMoved ? { attempts: 0, pendingPlace: null, pendingSub: null, pendingType: null } : {}),
            claim: { increment: 1 },
            claimedUntil: 0,
          },
        });
        if (count === 0) return false;
        await putCursors(tx, id, cursors);
        await insertEvent(tx, event);
        return true;
      }),

    removeWebhook: (organization, id, event) =>
      prisma.transaction('removing a webhook', async (tx) => {
        const { count } = await tx.webhook.deleteMany({ where: { id, organizationNumber: organization } });
        if (count > 0) await insertEvent(tx, event);
        return count > 0;
      }),

    disableWebhook: ({ id, claim, at, because, attempt, mails }, event) =>
      prisma.transaction('disabling a webhook', async (tx) => {
        const { count } = await tx.webhook.updateMany({
          where: { id, claim, disabledAt: null },
          data: { disabledAt: at, disabledBecause: because, claimedUntil: 0, claim: { increment: 1 } },
        });
        await addAttempt(tx, id, attempt);
        if (count > 0 && mails) await orderMails(tx, id);
        if (count > 0) await insertEvent(tx, event);
        return count > 0;
      }),

    claimWebhookMail: (now, until, limit) =>
      prisma.transaction('claiming e-mails about webhooks', async (tx) => {
        const claimed = await tx.$queryRaw<MailRow[]>`
          UPDATE webhook_mail AS mail SET due_at = ${until}::bigint, attempts = mail.attempts + 1
          FROM webhook JOIN organization ON organization.number = webhook.organization_number
          WHERE webhook.id = mail.webhook AND mail.id IN (
            SELECT id FROM webhook_mail WHERE due_at <= ${now}::bigint
            ORDER BY due_at LIMIT ${limit}::integer FOR UPDATE SKIP LOCKED
          )
          RETURNING mail.id, mail.attempts, webhook.id AS webhook, webhook.organization_number AS organization, webhook.name,
            webhook.url, webhook.disabled_because AS because, webhook.disabled_at, organization.name AS organization_name, (
              SELECT person.email FROM organization_user JOIN person ON person.id = organization_user.person_id
              WHERE organization_user.organization_id = organization.id AND person.id = mail.person
                AND organization.disabled_at IS NULL AND person.disabled_at IS NULL
                AND organization_user.role = 'owner' AND organization_user.accepted_at IS NOT NULL
            ) AS email`;
        return claimed.map(toMail);
      }),

    settleWebhookMail: (id, dueAt) =>
      prisma.transaction('settling an e-mail about a webhook', async (tx) => {
        const where = { id: BigInt(id) };
        if (dueAt === null) await tx.webhookMail.deleteMany({ where });
        else await tx.webhookMail.updateMany({ where, data: { dueAt } });
      }),

    addWebhookAttempt: (webhook, attempt) =>
      prisma.transaction('writing an attempt of a webhook', async (tx) => {
        await addAttempt(tx, webhook, attempt);
      }),

    webhookAttempts: async ({ webhook, before, failed = false, limit }) => {
      const rows = await prisma.read('reading the attempts of a webhook', (client) =>
        client.webhookAttempt.findMany({
          where: {
            webhook: { id: webhook },
            ...(before === undefined ? {} : { id: { lt: BigInt(before) } }),
            ...(failed ? { outcome: { not: 'delivered' } } : {}),
          },
          orderBy: { id: 'desc' },
          take: limit,
        }),
      );
      return rows.map(({ id, at, webhookNumber: _webhook, message, outcome, ...row }) => ({
        ...row,
        id: safe(id),
        at: safe(at),
        message: PREFIX + Buffer.from(message).toString('base64url'),
        outcome: outcome as WebhookOutcome,
      }));
    },

    expireWebhooks: (before) =>
      prisma.transaction('removing old attempts of webhooks', async (tx) => {
        await tx.webhookAttempt.deleteMany({ where: { at: { lt: before } } });
        await tx.webhookEvent.deleteMany({ where: { at: { lt: before } } });
      }),
  };
}

/** Before what is kept of the id of a message. */
const PREFIX = 'msg_';

/** The part of a message's id that is kept. */
export const keptMessageId = (id: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(id.slice(PREFIX.length), 'base64url'));

/** Nothing, if the webhook is gone. */
async function addAttempt(
  tx: Transaction,
  id: string,
  { message, ...attempt }: NewWebhookAttempt,
): Promise<void> {
  const webhook = await tx.webhook.findUnique({ where: { id }, select: { number: true } });
  if (webhook === null) return;
  const data = { ...attempt, message: keptMessageId(message), webhookNumber: webhook.number };
  await tx.webhookAttempt.create({ data });
}

/** One to each owner, due at once; those that wait from the last time are the same. */
async function orderMails(tx: Transaction, id: string): Promise<void> {
  await tx.webhookMail.deleteMany({ where: { of: id } });
  await tx.$executeRaw`
    INSERT INTO webhook_mail (due_at, attempts, webhook, person)
    SELECT 0, 0, webhook.id, person.id FROM webhook
    JOIN organization ON organization.number = webhook.organization_number
    JOIN organization_user ON organization_user.organization_id = organization.id
    JOIN person ON person.id = organization_user.person_id
    WHERE webhook.id = ${id} AND person.disabled_at IS NULL
      AND organization_user.role = 'owner' AND organization_user.accepted_at IS NOT NULL`;
}

interface MailRow {
  readonly id: bigint;
  readonly attempts: number;
  readonly webhook: string;
  readonly organization: number;
  readonly name: string;
  readonly url: string;
  readonly because: WebhookEnd | null;
  readonly disabled_at: bigint | null;
  readonly organization_name: string;
  readonly email: string | null;
}

function toMail({ id, attempts, webhook, organization, name, url, ...row }: MailRow): ClaimedWebhookMail {
  const { because, disabled_at: at, organization_name: organizationName, email } = row;
  const isNeeded = because !== null && because !== 'person' && at !== null && email !== null;
  return {
    ...{ id: safe(id), attempts, webhook: { id: webhook, organization, name, url } },
    told: isNeeded ? { because, disabledAt: safe(at), organizationName, email } : null,
  };
}

async function putCursors(
  tx: Transaction,
  webhook: string,
  cursors: ReadonlyMap<WebhookType, WebhookPlace | null>,
): Promise<void> {
  for (const [type, place] of cursors) {
    if (place === null) await tx.webhookCursor.deleteMany({ where: { of: webhook, type } });
    else {
      await tx.webhookCursor.upsert({
        where: { of_type: { of: webhook, type } },
        create: { ...place, of: webhook, type },
        update: place,
      });
    }
  }
}

function toWebhook(row: Row & { cursors: CursorRow[] }): Webhook {
  return {
    id: row.id,
    organization: row.organizationNumber,
    name: row.name,
    url: row.url,
    createdAt: safe(row.createdAt),
    createdBy: row.createdBy,
    secret: row.secret,
    secretSince: safe(row.secretSince),
    disabledAt: row.disabledAt === null ? null : safe(row.disabledAt),
    disabledBecause: row.disabledBecause as WebhookEnd | null,
    attempts: row.attempts,
    dueAt: safe(row.dueAt),
    cursors: new Map(
      WEBHOOK_TYPES.flatMap((type) => {
        const found = row.cursors.find((cursor) => cursor.type === type);
        return found === undefined
          ? []
          : [[type, { place: safe(found.place), sub: safe(found.sub) }] as const];
      }),
    ),
  };
}
