import { fromBase64, fromHex, toBase64, toHex, utf8Decode } from '../bytes.js';
import { isObject, parseStrictJson, type Json, type JsonObject } from '../canonical-json.js';
import { parseCheckpointNote, type Checkpoint } from '../checkpoint.js';
import { decodeEntry, encodeEntry, type Entry } from '../entry.js';
import { ProofError } from '../errors.js';
import { HASH_LENGTH } from '../hash.js';
import { encodeHeader, type Header } from '../header.js';
import type { MapPath } from '../map.js';
import { memberReader } from '../members.js';
import { formatNote, type Note } from '../note.js';
import { possibleHeader } from '../proof-file.js';
import type { Anchor } from '../time/anchor.js';

/** A record's history with its proofs (docs/record-files.md, "History files"). */
export const HISTORY_FORMAT = 'ingam-history-v1';
export const HISTORY_MEDIA_TYPE = 'application/vnd.ingam.history+json';
/** In bytes. */
export const MAX_HISTORY_LENGTH = 64 * 1024 * 1024;
/** In one file: each takes some milliseconds to judge. */
export const MAX_HISTORY_ANCHORS = 1024;
/** In one file. */
export const MAX_HISTORY_RECORDS = 1024;
/** The longest path in a map. */
const MAX_MAP_PATH = HASH_LENGTH * 8;

export interface History {
  /** The id of the record that the file is about, in hexadecimal. */
  readonly record: string;
  /** One for everything in the file. */
  readonly log: { readonly checkpoint: Checkpoint; readonly note: Note };
  /** In ascending order of their heights, each once. */
  readonly blocks: readonly HistoryBlock[];
  /** The record, and those that its events rest on, by their ids in hexadecimal. */
  readonly records: ReadonlyMap<string, RecordHistory>;
  /** Documents that automatic events rest on, by their SHA-256 in hexadecimal. */
  readonly documents: ReadonlyMap<string, PlacedEntry>;
}

export interface HistoryBlock {
  readonly header: Header;
  /** From the header to the root of the checkpoint. */
  readonly path: readonly Uint8Array[];
  /** The text of the block's state statement; null: not in the file. */
  readonly statement: string | null;
  /** Outside evidence of time, from anybody and not looked into. */
  readonly anchors: readonly Anchor[];
}

export interface RecordHistory {
  /** All events up to the block of `state`; none: there is no record with this id. */
  readonly events: readonly HistoryEvent[];
  /** What the map has for the record, in a block of the file that has its statement. */
  readonly state: { readonly height: number; readonly path: MapPath };
}

/** An entry and its place. */
export interface PlacedEntry {
  readonly entry: Entry;
  /** Of its block, which is in the file. */
  readonly height: number;
  /** In its block. */
  readonly index: number;
  /** From the entry to the root of its block. */
  readonly path: readonly Uint8Array[];
}

export interface SignedHistoryEvent extends PlacedEntry {
  /** The whole event note; not read yet. */
  readonly note: string;
  /** null: not disclosed, because it was erased. */
  readonly body: JsonObject | null;
}

export interface AutomaticHistoryEvent {
  /** The text of the automatic event; not read yet. */
  readonly automatic: string;
}

export type HistoryEvent = SignedHistoryEvent | AutomaticHistoryEvent;

const { objectAt, arrayAt, stringAt, integerAt, pathAt, hashesAt, anchorsAt, assertKeys, malformed } =
  memberReader('malformed_history');

/** What the body of an event names: a history has these records and documents too. */
export function namedIn(body: JsonObject): {
  readonly records: readonly string[];
  readonly documents: readonly string[];
} {
  const found = { records: new Set<string>(), documents: new Set<string>() };
  const look = (json: Json): void => {
    if (typeof json !== 'object' || json === null) return;
    for (const [key, value] of Object.entries<Json>(json as JsonObject)) {
      if (typeof value !== 'string') look(value);
      else if (!/^[0-9a-f]{64}$/.test(value)) continue;
      else if (key === 'notarized') found.documents.add(value);
      else if (key === 'record' || key === 'item' || key === 'by') found.records.add(value);
    }
  };
  look(body);
  return { records: [...found.records], documents: [...found.documents] };
}

/** The text of a history file, with a final LF. */
export function formatHistory(history: History): string {
  return `${JSON.stringify(historyJson(history))}\n`;
}

