import type { Request } from 'express';
import { AccessError, ANONYMOUS_LIMITS, eventOf, may, organizationOf } from '../../auth/index.js';
import { NODE_VERIFIERS } from '../../crypto/primitives.js';
import type { CurrentRecord, FoundRecord } from '../../intake/index.js';
import type { Records } from '../../log/index.js';
import {
  fromHex,
  HASH_LENGTH,
  HISTORY_MEDIA_TYPE,
  isPublishable,
  partiesOf,
  ProofError,
  type Publication,
  type PublishableKind,
  PUBLICATION_AGE_MS,
  readPublication,
  RecordRefusal,
  toHex,
} from '../../proof/index.js';
import type { SealedRecord, StoredPublication } from '../../store/index.js';
import { clientOf } from '../auth/authenticate.js';
import { noSuchRecord, recordIdOf } from '../auth/record-access.js';
import { type HttpDeps, principalOf } from '../context.js';
import { BODY_ERRORS, bodyAs } from '../requests/body.js';
import { queryOf } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import { publicationJson, publishedEventsJson, publishedKeyJson } from '../responses/published-records.js';
import { formatTime } from '../responses/representation.js';
import { attachment } from '../responses/send.js';
import { json, type Route } from '../route.js';
import {
  HistoryFile,
  NewPublication,
  PublishedRecord,
  RecordEventsQuery,
  RecordPublication,
} from '../schemas/records.js';
import { noHistory, RECORD, sendHistory } from './records.js';

const LIMIT = `Anonymous callers of one network can make ${ANONYMOUS_LIMITS.publishedRecordsPerMinute} requests for published records a minute.`;
/** A page of a site that lists records is no page of a record, so only those that are meant for it are listed. */
const NOT_LISTED = { 'X-Robots-Tag': 'noindex' };

/** A work or an item that its present holder has published. */
interface Published {
  readonly id: Uint8Array;
  readonly kind: PublishableKind;
  readonly publication: Publication;
  readonly note: string;
  readonly found: FoundRecord;
  readonly current: CurrentRecord;
  readonly sealed: SealedRecord;
}

