import type { LogSource } from '../audit/log-source.js';
import { NODE_VERIFIERS, nodeSha256 } from '../crypto/primitives.js';
import {
  expectationOf,
  isExtendedBy,
  isOfHeader,
  parseKeyStatements,
  positionOf,
  type Predecessor,
  type ShownStatement,
} from '../log/key-statements.js';
import { readEntryBundle } from '../log/tiles.js';
import type { TileBuilder } from '../merkle/growing-tree.js';
import {
  blockHash,
  type Checkpoint,
  decodeHeader,
  encodeEntry,
  encodeHeader,
  equal,
  type Header,
  isSignedBy,
  leafHash,
  LogKeys,
  type PlacedStatement,
  ProofError,
  successionFault,
  TILE_WIDTH,
  toHex,
  type VerifierKey,
} from '../proof/index.js';
import type { Store } from '../store/index.js';
import { RefusedError, UnavailableError } from './alarms.js';
import { readCheckpoint, type RemoteLog, type SignedCheckpoint, unsigned } from './remote-log.js';

/** Where a walk begins: after the stored blocks. */
export interface WalkStart {
  /** Stored blocks. */
  readonly size: number;
  readonly tip: Predecessor | null;
  /** Difficulty of the first block; null while there is none. */
  readonly minimumDifficulty: number | null;
  /** The log over the stored blocks. The walk extends it. */
  readonly builder: TileBuilder;
}

export interface WalkedHeader {
  readonly header: Header;
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
}

/** How many bundles the first walk keeps in memory for the second. */
const BUNDLES_KEPT = 64;

/**
 * The headers that a log serves between the stored blocks and a checkpoint. They are walked twice: first to
 * verify that all of them obey the rules and lead to the signed root, then to store them with their blocks.
 * Memory is flat: of each bundle a hash is kept, to recognize it in the second walk.
 */
export class HeaderWalk {
  readonly #source: RemoteLog;
  readonly #start: WalkStart;
  readonly #checkpoint: Checkpoint;
  readonly #signal: AbortSignal;
  readonly #kept = new Map<number, Uint8Array>();
  readonly #digests = new Map<number, Uint8Array>();
  readonly #remembered = new Map<number, Uint8Array>();

  constructor(source: RemoteLog, start: WalkStart, checkpoint: Checkpoint, signal: AbortSignal) {
    this.#source = source;
    this.#start = start;
    this.#checkpoint = checkpoint;
    this.#signal = signal;
  }

  /**
   * @param heights of headers to remember for `remembered`
   * @returns the position after the last entry of the checkpoint's blocks
   * @throws {RefusedError} malformed, root_mismatch, or the broken rule; {UnavailableError}
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
        if (heights.has(height)) this.#remembered.set(height, bytes);
      }
    }
    const root = builder.root();
    if (!equal(root, this.#checkpoint.root)) {
      throw new RefusedError('root_mismatch', 'the served headers do not lead to the signed root', {
        where: 'checkpoint',
        expected: toHex(this.#checkpoint.root),
        found: toHex(root),
      });
    }
    return tip === null ? 0 : tip.header.firstPosition + tip.header.entryCount;
  }

  /** A header that `check` has remembered. */
  remembered(height: number): Uint8Array | null {
    return this.#remembered.get(height) ?? null;
  }

