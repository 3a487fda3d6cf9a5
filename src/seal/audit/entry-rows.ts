import type { ChainSnapshot, ChainTable } from '../../store/index.js';
import type { EntryRow } from './entry-row.js';
import { finding, type Findings } from './finding.js';
import { RowReader } from './row-reader.js';

const PAGE = 2048;

/** Goes once through entry, details and erasure, side by side in position order; names rows that stand at no position asked for. */
export class EntryRows {
  readonly #entries: RowReader<'entry'>;
  readonly #details: RowReader<'details'>;
  readonly #erasures: RowReader<'erasure'>;
  readonly #findings: Findings;
  /** What `seek` found at its position. */
  row: EntryRow | null = null;
  details: string | null = null;
  erasureRecorded = false;

  private constructor(
    entries: RowReader<'entry'>,
    details: RowReader<'details'>,
    erasures: RowReader<'erasure'>,
    findings: Findings,
  ) {
    this.#entries = entries;
    this.#details = details;
    this.#erasures = erasures;
    this.#findings = findings;
  }

  static async open(snapshot: ChainSnapshot, findings: Findings): Promise<EntryRows> {
    return new EntryRows(
      await RowReader.open(snapshot, 'entry', PAGE),
      await RowReader.open(snapshot, 'details', PAGE / 4),
      await RowReader.open(snapshot, 'erasure', PAGE),
      findings,
    );
  }

  /** Position of the next entry; null at the end. */
  get ahead(): number | null {
    const { row } = this.#entries;
    return row === null ? null : Number(row.position);
  }

  /**
   * Sets `row`, `details` and `erasureRecorded` to what stands at `position`, which only ever grows. Null: done. Most rows are simply
   * the next ones of their pages, and a turn of the event loop for each would cost as much as its hashing.
   */
  seek(position: number): Promise<void> | null {
    const [entry, details, erasure] = [this.#entries.row, this.#details.row, this.#erasures.row];
    if (isBehind(entry, position) || isBehind(details, position) || isBehind(erasure, position)) {
      return this.#skipTo(position).then(() => this.seek(position) ?? undefined);
    }
    let filled = true;
    this.row = isAt(entry, position) ? entry : null;
    if (this.row !== null) filled = this.#entries.step() && filled;
    this.details = details !== null && isAt(details, position) ? details.json : null;
    if (this.details !== null) filled = this.#details.step() && filled;
    this.erasureRecorded = isAt(erasure, position);
    if (this.erasureRecorded) filled = this.#erasures.step() && filled;
    return filled ? null : this.#fill();
  }

  /** Names the entry that stands next: it has no place in the chain. */
  async skipEntry(): Promise<void> {
    const { row } = this.#entries;
    if (row !== null) this.#extra('entry', row.position);
    await this.#entries.next();
  }

  /** Names all rows that are left. */
  async finish(): Promise<void> {
    await this.#skipTo(Infinity);
  }

  async #fill(): Promise<void> {
    await this.#entries.fill();
    await this.#details.fill();
    await this.#erasures.fill();
  }

  async #skipTo(position: number): Promise<void> {
    await this.#skip('entry', this.#entries, position);
    await this.#skip('details', this.#details, position);
    await this.#skip('erasure', this.#erasures, position);
  }

  async #skip<T extends 'entry' | 'details' | 'erasure'>(
    table: T,
    reader: RowReader<T>,
    position: number,
  ): Promise<void> {
    for (let row = reader.row; row !== null && isBehind(row, position); row = reader.row) {
      this.#extra(table, row.position);
      await reader.next();
    }
  }

  #extra(table: ChainTable, position: bigint): void {
    const message = `Nothing in the chain accounts for the ${table} row of position ${position}.`;
    this.#findings.add(finding(table, { position }, null, 'extra', message));
  }
}

function isBehind(row: { readonly position: bigint } | null, position: number): boolean {
  return row !== null && Number(row.position) < position;
}

function isAt(row: { readonly position: bigint } | null, position: number): boolean {
  return row !== null && Number(row.position) === position;
}
