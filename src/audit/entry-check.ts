import { sha256Into } from '../crypto/primitives.js';
import { hashAt } from '../merkle/flat.js';
import { HASH_LENGTH, TILE_WIDTH } from '../proof/index.js';
import { type ChainSnapshot, type ChainTable, CLOCK_TOLERANCE_MS, KEYED } from '../store/index.js';
import {
  changedEntry,
  checkDetailsAndErasure,
  type EntryRow,
  type Mismatch,
  type ReadRow,
  readRow,
} from './entry-row.js';
import { type AuditFinding, finding, type Findings, show } from './finding.js';
import { RowReader } from './row-reader.js';

/** In place of a time: unknown. */
const UNKNOWN = -1;
/** In place of a time: erased. */
const ERASED = -2;

/** The entries at the positions of one tile. */
export interface TileEntries {
  /** One leaf hash per position. */
  readonly leaves: Buffer;
  /** Some are from the stored tile, because the entry is erased, missing or implausible. */
  readonly borrowed: boolean;
  /** False: some are unknown. */
  readonly whole: boolean;
  readonly mismatches: readonly Mismatch[];
}

/** Checks the entries tile by tile, with their details and erasures. */
export class EntryCheck {
  readonly #rows: EntryRows;
  readonly #findings: Findings;
  readonly #times = new Float64Array(TILE_WIDTH);
  /** Number of rows, and of erased ones among them. */
  count = 0;
  erased = 0;
  /** The latest time of acceptance among valid entries. */
  latest = 0;
  /** No erased entry was accepted after this. */
  erasedUntil = 0;
  /** Whether the time of some entry is unknown. */
  unsure = false;

  private constructor(rows: EntryRows, findings: Findings) {
    this.#rows = rows;
    this.#findings = findings;
  }

  static async open(snapshot: ChainSnapshot, findings: Findings): Promise<EntryCheck> {
    return new EntryCheck(await EntryRows.open(snapshot, findings), findings);
  }

  /**
   * Reads positions [first, first + width), at most 256, and compares their leaf hashes with the stored ones.
   * @param stored   the tile, of this width; null: missing or malformed
   * @param sealedAt null: unknown
   */
  async tile(
    first: number,
    width: number,
    stored: Buffer | null,
    sealedAt: number | null,
  ): Promise<TileEntries> {
    const leaves = Buffer.alloc(width * HASH_LENGTH);
    const rows: (EntryRow | null)[] = [];
    const texts: (string | null)[] = [];
    const pending: (readonly [number, AuditFinding])[] = [];
    let borrowed = false;
    let missing = 0;
    for (let i = 0; i < width; i++) {
      const position = first + i;
      const more = this.#rows.seek(position);
      if (more !== null) await more;
      const { row, details: text, erasureRecorded, bodyErased } = this.#rows;
      const read = row === null ? null : readRow(row);
      const usable = row !== null && read !== null && this.#isPlausible(row, read) ? row : null;
      if (row === null) missing++;
      else {
        this.count++;
        missing = this.#endGap(position, missing);
      }
      rows.push(usable);
      texts.push(text);
      const kept = usable !== null && read?.erased === false;
      if (kept) sha256Into(read.leaf, leaves, i * HASH_LENGTH);
      else {
        borrowed = true;
        stored?.copy(leaves, i * HASH_LENGTH, i * HASH_LENGTH, (i + 1) * HASH_LENGTH);
      }
      this.#times[i] = kept ? read.acceptedAt : usable === null ? UNKNOWN : ERASED;
      const plain = kept && text === null && !erasureRecorded && !bodyErased && !read.hasDetailsDigest;
      if (usable === null || plain) continue;
      for (const each of checkDetailsAndErasure(usable, text, { erasureRecorded, bodyErased }, true))
        pending.push([i, each]);
    }
    this.#endGap(first + width, missing);
    const wrong = stored === null || stored.equals(leaves) ? [] : differing(stored, leaves);
    const mismatches = wrong.flatMap((i) => {
      const row = rows[i];
      if (stored === null || row == null) return [];
      const others = pending.filter(([at]) => at === i).map(([, each]) => each);
      const leaf = Buffer.from(hashAt(stored, i));
      const neighbourTime = Math.max(0, this.#times[i === 0 ? 1 : i - 1] ?? 0);
      return [{ position: first + i, row, leaf, details: texts[i] ?? null, neighbourTime, others }];
    });
    for (const [i, each] of pending) if (!wrong.includes(i)) this.#findings.add(each);
    this.#checkTimes(first, width, new Set(wrong), sealedAt);
    return { leaves, borrowed, whole: !borrowed || stored !== null, mismatches };
  }

  /** The entry at a mismatch is at fault: the tile agrees with the root. */
  blameEntry(mismatch: Mismatch): void {
    this.#findings.add(changedEntry(mismatch, !this.#findings.full));
  }

  /** Reads the unsealed entries. @returns the position after the last entry before a gap */
  async unsealed(first: number, nextPosition: number, onTile: () => void): Promise<number> {
    let end = first;
    for (let at = this.#rows.next; at !== Infinity; at = this.#rows.next) {
      if (at < end || (at > end && at >= nextPosition)) {
        await this.#rows.skipEntry();
        continue;
      }
      this.#endGap(at, at - end);
      end = at + 1;
      await this.#rows.seek(at);
      const { row, details, erasureRecorded, bodyErased } = this.#rows;
      this.count++;
      if (this.count % TILE_WIDTH === 0) onTile();
      const read = row === null ? null : readRow(row);
      if (row === null || read === null || !this.#isPlausible(row, read)) continue;
      for (const each of checkDetailsAndErasure(row, details, { erasureRecorded, bodyErased }, false))
        this.#findings.add(each);
      if (row.digest !== null) this.#checkTime(at, Number(row.accepted_at), null);
    }
    return end;
  }

  /** Names the details and erasures of positions without an entry. */
  async finish(): Promise<void> {
    await this.#rows.finish();
  }

  #isPlausible(row: EntryRow, { implausible: column, erased }: ReadRow): boolean {
    if (column === null) {
      if (erased) this.erased++;
      return true;
    }
    this.unsure = true;
    if (row.kind === KEYED) {
      const message = `The data key of the notarization at position ${row.position} is missing: its salt and details cannot be read.`;
      this.#findings.add(finding('entry', { position: row.position }, 'kind', 'key_missing', message));
      return false;
    }
    this.#findings.add(
      finding(
        'entry',
        { position: row.position },
        column,
        'implausible',
        `The ${column} of the entry at position ${row.position} has an invalid value.`,
        { found: show(row[column]) },
      ),
    );
    return false;
  }