/** A history file as JSON. */
export function historyJson({ record, log, blocks, records, documents }: History) {
  return {
    format: HISTORY_FORMAT,
    record,
    checkpoint: formatNote(log.note),
    blocks: blocks.map(blockJson),
    records: mapped(records, ({ events, state }) => ({
      events: events.map(eventJson),
      state: { height: state.height, ...mapPathJson(state.path) },
    })),
    documents: mapped(documents, placedJson),
  };
}

/**
 * Writes the text that `formatHistory` gives in parts, because it can take much memory: its beginning, blocks, records (each with its
 * events and its state), documents, and its end. The blocks, the events of a record and the documents can come in any
 * number of calls.
 */
export class HistoryWriter {
  #section: 'blocks' | 'records' | 'documents' = 'blocks';
  #separator = '';

  begin(record: string, note: Note): string {
    const head = JSON.stringify({ format: HISTORY_FORMAT, record, checkpoint: formatNote(note) });
    return `${head.slice(0, -1)},"blocks":[`;
  }

  blocks(blocks: readonly HistoryBlock[]): string {
    return this.#items(blocks.map((block) => JSON.stringify(blockJson(block))));
  }

  beginRecord(id: string): string {
    return `${this.#enter('records')}${this.#items([`"${id}":{"events":[`], '')}`;
  }

  events(events: readonly HistoryEvent[]): string {
    return this.#items(events.map((event) => JSON.stringify(eventJson(event))));
  }

  endRecord({ height, path }: RecordHistory['state']): string {
    this.#separator = ',';
    return `],"state":${JSON.stringify({ height, ...mapPathJson(path) })}}`;
  }

  documents(documents: readonly (readonly [digest: string, PlacedEntry])[]): string {
    const items = documents.map(([digest, placed]) => `"${digest}":${JSON.stringify(placedJson(placed))}`);
    return `${this.#enter('documents')}${this.#items(items)}`;
  }

  end(): string {
    return `${this.#enter('documents')}}}\n`;
  }

  #enter(section: 'records' | 'documents'): string {
    let text = '';
    if (this.#section === 'blocks') {
      text += '],"records":{';
      this.#section = 'records';
      this.#separator = '';
    }
    if (section === 'documents' && this.#section === 'records') {
      text += '},"documents":{';
      this.#section = 'documents';
      this.#separator = '';
    }
    return text;
  }

  /** @param next separates these items from what comes next */
  #items(items: readonly string[], next = ','): string {
    if (items.length === 0) return '';
    const text = `${this.#separator}${items.join(',')}`;
    this.#separator = next;
    return text;
  }
}

function mapped<Value>(map: ReadonlyMap<string, Value>, json: (value: Value) => object) {
  return Object.fromEntries([...map].map(([key, value]) => [key, json(value)]));
}

function blockJson({ header, path, statement, anchors }: HistoryBlock) {
  return {
    header: toBase64(encodeHeader(header)),
    path: path.map(toBase64),
    ...(statement === null ? {} : { statement }),
    anchors,
  };
}

function eventJson(event: HistoryEvent) {
  if ('automatic' in event) return { automatic: event.automatic };
  const { note, body } = event;
  return { note, ...(body === null ? {} : { body }), ...placedJson(event) };
}

export function placedJson({ entry, height, index, path }: PlacedEntry) {
  return { entry: toBase64(encodeEntry(entry)), height, index, path: path.map(toBase64) };
}

/** A path in the map, as files and the service have it. */
export function mapPathJson({ siblings, leaf }: MapPath) {
  return {
    siblings: siblings.map(toBase64),
    leaf: leaf === null ? null : { key: toHex(leaf.key), value: toHex(leaf.value) },
  };
}

/**
 * Reads a history file, which is untrusted input. Event notes and automatic events are read when the file is
 * verified.
 * @param source the file's bytes, in UTF-8 without byte order mark
 * @throws {ProofError} with the code of the malformed part; unsupported_format for any other format
 */
export function parseHistory(source: Uint8Array): History {
  if (source.length > MAX_HISTORY_LENGTH)
    throw malformed(`a history must have at most ${MAX_HISTORY_LENGTH} bytes`);
  return historyOf(parseStrictJson(utf8Decode(source)));
}

