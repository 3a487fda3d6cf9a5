import type { Background } from '../background/index.js';
import { type TiledTree, inclusionPath, isZero, MAX_PROOF_LENGTH } from '../proof/index.js';
import { formatAnchor, type Anchor, type Renewal } from '../proof/time/anchor.js';
import { parseStatement } from '../proof/time/state.js';
import type { CompleteAnchor, Kept, Store, StoredBlock, Subscription } from '../store/index.js';
import { LogTiles } from './tiles.js';
import { Watermark } from './watermark.js';

/** How long the anchors of a block are used after they were read: its entries share them. */
const LIFETIME_MS = 1000;
/** Blocks whose anchors are kept that long, and trees of renewals that are kept for good. */
const KEPT_BLOCKS = 256;
const KEPT_TREES = 8;

/** What the anchors of a proof may take, in characters of JSON: all but what the rest of a proof can need. */
const MAX_LENGTH = MAX_PROOF_LENGTH - 256 * 1024;

/** The stored anchors, made by this or another process, as proofs carry them. */
export class AnchorView {
  readonly #store: Store;
  readonly #tiles: LogTiles;
  readonly #size: Watermark;
  readonly #subscription: Subscription;
  readonly #blocks = new Map<
    number,
    { readonly until: number; readonly size: number; readonly anchors: Promise<readonly Anchor[]> }
  >();
  readonly #trees = new Map<number, Promise<readonly Uint8Array[]>>();

  constructor(store: Store, background: Background) {
    this.#store = store;
    this.#tiles = new LogTiles(store);
    this.#size = new Watermark(() => store.anchoredSize(), background.task('reading anchors'));
    this.#subscription = store.onAnchored(() => {
      this.#blocks.clear();
      this.#size.notify();
    });
  }

  /** Size of the largest checkpoint that a time source has anchored; 0: none. */
  get size(): number {
    return this.#size.value;
  }

  /**
   * Resolves to true once a time source has anchored the block of this height, to false when `signal` aborts
   * first.
   */
  until(height: number, signal: AbortSignal): Promise<boolean> {
    return this.#size.until(height, signal);
  }

  /**
   * Of each time source the earliest anchor that covers the block, and what the block names that nobody could know
   * before.
   */
  of(block: StoredBlock): Promise<readonly Anchor[]> {
    const now = performance.now();
    const kept = this.#blocks.get(block.height);
    const { size } = this;
    // What was read before the size grew would contradict the status "anchored".
    if (kept?.size === size && now < kept.until) return kept.anchors;
    const anchors = this.#read(block);
    this.#blocks.delete(block.height);
    this.#blocks.set(block.height, { until: now + LIFETIME_MS, size, anchors });
    anchors.catch(() => this.#blocks.delete(block.height));
    forgetOldest(this.#blocks, KEPT_BLOCKS);
    return anchors;
  }

  async close(): Promise<void> {
    const closed = this.#size.close();
    await this.#subscription.close();
    await closed;
  }

  async #read({ height, state }: StoredBlock): Promise<readonly Anchor[]> {
    const [anchors, statements] = await Promise.all([
      // In a log without time sources, proofs cost no query more.
      height < this.size ? this.#store.anchorsOver(height) : [],
      isZero(state) ? [] : this.#store.stateStatements(height, height + 1),
    ]);
    return thatFit([
      // A statement about records alone says nothing of time.
      ...statements
        .filter(({ statement }) => parseStatement(statement).beacons.length > 0)
        .map(({ statement }) => formatAnchor({ type: 'beacon', statement, headerPath: [] })),
      ...(await Promise.all(anchors.map((anchor) => this.#shown(anchor, height)))),
    ]);
  }

  async #shown(anchor: Kept<CompleteAnchor>, height: number): Promise<Anchor> {
    const tree: TiledTree = this.#tiles.tree(anchor.size);
    const [checkpoint, path] = await Promise.all([
      this.#store.checkpoint(anchor.size),
      tree.inclusionPath(height),
    ]);
    if (checkpoint === null) throw new Error(`anchor ${anchor.id} is of no checkpoint`);
    const { note } = checkpoint;
    if (anchor.type === 'bitcoin') {
      const [header = new Uint8Array(), ...following] = anchor.headers;
      const { type, ots, height: at } = anchor;
      return formatAnchor({ type, note, path, ots, header, height: at, headerPath: [], following });
    }
    const { type, token, crls } = anchor;
    return formatAnchor({ type, note, path, token, crls, renewals: await this.#renewalsOf(anchor.id) });
  }

  async #renewalsOf(id: number): Promise<Renewal[]> {
    const renewals = await this.#store.renewalsOf(id);
    return Promise.all(
      renewals.map(async ({ id: renewal, index, ...kept }): Promise<Renewal> => {
        const leaves = await this.#leavesOf(renewal);
        return { size: leaves.length, index, path: inclusionPath(index, leaves), ...kept };
      }),
    );
  }

  #leavesOf(renewal: number): Promise<readonly Uint8Array[]> {
    const kept = this.#trees.get(renewal);
    if (kept !== undefined) return kept;
    const leaves = this.#store.renewalLeaves(renewal);
    this.#trees.set(renewal, leaves);
    leaves.catch(() => this.#trees.delete(renewal));
    forgetOldest(this.#trees, KEPT_TREES);
    return leaves;
  }
}

/** Many renewals with long revocation lists would make a proof that nobody can read. */
function thatFit(anchors: readonly Anchor[]): readonly Anchor[] {
  let left = MAX_LENGTH;
  return anchors.filter((anchor) => {
    // As `formatProof` writes it.
    const { length } = JSON.stringify([[anchor]], null, 2);
    if (length > left) return false;
    left -= length;
    return true;
  });
}

function forgetOldest(map: Map<number, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
