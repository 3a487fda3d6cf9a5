import { nodeSha256 } from '../../intake/index.js';
import { HASH_LENGTH, TILE_WIDTH } from '../../proof/index.js';
import { CLOCK_TOLERANCE_MS, type ChainRows, type ChainSnapshot } from '../../store/index.js';
import { besides } from './besides.js';
import { changedColumn, implausibleColumn, leafBytes, type EntryRow } from './entry-row.js';
import { finding, show, type AuditFinding, type Findings } from './finding.js';
import { hashAt } from './hashing.js';
import { RowReader } from './row-reader.js';

const PAGE = 2048;

/** An entry whose leaf hash is not the one in the block's tile: either of the two was changed. */
export interface Mismatch {
  readonly position: number;
  readonly row: EntryRow;
  readonly leaf: Buffer;
  readonly details: string | null;
  readonly neighbourTime: number;
  /** What else was found at this position, true only if the entry is the one that was sealed. */
  readonly others: readonly AuditFinding[];
}

/** What the rows of one tile's positions give. */
export interface TileEntries {
  /** One leaf hash per position. */
  readonly leaves: Buffer;
  /** Some were taken from the stored tile, because the entry is erased, missing or senseless. */
  readonly borrowed: boolean;
  /** False: some could not even be borrowed. */
  readonly whole: boolean;
  readonly mismatches: readonly Mismatch[];
}

/** Goes once through entry, details and erasure, side by side in position order. */
export class EntryCheck {
  readonly #entries: RowReader<'entry'>;
  readonly #details: RowReader<'details'>;
  readonly #erasures: RowReader<'erasure'>;
  readonly #findings: Findings;
  readonly #times = new Float64Array(TILE_WIDTH);
  /** Rows seen, and the erased ones among them. */
  count = 0;
  erased = 0;
  /** The latest time of acceptance among entries that hold. */
  latest = 0;
  /** Whether some entry's time could not be counted in `latest`. */
  unsure = false;

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

  static async open(snapshot: ChainSnapshot, findings: Findings): Promise<EntryCheck> {
    return new EntryCheck(
      await RowReader.open(snapshot, 'entry', PAGE),
      await RowReader.open(snapshot, 'details', PAGE / 8),
      await RowReader.open(snapshot, 'erasure', PAGE),
      findings,
    );
  }

  /** The next row's position; null at the end. */
  get position(): bigint | null {
    return this.#entries.row?.position ?? null;
  }

