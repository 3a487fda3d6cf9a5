import { readEntryBundle } from '../log/entry-bundle.js';
import { expectationOf, type Predecessor } from '../log/succession.js';
import type { TileBuilder } from '../log/tile-builder.js';
import { nodeSha256 } from '../node-crypto.js';
import {
  blockHash,
  decodeHeader,
  equal,
  leafHash,
  ProofError,
  successionFault,
  TILE_WIDTH,
  toHex,
  type Checkpoint,
  type Header,
} from '../proof/index.js';
import { Refusal, Unavailable } from './refusal.js';
import type { RemoteLog } from './remote-log.js';

/** Where a walk begins: behind the blocks that are here already. */
export interface WalkStart {
  /** How many blocks are here. */
  readonly size: number;
  readonly tip: Predecessor | null;
  /** Difficulty of the first block; null while there is none. */
  readonly minimumDifficulty: number | null;
  /** The log over the blocks that are here. The walk adds to it. */
  readonly builder: TileBuilder;
}

export interface WalkedHeader {
  readonly header: Header;
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
}

/** This many bundles of 26 KiB are kept from the first walk for the second. */
const BUNDLES_KEPT = 64;

/**
 * The headers that a log serves between the blocks that are here and a checkpoint. They are walked twice: once to know that
 * all of them obey the rules and lead to the signed root, before anything of them is believed, and once to be stored with
 * their blocks. Memory is flat: a hash a bundle is kept to know it again.
 */
export class HeaderWalk {
  readonly #source: RemoteLog;
  readonly #start: WalkStart;
  readonly #checkpoint: Checkpoint;
  readonly #signal: AbortSignal;
  readonly #kept = new Map<number, Uint8Array>();
  readonly #digests = new Map<number, Uint8Array>();
  readonly #noted = new Map<number, Uint8Array>();

  constructor(source: RemoteLog, start: WalkStart, checkpoint: Checkpoint, signal: AbortSignal) {
    this.#source = source;
    this.#start = start;
    this.#checkpoint = checkpoint;
    this.#signal = signal;
  }

  /**
   * @param heights of headers that are to be remembered
   * @returns the position behind the last of them
   * @throws {Refusal} malformed, root_mismatch or the rule that is broken; {Unavailable}
   */
  async check(heights: ReadonlySet<number> = new Set()): Promise<number> {
    const { builder } = this.#start;
    let { tip, minimumDifficulty } = this.#start;
    for (const index of this.#bundles()) {
      const bundle = await this.#fetch(index);
      this.#digests.set(index, nodeSha256(bundle));
      if (this.#kept.size < BUNDLES_KEPT) this.#kept.set(index, bundle);
      for (const { height, bytes } of this.#headersOf(index, bundle)) {
        const header = decoded(bytes, height);
        minimumDifficulty ??= header.difficulty;
        assertSucceeds(bytes, height, tip, minimumDifficulty);
        tip = { header, hash: blockHash(bytes, nodeSha256) };
        builder.push(leafHash(bytes, nodeSha256));
        if (heights.has(height)) this.#noted.set(height, bytes);
      }
    }
    const root = builder.root();
    if (!equal(root, this.#checkpoint.root)) {
      throw new Refusal('root_mismatch', 'the headers that are served do not lead to the signed root', {
        where: 'checkpoint',
        expected: toHex(this.#checkpoint.root),
        found: toHex(root),
      });
    }
    return tip === null ? 0 : tip.header.firstPosition + tip.header.entryCount;
  }

  /** A header that `check` was to remember. */
  noted(height: number): Uint8Array | null {
    return this.#noted.get(height) ?? null;
  }

  /** The headers that `check` has found right, the same bytes again. @throws {Refusal} malformed; {Unavailable} */
  async *headers(): AsyncGenerator<WalkedHeader> {
    for (const index of this.#bundles()) {
      const bundle = this.#kept.get(index) ?? (await this.#fetch(index));
      this.#kept.delete(index);
      const digest = this.#digests.get(index);
      if (digest === undefined || !equal(nodeSha256(bundle), digest)) {
        throw new Refusal('malformed', `bundle ${index} is not the same when it is read again`, {
          where: `bundle ${index}`,
        });
      }
      for (const { bytes } of this.#headersOf(index, bundle)) {
        yield { header: decodeHeader(bytes), bytes, hash: blockHash(bytes, nodeSha256) };
      }
    }
  }

  *#bundles(): Generator<number> {
    const first = Math.floor(this.#start.size / TILE_WIDTH);
    for (let index = first; index * TILE_WIDTH < this.#checkpoint.size; index++) {
      this.#signal.throwIfAborted();
      yield index;
    }
  }

  async #fetch(index: number): Promise<Uint8Array> {
    const width = Math.min(TILE_WIDTH, this.#checkpoint.size - index * TILE_WIDTH);
    const bytes = await this.#source.entryBundle(index, width);
    if (bytes === null) throw new Unavailable(`bundle ${index} of ${width} headers is not served`);
    if (readEntryBundle(bytes)?.length !== width) {
      throw new Refusal('malformed', `bundle ${index} does not hold ${width} headers`, {
        where: `bundle ${index}`,
      });
    }
    return bytes;
  }

  /** Those that are not here yet. */
  #headersOf(index: number, bundle: Uint8Array): { height: number; bytes: Uint8Array }[] {
    return (readEntryBundle(bundle) ?? [])
      .map((bytes, i) => ({ height: index * TILE_WIDTH + i, bytes }))
      .filter(({ height }) => height >= this.#start.size);
  }
}

function decoded(bytes: Uint8Array, height: number): Header {
  try {
    return decodeHeader(bytes);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    throw new Refusal('malformed', `block ${height} has no header: ${error.message}`, {
      where: `block ${height}`,
      height,
    });
  }
}

function assertSucceeds(
  bytes: Uint8Array,
  height: number,
  tip: Predecessor | null,
  minimumDifficulty: number,
): void {
  const fault = successionFault(bytes, tip, minimumDifficulty);
  if (fault === null) return;
  const { expected, found } = expectationOf(fault, bytes, tip, minimumDifficulty);
  throw new Refusal(fault, `block ${height} breaks the rule ${fault}: ${expected} expected, ${found} found`, {
    where: `block ${height}`,
    height,
    expected,
    found,
  });
}
