import type { PrivateKey } from '../crypto/keys.js';
import { nodeSha256 } from '../crypto/primitives.js';
import { type LogTile, TileBuilder } from '../merkle/growing-tree.js';
import {
  shownKey,
  leafHash,
  LogKeys,
  ProofError,
  sameKey,
  splitHashes,
  TiledTree,
  type TileId,
  type VerifierKey,
} from '../proof/index.js';
import type { Store } from '../store/index.js';

/** Why sealing is stalled. */
export type SealProblemCode =
  /** The clock of this machine is behind the times in the chain. */
  | 'clock_behind'
  /** The database is older than the last signed checkpoint, or has another history. */
  | 'rolled_back'
  /** The database has blocks, and nothing outside it shows whether these are all. */
  | 'no_checkpoint'
  /** The database belongs to a log with another key. */
  | 'wrong_key'
  /** The log must be signed by a key that this process does not have. */
  | 'key_missing'
  /** The next entries are not as the service accepted them: no receipt of its own covers them. */
  | 'uncovered'
  /** Rows are missing or contradict each other; `ingam audit` names them. */
  | 'inconsistent'
  /** The database is unavailable. */
  | 'unavailable'
  | 'unexpected';

export class SealProblem extends Error {
  readonly code: SealProblemCode;

  constructor(code: SealProblemCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SealProblem';
    this.code = code;
  }
}

/** The block to be sealed next, which may hold key statements itself. */
export interface NextBlock {
  readonly height: number;
  /** The position after its last entry. */
  readonly end: number;
}

/**
 * Reads which keys sign the log from the key statements in its blocks.
 * @param known a key that must be one of the log's
 * @throws {SealProblem} wrong_key, inconsistent
 */
export async function readLogKeys(
  store: Pick<Store, 'logKeyStatements'>,
  known: VerifierKey,
  next?: NextBlock,
): Promise<LogKeys> {
  const statements = (await store.logKeyStatements()).flatMap(({ position, note, height }) => {
    const at = height ?? (next !== undefined && position < next.end ? next.height : null);
    return at === null ? [] : [{ text: note, firstSize: at + 1 }];
  });
  let keys: LogKeys;
  try {
    keys = LogKeys.of(known, statements);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    const message = `the key statements of the log are invalid (${error.message}); run "ingam audit"`;
    throw new SealProblem('inconsistent', message, { cause: error });
  }
  if (keys.has(known)) return keys;
  throw new SealProblem(
    'wrong_key',
    `${shownKey(known)} is not a key of the log in this database; configure the service with the key of this log`,
  );
}

/** The private keys of a log, as this process has them. */
export class LogSigners {
  readonly #reload: () => Promise<readonly PrivateKey[]>;
  #signers: readonly PrivateKey[];

  /** @param reload reads the keys again: one may be added while the service runs */
  constructor(
    signers: readonly PrivateKey[],
    reload: () => Promise<readonly PrivateKey[]> = () => Promise.resolve(signers),
  ) {
    this.#signers = signers;
    this.#reload = reload;
  }

  /** The signers of these keys, in this order. @throws {SealProblem} key_missing */
  async of(keys: readonly VerifierKey[]): Promise<readonly PrivateKey[]> {
    if (keys.some((key) => this.#find(key) === undefined)) this.#signers = await this.#reload();
    return keys.map((key) => {
      const signer = this.#find(key);
      if (signer !== undefined) return signer;
      throw new SealProblem(
        'key_missing',
        `the log must be signed by ${shownKey(key)}, which this process does not have: ` +
          'add the key to INGAM_LOG_KEY, or restore its file',
      );
    });
  }

  #find(key: VerifierKey): PrivateKey | undefined {
    return this.#signers.find((signer) => sameKey(signer.key, key));
  }
}

/** The log over its first `size` blocks, read from its tiles in the store. */
export function logTree(store: Store, size: number): TiledTree {
  return new TiledTree(size, (tile) => readLogTile(store, tile), nodeSha256);
}

export interface LogExtension {
  /** Root of the log with the new block. */
  readonly root: Uint8Array;
  /** Tiles that the new block completes. */
  readonly tiles: readonly LogTile[];
}

/** Extends the log of `size` blocks by the block with these header bytes. */
export async function extendLog(store: Store, size: number, headerBytes: Uint8Array): Promise<LogExtension> {
  const builder = await TileBuilder.resume(size, (tile) => readLogTile(store, tile));
  const tiles = builder.push(leafHash(headerBytes, nodeSha256));
  return { root: builder.root(), tiles };
}

/** The hashes of one tile of the log. */
export async function readLogTile(store: Store, { level, index, width }: TileId): Promise<Uint8Array[]> {
  const bytes = await store.logTile(level, index, width);
  if (bytes === null) throw new Error(`the log lacks ${width} hashes of tile ${level}/${index}`);
  return splitHashes(bytes);
}
