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

/** A block that is about to be made, and may hold statements itself. */
export interface NextBlock {
  readonly height: number;
  /** Position behind its last entry. */
  readonly end: number;
}

/**
 * Which keys sign the log, by what its blocks say of them.
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
    const message = `what the log says of its keys does not hold (${error.message}): "ingam audit" names it`;
    throw new SealProblem('inconsistent', message, { cause: error });
  }
  if (keys.has(known)) return keys;
  throw new SealProblem(
    'wrong_key',
    `${formatVerifierKey(known)} is none of the keys of the log in this database: give the service the key that belongs to it`,
  );
}

/** The private keys of a log, as this process has them. */
export class LogSigners {
  readonly #reload: () => Promise<readonly NoteSigner[]>;
  #signers: readonly NoteSigner[];

  /** @param reload looks for them anew: a key may be made while the service runs */
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
        `the log must be signed by ${formatVerifierKey(key)}, and this process does not have that key: ` +
          'give it by INGAM_LOG_KEY beside the other, or put its file back',
      );
    });
  }

  #find(key: VerifierKey): NoteSigner | undefined {
    return this.#signers.find((signer) => sameKey(signer.key, key));
  }
}
