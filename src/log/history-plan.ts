import {
  ENTRY_LENGTH,
  fromHex,
  HASH_LENGTH,
  HEADER_LENGTH,
  inclusionPathLength,
  isObject,
  type Json,
  KIND_DOCUMENT,
  MAX_HISTORY_LENGTH,
  toHex,
} from '../proof/index.js';
import { parseAutomatic } from '../proof/records/automatic.js';
import { FULL_AUTOMATIC } from '../proof/records/changes.js';
import type {
  EventPlace,
  KeptEntry,
  Store,
  StoredBlock,
  StoredCheckpoint,
  StoredEvent,
} from '../store/index.js';

/** What a record's history will hold, found before any of it is sent: so one that is too large is refused first. */

/** Events in one statement: their notes and bodies can have 400 kB each. */
const EVENTS_AT_ONCE = 64;
/** Blocks in one statement. */
export const BLOCKS_AT_ONCE = 256;
/** Reads at the same time. */
const AT_ONCE = 16;
/** Most records in one file, which the format allows. */
const MAX_RECORDS = 1024;
/** Notarizations of one document that are looked through for its first. */
const MAX_NOTARIZATIONS = 100;
const DAY_MS = 86_400_000;

export interface PlanSource {
  readonly store: Store;
  /** Of everything in the file. */
  readonly checkpoint: StoredCheckpoint;
  /** Of a block that the checkpoint covers: the history is as of this block. */
  readonly height: number;
  /** Whether whoever asks may read another record, by its id in hexadecimal. */
  readonly mayRead: (id: string) => Promise<boolean>;
  /** Leave out what whoever asks may not read, also if its holders have tied it to the record. */
  readonly onlyReadable?: boolean;
  /** Most bytes of the file; by default what the format allows. */
  readonly most?: number;
}

export interface HistoryPlan {
  /** The record first, and then those that it names, by their ids in hexadecimal. */
  readonly records: readonly string[];
  readonly documents: ReadonlyMap<string, KeptEntry>;
  /** The blocks that the file needs, in ascending order. */
  readonly blocks: readonly PlannedBlock[];
  /** Heights of blocks whose state statements say when what was due had to happen. */
  readonly stated: ReadonlySet<number>;
  /** Bytes of the file that are left for anchors, which no verifier needs. */
  readonly room: number;
}

export type PlannedBlock = Pick<StoredBlock, 'height' | 'firstPosition' | 'entryCount'>;

/** Thrown when a history does not fit into one file. */
export class HistoryTooLarge extends Error {
  override readonly name = 'HistoryTooLarge';
}

/**
 * @returns null: no block up to it has an event of the record
 * @throws {HistoryTooLarge}
 */
export async function planHistory(source: PlanSource, record: Uint8Array): Promise<HistoryPlan | null> {
  const { store, height: last } = source;
  const scans = await scanAll(source, toHex(record));
  const all = [...scans.values()];
  if (scans.get(toHex(record))?.blocks.size === 0) return null;
  const documents = await findDocuments(store, new Set(all.flatMap((each) => [...each.documents])));
  const heights = new Set([last, ...all.flatMap(({ blocks }) => [...blocks.keys()])]);
  for (const { height } of await blocksOf(store, documents)) heights.add(height);
  const stated = await addFull(store, heights, last);
  const blocks = await readBlocks(store, heights);
  const before = blocksBefore(blocks, timesOf(all));
  for (const height of await addFull(store, before, last)) stated.add(height);
  const added = new Set([...before].filter((height) => !heights.has(height)));
  blocks.push(...(await readBlocks(store, added)));
  blocks.sort((a, b) => a.height - b.height);
  return {
    records: [...scans.keys()],
    documents,
    blocks: blocks.map(({ height, firstPosition, entryCount }) => ({ height, firstPosition, entryCount })),
    stated,
    room: roomLeft(source, all, blocks, { documents: documents.size, statements: 1 + stated.size }),
  };
}

async function blocksOf(store: Store, documents: ReadonlyMap<string, KeptEntry>): Promise<StoredBlock[]> {
  const ranges = [...documents.values()].map(({ position }) => ({ first: position, count: 1 }));
  return store.blocksContaining(ranges.sort((a, b) => a.first - b.first));
}

/** What is known of a record's events. */
interface Scan {
  /** By the height of their block: what its events take in the file without their paths, and where they are. */
  readonly blocks: Map<number, { bytes: number; readonly positions: number[] }>;
  /** Records that the events name, and those of them that signed events name. */
  readonly named: Set<string>;
  readonly namedBySigned: Set<string>;
  /** Records whose holders contest this one. */
  readonly contesting: Set<string>;
  readonly documents: Set<string>;
  /** Every number in the bodies: among them are the times at which something can happen by itself. */
  readonly numbers: Set<number>;
  /** When recoveries began. */
  readonly recoveries: number[];
  total: number;
}

