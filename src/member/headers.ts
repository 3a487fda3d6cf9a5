import type { LogSource } from '../audit/remote.js';
import { nodeSha256, nodeVerifyEd25519 } from '../crypto/primitives.js';
import {
  expectationOf,
  goesOn,
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
   * @throws {RefusedError} malformed, root_mismatch or the rule that is broken; {UnavailableError}
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
      throw new RefusedError('root_mismatch', 'the headers that are served do not lead to the signed root', {
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

  /** The headers that `check` has found right, the same bytes again. @throws {RefusedError} malformed; {UnavailableError} */
  async *headers(): AsyncGenerator<WalkedHeader> {
    for (const index of this.#bundles()) {
      const bundle = this.#kept.get(index) ?? (await this.#fetch(index));
      this.#kept.delete(index);
      const digest = this.#digests.get(index);
      if (digest === undefined || !equal(nodeSha256(bundle), digest)) {
        throw new RefusedError('malformed', `bundle ${index} is not the same when it is read again`, {
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

/** A checkpoint, and what has to stand in the blocks under it for its signatures to be those of the log. */
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
 * The keys of the followed log. A new one is believed only by way of a statement that a key before it has signed, and that stands in
 * the chain: never because a server says so.
 */
export class FollowedKeys {
  /** The key that this node was told. */
  readonly anchor: VerifierKey;
  readonly #store: Store;
  #kept: readonly KeptStatement[] | null = null;

  constructor(store: Store, anchor: VerifierKey) {
    this.#store = store;
    this.anchor = anchor;
  }

  /** By what is kept here. */
  async current(): Promise<LogKeys> {
    return LogKeys.of(this.anchor, await this.#statements());
  }

  /**
   * A checkpoint whose signatures are those that the log's keys ask for, by what is kept here or by what `source` shows.
   * @param anew whether to ask in any case: of a log that is not known yet, keys may have been changed before
   * @throws {RefusedError} malformed, unsigned, log_key; {UnavailableError}
   */
  async open(text: string, source: Source, anew: boolean): Promise<OpenedCheckpoint> {
    const read = readCheckpoint(text);
    const { origin, size } = read.checkpoint;
    if (origin !== this.anchor.name) throw unsigned(read, [this.anchor]);
    const known = (await this.current()).at(size);
    if (!anew && isSignedBy(read.note, known, nodeVerifyEd25519))
      return { signed: { ...read, keys: known }, learned: [] };
    const { keys, learned } = await this.#ask(source, size);
    const asked = keys.at(size);
    if (isSignedBy(read.note, asked, nodeVerifyEd25519)) return { signed: { ...read, keys: asked }, learned };
    throw unsigned(read, asked);
  }

  /**
   * Whether what was learned stands in the chain.
   * @param headerAt the header of the log's block at a height, once that is known to be the log's; null: there is none
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
        throw wrongKeys(`what it says of its keys does not stand in block ${height}`);
    }
  }

  /** Keeps what was confirmed, for good, once the blocks are here. */
  async keep(learned: readonly ShownStatement[]): Promise<void> {
    if (learned.length === 0) return;
    const first = (await this.#statements()).length;
    await this.#store.keepKeyStatements(
      learned.map(({ note, proof }, i) => ({
        ordinal: first + i,
        position: positionOf(proof),
        entry: encodeEntry(proof.entry),
        note,
      })),
    );
    this.#kept = null;
  }

  /** The header of a block that is here. */
  readonly headerHere = async (height: number): Promise<Uint8Array | null> => {
    const block = await this.#store.block(height);
    return block === null ? null : encodeHeader(block);
  };

  async #statements(): Promise<readonly KeptStatement[]> {
    return (this.#kept ??= (await this.#store.logKeyStatements()).flatMap(({ position, note, height }) =>
      height === null ? [] : [{ position, note, text: note, firstSize: height + 1 }],
    ));
  }

  async #ask(source: Source, size: number): Promise<{ keys: LogKeys; learned: readonly ShownStatement[] }> {
    const text = (await source.keyStatements?.()) ?? null;
    const kept = await this.#statements();
    try {
      const shown = text === null ? [] : parseKeyStatements(text);
      if (!goesOn(kept, shown)) throw wrongKeys('it says something else of its keys than before');
      const beyond = shown.findIndex(({ proof }) => proof.block.header.height >= size);
      const learned = shown.slice(kept.length, beyond === -1 ? undefined : Math.max(kept.length, beyond));
      const keys = LogKeys.of(this.anchor, [...kept, ...learned.map(placed)]);
      if (!keys.has(this.anchor))
        throw wrongKeys('its keys have nothing to do with the one that this node was told');
      return { keys, learned };
    } catch (error) {
      if (error instanceof ProofError) throw wrongKeys(error.message);
      throw error;
    }
  }
}

function placed({ note, proof }: ShownStatement): PlacedStatement {
  return { text: note, firstSize: proof.block.header.height + 1 };
}

function wrongKeys(message: string): RefusedError {
  return new RefusedError('log_key', `the log's keys cannot be followed: ${message}`, { where: 'log keys' });
}
