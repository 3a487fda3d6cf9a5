import { nodeSha256 } from '../crypto/primitives.js';
import { readMapPath } from '../merkle/map-pages.js';
import {
  type Anchor,
  fromHex,
  HASH_LENGTH,
  type History,
  type HistoryBlock,
  type HistoryEvent,
  isObject,
  type Json,
  type JsonObject,
  KIND_DOCUMENT,
  MAX_HISTORY_ANCHORS,
  parseCheckpointNote,
  type PlacedEntry,
  type RecordHistory,
  toHex,
} from '../proof/index.js';
import { parseAutomatic } from '../proof/records/automatic.js';
import { parseStatement } from '../proof/time/state.js';
import { logTree } from '../sealer/index.js';
import type {
  EventPlace,
  KeptEntry,
  Store,
  StoredBlock,
  StoredCheckpoint,
  StoredEvent,
} from '../store/index.js';
import { blockPath, plainEntry } from './notarizations.js';

/** Events in one statement. */
const PAGE = 1000;
/** Reads at the same time. */
const AT_ONCE = 16;
/** Most events in one file, those of other records included. */
const MAX_EVENTS = 20_000;
/** Most records in one file, which the format allows. */
const MAX_RECORDS = 1024;
/** Notarizations of one document that are looked through for its first. */
const MAX_NOTARIZATIONS = 100;
const DAY_MS = 86_400_000;

export interface HistorySource {
  readonly store: Store;
  /** Of everything in the file. */
  readonly checkpoint: StoredCheckpoint;
  /** Of a block that the checkpoint covers: the history is as of this block. */
  readonly height: number;
  readonly anchorsOf: (block: StoredBlock) => Promise<readonly Anchor[]>;
  /** Whether whoever asks may read another record, by its id in hexadecimal. */
  readonly mayRead: (id: string) => Promise<boolean>;
}

/** Thrown when a history does not fit into one file. */
export class HistoryTooLarge extends Error {
  override readonly name = 'HistoryTooLarge';
}

/**
 * A record's history as of a block (docs/record-files.md, "History files").
 * @returns null: no block up to it has an event of the record
 * @throws {HistoryTooLarge}
 */
export async function readHistory(source: HistorySource, record: Uint8Array): Promise<History | null> {
  const { store, checkpoint, height: last } = source;
  const { events, digests } = await readAll(source, toHex(record));
  if (events.get(toHex(record))?.length === 0) return null;
  const documents = await findDocuments(store, digests);
  const blocks = await neededBlocks(store, last, [...events.values()].flat(), [...documents.values()]);
  const place = async ({ position, ...entry }: KeptEntry): Promise<PlacedEntry> => {
    const block = blockOf(blocks, position);
    const index = position - block.firstPosition;
    return {
      entry: plainEntry({ position, ...entry }),
      height: block.height,
      index,
      path: await blockPath(store, block, index),
    };
  };
  return {
    record: toHex(record),
    log: parseCheckpointNote(checkpoint.note),
    blocks: await placedBlocks(source, blocks),
    records: await withStates(store, last, events, place),
    documents: new Map(
      await eachOf([...documents], async ([digest, entry]) => [digest, await place(entry)] as const),
    ),
  };
}

/**
 * The record's events up to a block, and those of the records that they name. Anybody can name a record whose id
 * they know, so one that whoever asks may not read is left out, unless its own holders have tied it to the others.
 */
async function readAll({ store, height: last, mayRead }: HistorySource, id: string) {
  const events = new Map<string, StoredEvent[]>();
  const digests = new Set<string>();
  const wanted = new Set([id]);
  const contesting = new Set<string>();
  let count = 0;
  // A set gives what is added while it is walked through.
  for (const each of wanted) {
    if (events.size === MAX_RECORDS)
      throw new HistoryTooLarge(`the history names more than ${MAX_RECORDS} other records`);
    const own = await eventsUpTo(store, fromHex(each, HASH_LENGTH), last);
    const isTied = each === id || own.length === 0 || contesting.has(each) || names(own, events);
    if (!isTied && !(await mayRead(each))) continue;
    count += own.length;
    if (count > MAX_EVENTS)
      throw new HistoryTooLarge(
        `the history has more than ${MAX_EVENTS} events; get it as of an earlier block`,
      );
    // Of a record that does not exist, the file shows that.
    events.set(each, own);
    for (const event of own) {
      const { records, documents } = restsOn(event);
      for (const other of records) wanted.add(other);
      // Whoever contests is the holder of the work that is named.
      if (event.type === 'work.contest') for (const other of records) contesting.add(other);
      for (const digest of documents) digests.add(digest);
    }
  }
  return { events, digests };
}

