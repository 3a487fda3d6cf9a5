import { nodeSha256 } from '../../crypto/primitives.js';
import type { AcceptedEvent as Accepted } from '../../intake/index.js';
import type { ListedRecord } from '../../log/index.js';
import {
  encodeEntry,
  idWithDetails,
  type JsonObject,
  nextSteps,
  type RecordState,
  toBase64,
} from '../../proof/index.js';
import type { StoredBlock, StoredEvent } from '../../store/index.js';
import type { AcceptedEvent, RecordEvent, RecordResource, RecordStateResource } from '../schemas/records.js';
import { formatTime, hex, receiptJson } from './representation.js';

/** Records and their events as JSON. */

/** @param stored the event as it is kept now; null: it has just been accepted */
export function acceptedEventJson(event: Accepted, stored: StoredEvent | null): AcceptedEvent {
  const { record, sequence, type, value, accepted } = event;
  const [entry] = accepted.entries;
  if (entry === undefined) throw new RangeError('an event has an entry');
  const id = idWithDetails(accepted.firstPosition, entry, accepted.details[0] ?? null, nodeSha256);
  const self = `/v1/records/${hex(record)}`;
  return {
    record: hex(record),
    sequence,
    type,
    value: hex(value),
    ...statusOf(stored),
    notarization: id,
    position: accepted.firstPosition,
    acceptedAt: formatTime(entry.acceptedAt),
    ...blockOf(stored),
    entry: toBase64(encodeEntry(entry)),
    ...(accepted.receipt === null ? {} : { receipt: receiptJson(accepted.receipt) }),
    links: {
      record: self,
      events: `${self}/events`,
      history: `${self}/history`,
      notarization: `/v1/notarizations/${id}`,
      proof: `/v1/notarizations/${id}/proof`,
    },
  };
}

function statusOf(stored: StoredEvent | null): Pick<RecordEvent, 'status' | 'reason'> {
  if (stored === null || stored.height === null) return { status: 'accepted' };
  return stored.void === null ? { status: 'applied' } : { status: 'void', reason: stored.void };
}

function blockOf(stored: StoredEvent | null): Pick<RecordEvent, 'height' | 'sealedAt'> {
  if (stored === null || stored.height === null || stored.sealedAt === null) return {};
  return { height: stored.height, sealedAt: formatTime(stored.sealedAt) };
}

export function recordEventJson(event: StoredEvent): RecordEvent {
  const { sequence, type, before, value, note, position, entry, body } = event;
  const common = {
    sequence,
    type,
    ...statusOf(event),
    before: hex(before),
    value: hex(value),
    ...blockOf(event),
  };
  if (position === null) return { ...common, automatic: note };
  return {
    ...common,
    note,
    ...(body === null ? { erased: true } : { body: JSON.parse(body) as JsonObject }),
    position,
    ...(entry === null
      ? {}
      : {
          notarization: idWithDetails(position, entry, body, nodeSha256),
          acceptedAt: formatTime(entry.acceptedAt),
        }),
  };
}

export function recordJson({
  id,
  found: { current, sealed, waiting },
  texts,
}: ListedRecord): RecordResource | null {
  if (current === null) return null;
  const { state, sequence, value } = current;
  const self = `/v1/records/${hex(id)}`;
  return {
    id: hex(id),
    kind: state.kind,
    status: state.status,
    title: texts.title,
    holder: state.holder,
    sequence,
    value: hex(value),
    state: { ...state },
    waiting,
    sealed:
      sealed === null ? null : { height: sealed.height, sequence: sealed.sequence, value: hex(sealed.value) },
    next: nextSteps(state, texts).map(({ type, signers, party, condition }) => ({
      type,
      signers: [...signers],
      party,
      condition,
    })),
    links: { self, events: `${self}/events`, history: `${self}/history`, state: `${self}/state` },
  };
}

/** @param held after the block */
export function recordStateJson(
  id: Uint8Array,
  { height, sealedAt }: StoredBlock,
  held: { readonly sequence: number; readonly value: Uint8Array; readonly state: RecordState | null },
): RecordStateResource {
  const record = hex(id);
  return {
    record,
    asOf: { height, sealedAt: formatTime(sealedAt) },
    sequence: held.sequence,
    value: hex(held.value),
    state: held.state === null ? null : { ...held.state },
    links: { map: `/v1/map/${record}?at=${height}`, history: `/v1/records/${record}/history?at=${height}` },
  };
}
