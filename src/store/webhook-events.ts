import { type Alarm, orderAlarms } from './account-mail.js';
import { ADVISORY_CLASS, type Connections, WEBHOOK_EVENTS_LOCK } from './connections.js';
import type { PrismaAccess, Transaction } from './prisma-client.js';
import { safe } from './rows.js';
import type { WebhookType } from './webhooks.js';

/** What happened that the chain does not say, for webhooks; for 30 days. */
export interface WebhookEventStore {
  /** An alarm that concerns the whole log. @param mails whether operators get e-mails */
  addAlarm(at: number, type: Alarm, data: object, mails: boolean): Promise<void>;

  /**
   * Adds that the deadline of an open contract is near, behind `now` and not behind `until`, for each organization that may
   * read it and has a webhook that is told of that; once for each deadline, however often and by whomever it is called.
   */
  addDeadlineEvents(now: number, until: number): Promise<void>;

  /** The next event of this type for the organization, or for all; null: none. */
  webhookEvent(query: {
    readonly organization: number;
    readonly type: WebhookType;
    readonly after: number;
  }): Promise<{ readonly id: number; readonly at: number; readonly data: object } | null>;

  /** The place behind everything that happened before `time`. */
  webhookEventsBefore(time: number): Promise<number>;
}

/** As the last thing but the event of the access log: from then on it makes others wait. */
export async function insertWebhookEvent(
  tx: Transaction,
  at: number,
  organization: number | null,
  type: WebhookType,
  data: object,
): Promise<void> {
  await lock(tx);
  await tx.webhookEvent.create({
    data: { at, organizationNumber: organization, type, data: JSON.stringify(data) },
  });
}

async function lock(tx: Transaction): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADVISORY_CLASS}::integer, ${WEBHOOK_EVENTS_LOCK}::integer)`;
}

export function addAlarm(
  prisma: PrismaAccess,
  at: number,
  type: Alarm,
  data: object,
  mails: boolean,
): Promise<void> {
  return prisma.transaction('writing an alarm', async (tx) => {
    if (mails) await orderAlarms(tx, type, data);
    await insertWebhookEvent(tx, at, null, type, data);
  });
}

const DEADLINE_NEAR = 'contract.deadline_near' satisfies WebhookType;

/** A contract also waits for the times in its condition: the deadline is the one that its state names. */
const NEAR = `
  SELECT DISTINCT reader.organization_number, told.data
  FROM record_watch AS watch
  JOIN record ON record.id = watch.record AND record.kind = 'contract' AND record.status = 'open'
    AND (record.state::jsonb ->> 'deadline')::bigint = watch.at
  JOIN record_reader AS reader ON reader.record = record.id
  CROSS JOIN LATERAL (SELECT json_build_object(
    'record', encode(record.id, 'hex'), 'kind', record.kind,
    'deadline', to_char('epoch'::timestamp + watch.at * interval '1 millisecond', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
  )::text AS data) AS told
  WHERE watch.kind = 'time' AND watch.at > $1::bigint AND watch.at <= $2::bigint
    AND EXISTS (
      SELECT FROM webhook JOIN webhook_cursor AS cursor ON cursor.webhook = webhook.id AND cursor.type = '${DEADLINE_NEAR}'
      WHERE webhook.organization_number = reader.organization_number
    )
    AND NOT EXISTS (
      SELECT FROM webhook_event AS event WHERE event.type = '${DEADLINE_NEAR}'
        AND event.organization_number = reader.organization_number AND event.data = told.data
    )`;

export async function addDeadlineEvents(prisma: PrismaAccess, now: number, until: number): Promise<void> {
  // Nearly always there is nothing, and nobody has to wait for that.
  const found = await prisma.read('reading which deadlines are near', (client) =>
    client.$queryRawUnsafe<unknown[]>(`${NEAR} LIMIT 1`, now, until),
  );
  if (found.length === 0) return;
  await prisma.transaction('writing which deadlines are near', async (tx) => {
    await lock(tx);
    await tx.$executeRawUnsafe(
      `INSERT INTO webhook_event (at, organization_number, type, data)
       SELECT $1::bigint, near.organization_number, '${DEADLINE_NEAR}', near.data FROM (${NEAR}) AS near`,
      now,
      until,
    );
  });
}

export async function webhookEvent(
  connections: Connections,
  { organization, type, after }: { organization: number; type: WebhookType; after: number },
): Promise<{ readonly id: number; readonly at: number; readonly data: object } | null> {
  const [row] = await connections.read<{ id: string; at: string; data: string }>(
    `SELECT id, at, data FROM webhook_event
     WHERE type = $1 AND id > $2 AND (organization_number IS NULL OR organization_number = $3) ORDER BY id LIMIT 1`,
    [type, after, organization],
  );
  return row === undefined
    ? null
    : { id: safe(row.id), at: safe(row.at), data: JSON.parse(row.data) as object };
}

export async function webhookEventsBefore(connections: Connections, time: number): Promise<number> {
  const [row] = await connections.read<{ id: string | null }>(
    'SELECT max(id) AS id FROM webhook_event WHERE at < $1',
    [time],
  );
  return safe(row?.id ?? 0);
}
