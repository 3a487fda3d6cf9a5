import { nodeSha256 } from '../crypto/primitives.js';
import { readMapPath } from '../merkle/map-pages.js';
import {
  type Anchor,
  fromHex,
  HASH_LENGTH,
  type History,
  type HistoryBlock,
  type HistoryEvent,
  HistoryWriter,
  type JsonObject,
  MAX_HISTORY_ANCHORS,
  parseCheckpointNote,
  type PlacedEntry,
  type RecordHistory,
  toHex,
} from '../proof/index.js';
import { parseStatement } from '../proof/time/state.js';
import { logTree } from '../sealer/index.js';
import type { KeptEntry, StoredBlock } from '../store/index.js';
import {
  BLOCKS_AT_ONCE,
  eachOf,
  eventsUpTo,
  type HistoryPlan,
  type PlannedBlock,
  planHistory,
  type PlanSource,
  type SealedEvent,
} from './history-plan.js';
import { blockPaths, plainEntry } from './notarizations.js';

export interface HistorySource extends PlanSource {
  readonly anchorsOf: (block: StoredBlock) => Promise<readonly Anchor[]>;
}

/**
 * A record's history as of a block (docs/record-files.md, "History files"), read in parts: its memory does not grow
 * with its events.
 */
export class HistoryReader {
  readonly #source: HistorySource;
  readonly #record: string;
  readonly #plan: HistoryPlan;
  readonly #log: History['log'];

  private constructor(source: HistorySource, record: string, plan: HistoryPlan) {
    this.#source = source;
    this.#record = record;
    this.#plan = plan;
    this.#log = parseCheckpointNote(source.checkpoint.note);
  }

  /**
   * @returns null: no block up to it has an event of the record
   * @throws {HistoryTooLarge}
   */
  static async open(source: HistorySource, record: Uint8Array): Promise<HistoryReader | null> {
    const plan = await planHistory(source, record);
    return plan === null ? null : new HistoryReader(source, toHex(record), plan);
  }

  /** The parts of the file's text. */
  async *text(): AsyncGenerator<string> {
    const writer = new HistoryWriter();
    yield writer.begin(this.#record, this.#log.note);
    for await (const blocks of this.#blocks()) yield writer.blocks(blocks);
    for (const id of this.#plan.records) {
      yield writer.beginRecord(id);
      for await (const events of this.#events(id)) yield writer.events(events);
      yield writer.endRecord(await this.#state(id));
    }
    yield writer.documents([...(await this.#documents())]);
    yield writer.end();
  }

  /** All of it in memory. */
  async read(): Promise<History> {
    const records = new Map<string, RecordHistory>();
    for (const id of this.#plan.records) {
      const events = (await collected(this.#events(id))).flat();
      records.set(id, { events, state: await this.#state(id) });
    }
    return {
      record: this.#record,
      log: this.#log,
      blocks: (await collected(this.#blocks())).flat(),
      records,
      documents: await this.#documents(),
    };
  }

  async *#blocks(): AsyncGenerator<HistoryBlock[]> {
    const { store, checkpoint, height: last, anchorsOf } = this.#source;
    const heights = this.#plan.blocks.map(({ height }) => height);
    let [anchorsLeft, room] = [MAX_HISTORY_ANCHORS, this.#plan.room];
    for (let at = 0; at < heights.length; at += BLOCKS_AT_ONCE) {
      const blocks = await store.blocksAt(heights.slice(at, at + BLOCKS_AT_ONCE));
      // It keeps the tiles that it has read: one for all blocks would keep the whole log.
      const tree = logTree(store, checkpoint.size);
      const placed = await eachOf(blocks, async (block) => ({
        header: block,
        path: await tree.inclusionPath(block.height),
        anchors: await anchorsOf(block),
        statement:
          block.height === last || this.#plan.stated.has(block.height)
            ? await this.#statement(block.height)
            : null,
      }));
      yield placed.map((block) => {
        anchorsLeft -= block.anchors.length;
        room -= Buffer.byteLength(JSON.stringify(block.anchors));
        return {
          ...block,
          anchors: anchorsLeft < 0 || room < 0 ? [] : block.anchors,
        };
      });
    }
  }

  async *#events(id: string): AsyncGenerator<HistoryEvent[]> {
    const { store, height: last } = this.#source;
    for await (const events of eventsUpTo(store, id, last)) {
      const places = await this.#place(events.flatMap((event) => entryOf(event) ?? []));
      yield events.map(({ note, body, position }): HistoryEvent => {
        if (position === null) return { automatic: note };
        const place = places.get(position);
        if (place === undefined) throw new Error(`the event at position ${position} has no entry`);
        return { note, body: body === null ? null : (JSON.parse(body) as JsonObject), ...place };
      });
    }
  }

  /** What the map of the last block has for a record. */
  async #state(id: string): Promise<RecordHistory['state']> {
    const { store, height } = this.#source;
    const { root } = parseStatement(await this.#statement(height)).map;
    const read = (prefixes: readonly string[]) => store.mapPages(prefixes, height);
    return { height, path: await readMapPath(read, root, fromHex(id, HASH_LENGTH), nodeSha256) };
  }

  async #documents(): Promise<Map<string, PlacedEntry>> {
    const documents = [...this.#plan.documents];
    const all = new Map<string, PlacedEntry>();
    for (let at = 0; at < documents.length; at += BLOCKS_AT_ONCE) {
      const part = documents.slice(at, at + BLOCKS_AT_ONCE);
      const places = await this.#place(part.map(([, entry]) => entry));
      for (const [digest, { position }] of part) {
        const place = places.get(position);
        if (place !== undefined) all.set(digest, place);
      }
    }
    return all;
  }

  /** By their positions. */
  async #place(entries: readonly KeptEntry[]): Promise<Map<number, PlacedEntry>> {
    const places = entries.map((entry) => {
      const block = blockOf(this.#plan.blocks, entry.position);
      return { block, index: entry.position - block.firstPosition };
    });
    const paths = await blockPaths(this.#source.store, places);
    return new Map(
      entries.map((entry, i) => {
        const [place, path] = [places[i], paths[i]];
        if (place === undefined || path === undefined) throw new RangeError('a path is missing');
        const { block, index } = place;
        return [entry.position, { entry: plainEntry(entry), height: block.height, index, path }];
      }),
    );
  }

  async #statement(height: number): Promise<string> {
    const { store } = this.#source;
    const [placed] = await store.stateStatements(height, height + 1);
    if (placed === undefined) throw new Error(`block ${height} has records and no state statement`);
    return placed.statement;
  }
}

function entryOf({ position, entry }: SealedEvent): KeptEntry | null {
  if (position !== null && entry === null) throw new Error(`the event at position ${position} has no entry`);
  return entry;
}

/** @param blocks in ascending order */
function blockOf(blocks: readonly PlannedBlock[], position: number): PlannedBlock {
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

async function collected<T>(parts: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const part of parts) all.push(part);
  return all;
}
