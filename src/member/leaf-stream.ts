import { HASH_LENGTH, TILE_WIDTH, type Header } from '../proof/index.js';
import type { WalkedHeader } from './header-walk.js';
import { Refusal, Unavailable } from './refusal.js';
import type { RemoteLog } from './remote-log.js';

/** Leaf hashes in one answer: two megabytes. */
const CHUNK = 65_536;
/** Answers on their way while one is being worked on. */
const AHEAD = 2;

export interface ServedBlock extends WalkedHeader {
  /** Its leaf hashes in tiles of 256, the last with what is left. */
  readonly leafTiles: readonly Uint8Array[];
}

/**
 * Each block with the leaf hashes that are served for it, in order.
 * @param range the positions that the blocks hold
 * @throws {Refusal} malformed; {Unavailable}
 */
export async function* withLeafTiles(
  headers: AsyncIterable<WalkedHeader>,
  range: { readonly first: number; readonly end: number },
  source: RemoteLog,
): AsyncGenerator<ServedBlock> {
  const leaves = new LeafStream(source, range.first, range.end);
  for await (const walked of headers) yield { ...walked, leafTiles: await leaves.take(walked.header) };
}

/** Positions follow each other from block to block, and so do their leaf hashes. */
class LeafStream {
  readonly #source: RemoteLog;
  readonly #end: number;
  readonly #coming: Promise<Uint8Array>[] = [];
  #asked: number;
  #chunk: Uint8Array = new Uint8Array(0);
  #used = 0;

  constructor(source: RemoteLog, first: number, end: number) {
    this.#source = source;
    this.#asked = first;
    this.#end = end;
  }

  async take({ entryCount }: Header): Promise<Uint8Array[]> {
    const tiles: Uint8Array[] = [];
    for (let left = entryCount; left > 0; left -= TILE_WIDTH)
      tiles.push(await this.#hashes(Math.min(TILE_WIDTH, left)));
    return tiles;
  }

  async #hashes(count: number): Promise<Uint8Array> {
    const length = count * HASH_LENGTH;
    if (this.#used + length <= this.#chunk.length) {
      this.#used += length;
      return this.#chunk.subarray(this.#used - length, this.#used);
    }
    const tile = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      if (this.#used === this.#chunk.length) [this.#chunk, this.#used] = [await this.#next(), 0];
      const part = this.#chunk.subarray(this.#used, this.#used + length - filled);
      tile.set(part, filled);
      filled += part.length;
      this.#used += part.length;
    }
    return tile;
  }

  async #next(): Promise<Uint8Array> {
    while (this.#coming.length <= AHEAD && this.#asked < this.#end) {
      const count = Math.min(CHUNK, this.#end - this.#asked);
      const coming = this.#fetch(this.#asked, count);
      // Whoever stops reading does not wait for the rest; nobody else must be told of its failure.
      coming.catch(() => undefined);
      this.#coming.push(coming);
      this.#asked += count;
    }
    const next = this.#coming.shift();
    if (next === undefined) throw new RangeError('more leaves are taken than the headers have');
    return next;
  }

  async #fetch(first: number, count: number): Promise<Uint8Array> {
    const bytes = await this.#source.leaves(first, count);
    const where = `leaves ${first} to ${first + count - 1}`;
    if (bytes === null) throw new Unavailable(`${where} are not served`);
    if (bytes.length === count * HASH_LENGTH) return bytes;
    throw new Refusal('malformed', `${where} have ${bytes.length} bytes instead of ${count * HASH_LENGTH}`, {
      where,
      expected: String(count * HASH_LENGTH),
      found: String(bytes.length),
    });
  }
}