/**
 * The record's events up to a block, and those of the records that they name. Anybody can name a record whose id
 * they know, so one that whoever asks may not read is left out, unless its own holders have tied it to the others.
 */
async function scanAll(
  { store, height: last, mayRead, onlyReadable = false, most = MAX_HISTORY_LENGTH }: PlanSource,
  id: string,
): Promise<Map<string, Scan>> {
  const scans = new Map<string, Scan>();
  const wanted = new Set([id]);
  const contesting = new Set<string>();
  let total = 0;
  // A set gives what is added while it is walked through.
  for (const each of wanted) {
    if (scans.size === MAX_RECORDS)
      throw new HistoryTooLarge(`the history names more than ${MAX_RECORDS} other records`);
    const own = await scan(store, each, last, most - total);
    const isTied = contesting.has(each) || [...own.namedBySigned].some((other) => scans.has(other));
    const isShown = each === id || own.blocks.size === 0 || (isTied && !onlyReadable);
    if (!isShown && !(await mayRead(each))) continue;
    // Of a record that does not exist, the file shows that.
    scans.set(each, own);
    total += own.total;
    // There is no use in reading more: `roomLeft` refuses it.
    if (total > most) break;
    for (const other of own.named) wanted.add(other);
    // Whoever contests is the holder of the work that is named.
    for (const other of own.contesting) contesting.add(other);
  }
  return scans;
}

/** @param most bytes: there is no use in reading more */
async function scan(store: Store, id: string, last: number, most: number): Promise<Scan> {
  const found: Scan = {
    blocks: new Map(),
    ...{ named: new Set(), namedBySigned: new Set(), contesting: new Set() },
    ...{ documents: new Set(), numbers: new Set(), recoveries: [], total: 0 },
  };
  for await (const page of eventsUpTo(store, id, last)) {
    for (const event of page) {
      addEvent(found, event);
      if (found.total > most) return found;
    }
  }
  return found;
}

function addEvent(found: Scan, event: StoredEvent & { readonly height: number }): void {
  const { height, position, note, body, type, sealedAt } = event;
  const at = found.blocks.get(height) ?? { bytes: 0, positions: [] };
  const bytes = eventLength(event);
  found.blocks.set(height, at);
  at.bytes += bytes;
  found.total += bytes;
  if (type === 'record.recover' && sealedAt !== null) found.recoveries.push(sealedAt);
  if (position === null) {
    const facts = parseAutomatic(note).facts.map((fact) => fact.split(' '));
    for (const [kind, id = ''] of facts) (kind === 'record' ? found.named : found.documents).add(id);
    return;
  }
  at.positions.push(position);
  if (body === null) return;
  const json = JSON.parse(body) as Json;
  // While the record waits for another one, the file shows what becomes of that.
  for (const other of recordsIn(json)) {
    found.named.add(other);
    found.namedBySigned.add(other);
    if (type === 'work.contest') found.contesting.add(other);
  }
  for (const number of numbersIn(json)) found.numbers.add(number);
}

/** Pages of the record's sealed events that are not void, up to a block. */
export async function* eventsUpTo(
  store: Store,
  id: string,
  last: number,
): AsyncGenerator<readonly SealedEvent[]> {
  let after: EventPlace | null = null;
  for (;;) {
    const page: StoredEvent[] = await store.recordEvents(fromHex(id, HASH_LENGTH), after, EVENTS_AT_ONCE);
    const applied = page.filter(
      (event): event is SealedEvent => event.void === null && event.height !== null,
    );
    yield applied.filter(({ height }) => height <= last);
    if (page.length < EVENTS_AT_ONCE || (applied.at(-1)?.height ?? 0) > last) return;
    after = page.at(-1) ?? null;
  }
}

export type SealedEvent = StoredEvent & { readonly height: number };

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

