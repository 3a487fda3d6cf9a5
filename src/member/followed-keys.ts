import {
  goesOn,
  isOfHeader,
  parseKeyStatements,
  positionOf,
  type ShownStatement,
} from '../log/key-statements.js';
import type { LogSource } from '../log/remote-audit.js';
import { nodeVerifyEd25519 } from '../node-crypto.js';
import {
  encodeEntry,
  encodeHeader,
  isSignedBy,
  LogKeys,
  ProofError,
  type PlacedStatement,
  type VerifierKey,
} from '../proof/index.js';
import type { Store } from '../store/index.js';
import { Refusal } from './refusal.js';
import { readCheckpoint, unsigned, type SignedCheckpoint } from './signed-checkpoint.js';

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
   * @throws {Refusal} malformed, unsigned, log_key; {Unavailable}
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
   * @throws {Refusal} log_key
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

function wrongKeys(message: string): Refusal {
  return new Refusal('log_key', `the log's keys cannot be followed: ${message}`, { where: 'log keys' });
}
