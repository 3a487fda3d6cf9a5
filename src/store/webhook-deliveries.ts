import { textArray } from './binary.js';
import type { Connections } from './connections.js';
import { nothingWritten } from './errors.js';
import { above } from './replication.js';
import { safe } from './rows.js';
import {
  keptMessageId,
  WEBHOOK_TYPES,
  type NewWebhookAttempt,
  type Webhook,
  type WebhookPlace,
  type WebhookType,
} from './webhooks.js';

/** How far the chain has come, for webhooks. */
export interface ChainExtent {
  /** Every position below is sealed, cosigned, anchored. */
  readonly positions: { readonly sealed: number; readonly cosigned: number; readonly anchored: number };
  /** Number of blocks. */
  readonly blocks: number;
}

/** A message for a webhook: of this type, from its cursor up to here. */
export interface PendingMessage extends WebhookPlace {
  readonly type: WebhookType;
}

/** A webhook that this caller alone works on. */
export interface ClaimedWebhook extends Pick<
  Webhook,
  'id' | 'organization' | 'name' | 'url' | 'secret' | 'secretSince' | 'attempts'
> {
  readonly claim: number;
  readonly organizationId: string;
  readonly cursors: ReadonlyMap<WebhookType, WebhookPlace>;
  /** null: the last one was delivered. */
  readonly pending: PendingMessage | null;
}

export interface WebhookStep {
  readonly id: string;
  readonly claim: number;
  /** The claim goes on until then; 0: it ends. */
  readonly claimedUntil: number;
  /** What is told by now; null: nothing more than before. */
  readonly done: (WebhookPlace & { readonly type: WebhookType }) | null;
  /** How the last attempt ended; null: there was none. */
  readonly attempt: NewWebhookAttempt | null;
  /** What is to be sent; null: nothing. */
  readonly pending: PendingMessage | null;
  /** Failed attempts of it. */
  readonly attempts: number;
  /** Nothing is sent before; null: stays as it is. */
  readonly dueAt: number | null;
  /** Whether nothing waits for the disk: after a crash of the database server it may be as it was before this step. */
  readonly mayBeLost: boolean;
}

/** An event of a record, for a webhook. */
export interface ToldEvent {
  readonly record: Uint8Array;
  readonly kind: string;
  readonly sequence: number;
  readonly type: string;
  readonly height: number;
  /** Why it changed nothing; null: it did. */
  readonly void: string | null;
}

export interface RecordEventsQuery {
  /** The organization's number. */
  readonly organization: number;
  /** Only those of this type; null: all. */
  readonly type: string | null;
  readonly after: WebhookPlace;
  /** Up to this one. */
  readonly upTo?: WebhookPlace | undefined;
  /** In blocks below this height. */
  readonly blocks: number;
  readonly limit: number;
}

export interface WebhookDeliveryStore {
  /**
   * Webhooks that have something to be told and are due, at most `limit`, until `until` for this caller alone. One whose
   * claim has ended is claimed again: by then the process that had it is gone.
   */
  claimWebhooks(now: number, until: number, limit: number, extent: ChainExtent): Promise<ClaimedWebhook[]>;

  /**
   * Notes what was done, and what is to be done.
   * @returns how many documents wait for their block; null: the webhook was changed meanwhile, or is claimed by another
   */
  stepWebhook(step: WebhookStep): Promise<number | null>;

  /** Events of records that the organization may read. @returns `to`: how far it has looked; null: there is nothing more */
  toldEvents(
    query: RecordEventsQuery,
  ): Promise<{ readonly events: readonly ToldEvent[]; readonly to: WebhookPlace | null }>;
}

/** The end of the organization's last run that begins below a position, as far as it is below. */
const lastOwn = (below: string) => `LEAST(${below}, (
  SELECT first_position + entry_count FROM register_run
  WHERE organization_number = webhook.organization_number AND first_position < ${below}
  ORDER BY first_position DESC LIMIT 1
))`;

