import type { ChainSnapshot, ChainTable } from '../../store/index.js';
import type { EntryRow } from './entry-row.js';
import { finding, type Findings } from './finding.js';
import { RowReader } from './row-reader.js';

const PAGE = 2048;

interface Readers {
  readonly entries: RowReader<'entry'>;
  readonly details: RowReader<'details'>;
  readonly erasures: RowReader<'erasure'>;
}

/** Beyond every position. */
const END = 2n ** 63n - 1n;
/** Before every position: the column is signed. */
const START = -(2n ** 63n);

/**
 * Goes once through entry, details and erasure, side by side in position order; names rows that stand at no position asked for. What is
 * passed over is not read.
 */
export class EntryRows {
  readonly #snapshot: ChainSnapshot;
  readonly #findings: Findings;
  /** Null: not begun, or rows were passed over. */
  #readers: Readers | null = null;
  /** All rows before this position are behind. */
  #from = -Infinity;
  /** What `seek` found at its position. */
  row: EntryRow | null = null;
  details: string | null = null;
  erasureRecorded = false;

  constructor(snapshot: ChainSnapshot, findings: Findings) {
    this.#snapshot = snapshot;
    this.#findings = findings;
  }

  /** Position of the next entry; null at the end. */
  async ahead(): Promise<number | null> {
    const { row } = (await this.#open()).entries;
    return row === null ? null : Number(row.position);
  }

  /** Whether rows from `first` on can be passed over: none of them has been read. */
  canPass(first: number): boolean {
    return first >= this.#from;
  }

  /** Goes from in front of `first` to `end`, over rows that are known to be as they must be. */
  async pass(first: number, end: number): Promise<void> {
    if (this.#readers !== null || this.#from !== first) {
      const readers = this.#readers ?? (await this.#open(BigInt(first)));
      await this.#skipTo(first, readers);
      await Promise.all([readers.entries.close(), readers.details.close(), readers.erasures.close()]);
      this.#readers = null;
    }
    this.#from = end;
  }

  /**
   * Sets `row`, `details` and `erasureRecorded` to what stands at `position`, which only ever grows. Null: done. Most rows are simply
   * the next ones of their pages, and a turn of the event loop for each would cost as much as its hashing.
   */
  seek(position: number): Promise<void> | null {
    const readers = this.#readers;
    if (readers === null) return this.#open().then(() => this.seek(position) ?? undefined);
    const [entry, details, erasure] = [readers.entries.row, readers.details.row, readers.erasures.row];
    if (isBehind(entry, position) || isBehind(details, position) || isBehind(erasure, position)) {
      return this.#skipTo(position, readers).then(() => this.seek(position) ?? undefined);
    }
    let filled = true;
    this.#from = Math.max(this.#from, position + 1);
    this.row = isAt(entry, position) ? entry : null;
    if (this.row !== null) filled = readers.entries.step() && filled;
    this.details = details !== null && isAt(details, position) ? details.json : null;
    if (this.details !== null) filled = readers.details.step() && filled;
    this.erasureRecorded = isAt(erasure, position);
    if (this.erasureRecorded) filled = readers.erasures.step() && filled;
    return filled ? null : fill(readers);
  }

  /** Names the entry that stands next: it has no place in the chain. */
  async skipEntry(): Promise<void> {
    const { entries } = await this.#open();
    if (entries.row !== null) this.#extra('entry', entries.row.position);
    await entries.next();
  }

  /** Names all rows that are left. */
  async finish(): Promise<void> {
    await this.#skipTo(Infinity, await this.#open());
  }

  /** The readers; if there are none, those of the rows that are not behind, and in front of `to`. */
  async #open(to = END): Promise<Readers> {
    if (this.#readers !== null) return this.#readers;
    const range = { from: this.#from === -Infinity ? START : BigInt(this.#from), to };
    this.#readers = {
      entries: await RowReader.open(this.#snapshot, 'entry', PAGE, range),
      details: await RowReader.open(this.#snapshot, 'details', PAGE / 4, range),
      erasures: await RowReader.open(this.#snapshot, 'erasure', PAGE, range),
    };
    return this.#readers;
  }

  async #skipTo(position: number, { entries, details, erasures }: Readers): Promise<void> {
    await this.#skip('entry', entries, position);
    await this.#skip('details', details, position);
    await this.#skip('erasure', erasures, position);
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

async function fill({ entries, details, erasures }: Readers): Promise<void> {
  await entries.fill();
  await details.fill();
  await erasures.fill();
}

function isBehind(row: { readonly position: bigint } | null, position: number): boolean {
  return row !== null && Number(row.position) < position;
}

function isAt(row: { readonly position: bigint } | null, position: number): boolean {
  return row !== null && Number(row.position) === position;
}
