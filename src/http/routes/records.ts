import type { Request, Response } from 'express';
import { AccessError, ANONYMOUS_LIMITS, eventOf, may, organizationOf } from '../../auth/index.js';
import type { HistoryReader } from '../../log/index.js';
import {
  fromHex,
  HASH_LENGTH,
  HISTORY_MEDIA_TYPE,
  NO_TEXTS,
  type RecordState,
  toHex,
} from '../../proof/index.js';
import type { StoredEvent } from '../../store/index.js';
import { clientOf } from '../auth/authenticate.js';
import { logOperatorRead } from '../auth/ownership.js';
import {
  hasRole,
  isReader,
  noSuchRecord,
  readableRecord,
  RECORD_KEY_HEADER,
  recordIdOf,
} from '../auth/record-access.js';
import { type HttpDeps, principalOf } from '../context.js';
import { check } from '../requests/body.js';
import { pathParameter, queryOf } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import { recordEventJson, recordJson, recordStateJson } from '../responses/records.js';
import { attachment, waitForDrain } from '../responses/send.js';
import { EVENT_STREAM_TYPE } from '../responses/server-sent.js';
import { json, JSON_TYPE, type Route } from '../route.js';
import {
  AsOfQuery,
  EventSequence,
  HistoryFile,
  LastEventId,
  RecordEvents,
  RecordEventsQuery,
  RecordId,
  RecordResource,
  Records,
  RecordStateResource,
  RecordsQuery,
} from '../schemas/records.js';
import { erasureRefusal } from './erasures.js';
import { followRecord } from './follow-record.js';

export const RECORD = { id: RecordId };
export const RECORD_HEADERS = {
  [RECORD_KEY_HEADER]:
    'For a party of the record that has no account here: base64 of a note with the lines `ingam/read/v1`, the log’s origin, the record’s id and the time in seconds since 1970, signed with the party’s key. It is valid for 300 seconds.',
};
export const READ_ERRORS = ['unknown_record', 'invalid_record_key', 'unavailable'] as const;
export const WHO =
  'For organizations that have submitted an event of the record, and for whoever proves a key of one of its parties. To all others there is no such record.';

const STREAMS = `Anonymous callers of one network can have ${ANONYMOUS_LIMITS.eventStreams} streams open at once.`;