/** One look-up in an index for each webhook and type. */
const HAS_WORK = `CASE cursor.type
  WHEN 'notarization.sealed' THEN ${lastOwn('$4::bigint')} > cursor.place
  WHEN 'notarization.cosigned' THEN ${lastOwn('$5::bigint')} > cursor.place
  WHEN 'notarization.anchored' THEN ${lastOwn('$6::bigint')} > cursor.place
  ELSE CASE WHEN cursor.type = ANY ($8::text[])
    THEN EXISTS (
      SELECT FROM event WHERE height IS NOT NULL AND height < $7::bigint AND (height, event.id) > (cursor.place, cursor.sub)
    )
    ELSE EXISTS (
      SELECT FROM webhook_event WHERE webhook_event.type = cursor.type AND webhook_event.id > cursor.place
        AND (webhook_event.organization_number IS NULL
          OR webhook_event.organization_number = webhook.organization_number)
    )
  END
END`;

const CLAIM = `
UPDATE webhook SET claimed_until = $2, claim = claim + 1
WHERE id IN (
  SELECT webhook.id FROM webhook
  JOIN organization ON organization.number = webhook.organization_number AND organization.disabled_at IS NULL
  WHERE webhook.disabled_at IS NULL AND webhook.due_at <= $1 AND webhook.claimed_until <= $1
    AND (webhook.pending_type IS NOT NULL OR EXISTS (
      SELECT FROM webhook_cursor AS cursor WHERE cursor.webhook = webhook.id AND ${HAS_WORK}
    ))
  ORDER BY webhook.due_at LIMIT $3 FOR UPDATE OF webhook SKIP LOCKED
)
RETURNING id, claim, organization_number, (
    SELECT organization.id FROM organization WHERE organization.number = organization_number
  ) AS organization_id, name, url, secret, secret_since, attempts,
  pending_type, pending_place, pending_sub,
  (SELECT json_agg(json_build_array(cursor.type, cursor.place, cursor.sub))
   FROM webhook_cursor AS cursor WHERE cursor.webhook = webhook.id) AS cursors`;

export const RECORD_TYPES: readonly WebhookType[] = ['record.event', 'contract.executed', 'contract.expired'];

interface ClaimRow {
  readonly id: string;
  readonly claim: string;
  readonly organization_number: number;
  readonly organization_id: string;
  readonly name: string;
  readonly url: string;
  readonly secret: number;
  readonly secret_since: string;
  readonly attempts: number;
  readonly pending_type: WebhookType | null;
  readonly pending_place: string | null;
  readonly pending_sub: string | null;
  readonly cursors: readonly (readonly [WebhookType, number, number])[] | null;
}

export async function claimWebhooks(
  connections: Connections,
  now: number,
  until: number,
  limit: number,
  { positions: { sealed, cosigned, anchored }, blocks }: ChainExtent,
): Promise<ClaimedWebhook[]> {
  const { rows } = await connections.write(
    (client) =>
      client.query<ClaimRow>({
        name: 'claim_webhooks',
        text: CLAIM,
        values: [now, until, limit, sealed, cosigned, anchored, blocks, textArray(RECORD_TYPES)],
      }),
    (error) => nothingWritten(error, 'claiming webhooks'),
  );
  return rows.map((row) => ({
    id: row.id,
    claim: safe(row.claim),
    organization: row.organization_number,
    organizationId: row.organization_id,
    name: row.name,
    url: row.url,
    secret: row.secret,
    secretSince: safe(row.secret_since),
    attempts: row.attempts,
    cursors: new Map(
      WEBHOOK_TYPES.flatMap((type) => {
        const found = row.cursors?.find(([each]) => each === type);
        return found === undefined ? [] : [[type, { place: safe(found[1]), sub: safe(found[2]) }] as const];
      }),
    ),
    pending:
      row.pending_type === null
        ? null
        : {
            type: row.pending_type,
            place: safe(row.pending_place ?? 0),
            sub: safe(row.pending_sub ?? 0),
          },
  }));
}

