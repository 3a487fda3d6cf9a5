import { equal } from '../../proof/bytes.js';
import { ADVISORY_CLASS, EVENTS_LOCK } from '../connections.js';
import { bytes, type PrismaAccess, rowKeyOf, type Transaction } from '../prisma-client.js';
import { eventMac } from '../row-mac.js';
import { type EventKind, type NewAccessEvent, type AccessEvent, PROVIDER_PREFIX } from './model.js';
import { safe } from '../rows.js';
import { toAccessEvent } from './rows.js';

export interface EventFilter {
  /** Left out: of every organization and of none. */
  readonly organizationId?: string;
  readonly personId?: string;
  readonly kinds?: readonly EventKind[];
  /** Inclusive. */
  readonly from?: number;
  /** Exclusive. */
  readonly to?: number;
  /** Id of the last event of the previous page: only events after it in the order of `events`. */
  readonly before?: number;
  /** 1 to 10,000. */
  readonly limit: number;
}

/** What happened to one notarization of an organization. */
export interface PositionEventFilter {
  readonly organizationId: string;
  readonly position: number;
  /** Exports of the whole register count from then on. */
  readonly acceptedAt: number;
  /** Id of the last event of the previous page. */
  readonly before?: number;
  readonly limit: number;
}

/** The access log. */
export interface EventStore {
  appendEvent(event: NewAccessEvent): Promise<void>;
  /**
   * Writes those that no event since `since` is like: of the same kind, person or key, organization and detail. The
   * others have been written before, by this process or another.
   * @param events unlike each other
   */
  appendUnlike(events: readonly NewAccessEvent[], since: number): Promise<void>;
  /** Events with this position in their detail, and exports of the whole register, the latest first. */
  positionEvents(
    filter: PositionEventFilter,
  ): Promise<{ readonly events: readonly AccessEvent[]; readonly beforeAt: number | null }>;
  /**
   * Latest first: by time, then by id.
   * @throws {RangeError} the limit is out of range
   */
  events(filter: EventFilter): Promise<AccessEvent[]>;
  /**
   * The names of people, organizations and API keys, by id; those that do not exist are left out. People of an
   * identity provider are called as it called them at their last sign-in, as long as that session is kept.
   * @param within the organization for which the names are read; null: the whole service. In an organization
   * a person who has not joined is called as it has invited them, and one who does not belong to it, and is no
   * operator, by the e-mail address that it knows: how others call a person is not for it to see.
   */
  names(ids: readonly string[], within: string | null): Promise<ReadonlyMap<string, string>>;
  /** Whether the latest event with a MAC has it under one of these keys; also true when there is none. */
  newestEventIsUnder(rowKeys: readonly Uint8Array[]): Promise<boolean>;
}

/** Most events in one response. */
const MAX_EVENTS = 10_000;

/**
 * Adds the event of a change, in the transaction of that change, as the last thing that it does: from then on
 * it makes other events wait.
 */
export function insertEvent(tx: Transaction, event: NewAccessEvent): Promise<void> {
  return insertEvents(tx, [event]);
}

async function insertEvents(tx: Transaction, events: readonly NewAccessEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map((event) => ({ ...event, detail: JSON.stringify(event.detail) }));
  const key = rowKeyOf(tx);
  if (key === null) {
    await tx.accessEvent.createMany({ data: rows });
    return;
  }
  await lockEvents(tx);
  const last = await tx.accessEvent.findFirst({
    where: { mac: { not: null } },
    orderBy: { id: 'desc' },
    select: { mac: true },
  });
  let before = last?.mac ?? null;
  const data = rows.map((row) => {
    before = bytes(eventMac(key, before, row));
    return { ...row, mac: before };
  });
  await tx.accessEvent.createMany({ data });
}

