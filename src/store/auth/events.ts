import type pg from 'pg';
import { textArray } from '../arrays.js';
import type { Connections } from '../connections.js';
import { nothingWritten } from '../errors.js';
import { safe } from '../rows.js';
import type { EventFilter, AccessEvent, NewAccessEvent } from './store.js';
import { toEventKind } from './rows.js';

/** Most events in one answer. */
const MAX_EVENTS = 10_000;

/** Within the transaction of what it tells of. */
export async function insertEvent(client: pg.ClientBase, event: NewAccessEvent): Promise<void> {
  await client.query(
    `INSERT INTO access_event (at, kind, organization_id, person_id, key_id, address, detail)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      event.at,
      event.kind,
      event.organizationId,
      event.personId,
      event.keyId,
      event.address,
      JSON.stringify(event.detail),
    ],
  );
}

export async function appendEvent(connections: Connections, event: NewAccessEvent): Promise<void> {
  await connections.write(
    (client) => insertEvent(client, event),
    (error) => nothingWritten(error, 'writing the access log'),
  );
}

interface EventRow {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly organization_id: string | null;
  readonly person_id: string | null;
  readonly key_id: string | null;
  readonly address: string | null;
  readonly detail: string;
}

/**
 * In the order of (at, id), which every index of the table ends with, so that a page costs what it shows wherever in time it
 * lies. The page before ended with event `before`, whose time says where to go on.
 */
export async function events(connections: Connections, filter: EventFilter): Promise<AccessEvent[]> {
  const { organizationId, personId, kinds, from, to, before, limit } = filter;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_EVENTS) {
    throw new RangeError(`limit must be an integer from 1 to ${MAX_EVENTS}`);
  }
  const values: unknown[] = [];
  const conditions: string[] = [];
  const where = (value: unknown, condition: (parameter: string) => string): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  where(organizationId, (it) => `organization_id = ${it}`);
  where(personId, (it) => `person_id = ${it}`);
  where(kinds && textArray(kinds), (it) => `kind = ANY (${it}::text[])`);
  where(from, (it) => `at >= ${it}::bigint`);
  where(to, (it) => `at < ${it}::bigint`);
  where(before, (it) => `(at, id) < (SELECT at, id FROM access_event WHERE id = ${it}::bigint)`);
  const rows = await connections.read<EventRow>(
    `SELECT id, at, kind, organization_id, person_id, key_id, address, detail FROM access_event
     ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
     ORDER BY at DESC, id DESC LIMIT ${limit}`,
    values,
  );
  return rows.map(toEvent);
}

function toEvent(row: EventRow): AccessEvent {
  return {
    id: safe(row.id),
    at: safe(row.at),
    kind: toEventKind(row.kind),
    organizationId: row.organization_id,
    personId: row.person_id,
    keyId: row.key_id,
    address: row.address,
    detail: JSON.parse(row.detail) as AccessEvent['detail'],
  };
}
