import { nodeSha256 } from '../crypto/primitives.js';
import { sha256Into } from '../crypto/primitives.js';
import { hashAt } from '../merkle/flat.js';
import {
  ACCOUNT_TAG_LENGTH,
  canonicalJson,
  ENTRY_LENGTH,
  HASH_LENGTH,
  isObject,
  isZero,
  type Json,
  KIND_DOCUMENT,
  ProofError,
  SALT_LENGTH,
  TILE_WIDTH,
} from '../proof/index.js';
import { type ChainRows, type ChainSnapshot, type ChainTable, CLOCK_TOLERANCE_MS } from '../store/index.js';
import { type AuditFinding, changedEntry, finding, type Findings, type Mismatch, show } from './finding.js';
import type { PlainBlock } from './plain-range.js';
import { besides } from './register-check.js';
import { type Field, findChangedField, type Repair } from './repair.js';
import { RowReader } from './row-reader.js';

/** In place of a time: the row does not tell it. */
const UNKNOWN = -1;
/** In place of a time: it was erased with the rest. */
const ERASED = -2;

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

/** Checks the entries, tile by tile, with what stands beside them. */
export class EntryCheck {
  readonly #rows: EntryRows;
  readonly #findings: Findings;
  readonly #times = new Float64Array(TILE_WIDTH);
  /** Rows seen, and the erased ones among them. */
  count = 0;
  erased = 0;
  /** The latest time of acceptance among entries that hold. */
  latest = 0;
  /** No erased entry was accepted after this. */
  erasedUntil = 0;
  /** Whether some entry's time could not be counted in `latest`. */
  unsure = false;

  constructor(rows: EntryRows, findings: Findings) {
    this.#rows = rows;
    this.#findings = findings;
  }

  static over(snapshot: ChainSnapshot, findings: Findings): EntryCheck {
    return new EntryCheck(new EntryRows(snapshot, findings), findings);
  }