const STEP = `
WITH mine AS (
  UPDATE webhook SET claimed_until = $3, pending_type = $4, pending_place = $5, pending_sub = $6,
    attempts = $7, due_at = COALESCE($8::bigint, due_at)
  WHERE id = $1 AND claim = $2 AND disabled_at IS NULL
  RETURNING id
), moved AS (
  UPDATE webhook_cursor SET place = $10, sub = $11 FROM mine WHERE webhook = mine.id AND type = $9::text
), logged AS (
  INSERT INTO webhook_attempt (webhook_number, message, type, attempt, at, ms, status, outcome)
  SELECT number, $12::bytea, $13::text, $14::smallint, $15::bigint, $16::integer, $17::smallint, $18::text
  FROM webhook WHERE id = $1 AND $12::bytea IS NOT NULL
)
SELECT head.next_position - COALESCE(tip.beyond, 0) AS waiting,
  CASE WHEN $19::boolean THEN set_config('synchronous_commit', 'off', true) END AS commit
FROM mine CROSS JOIN head
LEFT JOIN LATERAL (SELECT first_position + entry_count AS beyond FROM block ORDER BY height DESC LIMIT 1) AS tip ON true`;

export async function stepWebhook(connections: Connections, step: WebhookStep): Promise<number | null> {
  const { id, claim, claimedUntil, done, attempt, pending, attempts, dueAt, mayBeLost } = step;
  const { rows } = await connections.write(
    (client) =>
      client.query<{ waiting: string }>({
        name: 'step_webhook',
        text: STEP,
        values: [
          ...[id, claim, claimedUntil],
          ...[pending?.type ?? null, pending?.place ?? null, pending?.sub ?? null],
          ...[attempts, dueAt],
          ...[done?.type ?? null, done?.place ?? null, done?.sub ?? null],
          ...[attempt === null ? null : keptMessageId(attempt.message), attempt?.type ?? null],
          ...[attempt?.attempt ?? null, attempt?.at ?? null],
          ...[attempt?.ms ?? null, attempt?.status ?? null, attempt?.outcome ?? null, mayBeLost],
        ],
      }),
    (error) => nothingWritten(error, 'noting what was sent to a webhook'),
  );
  const [row] = rows;
  return row === undefined ? null : safe(row.waiting);
}

/** Events that are looked at together: most may be those of others. */
const WINDOW = 1000;

export async function toldEvents(
  connections: Connections,
  { organization, type, after, upTo, blocks, limit }: RecordEventsQuery,
): Promise<{ readonly events: readonly ToldEvent[]; readonly to: WebhookPlace | null }> {
  const rows = await connections.prepared<{
    id: string;
    height: string;
    record: Uint8Array;
    sequence: string;
    type: string;
    void: string | null;
    kind: string | null;
  }>(
    'told_events',
    `SELECT event.id, event.height, event.record, event.sequence, event.type, event.void, (
       SELECT record.kind FROM record_reader JOIN record ON record.id = record_reader.record
       WHERE record_reader.organization_number = $1 AND record_reader.record = event.record
         AND ($2::text IS NULL OR event.type = $2)
     ) AS kind
     FROM (
       SELECT * FROM event WHERE height IS NOT NULL AND height < $3 AND (height, id) > ($4, $5) AND (height, id) <= ($6, $7)
       ORDER BY height, id LIMIT ${WINDOW}
     ) AS event ORDER BY event.height, event.id`,
    [
      ...[organization, type, blocks, after.place, after.sub],
      ...[upTo?.place ?? Number.MAX_SAFE_INTEGER, upTo?.sub ?? Number.MAX_SAFE_INTEGER],
    ],
  );
  const events: ToldEvent[] = [];
  let to: WebhookPlace | null = null;
  for (const { id, kind, record, ...row } of rows) {
    if (events.length === limit) break;
    to = { place: safe(row.height), sub: safe(id) };
    if (kind === null) continue;
    events.push({
      ...{ record, kind, type: row.type, void: row.void },
      sequence: safe(row.sequence),
      height: safe(row.height),
    });
  }
  // Nobody is told of what a failover could lose.
  await connections.requireConfirmed({ blocks: above(events.map(({ height }) => height)) });
  return { events, to };
}
