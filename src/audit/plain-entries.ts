import {
  ACCOUNT_TAG_LENGTH,
  ENTRY_LENGTH,
  HASH_LENGTH,
  KIND_DOCUMENT,
  SALT_LENGTH,
  TILE_WIDTH,
} from '../proof/index.js';
import type { CopiedRow } from '../store/index.js';
import { CLOCK_TOLERANCE_MS } from '../store/store.js';
import {
  ACCEPTED_AT,
  ACCOUNT_TAG,
  detailsDigest,
  DETAILS_DIGEST,
  DIGEST,
  isCanonicalDetails,
  SALT,
  SIZE,
} from './entry-check.js';
import { sha256Into } from '../crypto/primitives.js';

const NULL = -1;
const ALL_BITS = -1;
/** The upper half of 2^53. */
const SAFE_HIGH = 2 ** 21;
const COMMITMENT = SALT_LENGTH + HASH_LENGTH;

/** Holds entries, details and erasures against each other, row by row; false wherever something is not as it must be. */
export class PlainEntries {
  readonly #leaf = Buffer.alloc(1 + ENTRY_LENGTH);
  readonly #leafView = new DataView(this.#leaf.buffer, this.#leaf.byteOffset, this.#leaf.length);
  readonly #leaves = Buffer.alloc(TILE_WIDTH * HASH_LENGTH);
  #filled = 0;
  /** Places in the tile whose leaf hash nobody can derive any more. */
  #borrowed: number[] = [];
  #sealedAt = 0;
  /** Recorded erasures whose entry has not come yet. */
  readonly #erasures = new Set<number>();
  /** Entries whose details have not come yet, and salt and digest of each, from `#detailed` on. */
  #committed: number[] = [];
  #commitments = Buffer.alloc(COMMITMENT * TILE_WIDTH);
  #detailed = 0;
  /** The position that comes next. */
  next = 0;
  /** Rows seen. */
  count = 0;
  /** Of the current block, see PlainBlock. */
  erased = 0;
  earliest = Infinity;
  latest = 0;

  constructor() {
    this.#leaf.writeUInt8(1, 1); // the entry's version
  }

  get leaves(): Buffer {
    return this.#leaves.subarray(0, this.#filled * HASH_LENGTH);
  }

  /** Whether nothing is left that was waited for. */
  get settled(): boolean {
    return this.#erasures.size === 0 && this.#detailed === this.#committed.length;
  }

  beginBlock(first: number, sealedAt: number): void {
    this.next = first;
    this.#sealedAt = sealedAt;
    this.erased = 0;
    this.earliest = Infinity;
    this.latest = 0;
  }

  beginTile(): void {
    this.#filled = 0;
    this.#borrowed = [];
  }

  expectNothing(): void {
    this.next = NaN;
  }

