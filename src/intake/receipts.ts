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

/** Signs what was accepted. Ed25519 is deterministic: the same promise always reads the same, and none needs to be kept. */
export class Receipts {
  readonly key: NoteSigner;
  readonly #origin: string;
  readonly #promiseMs: number;

  /**
   * @param origin    the log that the promise is about
   * @param promiseMs how long after acceptance, at the latest, an entry is sealed
   */
  constructor(key: NoteSigner, origin: string, promiseMs: number) {
    this.key = key;
    this.#origin = origin;
    this.#promiseMs = promiseMs;
  }

  /** For entries (and their bytes) at `firstPosition` and the positions after it; at least one, all accepted at the same time. */
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

  /** The note's whole text. */
  issueText(firstPosition: number, entries: readonly Entry[], encoded?: Uint8Array<ArrayBuffer>): string {
    return formatNote(this.issue(firstPosition, entries, encoded).note);
  }
}
