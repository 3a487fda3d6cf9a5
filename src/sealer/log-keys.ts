import {
  formatVerifierKey,
  LogKeys,
  ProofError,
  sameKey,
  type NoteSigner,
  type VerifierKey,
} from '../proof/index.js';
import type { Store } from '../store/index.js';
import { SealProblem } from './errors.js';

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
    `${formatVerifierKey(known)} is not a key of the log in this database; configure the service with the key of this log`,
  );
}

/** The private keys of a log, as this process has them. */
export class LogSigners {
  readonly #reload: () => Promise<readonly NoteSigner[]>;
  #signers: readonly NoteSigner[];

  /** @param reload reads the keys again: one may be added while the service runs */
  constructor(
    signers: readonly NoteSigner[],
    reload: () => Promise<readonly NoteSigner[]> = () => Promise.resolve(signers),
  ) {
    this.#signers = signers;
    this.#reload = reload;
  }

  /** The signers of these keys, in this order. @throws {SealProblem} key_missing */
  async of(keys: readonly VerifierKey[]): Promise<readonly NoteSigner[]> {
    if (keys.some((key) => this.#find(key) === undefined)) this.#signers = await this.#reload();
    return keys.map((key) => {
      const signer = this.#find(key);
      if (signer !== undefined) return signer;
      throw new SealProblem(
        'key_missing',
        `the log must be signed by ${formatVerifierKey(key)}, which this process does not have: ` +
          'add the key to INGAM_LOG_KEY, or restore its file',
      );
    });
  }

  #find(key: VerifierKey): NoteSigner | undefined {
    return this.#signers.find((signer) => sameKey(signer.key, key));
  }
}
