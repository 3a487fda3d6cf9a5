import { type Receipts } from '../intake/index.js';
import {
  equal,
  NO_DETAILS,
  PENDING_FORMAT,
  PROOF_FORMAT,
  type Entry,
  type JsonObject,
  type PendingProof,
  type ProofFile,
} from '../proof/index.js';
import type { KeptEntry, PositionRange, Store, StoredBlock } from '../store/index.js';
import { LogTiles } from './log-tiles.js';
import {
  hasSaltPrefix,
  notarizationId,
  parseNotarizationId,
  type Disclosure,
  type Notarization,
} from './notarization.js';
import { prove } from './prove.js';
import { SealedWatch } from './sealed-watch.js';
import { Checkpoints } from './witnesses/checkpoints.js';
import type { CosignedView } from './witnesses/cosigned-view.js';

/** What can be read about notarizations. Sees committed rows only; rejects with a StoreError while the database is away. */
export class Notarizations {
  readonly #store: Store;
  readonly #receipts: Receipts;
  readonly #watch: SealedWatch;
  readonly #cosigned: CosignedView | null;
  readonly #checkpoints: Checkpoints;
  readonly #logTiles: LogTiles;

  constructor(store: Store, receipts: Receipts, cosigned: CosignedView | null = null) {
    this.#store = store;
    this.#cosigned = cosigned;
    this.#checkpoints = new Checkpoints(store, cosigned);
    this.#logTiles = new LogTiles(store);
    this.#receipts = receipts;
    this.#watch = new SealedWatch(store);
  }

  /** null: there is none of this id, or it has been erased. */
  async find(id: string): Promise<Notarization | null> {
    const parsed = parseNotarizationId(id);
    const entry = parsed && (await this.#store.entry(parsed.position));
    if (parsed === null || entry === null || entry.erased || !hasSaltPrefix(entry, parsed.saltPrefix))
      return null;
    const [notarization] = await this.describe([entry]);
    return notarization ?? null;
  }

  /** Positions [first, first + count), less those that have been erased. */
  async at(first: number, count: number): Promise<Notarization[]> {
    const entries = await this.#store.entries(first, count);
    return this.describe(entries.filter((entry): entry is KeptEntry => !entry.erased));
  }

  /** The notarizations of the document with this digest, earliest first, at most `limit`. */
  async byDigest(
    sha256: Uint8Array,
    limit: number,
  ): Promise<{ readonly notarizations: readonly Notarization[]; readonly more: boolean }> {
    const { entries, more } = await this.#store.entriesByDigest(sha256, limit);
    return { notarizations: await this.describe(entries), more };
  }

  /**
   * The notarization's proof over the latest checkpoint, or the latest that the quorum has cosigned; what there is instead while no block holds it.
   */
  async proof(notarization: Notarization, disclosure: Disclosure): Promise<ProofFile | PendingProof> {
    const { entry, details, block } = notarization;
    const claim = {
      document: { sha256: entry.digest, ...(entry.size === null ? {} : { size: entry.size }) },
      entry: plainEntry(entry),
      ...(disclosure.details && details !== null ? { details } : {}),
      ...(disclosure.account === null ? {} : { account: disclosure.account }),
    };
    if (block === null) {
      return { format: PENDING_FORMAT, ...claim, ...this.#receipts.issue(entry.position, [entry]) };
    }
    const stored = await this.#checkpoints.over(block.height);
    if (stored === null) throw new Error(`block ${block.height} stands in a log without a checkpoint`);
    const parts = await prove(this.#store, entry.position, block, stored, this.#logTiles.tree(stored.size));
    return { format: PROOF_FORMAT, ...claim, ...parts, anchors: [] };
  }

  /** True once a block holds `position`; false when `signal` aborts first. */
  whenSealed(position: number, signal: AbortSignal): Promise<boolean> {
    return this.#watch.until(position, signal);
  }

  /** True once the quorum has cosigned this block, or at once where nobody is asked; false when `signal` aborts first. */
  async whenCosigned({ height }: StoredBlock, signal: AbortSignal): Promise<boolean> {
    return this.#cosigned === null || this.#cosigned.until(height, signal);
  }

  close(): Promise<void> {
    return this.#watch.close();
  }

  /**
   * Two queries, however many they are and wherever they lie.
   * @param entries in position order
   */
  async describe(entries: readonly KeptEntry[]): Promise<Notarization[]> {
    const withDetails = entries.filter(({ detailsDigest }) => !equal(detailsDigest, NO_DETAILS));
    const [details, blocks] = await Promise.all([
      this.#store.detailsIn(runsOf(withDetails)),
      this.#store.blocksOver(runsOf(entries)),
    ]);
    let at = 0;
    return entries.map((entry) => {
      const { position } = entry;
      while (position >= endOf(blocks[at])) at++;
      const block = blocks[at] ?? null;
      const json = details.get(position);
      return {
        id: notarizationId(entry),
        position,
        entry,
        details: json === undefined ? null : (JSON.parse(json) as JsonObject),
        block,
        cosigned: this.#cosignedOf(block),
      };
    });
  }

  #cosignedOf(block: StoredBlock | null): Notarization['cosigned'] {
    if (block === null || this.#cosigned === null) return null;
    return { ...this.#cosigned.countOver(block.height), quorum: block.height < this.#cosigned.size };
  }
}

/** The first position beyond the block; of none, beyond all positions. */
const endOf = (block: StoredBlock | undefined): number =>
  block === undefined ? Infinity : block.firstPosition + block.entryCount;

/** Cut where a position is missing. */
function runsOf(entries: readonly KeptEntry[]): PositionRange[] {
  const runs: { first: number; count: number }[] = [];
  for (const { position } of entries) {
    const run = runs.at(-1);
    if (run !== undefined && run.first + run.count === position) run.count++;
    else runs.push({ first: position, count: 1 });
  }
  return runs;
}

/** Without what the store adds to it. */
function plainEntry({ kind, digest, size, acceptedAt, salt, accountTag, detailsDigest }: KeptEntry): Entry {
  return { kind, digest, size, acceptedAt, salt, accountTag, detailsDigest };
}