/** Works and items that everybody may see, because their holders have said so (docs/record-files.md). */
export function publishedRecordRoutes(deps: HttpDeps): Route[] {
  const { access, log, records } = deps;
  const published = async (req: Request): Promise<Published> => {
    access.anonymousLimits.consumePublishedRecord(principalOf(req), clientOf(req));
    const found = await publishedRecord(records, recordIdOf(req));
    if (found !== null) return found;
    throw notPublished();
  };
  return [
    {
      method: 'put',
      path: '/v1/records/{id}/publication',
      access: ['publish', 'notarize'],
      operation: {
        id: 'publishRecord',
        tag: 'Records',
        summary: 'Publish a work or an item',
        description:
          'For organizations that have submitted an event of the record, with a note that its holder has just signed. Everybody sees then what the note names, until it is withdrawn, or the record has another holder or another key. It takes the place of what was published before.',
        path: RECORD,
        body: json(NewPublication),
        responses: { 200: { description: 'Published.', content: json(RecordPublication) } },
        errors: [
          ...BODY_ERRORS,
          'unknown_record',
          'wrong_kind',
          'not_sealed',
          'invalid_publication',
          'outcome_unknown',
          'unavailable',
        ],
      },
      async handle(req, res) {
        const { note } = await bodyAs(req, NewPublication);
        const id = recordIdOf(req);
        const principal = principalOf(req);
        const organization = organizationOf(principal);
        if (organization === null) throw new AccessError('forbidden', 'choose an organization first');
        const [{ current, sealed }, isOwn] = await Promise.all([
          records.find(id),
          records.mayRead(id, organization.number),
        ]);
        if (current === null || !isOwn) throw noSuchRecord();
        if (sealed === null)
          throw new ApiError('not_sealed', 'No block holds the record yet. Try again in some seconds.');
        const now = Date.now();
        const publication = accepted(records, id, current, note, now);
        const stored = { note, signedAt: publication.time, organization: organization.number };
        const detail = { record: toHex(id), signedAt: publication.time, shows: publication.shows.join(' ') };
        const event = eventOf(principal, clientOf(req), now, 'record_published', { detail });
        // A client that has lost the answer sends the same note again.
        const isDone =
          (await records.publish(id, stored, event)) || (await records.publication(id))?.note === note;
        if (!isDone)
          throw invalid('A note of this time, or a later one, was accepted before: sign a new one.');
        res.json(publicationJson(publication));
      },
    },
    {
      method: 'delete',
      path: '/v1/records/{id}/publication',
      access: ['publish', 'notarize', 'organizations'],
      operation: {
        id: 'withdrawRecord',
        tag: 'Records',
        summary: 'Withdraw what was published of a record',
        description:
          'For the organization that has published it, and for operators. Nobody sees it any more; it does not affect copies that others have made.',
        path: RECORD,
        responses: { 204: { description: 'Withdrawn.', content: {} } },
        errors: ['not_published', 'outcome_unknown', 'unavailable'],
      },
      async handle(req, res) {
        const id = recordIdOf(req);
        const principal = principalOf(req);
        const organization = organizationOf(principal)?.number ?? null;
        const isOperator = may(principal, 'organizations');
        if (organization === null && !isOperator)
          throw new AccessError('forbidden', 'choose an organization first');
        const detail = { record: toHex(id) };
        const event = eventOf(principal, clientOf(req), Date.now(), 'record_withdrawn', { detail });
        if (!(await records.withdraw(id, isOperator ? null : organization, event))) throw notPublished();
        res.status(204).end();
      },
    },
    {
      method: 'get',
      path: '/v1/records/{id}/publication',
      access: 'anyone',
      operation: {
        id: 'getPublishedRecord',
        tag: 'Records',
        summary: 'Get a work or an item that its holder has published',
        description: `For everybody. It shows the kind, the status and the type and time of each event, and of the bodies what the holder has chosen. What was erased is not there. ${LIMIT}`,
        path: RECORD,
        query: RecordEventsQuery,
        responses: { 200: { description: 'The record.', content: json(PublishedRecord) } },
        errors: ['not_published', 'limit_exceeded', 'unavailable'],
      },
      async handle(req, res) {
        const { limit, cursor } = queryOf(req, RecordEventsQuery);
        const { id, kind, publication, note, found, current, sealed } = await published(req);
        const { tip } = await log.state();
        const { shows } = publication;
        const page = await records.events(id, cursor ?? null, limit);
        const last = page.length < limit ? undefined : page.at(-1);
        // A block may have come in between: all of the answer is as of one.
        const events = page.filter(
          ({ height, sequence, ...event }) =>
            event.void === null && height !== null && sequence <= sealed.sequence,
        );
        const texts = shows.includes('title') ? (await records.texts([{ id, found }])).get(toHex(id)) : null;
        const block = tip !== null && tip.height >= sealed.height ? tip : await log.block(sealed.height);
        if (block === null) throw noHistory();
        res.set({ 'Cache-Control': 'no-cache', ...(shows.includes('search') ? {} : NOT_LISTED) });
        res.json({
          record: toHex(id),
          kind,
          status: sealed.status,
          title: texts?.title ?? null,
          holder: publishedKeyJson(current.state.holder, publication),
          shows: [...shows],
          signedAt: formatTime(publication.time),
          note,
          sequence: sealed.sequence,
          asOf: { height: block.height, sealedAt: formatTime(block.sealedAt) },
          events: publishedEventsJson(events, partiesOf(current.state), publication),
          next: last === undefined ? null : `${last.sequence}.${last.id}`,
          links: {
            page: `/r/${toHex(id)}`,
            history: shows.includes('history') ? `/v1/records/${toHex(id)}/publication/history` : null,
            map: `/v1/map/${toHex(id)}`,
          },
        });
      },
    },
    {
      method: 'get',
      path: '/v1/records/{id}/publication/history',
      access: 'anyone',
      operation: {
        id: 'getPublishedHistory',
        tag: 'Records',
        summary: 'Get the history of a record whose holder shows it',
        description: `For everybody. As \`getRecordHistory\`, with all bodies that were not erased. Another record that it names is in it only if its holder shows its history too: otherwise the history is incomplete. ${LIMIT}`,
        path: RECORD,
        responses: {
          200: { description: 'The history file.', content: { [HISTORY_MEDIA_TYPE]: HistoryFile } },
        },
        errors: ['not_published', 'not_sealed', 'too_large', 'limit_exceeded', 'unavailable'],
      },
      async handle(req, res) {
        const { id, publication } = await published(req);
        if (!publication.shows.includes('history')) throw notPublished();
        const history = await records.history(id, null, (hex) => showsHistory(records, hex), {
          onlyReadable: true,
        });
        if (history === null) throw noHistory();
        res.set({ 'Content-Type': HISTORY_MEDIA_TYPE, 'Cache-Control': 'no-cache', ...NOT_LISTED });
        res.set('Content-Disposition', attachment(`${toHex(id).slice(0, 16)}.ingam-history.json`));
        await sendHistory(deps, req, res, history);
      },
    },
  ];
}