/** Records: for those who may see them. */
export function recordRoutes(deps: HttpDeps): Route[] {
  const { access, log, records } = deps;
  return [
    {
      method: 'get',
      path: '/v1/records',
      access: 'read',
      operation: {
        id: 'listRecords',
        tag: 'Records',
        summary: 'List the organization’s records',
        description: 'All conditions must match. `kind` and `status` are those after the latest block.',
        query: RecordsQuery,
        responses: { 200: { description: 'One page.', content: json(Records) } },
      },
      async handle(req, res) {
        const { q, limit, cursor, ...conditions } = queryOf(req, RecordsQuery);
        const organization = organizationOf(principalOf(req));
        if (organization === null) throw new AccessError('forbidden', 'choose an organization first');
        const page = await records.list({
          organization: organization.number,
          limit,
          ...conditions,
          ...(q === undefined ? {} : { words: [q] }),
          ...(cursor === undefined ? {} : { beyond: cursor }),
        });
        await logOperatorRead(access, req, page.records.length);
        res.set('Cache-Control', 'private, no-cache').json({
          records: page.records.flatMap((record) => recordJson(record) ?? []),
          next: page.next === null ? null : String(page.next),
        });
      },
    },
    {
      method: 'get',
      path: '/v1/records/{id}',
      access: 'anyone',
      operation: {
        id: 'getRecord',
        tag: 'Records',
        summary: 'Get a record',
        description: WHO,
        path: RECORD,
        headers: RECORD_HEADERS,
        responses: { 200: { description: 'The record.', content: json(RecordResource) } },
        errors: READ_ERRORS,
      },
      async handle(req, res) {
        const { id, found } = await readableRecord(records, req);
        const texts = await records.texts([{ id, found }]);
        await logOperatorRead(access, req, 1);
        res
          .set('Cache-Control', 'private, no-cache')
          .json(recordJson({ id, found, texts: texts.get(toHex(id)) ?? NO_TEXTS }));
      },
    },
    {
      method: 'get',
      path: '/v1/records/{id}/events',
      access: 'anyone',
      operation: {
        id: 'listRecordEvents',
        tag: 'Records',
        summary: 'List or follow a record’s events',
        description: `${WHO} With \`Accept: text/event-stream\` the answer is a stream of server-sent events, each named \`applied\`: all events that blocks have applied to the record, automatic ones included, and each later one as soon as a block has it. Its data is that of the list, its id the event’s sequence: a client that reconnects with it as \`Last-Event-ID\` misses nothing and gets nothing twice; \`limit\` and \`cursor\` do not matter. A stream that is read by \`${RECORD_KEY_HEADER}\` ends after an hour, and after the event with which the key loses its role. ${STREAMS}`,
        path: RECORD,
        query: RecordEventsQuery,
        headers: { ...RECORD_HEADERS, 'Last-Event-ID': LastEventId },
        responses: {
          200: {
            description: 'One page, or a stream.',
            content: { ...json(RecordEvents), [EVENT_STREAM_TYPE]: 'text' },
          },
        },
        errors: READ_ERRORS,
      },
      async handle(req, res) {
        const { limit, cursor } = queryOf(req, RecordEventsQuery);
        const seen = check(LastEventId, req.get('last-event-id') ?? '', 'invalid_parameter', 'Last-Event-ID');
        const readable = await readableRecord(records, req);
        res.vary('Accept');
        if (req.accepts([JSON_TYPE, EVENT_STREAM_TYPE]) === EVENT_STREAM_TYPE) {
          const close = access.anonymousLimits.openEventStream(principalOf(req), clientOf(req));
          return followRecord(deps, req, res, readable, seen).finally(close);
        }
        const { id } = readable;
        const events = await records.events(id, cursor ?? null, limit);
        await logOperatorRead(access, req, events.length);
        const last = events.length < limit ? undefined : events.at(-1);
        res.set('Cache-Control', 'private, no-cache').json({
          events: events.map(recordEventJson),
          next: last === undefined ? null : `${last.sequence}.${last.id}`,
        });
      },
    },
    {
      method: 'get',
      path: '/v1/records/{id}/history',
      access: 'anyone',
      operation: {
        id: 'getRecordHistory',
        tag: 'Records',
        summary: 'Get a record’s history with its proofs',
        description: `${WHO} The file has all events up to a block, those of the records that they name, and the proof that nothing came later until that block. A record that is only named is left out, unless you may read it: the history is then incomplete. docs/record-files.md specifies it; \`ingam verify\` checks it offline.`,
        path: RECORD,
        query: AsOfQuery,
        headers: RECORD_HEADERS,
        responses: {
          200: {
            description: 'The history file.',
            content: { [HISTORY_MEDIA_TYPE]: HistoryFile },
          },
        },
        errors: [...READ_ERRORS, 'not_sealed', 'too_large'],
      },
      async handle(req, res) {
        const { at } = queryOf(req, AsOfQuery);
        const { id, key } = await readableRecord(records, req);
        const history = await records.history(id, at ?? null, (hex) => mayReadNamed(deps, req, hex, key));
        await logOperatorRead(access, req, 1);
        if (history === null) throw noHistory();
        res.set({ 'Content-Type': HISTORY_MEDIA_TYPE, 'Cache-Control': 'private, no-cache' });
        res.set('Content-Disposition', attachment(`${toHex(id).slice(0, 16)}.ingam-history.json`));
        await sendHistory(deps, req, res, history);
      },
    },
    {
      method: 'get',
      path: '/v1/records/{id}/state',
      access: 'anyone',
      operation: {
        id: 'getRecordState',
        tag: 'Records',
        summary: 'Get a record’s state after a block',
        description: `What the rules made of the events up to that block; events that wait for their block do not count. The service states it: \`GET /v1/map/{id}\` proves the value, and the history everything. ${WHO}`,
        path: RECORD,
        query: AsOfQuery,
        headers: RECORD_HEADERS,
        responses: { 200: { description: 'The state.', content: json(RecordStateResource) } },
        errors: [...READ_ERRORS, 'not_sealed', 'block_not_found'],
      },
      async handle(req, res) {
        const { at } = queryOf(req, AsOfQuery);
        const { id, found } = await readableRecord(records, req);
        const { tip } = await log.state();
        const block = at === undefined ? tip : await log.block(at);
        if (block === null) throw new ApiError('block_not_found', 'There is no block at this height.');
        const { sealed } = found;
        const held =
          sealed !== null && sealed.height <= block.height
            ? { ...sealed, state: JSON.parse(sealed.state) as RecordState }
            : await records.stateAt(id, block.height);
        if (held === null) throw noHistory();
        await logOperatorRead(access, req, 1);
        res.set('Cache-Control', 'private, no-cache').json(recordStateJson(id, block, held));
      },
    },
    {
      method: 'delete',
      path: '/v1/records/{id}/events/{sequence}/body',
      access: ['publish', 'organizations'],
      operation: {
        id: 'eraseEventBody',
        tag: 'Records',
        summary: 'Erase the body of an event',
        description:
          'Only the organization that submitted the event, or an operator. For good: nobody can show the body from then on but those who have a copy. The note and the entry stay, so all proofs stay valid. What the rules need of it stays in the record’s state: keys, digests, times and numbers, and no text.',
        path: { ...RECORD, sequence: EventSequence },
        responses: { 204: { description: 'Erased.', content: {} } },
        errors: ['unknown_record', 'not_sealed', 'legal_hold', 'outcome_unknown', 'unavailable'],
      },
      async handle(req, res) {
        const id = recordIdOf(req);
        const sequence = check(
          EventSequence,
          pathParameter(req, 'sequence'),
          'invalid_parameter',
          'sequence',
        );
        for (const { position } of await erasable(deps, req, id, sequence)) {
          if (position === null) continue;
          const detail = { record: toHex(id), sequence, position };
          const event = eventOf(principalOf(req), clientOf(req), Date.now(), 'event_body_erased', { detail });
          await records.eraseBody(position, event).catch((error: unknown) => {
            throw erasureRefusal(error, 'event');
          });
        }
        res.status(204).end();
      },
    },
  ];
}