  #checkTimes(first: number, width: number, skip: ReadonlySet<number>, sealedAt: number | null): void {
    for (let i = 0; i < width; i++) {
      const time = this.#times[i] ?? UNKNOWN;
      if (time === ERASED && sealedAt !== null) this.erasedUntil = Math.max(this.erasedUntil, sealedAt);
      else if (time < 0 || skip.has(i)) this.unsure = true;
      else this.#checkTime(first + i, time, sealedAt);
    }
  }

  #checkTime(position: number, time: number, sealedAt: number | null): void {
    const early = time < this.latest - CLOCK_TOLERANCE_MS;
    if (early || (sealedAt !== null && time > sealedAt)) {
      this.unsure = true;
      this.#findings.add(
        finding(
          'entry',
          { position },
          'accepted_at',
          'time_order',
          early
            ? `The entry at position ${position} has a time of acceptance long before that of an earlier entry.`
            : `The entry at position ${position} has a time of acceptance after its block was sealed.`,
          {
            expected: early ? `at least ${this.latest - CLOCK_TOLERANCE_MS}` : `at most ${sealedAt ?? ''}`,
            found: String(time),
          },
        ),
      );
      return;
    }
    if (time > this.latest) this.latest = time;
  }

  /** @returns 0, the missing entries counted so far from here on */
  #endGap(end: number, missing: number): number {
    if (missing > 0) this.missing(end - missing, missing);
    return 0;
  }

  missing(first: number, count: number): void {
    this.unsure = true;
    const which =
      count === 1 ? `The entry at position ${first} is` : `${count} entries from position ${first} on are`;
    this.#findings.add(finding('entry', { position: first }, null, 'missing', `${which} missing.`));
  }

  /** Entries at and after the head row's next position. */
  beyond(first: number, end: number): void {
    if (first >= end) return;
    const message = `The entries from position ${first} on are beyond the end in the head row.`;
    this.#findings.add(finding('entry', { position: first }, null, 'extra', message));
  }
}

function differing(a: Buffer, b: Buffer): number[] {
  return Array.from({ length: a.length / HASH_LENGTH }, (_, i) => i).filter(
    (i) => !hashAt(a, i).equals(hashAt(b, i)),
  );
}