  /**
   * Reads positions [first, first + width), at most 256, and holds their leaf hashes against the stored ones.
   * @param stored   the tile, as wide; null: it is not there, or not fit to be compared with
   * @param sealedAt null: not known
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
      // Most rows are simply the next one, and most have neither details nor erasure: no turn of the event loop for them.
      const next = this.#entries.row;
      let row = next;
      if (next === null || Number(next.position) !== position) row = await this.#take(position);
      else if (!this.#entries.step()) await this.#entries.fill();
      const text = isAhead(this.#details.row, position) ? null : await this.#detailsAt(position);
      const isErasureRecorded = !isAhead(this.#erasures.row, position) && (await this.#erasureAt(position));
      const usable = row !== null && this.#isPlausible(row) ? row : null;
      if (row === null) missing++;
      else {
        this.count++;
        missing = this.#endGap(position, missing);
      }
      rows.push(usable);
      texts.push(text);
      if (usable !== null && usable.digest !== null)
        leaves.set(nodeSha256(leafBytes(usable)), i * HASH_LENGTH);
      else {
        borrowed = true;
        stored?.copy(leaves, i * HASH_LENGTH, i * HASH_LENGTH, (i + 1) * HASH_LENGTH);
      }
      this.#times[i] = usable === null ? -1 : Number(usable.accepted_at);
      if (usable === null) continue;
      for (const each of besides(usable, text, isErasureRecorded, true)) pending.push([i, each]);
    }
    this.#endGap(first + width, missing);
    const wrong =
      stored === null || stored.equals(leaves)
        ? []
        : indexes(width, (i) => !hashAt(stored, i).equals(hashAt(leaves, i)));
    const mismatches = wrong.flatMap((i) => {
      const row = rows[i];
      if (stored === null || row == null) return [];
      const others = pending.filter(([at]) => at === i).map(([, each]) => each);
      const leaf = Buffer.from(hashAt(stored, i));
      const neighbourTime = Math.max(0, this.#times[i === 0 ? 1 : i - 1] ?? 0);
      return [{ position: first + i, row, leaf, details: texts[i] ?? null, neighbourTime, others }];
    });
    const skip = new Set(wrong);
    for (const [i, each] of pending) if (!skip.has(i)) this.#findings.add(each);
    for (let i = 0; i < width; i++) {
      const time = this.#times[i] ?? -1;
      if (time < 0 || skip.has(i)) this.unsure = true;
      else this.#checkTime(first + i, time, sealedAt);
    }
    return { leaves, borrowed, whole: !borrowed || stored !== null, mismatches };
  }

  /** The entry at a mismatch is at fault: the tile agrees with the root. */
  blameEntry({ position, row, leaf, details, neighbourTime }: Mismatch): void {
    const repair = this.#findings.full ? null : changedColumn(row, leaf, details, neighbourTime);
    const column = repair?.column ?? null;
    this.#findings.add(
      finding(
        'entry',
        { position },
        column,
        'leaf_mismatch',
        column === null
          ? `The entry at position ${position} is not the one that was sealed.`
          : `The ${column} of the entry at position ${position} is not the one that was sealed.`,
        {
          expected: show(repair?.value ?? leaf),
          found: show(repair === null ? nodeSha256(leafBytes(row)) : row[repair.column as keyof EntryRow]),
        },
      ),
    );
  }

  /** Reads what no block holds yet. Answers the position after the last entry of the gapless run. */
  async unsealed(first: number, nextPosition: number, onTile: () => void): Promise<number> {
    let position = first;
    for (let row = this.#entries.row; row !== null; row = this.#entries.row) {
      const at = Number(row.position);
      if (at < position || (at > position && at >= nextPosition)) {
        this.#extra('entry', row.position);
        await this.#entries.next();
        continue;
      }
      this.#endGap(at, at - position);
      position = at + 1;
      await this.#entries.next();
      this.count++;
      if (this.count % TILE_WIDTH === 0) onTile();
      const text = await this.#detailsAt(at);
      const isErasureRecorded = await this.#erasureAt(at);
      if (!this.#isPlausible(row)) continue;
      for (const each of besides(row, text, isErasureRecorded, false)) this.#findings.add(each);
      this.#checkTime(at, Number(row.accepted_at), null);
    }
    return position;
  }

  /** Details and erasures of positions that no entry has. */
  async finish(): Promise<void> {
    await this.#detailsAt(Number.POSITIVE_INFINITY);
    await this.#erasureAt(Number.POSITIVE_INFINITY);
  }

  async #take(position: number): Promise<EntryRow | null> {
    const reader = this.#entries;
    let row = reader.row;
    for (; row !== null && Number(row.position) < position; row = reader.row) {
      this.#extra('entry', row.position);
      await reader.next();
    }
    if (row === null || Number(row.position) !== position) return null;
    await reader.next();
    return row;
  }

  async #detailsAt(position: number): Promise<string | null> {
    const row = await this.#beside('details', this.#details, position);
    return row?.json ?? null;
  }

  async #erasureAt(position: number): Promise<boolean> {
    return (await this.#beside('erasure', this.#erasures, position)) !== null;
  }

  async #beside<T extends 'details' | 'erasure'>(
    table: T,
    reader: RowReader<T>,
    position: number,
  ): Promise<ChainRows[T] | null> {
    let row = reader.row;
    for (; row !== null && Number(row.position) < position; row = reader.row) {
      this.#extra(table, row.position);
      await reader.next();
    }
    if (row === null || Number(row.position) !== position) return null;
    await reader.next();
    return row;
  }

  #isPlausible(row: EntryRow): boolean {
    const column = implausibleColumn(row);
    if (column === null) {
      if (row.digest === null) this.erased++;
      return true;
    }
    this.unsure = true;
    this.#findings.add(
      finding(
        'entry',
        { position: row.position },
        column,
        'implausible',
        `The ${column} of the entry at position ${row.position} is not one that is ever written.`,
        { found: show(row[column as keyof EntryRow]) },
      ),
    );
    return false;
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
            ? `The entry at position ${position} is said to be accepted long before one in front of it.`
            : `The entry at position ${position} is said to be accepted after its block was sealed.`,
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

  /** Entries past the position that the head row says is free. */
  beyond(first: number, end: number): void {
    if (first >= end) return;
    const message = `The entries from position ${first} on stand beyond the end that the head row tells.`;
    this.#findings.add(finding('entry', { position: first }, null, 'extra', message));
  }

  #extra(table: 'entry' | 'details' | 'erasure', position: bigint): void {
    const message = `Nothing in the chain accounts for the ${table} row of position ${position}.`;
    this.#findings.add(finding(table, { position }, null, 'extra', message));
  }
}

function isAhead(row: { readonly position: bigint } | null, position: number): boolean {
  return row === null || Number(row.position) > position;
}

function indexes(count: number, holds: (index: number) => boolean): number[] {
  return Array.from({ length: count }, (_, i) => i).filter(holds);
}
