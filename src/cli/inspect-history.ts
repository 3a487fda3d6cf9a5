import { type Json, toBase64, toHex, utf8 } from '../proof/index.js';
import { parseEvent } from '../proof/records/event.js';
import {
  HISTORY_FORMAT,
  type History,
  type HistoryBlock,
  type HistoryEvent,
  type PlacedEntry,
  type RecordHistory,
  type SignedHistoryEvent,
} from '../proof/records/history-file.js';
import { RecordRefusal } from '../proof/records/refusal.js';
import { anchorFields } from './anchors.js';
import type { Fields } from './fields.js';
import { readHistory } from './history.js';
import { checkpointFields, entryFields, headerFields, signatureFields } from './proof-fields.js';

/**
 * Every field of a history file.
 * @param path absolute
 * @param shown the file's name in messages
 * @throws {Failure} unreadable, malformed
 */
export async function readHistoryFields(path: string, shown: string): Promise<Fields> {
  const { history, bytes } = await readHistory(path, shown);
  const { record, log, blocks, records, documents } = history;
  return {
    format: HISTORY_FORMAT,
    record,
    contents: contents(history, bytes),
    checkpoint: checkpointFields(log),
    blocks: blocks.map(blockFields),
    records: mapped(records, recordFields),
    documents: mapped(documents, placeFields),
  };
}

/** How much there is of what. */
function contents({ blocks, records, documents }: History, bytes: number): Fields {
  const events = [...records.values()].flatMap((each) => each.events);
  const signed = events.filter((event) => 'note' in event);
  return {
    bytes,
    blocks: blocks.length,
    records: records.size,
    signedEvents: signed.length,
    automaticEvents: events.length - signed.length,
    bodiesErased: signed.filter(({ body }) => body === null).length,
    documents: documents.size,
    anchors: blocks.reduce((count, { anchors }) => count + anchors.length, 0),
  };
}

function blockFields({ header, path, statement, anchors }: HistoryBlock): Fields {
  return {
    ...headerFields(header),
    path: path.map(toHex),
    statement: statement === null ? null : (JSON.parse(statement) as Json),
    anchors: anchors.map(anchorFields),
  };
}

function recordFields({ events, state: { height, path } }: RecordHistory): Fields {
  return {
    events: events.map(eventFields),
    state: {
      height,
      siblings: path.siblings.map(toHex),
      leaf: path.leaf === null ? null : { key: toHex(path.leaf.key), value: toHex(path.leaf.value) },
    },
  };
}

function eventFields(event: HistoryEvent): Fields {
  return 'automatic' in event ? { automatic: event.automatic.trimEnd().split('\n') } : signedFields(event);
}

function signedFields(signed: SignedHistoryEvent): Fields {
  const { note, body } = signed;
  return {
    ...noteFields(note),
    noteBytes: utf8(note).length,
    body: body ?? 'erased, or left out',
    ...placeFields(signed),
  };
}

/** What the note claims; one that is no event is shown as it is. */
function noteFields(text: string): Fields {
  try {
    const { event, note } = parseEvent(text);
    return {
      type: event.type,
      sequence: event.sequence,
      origin: event.origin,
      record: event.record === null ? null : toHex(event.record),
      before: toHex(event.before),
      bodyDigest: toBase64(event.bodyDigest),
      signatures: signatureFields(note),
    };
  } catch (error) {
    if (!(error instanceof RecordRefusal)) throw error;
    return { unreadable: error.message, note: text };
  }
}

function placeFields({ entry, height, index, path }: PlacedEntry): Fields {
  return { entry: entryFields(entry), height, index, path: path.map(toHex) };
}

function mapped<Value>(map: ReadonlyMap<string, Value>, fields: (value: Value) => Fields): Fields {
  return Object.fromEntries([...map].map(([name, value]) => [name, fields(value)]));
}