async function lockEvents(tx: Transaction): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADVISORY_CLASS}::integer, ${EVENTS_LOCK}::integer)`;
}

/** As the database names its columns. */
interface EventRow {
  readonly id: bigint;
  readonly at: bigint;
  readonly kind: string;
  readonly organization_id: string | null;
  readonly person_id: string | null;
  readonly key_id: string | null;
  readonly address: string | null;
  readonly detail: string;
}

function toEvent(row: EventRow): AccessEvent {
  const { organization_id: organizationId, person_id: personId, key_id: keyId, ...others } = row;
  return toAccessEvent({ ...others, organizationId, personId, keyId, mac: null });
}

const MAX_INT8 = 2n ** 63n - 1n;
/** The detail of an export without conditions. */
const WHOLE_REGISTER = JSON.stringify({ conditions: 0 });

function likeness({ kind, organizationId, personId, keyId, detail }: NewAccessEvent): string {
  return JSON.stringify([kind, organizationId, personId, keyId, detail]);
}

export function eventRows(prisma: PrismaAccess): EventStore {
  return {
    appendEvent: (event) => prisma.transaction('writing the access log', (tx) => insertEvent(tx, event)),

    appendUnlike: (events, since) =>
      prisma.transaction('writing the access log', async (tx) => {
        // Another process that writes the same ones is before or after this one.
        await lockEvents(tx);
        const details = events.map(({ detail }) => JSON.stringify(detail));
        const positions = events.flatMap(({ detail: { position } }) =>
          position == null ? [] : [String(position)],
        );
        const known = await tx.$queryRaw<EventRow[]>`
          SELECT * FROM access_event
          WHERE substring(detail FROM '"position":([0-9]+)') = ANY (${positions}::text[]) AND at >= ${since}::bigint
          UNION ALL
          SELECT * FROM access_event
          WHERE kind = 'register_exported' AND detail = ANY (${details}::text[]) AND at >= ${since}::bigint`;
        const likes = new Set(known.map((row) => likeness(toEvent(row))));
        await insertEvents(
          tx,
          events.filter((event) => !likes.has(likeness(event))),
        );
      }),

    positionEvents: async ({ organizationId, position, acceptedAt, before, limit }) => {
      return prisma.read('reading the access log', async (client) => {
        const last =
          before === undefined ? null : await client.accessEvent.findUnique({ where: { id: before } });
        if (before !== undefined && last === null) return { events: [], beforeAt: 0 };
        const [lastAt, lastId] = [last?.at ?? MAX_INT8, last?.id ?? MAX_INT8];
        const rows = await client.$queryRaw<EventRow[]>`
          SELECT * FROM (
            (SELECT * FROM access_event
             WHERE substring(detail FROM '"position":([0-9]+)') = ${String(position)}
               AND organization_id = ${organizationId} AND (at, id) < (${lastAt}::bigint, ${lastId}::bigint)
             ORDER BY at DESC, id DESC LIMIT ${limit}::integer)
            UNION ALL
            (SELECT * FROM access_event
             WHERE kind = 'register_exported' AND detail = ${WHOLE_REGISTER} AND organization_id = ${organizationId}
               AND at >= ${acceptedAt}::bigint AND (at, id) < (${lastAt}::bigint, ${lastId}::bigint)
             ORDER BY at DESC, id DESC LIMIT ${limit}::integer)
          ) AS found ORDER BY at DESC, id DESC LIMIT ${limit}::integer`;
        return { events: rows.map(toEvent), beforeAt: last === null ? null : safe(last.at) };
      });
    },

    events: async ({ organizationId, personId, kinds, from = 0, to, before, limit }) => {
      if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_EVENTS) {
        throw new RangeError(`limit must be an integer from 1 to ${MAX_EVENTS}`);
      }
      const rows = await prisma.read('reading the access log', async ({ accessEvent }) => {
        // Events are never changed or removed: the time of the last one cannot be another by now.
        const last = before === undefined ? null : await accessEvent.findUnique({ where: { id: before } });
        if (before !== undefined && last === null) return [];
        return accessEvent.findMany({
          where: {
            ...(organizationId === undefined ? {} : { organizationId }),
            ...(personId === undefined ? {} : { personId }),
            ...(kinds === undefined ? {} : { kind: { in: [...kinds] } }),
            AND: [
              { at: { gte: from, ...(to === undefined ? {} : { lt: to }) } },
              // The bound on the time alone is the one that the index of (…, at, id) serves.
              ...(last === null
                ? []
                : [{ at: { lte: last.at } }, { OR: [{ at: { lt: last.at } }, { id: { lt: last.id } }] }]),
            ],
          },
          // Every index of the table ends with (at, id), so a page costs the same wherever in time it is.
          orderBy: [{ at: 'desc' }, { id: 'desc' }],
          take: limit,
        });
      });
      return rows.map(toAccessEvent);
    },

    names: async (ids, within) => {
      const id = { in: [...new Set(ids)] };
      const subjects = ids
        .filter((each) => each.startsWith(PROVIDER_PREFIX))
        .map((each) => each.slice(PROVIDER_PREFIX.length));
      const [people, organizations, keys, sessions] = await prisma.read('reading names', (client) =>
        Promise.all([
          client.person.findMany({
            where: { id },
            select: {
              ...{ id: true, name: true, email: true, operator: true },
              organizations: { where: { organizationId: within ?? '' } },
            },
          }),
          client.organization.findMany({
            where: { id, ...(within === null ? {} : { AND: { id: within } }) },
            select: { id: true, name: true },
          }),
          client.apiKey.findMany({
            where: { id, ...(within === null ? {} : { organizationId: within }) },
            select: { id: true, name: true },
          }),
          client.session.findMany({
            where: {
              providerSubject: { in: [...new Set(subjects)] },
              ...(within === null ? {} : { organizationId: within }),
            },
            orderBy: { createdAt: 'asc' },
            select: { providerSubject: true, providerName: true },
          }),
        ]),
      );
      return new Map([
        ...people.map(({ id, name, email, operator, organizations: [user] }): [string, string] => {
          const isKnown = within === null || operator || (user !== undefined && user.acceptedAt !== null);
          return [id, isKnown ? name : (user?.name ?? email)];
        }),
        ...sessions.map(({ providerSubject, providerName }): [string, string] => [
          `${PROVIDER_PREFIX}${providerSubject ?? ''}`,
          providerName ?? '',
        ]),
        ...[...organizations, ...keys].map(({ id, name }): [string, string] => [id, name]),
      ]);
    },

    newestEventIsUnder: async (rowKeys) => {
      const [newest, before] = await prisma.read('reading the access log', ({ accessEvent }) =>
        accessEvent.findMany({ where: { mac: { not: null } }, orderBy: { id: 'desc' }, take: 2 }),
      );
      if (newest === undefined || newest.mac === null) return true;
      const { mac } = newest;
      const facts = { ...newest, at: Number(newest.at) };
      return rowKeys.some((key) => equal(mac, eventMac(key, before?.mac ?? null, facts)));
    },
  };
}