  /**
   * The headers that `check` has verified, byte for byte.
   * @throws {RefusedError} malformed; {UnavailableError}
   */
  async *headers(): AsyncGenerator<WalkedHeader> {
    for (const index of this.#bundles()) {
      const bundle = this.#kept.get(index) ?? (await this.#fetch(index));
      this.#kept.delete(index);
      const digest = this.#digests.get(index);
      if (digest === undefined || !equal(nodeSha256(bundle), digest)) {
        throw new RefusedError('malformed', `bundle ${index} differs when it is read again`, {
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
    if (bytes === null) throw new UnavailableError(`bundle ${index} of ${width} headers is not served`);
    if (readEntryBundle(bytes)?.length !== width) {
      throw new RefusedError('malformed', `bundle ${index} does not hold ${width} headers`, {
        where: `bundle ${index}`,
      });
    }
    return bytes;
  }

  /** The headers that are not stored yet. */
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
    throw new RefusedError('malformed', `block ${height} has no header: ${error.message}`, {
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
  throw new RefusedError(
    fault,
    `block ${height} breaks the rule ${fault}: ${expected} expected, ${found} found`,
    {
      where: `block ${height}`,
      height,
      expected,
      found,
    },
  );
}

/** A checkpoint, and the key statements that must be in its blocks for its signatures to be valid. */
export interface OpenedCheckpoint {
  readonly signed: SignedCheckpoint;
  readonly learned: readonly ShownStatement[];
}

interface KeptStatement extends PlacedStatement {
  readonly position: number;
  readonly note: string;
}

type Source = Pick<LogSource, 'keyStatements'>;

/**
 * The keys of a log. A new key is trusted only by a key statement in the chain that an earlier key has signed, never by
 * the word of a server.
 */
export class StatedKeys {
  /** The key that is trusted from the beginning. */
  readonly anchor: VerifierKey;
  readonly #kept: () => Promise<readonly KeptStatement[]>;

  /** @param kept the statements that were confirmed before */
  constructor(kept: () => Promise<readonly KeptStatement[]>, anchor: VerifierKey) {
    this.#kept = kept;
    this.anchor = anchor;
  }

  /** By the kept key statements. */
  async current(): Promise<LogKeys> {
    return LogKeys.of(this.anchor, await this.#kept());
  }

  /**
   * Verifies a checkpoint by the kept key statements or, if they do not suffice, by those that `source`
   * serves.
   * @param reread whether to read the statements of `source` in any case: a log that is new to this node may
   *   have changed its keys before
   * @throws {RefusedError} malformed, unsigned, log_key; {UnavailableError}
   */
  async open(text: string, source: Source, reread: boolean): Promise<OpenedCheckpoint> {
    const read = readCheckpoint(text);
    const { origin, size } = read.checkpoint;
    if (origin !== this.anchor.name) throw unsigned(read, [this.anchor]);
    const known = (await this.current()).at(size);
    if (!reread && isSignedBy(read.note, known, NODE_VERIFIERS))
      return { signed: { ...read, keys: known }, learned: [] };
    const { keys, learned } = await this.#readKeys(source, size);
    const served = keys.at(size);
    if (isSignedBy(read.note, served, NODE_VERIFIERS)) return { signed: { ...read, keys: served }, learned };
    throw unsigned(read, served);
  }

  /**
   * Verifies that learned key statements are in the chain.
   * @param headerAt the verified header of the log's block at a height; null: there is none
   * @throws {RefusedError} log_key
   */
  async confirm(
    learned: readonly ShownStatement[],
    headerAt: (height: number) => Promise<Uint8Array | null>,
  ): Promise<void> {
    for (const { proof } of learned) {
      const { height } = proof.block.header;
      const header = await headerAt(height);
      if (header === null || !isOfHeader(proof, header))
        throw wrongKeys(`a key statement is not in block ${height}`);
    }
  }

  async #readKeys(
    source: Source,
    size: number,
  ): Promise<{ keys: LogKeys; learned: readonly ShownStatement[] }> {
    const text = (await source.keyStatements?.()) ?? null;
    const kept = await this.#kept();
    try {
      const shown = text === null ? [] : parseKeyStatements(text);
      if (!isExtendedBy(kept, shown)) throw wrongKeys('its key statements contradict its earlier ones');
      const beyond = shown.findIndex(({ proof }) => proof.block.header.height >= size);
      const learned = shown.slice(kept.length, beyond === -1 ? undefined : Math.max(kept.length, beyond));
      const keys = LogKeys.of(this.anchor, [...kept, ...learned.map(placed)]);
      if (!keys.has(this.anchor))
        throw wrongKeys('its key statements do not name the key that this node is configured with');
      return { keys, learned };
    } catch (error) {
      if (error instanceof ProofError) throw wrongKeys(error.message);
      throw error;
    }
  }
}

/** The keys of the followed log, by the statements that this node has stored. */
export class FollowedKeys extends StatedKeys {
  readonly #store: Store;

  constructor(store: Store, anchor: VerifierKey) {
    // Read each time: a verdict must not rest on keys that were replaced since.
    super(() => storedStatements(store), anchor);
    this.#store = store;
  }

  /** Stores confirmed key statements, after their blocks are stored. */
  async keep(learned: readonly ShownStatement[]): Promise<void> {
    if (learned.length === 0) return;
    const first = (await storedStatements(this.#store)).length;
    await this.#store.storeKeyStatements(
      learned.map(({ note, proof }, i) => ({
        ordinal: first + i,
        position: positionOf(proof),
        entry: encodeEntry(proof.entry),
        note,
      })),
    );
  }

  /** The header of a stored block. */
  readonly storedHeader = async (height: number): Promise<Uint8Array | null> => {
    const block = await this.#store.block(height);
    return block === null ? null : encodeHeader(block);
  };
}

async function storedStatements(store: Store): Promise<readonly KeptStatement[]> {
  return (await store.logKeyStatements()).flatMap(({ position, note, height }) =>
    height === null ? [] : [{ position, note, text: note, firstSize: height + 1 }],
  );
}

export function placed({ note, proof }: ShownStatement): PlacedStatement {
  return { text: note, firstSize: proof.block.header.height + 1 };
}

function wrongKeys(message: string): RefusedError {
  return new RefusedError('log_key', `the log's keys cannot be followed: ${message}`, { where: 'log keys' });
}
