import { equal } from '../../proof/bytes.js';
import { ADVISORY_CLASS, EVENTS_LOCK } from '../connections.js';
import { bytes, type PrismaAccess, rowKeyOf, type Transaction } from '../prisma-client.js';
import { eventMac } from '../row-mac.js';
import type { EventKind, NewAccessEvent, AccessEvent } from './model.js';
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

/** The access log. */
export interface EventStore {
  appendEvent(event: NewAccessEvent): Promise<void>;
  /**
   * Latest first: by time, then by id.
   * @throws {RangeError} the limit is out of range
   */
  events(filter: EventFilter): Promise<AccessEvent[]>;
  /**
   * The names of people, organizations and API keys, by id; those that do not exist are left out.
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
export async function insertEvent(tx: Transaction, event: NewAccessEvent): Promise<void> {
  const facts = { ...event, detail: JSON.stringify(event.detail) };
  const key = rowKeyOf(tx);
  if (key === null) {
    await tx.accessEvent.create({ data: facts });
    return;
  }
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADVISORY_CLASS}::integer, ${EVENTS_LOCK}::integer)`;
  const last = await tx.accessEvent.findFirst({
    where: { mac: { not: null } },
    orderBy: { id: 'desc' },
    select: { mac: true },
  });
  const mac = bytes(eventMac(key, last?.mac ?? null, facts));
  await tx.accessEvent.create({ data: { ...facts, mac } });
}

export function eventRows(prisma: PrismaAccess): EventStore {
  return {
    appendEvent: (event) => prisma.transaction('writing the access log', (tx) => insertEvent(tx, event)),

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
      const [people, organizations, keys] = await prisma.read('reading names', (client) =>
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
        ]),
      );
      return new Map([
        ...people.map(({ id, name, email, operator, organizations: [user] }): [string, string] => {
          const isKnown = within === null || operator || (user !== undefined && user.acceptedAt !== null);
          return [id, isKnown ? name : (user?.name ?? email)];
        }),
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
