import { describe, equal, toHex } from './bytes.js';
import { ProofError } from './errors.js';
import { checkSignature, type NoteSigner, signStatement } from './note-signature.js';
import { formatNote, type Note, type NoteSignature, parseNote } from './note.js';
import type { Policy } from './policy.js';
import {
  formatVerifierKey,
  isLogKeyType,
  ML_DSA_44,
  parseVerifierKey,
  sameKey,
  textKey,
  type VerifierKey,
} from './verifier-key.js';
import { PORTABLE_VERIFIERS, type Verifiers } from './verifiers.js';

// Key statements: a log announces its signing keys in its own chain (docs/proof-format.md, "Key statements").

const FIRST_LINE = 'ingam/log-key/v1';

/**
 * A log key and the sizes of the checkpoints that it signs: `from` to `until` blocks, both inclusive (null:
 * no end yet).
 */
export interface KeyValidity {
  readonly key: VerifierKey;
  readonly from: number;
  readonly until: number | null;
}

/** A key statement and its position in the chain. */
export interface PlacedStatement {
  /** The signed note. */
  readonly text: string;
  /** Height of its block plus 1: the size of the first checkpoint that it applies to. */
  readonly firstSize: number;
}

interface Period {
  readonly firstSize: number;
  readonly keys: readonly VerifierKey[];
}

/**
 * A statement, signed with every key that it names.
 * @param signers one to four: the keys that sign from then on; in a log's first statement the present key is
 *   first
 */
export function signKeyStatement(signers: readonly NoteSigner[]): string {
  const text = [
    FIRST_LINE,
    signers[0]?.key.name ?? '',
    ...signers.map(({ key }) => formatVerifierKey(key)),
    '',
  ].join('\n');
  return formatNote(signStatement(text, signers));
}

/** Two while a key is changed, of each algorithm. */
const MAX_KEYS = 4;

/**
 * The keys that a statement names, after checking their signatures.
 * @throws {ProofError} malformed_note, malformed_key and others
 */
export function readKeyStatement(source: string): readonly VerifierKey[] {
  const note = parseNote(source);
  const [first, origin, ...lines] = note.text.slice(0, -1).split('\n');
  if (first !== FIRST_LINE)
    throw new ProofError('unsupported_format', `not a key statement: ${describe(first ?? '')}`);
  const keys = lines.map(parseVerifierKey);
  const different = new Set(keys.map(({ publicKey }) => toHex(publicKey)));
  if (keys.length === 0 || keys.length > MAX_KEYS || different.size < keys.length)
    throw new ProofError('malformed_key', `a key statement must name 1 to ${MAX_KEYS} different keys`);
  if (keys.some(({ name, type }) => name !== origin || !isLogKeyType(type)))
    throw new ProofError(
      'malformed_key',
      'a key statement must name keys of type 1 or 6 that have the name of the log',
    );
  const signers = keys.map(textKey);
  if (
    note.signatures.length !== keys.length ||
    signers.some((key, i) => !isSignatureOf(key, note.signatures[i])) ||
    signers.some((key) => checkSignature(note, key).state !== 'good') ||
    formatNote(note) !== source
  )
    throw new ProofError(
      'malformed_note',
      'a key statement must be signed by the keys that it names, in their order, and by no other',
    );
  return keys;
}

function isSignatureOf({ name, keyId }: VerifierKey, line: NoteSignature | undefined): boolean {
  return line?.name === name && equal(line.keyId, keyId);
}

/** The keys that sign a log's checkpoints, by checkpoint size. */
export class LogKeys {
  readonly #periods: readonly Period[];

  private constructor(periods: readonly Period[]) {
    this.#periods = periods;
  }

  /**
   * @param first the log's key, for a log without statements; null only if there are statements
   * @param statements in the order of the chain
   * @throws {ProofError} when one of them is invalid or breaks a rule
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

  /** The keys that sign the checkpoint over `size` blocks: all of them, and no other. */
  at(size: number): readonly VerifierKey[] {
    return this.#periods.findLast(({ firstSize }) => firstSize <= size)?.keys ?? [];
  }

  /** The keys that sign the next checkpoint. */
  get latest(): readonly VerifierKey[] {
    return this.at(Infinity);
  }

  /** The keys before the last statement; without statements those of now. */
  get before(): readonly VerifierKey[] {
    return (this.#periods.at(-2) ?? this.#periods[0])?.keys ?? [];
  }

  /** Whether this was ever a key of the log. */
  has(key: VerifierKey): boolean {
    return this.#periods.some(({ keys }) => keys.some((each) => sameKey(each, key)));
  }

  /** The part of a policy that trusts this log; without witnesses. */
  get trusted(): Pick<Policy, 'logs' | 'retired'> {
    const retired = this.all.flatMap(({ key, until }) => (until === null ? [] : [{ key, until }]));
    return { logs: this.latest, retired };
  }

  /** Every key that has ever signed, in order. */
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
      throw new ProofError('malformed_key', 'key statements must be in the order of the chain');
    const kept = next.keys.filter((key) => isIn(key, before));
    if (kept.length === 0)
      throw new ProofError(
        'malformed_key',
        'at least one present key must keep signing after a key statement',
      );
    // Nobody who can forge Ed25519 signatures can take an ML-DSA-44 key out.
    const isPostQuantum = ({ type }: VerifierKey) => type === ML_DSA_44;
    if (before.some(isPostQuantum) && !kept.some(isPostQuantum))
      throw new ProofError(
        'malformed_key',
        'a present ML-DSA-44 key must keep signing after a key statement',
      );
    if (kept.length === next.keys.length && kept.length === before.length)
      throw new ProofError('malformed_key', 'a key statement must change the keys');
    const past = this.all.map(({ key }) => key).filter((key) => !isIn(key, before));
    if (next.keys.some((key) => isIn(key, past)))
      throw new ProofError('malformed_key', 'a retired key must not return');
    return new LogKeys([...this.#periods, next]);
  }
}

/** Whether a checkpoint is signed with each of these keys, and with no other key of the log's name. */
export function isSignedBy(
  note: Note,
  keys: readonly VerifierKey[],
  verifiers: Verifiers = PORTABLE_VERIFIERS,
): boolean {
  const name = keys[0]?.name;
  return (
    keys.every((key) => checkSignature(note, key, verifiers).state === 'good') &&
    note.signatures.filter((line) => line.name === name).length === keys.length
  );
}
