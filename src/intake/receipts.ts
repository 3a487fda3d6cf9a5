import {
  encodeEntries,
  ENTRY_LENGTH,
  formatNote,
  formatReceipt,
  leafHash,
  merkleRoot,
  signNote,
  type Entry,
  type Note,
  type NoteSigner,
  type Receipt,
} from '../proof/index.js';
import { nodeSha256 } from '../crypto/primitives.js';

/**
 * Signs receipts for accepted entries. Ed25519 is deterministic: a repeated request gets the same receipt,
 * and none is stored.
 */
export class Receipts {
  readonly key: NoteSigner;
  readonly #origin: string;
  readonly #promiseMs: number;

  /**
   * @param origin    of the log
   * @param promiseMs within how many milliseconds after its acceptance an entry is sealed
   */
  constructor(key: NoteSigner, origin: string, promiseMs: number) {
    this.key = key;
    this.#origin = origin;
    this.#promiseMs = promiseMs;
  }

  /** For at least one entry, at consecutive positions from `firstPosition`, all accepted at the same time. */
  issue(
    firstPosition: number,
    entries: readonly Entry[],
    encoded = encodeEntries(entries),
  ): { readonly receipt: Receipt; readonly note: Note } {
    const acceptedAt = entries[0]?.acceptedAt ?? 0;
    const receipt: Receipt = {
      origin: this.#origin,
      firstPosition,
      count: entries.length,
      root: merkleRoot(
        entries.map((_, i) =>
          leafHash(encoded.subarray(i * ENTRY_LENGTH, (i + 1) * ENTRY_LENGTH), nodeSha256),
        ),
        nodeSha256,
      ),
      acceptedAt,
      deadline: acceptedAt + this.#promiseMs,
    };
    return { receipt, note: signNote(formatReceipt(receipt), this.key) };
  }

  /** The receipt as the text of a note. */
  issueText(firstPosition: number, entries: readonly Entry[], encoded?: Uint8Array<ArrayBuffer>): string {
    return formatNote(this.issue(firstPosition, entries, encoded).note);
  }
}