/** null: its present holder has not published it, or there is no such record. */
export async function publishedRecord(records: Records, id: Uint8Array): Promise<Published | null> {
  const stored = await records.publication(id);
  if (stored === null) return null;
  const found = await records.find(id);
  const { current, sealed } = found;
  if (current === null || sealed === null || !isPublishable(current.state.kind)) return null;
  const publication = signedByHolder(records, id, current, stored);
  if (publication === null) return null;
  return { id, kind: current.state.kind, publication, note: stored.note, found, current, sealed };
}

async function showsHistory(records: Records, hex: string): Promise<boolean> {
  const other = await publishedRecord(records, fromHex(hex, HASH_LENGTH));
  return other?.publication.shows.includes('history') === true;
}

/** null: the present holder has not signed it. */
function signedByHolder(
  { origin }: Records,
  record: Uint8Array,
  { state: { kind, holder } }: CurrentRecord,
  { note }: StoredPublication,
): Publication | null {
  if (!isPublishable(kind)) return null;
  try {
    return readPublication(note, { origin, record, kind, holder }, NODE_VERIFIERS);
  } catch (error) {
    if (error instanceof ProofError || error instanceof RecordRefusal) return null;
    throw error;
  }
}

/** @throws {ApiError} wrong_kind, invalid_publication */
function accepted(
  { origin }: Records,
  record: Uint8Array,
  { state: { kind, holder } }: CurrentRecord,
  note: string,
  now: number,
): Publication {
  if (!isPublishable(kind))
    throw new ApiError(
      'wrong_kind',
      'Only works and items can be published: contracts and documents cannot.',
    );
  let publication: Publication;
  try {
    publication = readPublication(note, { origin, record, kind, holder }, NODE_VERIFIERS);
  } catch (error) {
    if (error instanceof ProofError || error instanceof RecordRefusal)
      throw invalid(`The holder’s key must sign what is published: ${error.message}.`);
    throw error;
  }
  if (Math.abs(publication.time - now) > PUBLICATION_AGE_MS)
    throw invalid(
      'The note must have been signed within the last 300 seconds. Check the clock of the device that signs, and sign again.',
    );
  return publication;
}

function invalid(message: string): ApiError {
  return new ApiError('invalid_publication', message);
}

/** The same error for a record that is not published and for one that does not exist. */
function notPublished(): ApiError {
  return new ApiError('not_published', 'No record with this id is published, or it is not any more.');
}
