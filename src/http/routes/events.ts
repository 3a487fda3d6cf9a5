import type { Request, Response } from 'express';
import type { StoredEvent } from '../../store/index.js';
import { recordIdOf } from '../auth/record-access.js';
import type { HttpDeps } from '../context.js';
import { BODY_ERRORS, check, mediaTypeOf, parseJson, readBody } from '../requests/body.js';
import { IdempotencyKey, idempotencyKeyOf, queryOf } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import { acceptedEventJson } from '../responses/records.js';
import { json, JSON_TYPE, type Route } from '../route.js';
import { NoQuery, NotarizeQuery } from '../schemas/documents.js';
import { type ApiErrorCode, REFUSAL_CODES } from '../schemas/error-codes.js';
import { AcceptedEvent, EventInput, EventResultLine, RecordId } from '../schemas/records.js';
import { EventStream } from './event-stream.js';
import { NDJSON_MEDIA_TYPE } from './result-stream.js';
import { waitForSeal } from './submit.js';
import { acceptEvent, MAX_EVENT_BYTES } from './submit-event.js';

const ERRORS: readonly ApiErrorCode[] = [
  ...BODY_ERRORS,
  ...REFUSAL_CODES,
  'invalid_idempotency_key',
  'idempotency_mismatch',
  'erased',
  'queue_full',
  'clock_behind',
  'outcome_unknown',
  'stopping',
];
const HEADERS = {
  'Idempotency-Key': IdempotencyKey.describe(
    'As for documents: for 24 hours, the same key with the same event returns the same response again, and with another event 422. Keys belong to an organization; without credentials, the same key with another event is a new submission. In a stream each line is repeated by itself.',
  ),
};
const PREFER = {
  Prefer: '`wait=N`: respond when the event is sealed, or after N seconds (60 at most).',
};
const CREATED = { description: 'Accepted durably.', content: json(AcceptedEvent) };
const WHAT =
  'The note must be signed with exactly the keys that the rules ask for (docs/records.md). The service refuses what the rules refuse, with the same code as every verifier; a refusal that depends on the record names its present sequence and value, so that the event can be signed again for them. Of two events that follow the same one, one is accepted.';

/** Submitting events of records. */
export function eventRoutes(deps: HttpDeps): Route[] {
  return [
    {
      method: 'post',
      path: '/v1/records',
      access: 'submit',
      operation: {
        id: 'createRecord',
        tag: 'Records',
        summary: 'Begin a record with its first event',
        description: WHAT,
        query: NotarizeQuery,
        headers: { ...HEADERS, ...PREFER },
        body: json(EventInput),
        responses: { 201: CREATED },
        errors: ERRORS,
      },
      handle: (req, res) => submitOne(deps, req, res, 'new'),
    },
    {
      method: 'post',
      path: '/v1/records/events',
      access: 'submit',
      operation: {
        id: 'submitEvents',
        tag: 'Records',
        summary: 'Submit a stream of events',
        description:
          'Each line is an event of any record, first events included, and a submission of its own. Result lines are sent in the order of the lines while the request is still being sent, and a client must read them as it sends. Of one record, the next event can be signed only when the value after the one before is known from its result line.',
        headers: HEADERS,
        body: { [NDJSON_MEDIA_TYPE]: 'text' },
        responses: {
          200: {
            description: 'One result line for each line.',
            content: { [NDJSON_MEDIA_TYPE]: EventResultLine },
          },
        },
        errors: ERRORS,
      },
      handle(req, res) {
        queryOf(req, NoQuery);
        if (mediaTypeOf(req) !== NDJSON_MEDIA_TYPE) {
          throw new ApiError(
            'unsupported_media_type',
            `Send ${NDJSON_MEDIA_TYPE}, and declare it in Content-Type.`,
          );
        }
        return new EventStream(deps, req, res).run();
      },
    },
    {
      method: 'post',
      path: '/v1/records/{id}/events',
      access: 'submit',
      operation: {
        id: 'addEvent',
        tag: 'Records',
        summary: 'Add an event to a record',
        description: WHAT,
        path: { id: RecordId },
        query: NotarizeQuery,
        headers: { ...HEADERS, ...PREFER },
        body: json(EventInput),
        responses: { 201: CREATED },
        errors: ERRORS,
      },
      handle: (req, res) => submitOne(deps, req, res, recordIdOf(req)),
    },
  ];
}

async function submitOne(
  deps: HttpDeps,
  req: Request,
  res: Response,
  record: Uint8Array | 'new',
): Promise<void> {
  const { wait } = queryOf(req, NotarizeQuery);
  if (mediaTypeOf(req) !== JSON_TYPE) {
    throw new ApiError('unsupported_media_type', `Send ${JSON_TYPE}, and declare it in Content-Type.`);
  }
  const idempotencyKey = idempotencyKeyOf(req);
  const input = check(EventInput, parseJson(await readBody(req, MAX_EVENT_BYTES)));
  const event = await acceptEvent(deps, req, res, 'json', input, record, idempotencyKey);
  const { accepted } = event;
  const sealed = await waitForSeal(deps, req, res, accepted.firstPosition, wait);
  const stored = sealed || accepted.replayed ? await readBack(deps, accepted.firstPosition) : null;
  const shown = acceptedEventJson(event, stored);
  if (accepted.replayed) res.setHeader('Idempotent-Replayed', 'true');
  res.setHeader('Location', shown.links.record);
  res.status(201).json(shown);
}

/** null when it cannot be read: the response must not turn an accepted event into an error. */
async function readBack({ records, logger }: HttpDeps, position: number): Promise<StoredEvent | null> {
  try {
    return await records.eventAt(position);
  } catch (error) {
    logger.warn({ err: error }, 'an accepted event could not be read back');
    return null;
  }
}
