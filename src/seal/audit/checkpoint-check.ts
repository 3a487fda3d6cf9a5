import type { ChainRows, ChainSnapshot } from '../../store/index.js';
import type { CheckpointNotes, ReadNote } from './checkpoint-note.js';
import { finding, show, type Findings } from './finding.js';
import { RowReader } from './row-reader.js';

const PAGE = 256;

/** The checkpoint of one size, as far as its own row tells. */
export interface CheckpointRow {
  readonly row: ChainRows['checkpoint'];
  readonly note: ReadNote;
}

/** Goes through the checkpoints, of which there is one for each size from 1 on. */
export class CheckpointCheck {
  readonly #rows: RowReader<'checkpoint'>;
  readonly #notes: CheckpointNotes;
  readonly #findings: Findings;
  /** The note of the last checkpoint that stood where it belongs. */
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

  /** The checkpoint over `size` blocks, without going past it; null when it is not there. */
  async at(size: number): Promise<CheckpointRow | null> {
    for (let row = this.#rows.row; row !== null && Number(row.size) < size; row = this.#rows.row) {
      this.#extra(row.size);
      await this.#rows.next();
    }
    const row = this.#rows.row;
    return row !== null && Number(row.size) === size ? { row, note: this.#notes.read(row.note, size) } : null;
  }

  /** Sizes of the current row and the one after it: where the checkpoints go on. */
  ahead(): number[] {
    return [this.#rows.row, this.#rows.following].flatMap((row) => (row === null ? [] : [Number(row.size)]));
  }

  /** The root that the note of the row after the current one states, when it is as it must be. */
  followingRoot(size: number): Uint8Array | null {
    const row = this.#rows.following;
    if (row === null || Number(row.size) !== size) return null;
    const note = this.#notes.read(row.note, size);
    return note.good ? note.root : null;
  }

  /**
   * Holds the row against the root that the blocks give, and goes past it.
   * @param derived null: it cannot be told
   * @param blockAtFault a block was already named for not being what was signed
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
      const message = `The note of the checkpoint over ${size} blocks is not right: ${note.message}.`;
      this.#findings.add(
        finding('checkpoint', { size }, column, note.problem, message, { found: show(row.note) }),
      );
      return;
    }
    const signed = Buffer.from(note.root);
    if (!signed.equals(row.root)) {
      // A signature that holds outweighs the column; without one, the blocks decide.
      const column = !this.#notes.checksSignatures && derived !== null && columnHolds ? 'note' : 'root';
      const message = `The root column and the note of the checkpoint over ${size} blocks differ.`;
      const values =
        column === 'root'
          ? { expected: show(signed), found: show(row.root) }
          : { expected: show(row.root), found: show(signed) };
      this.#findings.add(finding('checkpoint', { size }, column, 'root_mismatch', message, values));
    } else if (!columnHolds && !blockAtFault) {
      const message = `The checkpoint over ${size} blocks is not over the blocks that are there.`;
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
    const message = `There is a checkpoint over ${size} blocks, but not so many blocks, or it stands twice.`;
    this.#findings.add(finding('checkpoint', { size }, null, 'extra', message));
  }
}
