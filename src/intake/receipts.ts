import { entryLeafHashes, FlatTree } from '../merkle/flat.js';
import { encodeEntries, formatNote, formatReceipt, type Note } from '../proof/index.js';
import type { KeptEntry, Store, StoredReceipt } from '../store/index.js';

/** A receipt as a caller gets it: for its own entries in the group. */
export interface OwnReceipt {
  /** The signed note. */
  readonly note: string;
  /** Place of the caller's first entry in the group. */
  readonly index: number;
  /** From the caller's entries to the receipt's root (docs/proof-format.md, "Trees"). */
  readonly path: readonly Uint8Array[];
}

/** The receipt of a group of entries that are accepted together. */
export class GroupReceipt {
  readonly note: string;
  readonly #tree: FlatTree;

  constructor(note: string, tree: FlatTree) {
    this.note = note;
    this.#tree = tree;
  }

  /** For the `count` entries from place `index` on. */
  of(index: number, count: number): OwnReceipt {
    return { note: this.note, index, path: this.#tree.path(index, count) };
  }
}

/** The tree over encoded entries, which lie one after the other; at least one. */
function entryTree(encoded: Uint8Array): FlatTree {
  return new FlatTree(entryLeafHashes(encoded));
}

/** Whole trees are kept for so many groups: the callers of a group poll at the same time. */
const TREES_KEPT = 16;

/** Receipts of accepted entries that no block holds yet. */
export class StoredReceipts {
  readonly #store: Pick<Store, 'receiptOf' | 'entries'>;
  /** By the note. */
  readonly #groups = new Map<string, GroupReceipt>();

  constructor(store: Pick<Store, 'receiptOf' | 'entries'>) {
    this.#store = store;
  }

  /**
   * For the `count` entries from `position` on, which were accepted together; null: a block holds them, and
   * the receipt has been dropped.
   * @throws {StoreError}
   */
  async of(position: number, count: number): Promise<OwnReceipt | null> {
    const stored = await this.#store.receiptOf(position);
    if (stored === null) return null;
    const index = position - stored.firstPosition;
    if (index + count > stored.entryCount) return null;
    const group = this.#groups.get(stored.note) ?? (await this.#read(stored));
    return group?.of(index, count) ?? null;
  }

  async #read({ firstPosition, entryCount, note }: StoredReceipt): Promise<GroupReceipt | null> {
    const entries = await this.#store.entries(firstPosition, entryCount);
    const kept = entries.filter((entry): entry is KeptEntry => !entry.erased);
    if (kept.length !== entryCount) return null;
    const group = new GroupReceipt(note, entryTree(encodeEntries(kept)));
    const [oldest] = this.#groups.keys();
    if (oldest !== undefined && this.#groups.size >= TREES_KEPT) this.#groups.delete(oldest);
    this.#groups.set(note, group);
    return group;
  }
}

/** Signs a text, which ends with LF, with some keys. */
export type SignText = (text: string) => Note | Promise<Note>;

/** Signs receipts, one for each group of entries, before they are written. */
export class Receipts {
  readonly #sign: SignText;
  readonly #origin: string;
  readonly #promiseMs: number;

  /**
   * @param sign      signs with the receipt keys
   * @param origin    of the log
   * @param promiseMs within how many milliseconds after its acceptance an entry is sealed
   */
  constructor(sign: SignText, origin: string, promiseMs: number) {
    this.#sign = sign;
    this.#origin = origin;
    this.#promiseMs = promiseMs;
  }

  /** @param encoded the group's entries, one after the other, all accepted at `acceptedAt`; at least one */
  async sign(encoded: Uint8Array, acceptedAt: number): Promise<GroupReceipt> {
    const tree = entryTree(encoded);
    const text = formatReceipt({
      origin: this.#origin,
      count: tree.size,
      root: tree.root,
      acceptedAt,
      deadline: acceptedAt + this.#promiseMs,
    });
    return new GroupReceipt(formatNote(await this.#sign(text)), tree);
  }
}