const PAGE = 4096;
const DETAILS_PAGE = 512;

/**
 * Goes once through entries, details and erasures, side by side in position order, and names rows that belong to
 * no position of the chain.
 */
class EntryRows {
  readonly #entries: RowReader<'entry'>;
  readonly #details: RowReader<'details'>;
  readonly #erasures: RowReader<'erasure'>;
  readonly #bodyErasures: RowReader<'body_erasure'>;
  readonly #findings: Findings;
  /** What `seek` found at its position. */
  row: EntryRow | null = null;
  details: string | null = null;
  erasureRecorded = false;
  /** Whether an erasure of the body is recorded. */
  bodyErased = false;

  private constructor(
    entries: RowReader<'entry'>,
    details: RowReader<'details'>,
    erasures: RowReader<'erasure'>,
    bodyErasures: RowReader<'body_erasure'>,
    findings: Findings,
  ) {
    this.#entries = entries;
    this.#details = details;
    this.#erasures = erasures;
    this.#bodyErasures = bodyErasures;
    this.#findings = findings;
  }

  static async open(snapshot: ChainSnapshot, findings: Findings): Promise<EntryRows> {
    return new EntryRows(
      await RowReader.open(snapshot, 'entry', PAGE),
      await RowReader.open(snapshot, 'details', DETAILS_PAGE),
      await RowReader.open(snapshot, 'erasure', PAGE),
      await RowReader.open(snapshot, 'body_erasure', PAGE),
      findings,
    );
  }

  /** Position of the next entry; Infinity at the end. */
  get next(): number {
    return positionOf(this.#entries.row);
  }

  /**
   * Sets `row`, `details`, `erasureRecorded` and `bodyErased` to the rows at `position`, which only ever grows. Returns
   * null when that is done and a promise while rows must be fetched: nearly all rows are simply the next ones
   * of their pages, and an await for each would cost as much as its hashing.
   */
  seek(position: number): Promise<void> | null {
    const [entry, details, erasure] = [this.#entries.row, this.#details.row, this.#erasures.row];
    const [entryAt, detailsAt, erasureAt] = [positionOf(entry), positionOf(details), positionOf(erasure)];
    const bodyErasureAt = positionOf(this.#bodyErasures.row);
    if (Math.min(entryAt, detailsAt, erasureAt, bodyErasureAt) < position) {
      return this.#skipTo(position).then(() => this.seek(position) ?? undefined);
    }
    this.row = entryAt === position ? entry : null;
    this.details = details !== null && detailsAt === position ? details.json : null;
    this.erasureRecorded = erasureAt === position;
    this.bodyErased = bodyErasureAt === position;
    let filled = true;
    if (this.row !== null) filled = this.#entries.step() && filled;
    if (this.details !== null) filled = this.#details.step() && filled;
    if (this.erasureRecorded) filled = this.#erasures.step() && filled;
    if (this.bodyErased) filled = this.#bodyErasures.step() && filled;
    return filled ? null : this.#fill();
  }

  /** Names the next entry: it has no place in the chain. */
  async skipEntry(): Promise<void> {
    if (this.#entries.row !== null) this.#extra('entry', this.#entries.row.position);
    await this.#entries.next();
  }

  /** Names all rows that are left. */
  async finish(): Promise<void> {
    await this.#skipTo(Infinity);
  }

  async #skipTo(position: number): Promise<void> {
    await this.#skip('entry', this.#entries, position);
    await this.#skip('details', this.#details, position);
    await this.#skip('erasure', this.#erasures, position);
    await this.#skip('body_erasure', this.#bodyErasures, position);
  }

  async #skip<T extends 'entry' | 'details' | 'erasure' | 'body_erasure'>(
    table: T,
    reader: RowReader<T>,
    position: number,
  ): Promise<void> {
    for (let row = reader.row; row !== null && positionOf(row) < position; row = reader.row) {
      this.#extra(table, row.position);
      await reader.next();
    }
  }

  async #fill(): Promise<void> {
    await this.#entries.fill();
    await this.#details.fill();
    await this.#erasures.fill();
    await this.#bodyErasures.fill();
  }

  #extra(table: ChainTable, position: bigint): void {
    const message = `Nothing in the chain accounts for the ${table} row of position ${position}.`;
    this.#findings.add(finding(table, { position }, null, 'extra', message));
  }
}

function positionOf(row: { readonly position: bigint } | null): number {
  return row === null ? Infinity : Number(row.position);
}