function* numbersIn(json: Json): Generator<number> {
  if (typeof json === 'number') yield json;
  if (Array.isArray(json)) for (const each of json as readonly Json[]) yield* numbersIn(each);
  else if (isObject(json)) for (const each of Object.values(json)) yield* numbersIn(each);
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

/**
 * What is due in a full block happens in a later one: adds the blocks that show it.
 * @param heights gets the blocks around each full one among them, or before one of them
 * @returns the heights of full blocks and of those behind them
 */
async function addFull(store: Store, heights: Set<number>, last: number): Promise<Set<number>> {
  const stated = new Set<number>();
  for (let fresh = [...heights]; fresh.length > 0;) {
    const asked = new Set(fresh.flatMap((height) => [height - 1, height]));
    const found = await store.blocksWithChanges([...asked], FULL_AUTOMATIC);
    fresh = found.flatMap((height) => {
      for (const each of [height, height + 1]) if (each <= last) stated.add(each);
      const around = [height - 1, height, height + 1];
      return around.filter((each) => each >= 0 && each <= last && !heights.has(each));
    });
    for (const height of fresh) heights.add(height);
  }
  return stated;
}

/** In ascending order. */
async function readBlocks(store: Store, heights: ReadonlySet<number>): Promise<StoredBlock[]> {
  const ascending = [...heights].sort((a, b) => a - b);
  const blocks: StoredBlock[] = [];
  for (let at = 0; at < ascending.length; at += BLOCKS_AT_ONCE) {
    const part = ascending.slice(at, at + BLOCKS_AT_ONCE);
    const found = await store.blocksAt(part);
    if (found.length < part.length) throw new Error(`of the blocks ${part.join(', ')} some are missing`);
    blocks.push(...found);
  }
  return blocks;
}

/** Heights of blocks before others, which show that a time had not come yet. @param blocks in ascending order */
function blocksBefore(blocks: readonly StoredBlock[], times: Float64Array): Set<number> {
  const before = blocks.flatMap(({ height, sealedAt }, i) => {
    const earlier = blocks[i - 1];
    if (earlier === undefined || earlier.height === height - 1) return [];
    return hasBetween(times, earlier.sealedAt, sealedAt) ? [height - 1] : [];
  });
  return new Set(before);
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
function timesOf(scans: readonly Scan[]): Float64Array {
  const times = new Set<number>();
  for (const { numbers, recoveries } of scans) {
    for (const number of numbers) {
      times.add(number);
      const isCount = number >= 1 && number <= 365;
      if (isCount) for (const begun of recoveries) times.add(begun + number * DAY_MS);
    }
  }
  return Float64Array.from(times).sort();
}

const base64Length = (bytes: number) => 4 * Math.ceil(bytes / 3);
/** A hash in base64, with quotes and a comma. */
const HASH_BYTES = base64Length(HASH_LENGTH) + 3;
/** The names of members, brackets, and numbers of 16 digits. */
const AROUND_ITEM = 160;
/** A state statement; of the first one also what is there once. */
const AROUND_ALL = 8192;
/** More hashes than a path in a map of 2^50 random ids has. */
const MAP_PATH = 64;

/** What an event takes in the file, without its path. */
function eventLength({ note, body, position }: StoredEvent): number {
  const entry = position === null ? 0 : base64Length(ENTRY_LENGTH);
  return Buffer.byteLength(JSON.stringify(note)) + Buffer.byteLength(body ?? '') + entry + AROUND_ITEM;
}

/**
 * The bytes of the file that are left for anchors.
 * @param blocks in ascending order
 * @throws {HistoryTooLarge}
 */
function roomLeft(
  { checkpoint: { size, note }, most = MAX_HISTORY_LENGTH }: PlanSource,
  scans: readonly Scan[],
  blocks: readonly StoredBlock[],
  { documents, statements }: { readonly documents: number; readonly statements: number },
): number {
  const document = base64Length(ENTRY_LENGTH) + 2 * HASH_LENGTH + AROUND_ITEM + 53 * HASH_BYTES;
  const state = MAP_PATH * HASH_BYTES + 8 * HASH_LENGTH + AROUND_ITEM;
  let room = most - statements * AROUND_ALL - 2 * note.length - documents * document - scans.length * state;
  for (const [i, { height, firstPosition, entryCount }] of blocks.entries()) {
    room -= base64Length(HEADER_LENGTH) + AROUND_ITEM + inclusionPathLength(height, size) * HASH_BYTES;
    for (const scanned of scans) {
      const own = scanned.blocks.get(height);
      if (own === undefined) continue;
      room -= own.bytes;
      for (const position of own.positions)
        room -= inclusionPathLength(position - firstPosition, entryCount) * HASH_BYTES;
    }
    if (room < 0) throw tooLarge(blocks[i - 1]?.height ?? null, most);
  }
  return room;
}

/** @param fits the history has room up to this block; null: not even up to the first one */
function tooLarge(fits: number | null, most: number): HistoryTooLarge {
  const until = fits === null ? '' : `get it as of an earlier block, such as ?at=${fits}, and `;
  return new HistoryTooLarge(
    `a history file has at most ${(most / 1024 ** 2).toFixed(0)} MiB, and this one would have more: ${until}read the events with GET /v1/records/{id}/events`,
  );
}

/** In the order of the items, some at a time. */
export async function eachOf<T, R>(items: readonly T[], use: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE)
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(use))));
  return results;
}