/** A history file from strict JSON. @throws {ProofError} as `parseHistory` */
export function historyOf(file: Json): History {
  if (!isObject(file) || file['format'] !== HISTORY_FORMAT)
    throw new ProofError('unsupported_format', `not a history: "format" must be "${HISTORY_FORMAT}"`);
  assertKeys(file, 'the history', ['format', 'record', 'checkpoint', 'blocks', 'records', 'documents']);
  const { note, checkpoint } = parseCheckpointNote(stringAt(file, 'checkpoint'));
  if (checkpoint.extensions.length > 0)
    throw new ProofError('malformed_checkpoint', 'the checkpoint of a history must not have extension lines');
  const record = idOf(stringAt(file, 'record'), 'record');
  const blocks = blocksAt(file);
  const records = mapAt(file, 'records', recordOf);
  if (records.size > MAX_HISTORY_RECORDS)
    throw malformed(`a history must have at most ${MAX_HISTORY_RECORDS} records`);
  if ((records.get(record)?.events ?? []).length === 0)
    throw malformed('"records" must have events of the record that the history is about');
  const documents = mapAt(file, 'documents', (json) => {
    assertKeys(json, 'a document', ['entry', 'height', 'index', 'path']);
    return placedOf(json);
  });
  return { record, log: { checkpoint, note }, blocks, records, documents };
}

function blocksAt(file: JsonObject): HistoryBlock[] {
  const blocks = arrayAt(file, 'blocks').map((item): HistoryBlock => {
    const block = objectAt(item, 'a block');
    assertKeys(block, 'a block', ['header', 'path', 'anchors'], ['statement']);
    return {
      header: possibleHeader(fromBase64(stringAt(block, 'header'), 'a header')),
      path: pathAt(block, 'the path of a block'),
      statement: Object.hasOwn(block, 'statement') ? stringAt(block, 'statement') : null,
      anchors: anchorsAt(block, 'a block'),
    };
  });
  if (blocks.some(({ header }, i) => header.height <= (blocks[i - 1]?.header.height ?? -1)))
    throw malformed('"blocks" must be in ascending order of their heights, each once');
  if (blocks.reduce((sum, { anchors }) => sum + anchors.length, 0) > MAX_HISTORY_ANCHORS)
    throw malformed(`a history must have at most ${MAX_HISTORY_ANCHORS} anchors`);
  return blocks;
}

function mapAt<Value>(file: JsonObject, key: string, read: (json: JsonObject) => Value): Map<string, Value> {
  const members = Object.entries(objectAt(file[key], `"${key}"`));
  return new Map(members.map(([id, json]) => [idOf(id, `a key of "${key}"`), read(objectAt(json, key))]));
}

function recordOf(json: JsonObject): RecordHistory {
  assertKeys(json, 'a record', ['events', 'state']);
  const state = objectAt(json['state'], 'the state of a record');
  assertKeys(state, 'the state of a record', ['height', 'siblings', 'leaf']);
  const events = arrayAt(json, 'events').map(eventOf);
  return { events, state: { height: integerAt(state, 'height'), path: mapPathOf(state) } };
}

function eventOf(item: Json): HistoryEvent {
  const event = objectAt(item, 'an event');
  if (Object.hasOwn(event, 'automatic')) {
    assertKeys(event, 'an automatic event', ['automatic']);
    return { automatic: stringAt(event, 'automatic') };
  }
  assertKeys(event, 'an event', ['note', 'entry', 'height', 'index', 'path'], ['body']);
  const body = Object.hasOwn(event, 'body') ? objectAt(event['body'], 'the body of an event') : null;
  return { note: stringAt(event, 'note'), body, ...placedOf(event) };
}

export function placedOf(json: JsonObject): PlacedEntry {
  return {
    entry: decodeEntry(fromBase64(stringAt(json, 'entry'), 'an entry')),
    height: integerAt(json, 'height'),
    index: integerAt(json, 'index'),
    path: pathAt(json, 'the path of an entry'),
  };
}

/** @throws {ProofError} */
export function mapPathOf(json: JsonObject): MapPath {
  const siblings = hashesAt(json, 'siblings', 'a path in the map', MAX_MAP_PATH);
  if (json['leaf'] === null) return { siblings, leaf: null };
  const leaf = objectAt(json['leaf'], 'the leaf of a path');
  assertKeys(leaf, 'the leaf of a path', ['key', 'value']);
  const hashAt = (key: string) => fromHex(stringAt(leaf, key), HASH_LENGTH, `the ${key} of a leaf`);
  return { siblings, leaf: { key: hashAt('key'), value: hashAt('value') } };
}

function idOf(text: string, what: string): string {
  fromHex(text, HASH_LENGTH, what);
  return text;
}