  /**
   * Counts a block in which nothing is wrong, without reading it. False: it cannot be passed over, because of what was read before it.
   */
  async pass(block: PlainBlock): Promise<boolean> {
    const { first, count, sealedAt, erased, earliest, latest } = block;
    if (!this.#rows.canPass(first) || earliest < this.latest - CLOCK_TOLERANCE_MS) return false;
    await this.#rows.pass(first, first + count);
    this.count += count;
    this.erased += erased;
    if (erased > 0) this.erasedUntil = Math.max(this.erasedUntil, sealedAt);
    this.latest = Math.max(this.latest, latest);
    return true;
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
      const more = this.#rows.seek(position);
      if (more !== null) await more;
      const { row, details: text, erasureRecorded } = this.#rows;
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
      if (usable === null || (kept && text === null && !erasureRecorded && usable.details_digest === null))
        continue;
      for (const each of besides(usable, text, erasureRecorded, true)) pending.push([i, each]);
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

  /** Reads what no block holds yet. Answers the position after the last entry of the gapless run. */
  async unsealed(first: number, nextPosition: number, onTile: () => void): Promise<number> {
    let end = first;
    for (let at = await this.#rows.ahead(); at !== null; at = await this.#rows.ahead()) {
      if (at < end || (at > end && at >= nextPosition)) {
        await this.#rows.skipEntry();
        continue;
      }
      this.#endGap(at, at - end);
      end = at + 1;
      await this.#rows.seek(at);
      const { row, details, erasureRecorded } = this.#rows;
      this.count++;
      if (this.count % TILE_WIDTH === 0) onTile();
      const read = row === null ? null : readRow(row);
      if (row === null || read === null || !this.#isPlausible(row, read)) continue;
      for (const each of besides(row, details, erasureRecorded, false)) this.#findings.add(each);
      if (row.digest !== null) this.#checkTime(at, Number(row.accepted_at), null);
    }
    return end;
  }

  /** Details and erasures of positions that no entry has. */
  async finish(): Promise<void> {
    await this.#rows.finish();
  }

  #isPlausible(row: EntryRow, { implausible: column, erased }: ReadRow): boolean {
    if (column === null) {
      if (erased) this.erased++;
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
}

function differing(a: Buffer, b: Buffer): number[] {
  return Array.from({ length: a.length / HASH_LENGTH }, (_, i) => i).filter(
    (i) => !hashAt(a, i).equals(hashAt(b, i)),
  );
}

export type EntryRow = ChainRows['entry'];

const LEAF_LENGTH = 1 + ENTRY_LENGTH;
const SIZE_UNKNOWN = 2n ** 64n - 1n;
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Where each column lies in 0x00 ‖ entry, the bytes of a leaf. */
export const KIND = 2;
export const DIGEST = 3;
export const SIZE = 35;
export const ACCEPTED_AT = 43;
export const SALT = 51;
export const ACCOUNT_TAG = 67;
export const DETAILS_DIGEST = 83;

const FIELDS: readonly Field[] = [
  { column: 'kind', offset: KIND, length: 1 },
  { column: 'digest', offset: DIGEST, length: HASH_LENGTH },
  { column: 'size', offset: SIZE, length: 8 },
  { column: 'accepted_at', offset: ACCEPTED_AT, length: 8 },
  { column: 'salt', offset: SALT, length: SALT_LENGTH },
  { column: 'account_tag', offset: ACCOUNT_TAG, length: ACCOUNT_TAG_LENGTH },
  { column: 'details_digest', offset: DETAILS_DIGEST, length: HASH_LENGTH },
];

const leaf = Buffer.alloc(LEAF_LENGTH);
leaf.writeUInt8(1, 1); // the entry's version

/** What `readRow` makes of a row; written over by the next call. */
export interface ReadRow {
  /** The first column that holds what no version of the service writes; null: all are plausible. */
  implausible: string | null;
  /** Nothing but the position is left. */
  erased: boolean;
  /** The time of acceptance of a plausible row. */
  acceptedAt: number;
  /** The bytes whose SHA-256 is the leaf hash of a row that is plausible and not erased. */
  readonly leaf: Buffer;
}

const read: ReadRow = { implausible: null, erased: false, acceptedAt: 0, leaf };

/** Looks at each column once: a row makes its values anew each time they are asked for. */
export function readRow(row: EntryRow): ReadRow {
  const { accepted_at, kind, digest, salt, size, account_tag, details_digest } = row;
  read.erased = digest === null;
  read.acceptedAt = Number(accepted_at);
  read.implausible = implausible(accepted_at, kind, digest, salt, size, account_tag, details_digest);
  if (digest === null || salt === null || read.implausible !== null) return read;
  leaf.writeUInt8(kind, KIND);
  leaf.set(digest, DIGEST);
  writeU64(size === null ? null : Number(size), SIZE);
  writeU64(read.acceptedAt, ACCEPTED_AT);
  leaf.set(salt, SALT);
  if (account_tag === null) leaf.fill(0, ACCOUNT_TAG, DETAILS_DIGEST);
  else leaf.set(account_tag, ACCOUNT_TAG);
  if (details_digest === null) leaf.fill(0, DETAILS_DIGEST);
  else leaf.set(details_digest, DETAILS_DIGEST);
  return read;
}

function implausible(
  accepted_at: bigint,
  kind: number,
  digest: Uint8Array | null,
  salt: Uint8Array | null,
  size: bigint | null,
  account_tag: Uint8Array | null,
  details_digest: Uint8Array | null,
): string | null {
  if (!isCount(accepted_at)) return 'accepted_at';
  if (kind !== KIND_DOCUMENT) return 'kind';
  if (digest === null) {
    // Erased, and then nothing else is left; one value alone cannot have gone.
    if (salt !== null) return 'digest';
    if (accepted_at !== 0n) return 'accepted_at';
    return size !== null
      ? 'size'
      : account_tag !== null
        ? 'account_tag'
        : details_digest !== null
          ? 'details_digest'
          : null;
  }
  if (digest.length !== HASH_LENGTH) return 'digest';
  if (salt?.length !== SALT_LENGTH) return 'salt';
  if (size !== null && !isCount(size)) return 'size';
  // Zero stands for "none" in the entry's bytes and is kept as NULL: zero itself would be a second spelling.
  if (account_tag !== null && !(account_tag.length === ACCOUNT_TAG_LENGTH && !isZero(account_tag)))
    return 'account_tag';
  if (details_digest !== null && !(details_digest.length === HASH_LENGTH && !isZero(details_digest))) {
    return 'details_digest';
  }
  return null;
}

function writeU64(value: number | null, offset: number): void {
  leaf.writeUInt32BE(value === null ? 0xffff_ffff : Math.floor(value / 2 ** 32), offset);
  leaf.writeUInt32BE(value === null ? 0xffff_ffff : value % 2 ** 32, offset + 4);
}

/** The one column of `row` that was changed, given the leaf hash that the row had; null: more than one, or not to be told. */
export function changedColumn(
  row: EntryRow,
  sealedLeaf: Uint8Array,
  details: string | null,
  neighbourTime: number,
): Repair | null {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(neighbourTime));
  const unknownSize = Buffer.alloc(8);
  unknownSize.writeBigUInt64BE(SIZE_UNKNOWN);
  return findChangedField(
    readRow(row).leaf,
    FIELDS,
    [sealedLeaf],
    [
      { column: 'accepted_at', value: time },
      { column: 'size', value: unknownSize },
      { column: 'account_tag', value: Buffer.alloc(ACCOUNT_TAG_LENGTH) },
      {
        column: 'details_digest',
        value: details === null ? Buffer.alloc(HASH_LENGTH) : detailsDigest(row.salt, details),
      },
    ],
  );
}

/** SHA-256(0x02 ‖ salt ‖ text). */
export function detailsDigest(salt: Uint8Array | null, text: string): Buffer {
  return Buffer.from(
    nodeSha256(Buffer.concat([DETAILS_PREFIX, salt ?? Buffer.alloc(0), Buffer.from(text, 'utf8')])),
  );
}

const DETAILS_PREFIX = Buffer.of(0x02);

/**
 * Whether a proof could carry this text: what proof/'s strict parser takes, in canonical form. Text that is its own canonical form
 * has no white space, no key twice and no odd spelling; beyond that the parser only asks for whole numbers.
 */
export function isCanonicalDetails(text: string): boolean {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) && canonicalJson(value) === text && hasWholeNumbersOnly(value);
  } catch (error) {
    if (error instanceof ProofError || error instanceof SyntaxError) return false;
    throw error;
  }
}

function hasWholeNumbersOnly(value: Json): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(hasWholeNumbersOnly);
}

function isCount(value: bigint): boolean {
  return value >= 0n && value <= SAFE;
}

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
    const message = `Nothing in the chain organizations for the ${table} row of position ${position}.`;
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
