import { describe, equal, utf8 } from './bytes.js';
import { ProofError } from './errors.js';
import {
  checkSignature,
  ED25519,
  formatNote,
  formatVerifierKey,
  parseNote,
  parseVerifierKey,
  type Note,
  type NoteSigner,
  type VerifierKey,
  verifyEd25519,
  type VerifyEd25519,
} from './note.js';
import type { Policy } from './policy.js';

/** docs/proof-format.md, "Key statements": how a log says in its own chain which keys sign it from there on. */

const FIRST_LINE = 'ingam/log-key/v1';

/** A log key, and the checkpoints that it signs: those of `from` blocks or more, and of at most `until` (null: no end yet). */
export interface KeyValidity {
  readonly key: VerifierKey;
  readonly from: number;
  readonly until: number | null;
}

/** A key statement as it stands in the chain. */
export interface PlacedStatement {
  /** The signed note. */
  readonly text: string;
  /** Height of the block that holds it, plus 1: size of the first checkpoint that it is about. */
  readonly firstSize: number;
}

interface Period {
  readonly firstSize: number;
  readonly keys: readonly VerifierKey[];
}

/**
 * The text of a statement, signed by every key that it names.
 * @param signers of the keys that sign from then on, one or two; in a log's first statement the key so far comes first
 */
export function signKeyStatement(signers: readonly NoteSigner[]): string {
  const text = [
    FIRST_LINE,
    signers[0]?.key.name ?? '',
    ...signers.map(({ key }) => formatVerifierKey(key)),
    '',
  ].join('\n');
  return signByAll(text, signers);
}

/** The note over `text` with a signature of each, in this order. */
export function signByAll(text: string, signers: readonly NoteSigner[]): string {
  const signatures = signers.map((signer) => ({
    name: signer.key.name,
    keyId: signer.key.keyId,
    signature: signer.sign(utf8(text)),
  }));
  return formatNote({ text, signatures });
}

/**
 * The keys that a statement names, whose signatures under it hold.
 * @throws {ProofError} malformed_note, malformed_key and others
 */
export function readKeyStatement(source: string): readonly VerifierKey[] {
  const note = parseNote(source);
  const [first, origin, ...lines] = note.text.slice(0, -1).split('\n');
  if (first !== FIRST_LINE)
    throw new ProofError('unsupported_format', `not a key statement: ${describe(first ?? '')}`);
  const keys = lines.map(parseVerifierKey);
  const [one, other] = keys;
  if (one === undefined || keys.length > 2 || (other !== undefined && equal(one.publicKey, other.publicKey)))
    throw new ProofError('malformed_key', 'a key statement names one key or two different ones');
  if (keys.some(({ name, type }) => name !== origin || type !== ED25519))
    throw new ProofError(
      'malformed_key',
      'a key statement names keys of type 1 whose name is that of the log',
    );
  if (
    note.signatures.length !== keys.length ||
    keys.some((key) => checkSignature(note, key).state !== 'good') ||
    formatNote(note) !== source
  )
    throw new ProofError(
      'malformed_note',
      'a key statement is signed by every key that it names, and nobody else',
    );
  return keys;
}

/** Which keys sign a log's checkpoints, by the number of blocks under them. */
export class LogKeys {
  readonly #periods: readonly Period[];

  private constructor(periods: readonly Period[]) {
    this.#periods = periods;
  }

  /**
   * @param first the log's key when it has made no statement; null only where there is one
   * @param statements in the order of the chain
   * @throws {ProofError} when one of them does not hold, or breaks a rule
   */
  static of(first: VerifierKey | null, statements: readonly PlacedStatement[] = []): LogKeys {
    let keys: LogKeys | null = null;
    for (const { text, firstSize } of statements) {
      const named = readKeyStatement(text);
      keys ??= new LogKeys([{ firstSize: 0, keys: named.slice(0, 1) }]);
      keys = keys.#followedBy({ firstSize, keys: named });
    }
    return keys ?? new LogKeys([{ firstSize: 0, keys: first === null ? [] : [first] }]);
  }

  /** Those that sign the checkpoint over `size` blocks: all of them, and nobody else. */
  at(size: number): readonly VerifierKey[] {
    return this.#periods.findLast(({ firstSize }) => firstSize <= size)?.keys ?? [];
  }

  /** Those that sign what comes next. */
  get latest(): readonly VerifierKey[] {
    return this.at(Infinity);
  }

  /** Whether this was ever a key of the log. */
  has(key: VerifierKey): boolean {
    return this.#periods.some(({ keys }) => keys.some((each) => sameKey(each, key)));
  }

  /** What someone believes who believes this log, whatever its witnesses. */
  get trusted(): Pick<Policy, 'logs' | 'retired'> {
    const retired = this.all.flatMap(({ key, until }) => (until === null ? [] : [{ key, until }]));
    return { logs: this.latest, retired };
  }

  /** Every key that has ever signed, the first one first. */
  get all(): readonly KeyValidity[] {
    const found: { key: VerifierKey; from: number; until: number | null }[] = [];
    for (const { firstSize, keys } of this.#periods) {
      for (const validity of found) {
        if (validity.until === null && !keys.some((key) => sameKey(key, validity.key))) {
          validity.until = firstSize - 1;
        }
      }
      for (const key of keys) {
        if (!found.some((validity) => sameKey(validity.key, key)))
          found.push({ key, from: firstSize, until: null });
      }
    }
    return found;
  }

  #followedBy(next: Period): LogKeys {
    const before = this.latest;
    const isIn = (key: VerifierKey, keys: readonly VerifierKey[]) => keys.some((each) => sameKey(each, key));
    if (next.firstSize < (this.#periods.at(-1)?.firstSize ?? 0))
      throw new ProofError('malformed_key', 'key statements stand in the order of the chain');
    const stays = next.keys.filter((key) => isIn(key, before));
    if (stays.length === 0)
      throw new ProofError('malformed_key', 'of the keys before a key statement at least one signs on');
    if (stays.length === next.keys.length && stays.length === before.length)
      throw new ProofError('malformed_key', 'a key statement changes the keys');
    const past = this.all.map(({ key }) => key).filter((key) => !isIn(key, before));
    if (next.keys.some((key) => isIn(key, past)))
      throw new ProofError('malformed_key', 'a key that was given up does not come back');
    return new LogKeys([...this.#periods, next]);
  }
}

/** Whether a checkpoint is signed by each of these keys, and under the log's name by nobody else. */
export function isSignedBy(
  note: Note,
  keys: readonly VerifierKey[],
  verify: VerifyEd25519 = verifyEd25519,
): boolean {
  const name = keys[0]?.name;
  return (
    keys.every((key) => checkSignature(note, key, verify).state === 'good') &&
    note.signatures.filter((line) => line.name === name).length === keys.length
  );
}

export function sameKey(a: VerifierKey, b: VerifierKey): boolean {
  return a.name === b.name && a.type === b.type && equal(a.publicKey, b.publicKey);
}
