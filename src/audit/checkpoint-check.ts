import { NODE_VERIFIERS } from '../crypto/primitives.js';
import {
  type CheckpointNote,
  checkSignature,
  decodeEntry,
  describe,
  equal,
  formatCheckpoint,
  formatNote,
  shownKey,
  leafHash,
  LogKeys,
  type Note,
  type NoteSignature,
  parseCheckpointNote,
  ProofError,
  sha256,
  toHex,
  utf8,
  type VerifierKey,
} from '../proof/index.js';
import type { ChainRows, ChainSnapshot, KeyStatementRow } from '../store/index.js';
import { type AuditProblem, finding, type Findings, show } from './finding.js';
import { RowReader } from './row-reader.js';

/**
 * Verifies the log's key statements and derives which keys sign at which size. After an invalid statement,
 * checkpoints are judged by the keys before it.
 * @returns null when no key is known
 */
export async function checkKeyStatements(
  snapshot: Pick<ChainSnapshot, 'keyStatements'>,
  known: VerifierKey | null,
  findings: Findings,
): Promise<LogKeys | null> {
  const rows = await snapshot.keyStatements();
  const placed: { text: string; firstSize: number }[] = [];
  let keys = known === null ? null : LogKeys.of(known);
  for (const [ordinal, row] of rows.entries()) {
    const fault = row.ordinal === ordinal ? faultOf(row) : `statement ${ordinal} is missing`;
    if (fault !== null) {
      add(findings, row, fault);
      return keys;
    }
    // An unsealed statement has no effect yet.
    if (row.height === null) continue;
    placed.push({ text: row.note, firstSize: Number(row.height) + 1 });
    try {
      const next = LogKeys.of(known, placed);
      // The given key may be announced by a later statement only.
      if (known === null || next.has(known)) keys = next;
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      add(findings, row, error.message);
      return keys;
    }
  }
  const [first] = rows;
  if (known !== null && first !== undefined && placed.length > 0 && keys?.all.length === 1) {
    add(findings, first, `the statements do not name the given key, ${shownKey(known)}`);
  }
  return keys;
}

function faultOf({ entry: bytes, note, leaf }: KeyStatementRow): string | null {
  try {
    const entry = decodeEntry(bytes);
    if (!equal(entry.digest, sha256(utf8(note)))) return 'its entry is for another document';
    return leaf === null || equal(leaf, leafHash(bytes)) ? null : 'it is not in the chain';
  } catch (error) {
    if (error instanceof ProofError) return error.message;
    throw error;
  }
}

function add(findings: Findings, { ordinal, position }: KeyStatementRow, fault: string): void {
  const message = `The key statement at position ${position} is invalid: ${fault}.`;
  findings.add(finding('log_key_statement', { ordinal }, null, 'key_statement', message));
}

const PAGE = 256;

/** The checkpoint of one size, by its own row. */
export interface CheckpointRow {
  readonly row: ChainRows['checkpoint'];
  readonly note: ReadNote;
}

/** Goes through the checkpoints, of which there is one for each size from 1 on. */
export class CheckpointCheck {
  readonly #rows: RowReader<'checkpoint'>;
  readonly #notes: CheckpointNotes;
  readonly #findings: Findings;
  /** The note of the last checkpoint in its place. */
  latest: string | null = null;

  private constructor(rows: RowReader<'checkpoint'>, notes: CheckpointNotes, findings: Findings) {
    this.#rows = rows;
    this.#notes = notes;
    this.#findings = findings;
  }

  static async open(
    snapshot: ChainSnapshot,
    notes: CheckpointNotes,
    findings: Findings,
  ): Promise<CheckpointCheck> {
    return new CheckpointCheck(await RowReader.open(snapshot, 'checkpoint', PAGE), notes, findings);
  }