async function eventsUpTo(store: Store, record: Uint8Array, last: number): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  let after: EventPlace | null = null;
  for (;;) {
    const page: StoredEvent[] = await store.recordEvents(record, after, PAGE);
    all.push(...page.filter((event) => event.void === null && event.height !== null && event.height <= last));
    if (page.length < PAGE || all.length > MAX_EVENTS) return all;
    after = page.at(-1) ?? null;
  }
}

/** Whether a holder has signed that these events are about one of these records. */
function names(own: readonly StoredEvent[], records: ReadonlyMap<string, unknown>): boolean {
  return own.some((event) => event.position !== null && restsOn(event).records.some((id) => records.has(id)));
}

/** Other records and documents without which nobody could check the event. */
function restsOn({ position, note, body }: StoredEvent): { records: string[]; documents: string[] } {
  if (position === null) {
    const facts = parseAutomatic(note).facts.map((fact) => fact.split(' '));
    const of = (what: string) => facts.flatMap(([kind, id = '']) => (kind === what ? [id] : []));
    return { records: of('record'), documents: of('notarized') };
  }
  // While the record waits for another one, the file shows what becomes of that.
  return { records: body === null ? [] : [...recordsIn(JSON.parse(body) as Json)], documents: [] };
}

/** Members of bodies that name another record: of conditions, effects and contests. */
const NAMING: ReadonlySet<string> = new Set(['record', 'item', 'by']);
const ID = /^(?!0{64})[0-9a-f]{64}$/;

function* recordsIn(json: Json): Generator<string> {
  if (Array.isArray(json)) for (const each of json as readonly Json[]) yield* recordsIn(each);
  if (!isObject(json)) return;
  for (const [key, member] of Object.entries(json)) {
    if (typeof member === 'string' && NAMING.has(key) && ID.test(member)) yield member;
    else yield* recordsIn(member);
  }
}

/** The first notarization of each document. */
async function findDocuments(store: Store, digests: ReadonlySet<string>): Promise<Map<string, KeptEntry>> {
  const found = await eachOf([...digests], async (digest) => {
    const { entries } = await store.entriesByDigest(fromHex(digest, HASH_LENGTH), MAX_NOTARIZATIONS);
    const first = entries.find(({ kind, erased }) => kind === KIND_DOCUMENT && !erased);
    return first === undefined ? [] : [[digest, first] as const];
  });
  return new Map(found.flat());
}

/** The blocks that the file needs, by height. */
async function neededBlocks(
  store: Store,
  last: number,
  events: readonly StoredEvent[],
  documents: readonly KeptEntry[],
): Promise<StoredBlock[]> {
  const ranges = documents.map(({ position }) => ({ first: position, count: 1 }));
  ranges.sort((a, b) => a.first - b.first);
  const ofDocuments = ranges.length === 0 ? [] : await store.blocksContaining(ranges);
  const heights = new Set([last, ...events.flatMap(({ height }) => height ?? [])]);
  for (const { height } of ofDocuments) heights.add(height);
  const blocks = await readBlocks(store, heights);
  // The block before one shows that a time had not come yet.
  const times = Float64Array.from(timesOf(events)).sort();
  const before = blocks.flatMap(({ height, sealedAt }, i) => {
    const earlier = blocks[i - 1];
    if (earlier === undefined || earlier.height === height - 1) return [];
    return hasBetween(times, earlier.sealedAt, sealedAt) ? [height - 1] : [];
  });
  const more = await readBlocks(store, new Set(before));
  return [...blocks, ...more].sort((a, b) => a.height - b.height);
}