  /** Whether the stored tile has the leaf hashes that the entries give. Those of erased entries are taken from it. */
  fits(stored: Buffer): boolean {
    const { leaves } = this;
    for (const at of this.#borrowed)
      stored.copy(leaves, at * HASH_LENGTH, at * HASH_LENGTH, (at + 1) * HASH_LENGTH);
    return leaves.equals(stored);
  }

  erasure({ view, at }: CopiedRow): boolean {
    this.#erasures.add(safeAt(view, at[0] ?? 0));
    return true;
  }

  entry({ view, at, length }: CopiedRow): boolean {
    if (safeAt(view, at[0] ?? 0) !== this.next) return false;
    if (length[1] !== 8 || length[3] !== 2 || view.getInt16(at[3] ?? 0) !== KIND_DOCUMENT) return false;
    if (length[4] === NULL) return this.#erased(view, at, length);
    const time = safeAt(view, at[1] ?? 0);
    if (!(time <= this.#sealedAt && time >= this.latest - CLOCK_TOLERANCE_MS)) return false;
    if (time > this.latest) this.latest = time;
    if (time < this.earliest) this.earliest = time;
    if (length[4] !== HASH_LENGTH || length[5] !== SALT_LENGTH) return false;
    this.#copy(view, at[4] ?? 0, DIGEST, HASH_LENGTH);
    this.#copy(view, at[1] ?? 0, ACCEPTED_AT, 8);
    this.#copy(view, at[5] ?? 0, SALT, SALT_LENGTH);
    if (length[2] === NULL) this.#fill(SIZE, 8, ALL_BITS);
    else if (length[2] !== 8 || Number.isNaN(safeAt(view, at[2] ?? 0))) return false;
    else this.#copy(view, at[2] ?? 0, SIZE, 8);
    if (length[6] === NULL) this.#fill(ACCOUNT_TAG, ACCOUNT_TAG_LENGTH, 0);
    else if (length[6] !== ACCOUNT_TAG_LENGTH) return false;
    else if (!this.#copy(view, at[6] ?? 0, ACCOUNT_TAG, ACCOUNT_TAG_LENGTH)) return false;
    if (length[7] === NULL) this.#fill(DETAILS_DIGEST, HASH_LENGTH, 0);
    else if (length[7] !== HASH_LENGTH) return false;
    else if (!this.#copy(view, at[7] ?? 0, DETAILS_DIGEST, HASH_LENGTH)) return false;
    else this.#commit();
    sha256Into(this.#leaf, this.#leaves, this.#filled * HASH_LENGTH);
    return this.#step();
  }

  /** Details come after all entries of their step, in the same order. */
  details({ bytes, view, at, length }: CopiedRow): boolean {
    const nth = this.#detailed++;
    if (safeAt(view, at[0] ?? 0) !== this.#committed[nth] || length[1] === NULL) return false;
    const text = bytes.toString('utf8', at[1] ?? 0, (at[1] ?? 0) + (length[1] ?? 0));
    const commitment = this.#commitments.subarray(nth * COMMITMENT, (nth + 1) * COMMITMENT);
    const digest = detailsDigest(commitment.subarray(0, SALT_LENGTH), text);
    return digest.equals(commitment.subarray(SALT_LENGTH)) && isCanonicalDetails(text);
  }

  #erased(view: DataView, at: Int32Array, length: Int32Array): boolean {
    if (length[5] !== NULL || safeAt(view, at[1] ?? 0) !== 0) return false;
    if (length[2] !== NULL || length[6] !== NULL || length[7] !== NULL) return false;
    if (!this.#erasures.delete(this.next)) return false;
    this.#borrowed.push(this.#filled);
    this.erased++;
    return this.#step();
  }

  #step(): boolean {
    this.#filled++;
    this.next++;
    this.count++;
    return true;
  }

  #commit(): void {
    if (this.#detailed > 0 && this.#detailed === this.#committed.length) {
      this.#committed = [];
      this.#detailed = 0;
    }
    const start = this.#committed.length * COMMITMENT;
    this.#committed.push(this.next);
    if (start + COMMITMENT > this.#commitments.length)
      this.#commitments = Buffer.concat([this.#commitments, Buffer.alloc(this.#commitments.length)]);
    this.#leaf.copy(this.#commitments, start, SALT, SALT + SALT_LENGTH);
    this.#leaf.copy(this.#commitments, start + SALT_LENGTH, DETAILS_DIGEST);
  }

  /** Answers whether any bit was set. Four bytes at a time: a call of `copy` takes as long as a fifth of a hash. */
  #copy(from: DataView, start: number, to: number, length: number): boolean {
    const view = this.#leafView;
    let bits = 0;
    for (let i = 0; i < length; i += 4) {
      const four = from.getInt32(start + i);
      view.setInt32(to + i, four);
      bits |= four;
    }
    return bits !== 0;
  }

  #fill(to: number, length: number, four: number): void {
    for (let i = 0; i < length; i += 4) this.#leafView.setInt32(to + i, four);
  }
}

/** A number below 2^53 and not below 0; NaN for any other. */
function safeAt(view: DataView, at: number): number {
  const high = view.getInt32(at);
  return high >= 0 && high < SAFE_HIGH ? high * 2 ** 32 + view.getUint32(at + 4) : NaN;
}