  /** The checkpoint over `size` blocks, which stays the current row; null when it is missing. */
  async at(size: number): Promise<CheckpointRow | null> {
    for (let row = this.#rows.row; row !== null && Number(row.size) < size; row = this.#rows.row) {
      this.#extra(row.size);
      await this.#rows.next();
    }
    const row = this.#rows.row;
    return row !== null && Number(row.size) === size ? { row, note: this.#notes.read(row.note, size) } : null;
  }

  /** Sizes of the current row and the one after it. */
  ahead(): number[] {
    return [this.#rows.row, this.#rows.following].flatMap((row) => (row === null ? [] : [Number(row.size)]));
  }

  /** The root in the note of the row after the current one, if the note is valid. */
  followingRoot(size: number): Uint8Array | null {
    const row = this.#rows.following;
    if (row === null || Number(row.size) !== size) return null;
    const note = this.#notes.read(row.note, size);
    return note.good ? note.root : null;
  }

  /**
   * Compares the row with the root derived from the blocks, and goes to the next row.
   * @param derived null: unknown
   * @param blockAtFault there is already a finding about a block that differs from the signed one
   */
  async check(
    size: number,
    checkpoint: CheckpointRow | null,
    derived: Buffer | null,
    blockAtFault: boolean,
  ): Promise<void> {
    if (checkpoint === null) {
      this.#findings.add(
        finding('checkpoint', { size }, null, 'missing', `The checkpoint over ${size} blocks is missing.`),
      );
      return;
    }
    const { row, note } = checkpoint;
    this.latest = row.note;
    await this.#rows.next();
    const columnHolds = derived === null || derived.equals(row.root);
    if (!note.good) {
      const column = columnHolds ? 'note' : null;
      const message = `The note of the checkpoint over ${size} blocks is invalid: ${note.message}.`;
      this.#findings.add(
        finding('checkpoint', { size }, column, note.problem, message, { found: show(row.note) }),
      );
      return;
    }
    const signed = Buffer.from(note.root);
    if (!signed.equals(row.root)) {
      // A valid signature outweighs the column; without one, the blocks decide.
      const column = !this.#notes.checksSignatures && derived !== null && columnHolds ? 'note' : 'root';
      const message = `The root column and the note of the checkpoint over ${size} blocks differ.`;
      const values =
        column === 'root'
          ? { expected: show(signed), found: show(row.root) }
          : { expected: show(row.root), found: show(signed) };
      this.#findings.add(finding('checkpoint', { size }, column, 'root_mismatch', message, values));
    } else if (!columnHolds && !blockAtFault) {
      const message = `The checkpoint over ${size} blocks does not match the blocks.`;
      this.#findings.add(
        finding('checkpoint', { size }, null, 'root_mismatch', message, {
          expected: show(derived),
          found: show(row.root),
        }),
      );
    }
  }

  async finish(): Promise<void> {
    for (let row = this.#rows.row; row !== null; row = this.#rows.row) {
      this.#extra(row.size);
      await this.#rows.next();
    }
  }

  #extra(size: bigint): void {
    const message = `There is a checkpoint over ${size} blocks, but not so many blocks, or there are two such rows.`;
    this.#findings.add(finding('checkpoint', { size }, null, 'extra', message));
  }
}

export type ReadNote =
  | { readonly good: true; readonly root: Uint8Array }
  | {
      readonly good: false;
      readonly problem: Extract<AuditProblem, 'note_mismatch' | 'bad_signature'>;
      readonly message: string;
    };

/**
 * Reads the notes of checkpoints. Exactly one spelling is valid: the canonical text for this log and size, a
 * blank line, and a signature line of each key that signs at this size, in the order in which the log has
 * announced them. Without keys all must be signed under one name and key id, and signatures are not verified.
 */
export class CheckpointNotes {
  readonly #keys: LogKeys | null;
  readonly checksSignatures: boolean;
  /** The signer of the first note, when no key is known. */
  #signer: Signer | null = null;
  origin: string | null;

  /** @param checks whether signatures are verified: `keys` do not come from the database alone */
  constructor(keys: LogKeys | null, checks: boolean) {
    this.#keys = keys;
    this.checksSignatures = checks;
    this.origin = keys?.latest[0]?.name ?? null;
  }

  read(text: string, size: number): ReadNote {
    let parsed: CheckpointNote;
    try {
      parsed = parseCheckpointNote(text);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      return mismatch(`it cannot be read: ${error.message}`);
    }
    const { note, checkpoint } = parsed;
    const [line] = note.signatures;
    if (line === undefined) return mismatch('it has no signature');
    this.origin ??= checkpoint.origin;
    this.#signer ??= line;
    const keys = this.#keys?.at(size) ?? null;
    const signers: readonly Signer[] = keys ?? [this.#signer];
    if (note.signatures.length !== signers.length) {
      const count = signers.length === 1 ? 'one signature' : `${signers.length} signatures`;
      return mismatch(`it must have ${count}`);
    }
    if (formatNote(note) !== text) return mismatch('it is not in its canonical spelling');
    for (const [i, signer] of signers.entries()) {
      const fault = this.#faultOf(note, i, signer, keys?.[i] ?? null);
      if (fault !== null) return fault;
    }
    const { root, size: signedSize } = checkpoint;
    if (checkpoint.origin !== this.origin) return mismatch(`it is of the log ${describe(checkpoint.origin)}`);
    if (signedSize !== size) return mismatch(`it is for ${signedSize} blocks`);
    if (formatCheckpoint({ origin: this.origin, size, root, extensions: [] }) !== note.text) {
      return mismatch('it has more than origin, size and root');
    }
    return { good: true, root };
  }

  #faultOf(note: Note, i: number, signer: Signer, key: VerifierKey | null): ReadNote | null {
    const line = note.signatures[i];
    if (line === undefined) return mismatch('a signature is missing');
    if (line.name !== signer.name || !equal(line.keyId, signer.keyId)) {
      const expected = key === null ? `${signer.name}+${toHex(signer.keyId)}` : shownKey(key);
      return badSignature(
        `it is signed by ${describe(`${line.name}+${toHex(line.keyId)}`)}, not by ${expected}`,
      );
    }
    if (key === null || checkSignature(note, key, NODE_VERIFIERS).state === 'good') return null;
    return badSignature('its signature is invalid');
  }
}

type Signer = Pick<NoteSignature, 'name' | 'keyId'>;

function mismatch(message: string): ReadNote {
  return { good: false, problem: 'note_mismatch', message };
}

function badSignature(message: string): ReadNote {
  return { good: false, problem: 'bad_signature', message };
}