async function readBlocks(store: Store, heights: ReadonlySet<number>): Promise<StoredBlock[]> {
  const ascending = [...heights].sort((a, b) => a - b);
  return eachOf(ascending, async (height) => {
    const block = await store.block(height);
    if (block === null) throw new Error(`there is no block ${height}`);
    return block;
  });
}

/** Whether one of these, which ascend, is in (after, until]. */
function hasBetween(times: Float64Array, after: number, until: number): boolean {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= after) low = middle + 1;
    else high = middle;
  }
  return (times[low] ?? Infinity) <= until;
}

/** Every time at which something could happen by itself: more than the rules look at do no harm. */
function timesOf(events: readonly StoredEvent[]): number[] {
  const bodies = events.flatMap(({ body }) => (body === null ? [] : [JSON.parse(body) as Json]));
  const numbers = bodies.flatMap((body) => numbersIn(body));
  const days = new Set(numbers.filter((number) => number >= 1 && number <= 365));
  const recoveries = events.filter(({ type }) => type === 'record.recover');
  const waits = recoveries.flatMap(({ sealedAt }) =>
    sealedAt === null ? [] : [...days].map((count) => sealedAt + count * DAY_MS),
  );
  return [...numbers, ...waits];
}

function numbersIn(json: Json): number[] {
  if (typeof json === 'number') return [json];
  if (Array.isArray(json)) return (json as readonly Json[]).flatMap(numbersIn);
  return isObject(json) ? Object.values(json).flatMap(numbersIn) : [];
}

/** @param blocks in ascending order */
function blockOf(blocks: readonly StoredBlock[], position: number): StoredBlock {
  let [low, high] = [0, blocks.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((blocks[middle]?.firstPosition ?? Infinity) <= position) low = middle;
    else high = middle;
  }
  const found = blocks[low];
  if (found === undefined || position >= found.firstPosition + found.entryCount)
    throw new Error(`no block has position ${position}`);
  return found;
}

async function placedBlocks(
  { store, checkpoint, height: last, anchorsOf }: HistorySource,
  blocks: readonly StoredBlock[],
): Promise<HistoryBlock[]> {
  const tree = logTree(store, checkpoint.size);
  const placed = await eachOf(blocks, async (block) => ({
    header: block,
    path: await tree.inclusionPath(block.height),
    anchors: await anchorsOf(block),
  }));
  const statement = await statementOf(store, last);
  let room = MAX_HISTORY_ANCHORS;
  return placed.map((block) => {
    room -= block.anchors.length;
    return {
      ...block,
      anchors: room < 0 ? [] : block.anchors,
      statement: block.header.height === last ? statement : null,
    };
  });
}

async function statementOf(store: Store, height: number): Promise<string> {
  const [placed] = await store.stateStatements(height, height + 1);
  if (placed === undefined) throw new Error(`block ${height} has records and no state statement`);
  return placed.statement;
}

async function withStates(
  store: Store,
  last: number,
  records: ReadonlyMap<string, readonly StoredEvent[]>,
  place: (entry: KeptEntry) => Promise<PlacedEntry>,
): Promise<Map<string, RecordHistory>> {
  const { root } = parseStatement(await statementOf(store, last)).map;
  const all = new Map<string, RecordHistory>();
  for (const [id, events] of records) {
    const read = (prefixes: readonly string[]) => store.mapPages(prefixes, last);
    const path = await readMapPath(read, root, fromHex(id, HASH_LENGTH), nodeSha256);
    const shown = await eachOf(events, async ({ note, body, position, entry }): Promise<HistoryEvent> => {
      if (position === null) return { automatic: note };
      if (entry === null) throw new Error(`the event at position ${position} has no entry`);
      return { note, body: body === null ? null : (JSON.parse(body) as JsonObject), ...(await place(entry)) };
    });
    all.set(id, { events: shown, state: { height: last, path } });
  }
  return all;
}

/** In the order of the items, some at a time. */
async function eachOf<T, R>(items: readonly T[], use: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE)
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(use))));
  return results;
}