/** Whether the caller may read another record that an event names. @param key that they have proved; null: none */
export async function mayReadNamed(
  { records }: HttpDeps,
  req: Request,
  hex: string,
  key: string | null,
): Promise<boolean> {
  const other = fromHex(hex, HASH_LENGTH);
  if (key !== null && (await hasRole(records, other, key))) return true;
  return isReader(records, other, principalOf(req));
}

/** Sends a history file, part by part. */
export async function sendHistory(
  { stopping }: HttpDeps,
  req: Request,
  res: Response,
  history: HistoryReader,
): Promise<void> {
  if (req.method === 'HEAD') return void res.end();
  for await (const part of history.text()) {
    if (!res.write(part)) await waitForDrain(res);
    // Close the connection, so that an incomplete file is not mistaken for a complete one.
    if (res.destroyed || stopping.aborted) return void res.destroy();
  }
  res.end();
}

/** No block of a published checkpoint has an event of the record. */
export function noHistory(): ApiError {
  return new ApiError(
    'not_sealed',
    'No published checkpoint covers a block up to that height with an event of the record. A new record’s history is there some seconds after its first event.',
  );
}

/**
 * The events of this sequence (void ones included) whose bodies the caller may erase.
 * @throws {ApiError} unknown_record; {AccessError} forbidden
 */
async function erasable(
  { records }: HttpDeps,
  req: Request,
  id: Uint8Array,
  sequence: number,
): Promise<StoredEvent[]> {
  const principal = principalOf(req);
  const isOperator = may(principal, 'organizations');
  if (!isOperator && !(await isReader(records, id, principal))) throw noSuchRecord();
  const events = await records.eventsOfSequence(id, sequence);
  const signed = events.filter(({ position }) => position !== null);
  if (signed.length === 0) throw new ApiError('unknown_record', 'The record has no such event with a body.');
  if (isOperator) return signed;
  const organization = organizationOf(principal)?.number;
  const own = signed.filter((event) => event.organization === organization);
  if (own.length === 0) {
    throw new AccessError('forbidden', 'the organization that submitted the event can erase its body');
  }
  return own;
}
