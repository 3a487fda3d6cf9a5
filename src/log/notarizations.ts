import { timingSafeEqual } from 'node:crypto';
import type { Background } from '../background/index.js';
import { nodeSha256 } from '../crypto/primitives.js';
import { StoredReceipts } from '../intake/index.js';
import {
  type Anchor,
  canonicalJson,
  type Entry,
  equal,
  fromHex,
  ID_SALT_LENGTH,
  idWithDetails,
  inclusionTiles,
  isAnonymous,
  type JsonObject,
  NO_DETAILS,
  parseCheckpointNote,
  parseNote,
  parseReceipt,
  PENDING_FORMAT,
  type PendingProof,
  PROOF_FORMAT,
  type ProofFile,
  splitHashes,
  type ReadTile,
  TiledTree,
  type TileId,
} from '../proof/index.js';
import { logTree } from '../sealer/index.js';
import {
  type KeptEntry,
  type PositionRange,
  type Store,
  type StoredBlock,
  type StoredCheckpoint,
  StoreError,
} from '../store/index.js';
import { AnchorView } from './anchors.js';
import { Checkpoints, type CosignedCount, type CosignedView } from './cosigned-view.js';
import { KeptBlocks } from './kept-blocks.js';
import { LogTiles } from './tiles.js';
import { SealedWatch } from './watermark.js';

/** How far an entry has got. */
export interface Place {
  /** null: accepted, not yet sealed. */
  readonly block: StoredBlock | null;
  /**
   * How many members have cosigned the block, and whether they meet the quorum; null: not sealed, or the log
   * has no members.
   */
  readonly cosigned: (CosignedCount & { readonly quorum: boolean }) | null;
  /** Whether a time source has anchored the block; null: not sealed, or the log has no time sources. */
  readonly anchored: boolean | null;
}

/** Of an entry that has just been accepted. */
export const NOWHERE: Place = { block: null, cosigned: null, anchored: null };

/** A notarization: its entry, its details and its status. */
export interface Notarization extends Place {
  readonly position: number;
  readonly entry: KeptEntry;
  /** null: none, or withheld by `Notarizations.find`. */
  readonly details: JsonObject | null;
}

/** What a proof discloses of the values that its entry holds only as hashes. */
export interface Disclosure {
  readonly details: boolean;
  /** The id of the owning organization; null: not disclosed. */
  readonly organization: string | null;
}

/** What `idWithDetails` gives. */
export const NOTARIZATION_ID = /^(0|[1-9][0-9]{0,15})-([0-9a-f]{16})(-[0-9a-f]{24})?$/;

interface ParsedId {
  readonly position: number;
  readonly saltPrefix: Uint8Array;
  /** Whether it has the part that follows from the details. */
  readonly hasDetails: boolean;
}

/** null when `id` is not of the form that `idWithDetails` gives. */
export function parseNotarizationId(id: string): ParsedId | null {
  const match = NOTARIZATION_ID.exec(id);
  const position = Number(match?.[1]);
  if (match?.[2] === undefined || !Number.isSafeInteger(position)) return null;
  return {
    position,
    saltPrefix: fromHex(match[2], ID_SALT_LENGTH),
    hasDetails: match[3] !== undefined,
  };
}

function hasSaltPrefix({ salt }: KeptEntry, prefix: Uint8Array): boolean {
  return equal(salt.subarray(0, ID_SALT_LENGTH), prefix);
}

/**
 * Reads notarizations, from committed rows only. Rejects with a StoreError while the database is unavailable.
 */
export class Notarizations {
  readonly #store: Store;
  readonly #receipts: StoredReceipts;
  readonly #watch: SealedWatch;
  readonly #cosigned: CosignedView | null;
  readonly #anchors: AnchorView;
  readonly #awaitsAnchors: boolean;
  readonly #checkpoints: Checkpoints;
  readonly #logTiles: LogTiles;
  readonly #blocks: KeptBlocks;
  /** The latest checkpoint, and how many positions were sealed when it was read; null: not read, or cosigned since. */
  #latest: { readonly checkpoint: StoredCheckpoint; readonly sealed: number } | null = null;

  /** @param awaitsAnchors whether the log has sources that will anchor what is sealed */
  constructor(
    store: Store,
    background: Background,
    cosigned: CosignedView | null = null,
    awaitsAnchors = false,
  ) {
    this.#awaitsAnchors = awaitsAnchors;
    this.#store = store;
    this.#cosigned = cosigned;
    this.#checkpoints = new Checkpoints(store, cosigned);
    this.#logTiles = new LogTiles(store);
    this.#blocks = new KeptBlocks(store);
    this.#receipts = new StoredReceipts(store);
    this.#watch = new SealedWatch(store, background);
    this.#anchors = new AnchorView(store, background);
  }

  /**
   * null: there is no notarization of this id, or it is erased. An anonymous one is returned without its
   * details unless the id is that of `idWithDetails`.
   * @throws {StoreError} key_missing
   */
  async find(id: string): Promise<Notarization | null> {
    const parsed = parseNotarizationId(id);
    const entry = parsed && (await this.#store.entry(parsed.position));
    if (entry?.erased === true && entry.keyMissing === true) {
      const message = `the data key of the notarization at position ${entry.position} is missing`;
      throw new StoreError('key_missing', message);
    }
    if (parsed === null || entry === null || entry.erased || !hasSaltPrefix(entry, parsed.saltPrefix))
      return null;
    const [notarization] = await this.describe([entry]);
    if (notarization === undefined) return null;
    if (!parsed.hasDetails) return isAnonymous(entry) ? { ...notarization, details: null } : notarization;
    const { position, details } = notarization;
    const text = details === null ? null : canonicalJson(details);
    return sameText(id, idWithDetails(position, entry, text, nodeSha256)) ? notarization : null;
  }

  /** The places of positions [first, first + count). */
  async places(first: number, count: number): Promise<Place[]> {
    const blocks = await this.#store.blocksContaining([{ first, count }]);
    return this.#placesOf(
      Array.from({ length: count }, (_, i) => first + i),
      blocks,
    );
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
   * The notarization's proof, to the checkpoint that `Checkpoints.over` chooses; while it is not sealed, a
   * pending proof with its receipt.
   */
  async proof(notarization: Notarization, disclosure: Disclosure): Promise<ProofFile | PendingProof> {
    const { entry, details, block } = notarization;
    const claim = {
      document: { sha256: entry.digest, ...(entry.size === null ? {} : { size: entry.size }) },
      entry: plainEntry(entry),
      ...(disclosure.details && details !== null ? { details } : {}),
      ...(disclosure.organization === null ? {} : { account: disclosure.organization }),
    };
    if (block === null) {
      const own = await this.#receipts.of(entry.position, 1);
      if (own === null) return this.#proofSinceSealed(notarization, disclosure);
      const { index, path } = own;
      const note = parseNote(own.note);
      const receipt = parseReceipt(note.text);
      return { format: PENDING_FORMAT, ...claim, position: entry.position, receipt, note, index, path };
    }
    const stored = await this.#checkpointOver(block.height);
    if (stored === null) throw new Error(`block ${block.height} has no checkpoint`);
    const parts = await prove(this.#store, entry.position, block, stored, this.#logTiles.tree(stored.size));
    return { format: PROOF_FORMAT, ...claim, ...parts, anchors: await this.#anchors.of(block) };
  }

  /** As `Checkpoints.over`. It is read again only when a block has been sealed since. */
  async #checkpointOver(height: number): Promise<StoredCheckpoint | null> {
    const sealed = this.#watch.value;
    if (this.#latest?.sealed === sealed && this.#latest.checkpoint.size > height) {
      return this.#latest.checkpoint;
    }
    const checkpoint = await this.#checkpoints.over(height);
    // In a log with members, the checkpoint gets more cosignatures.
    if (checkpoint !== null && this.#cosigned === null) this.#latest = { checkpoint, sealed };
    return checkpoint;
  }

  /** The proof of a notarization that was pending when it was read, and whose receipt has been dropped since. */
  async #proofSinceSealed(
    { entry, details }: Notarization,
    disclosure: Disclosure,
  ): Promise<ProofFile | PendingProof> {
    const [current] = await this.describe([entry]);
    if (current === undefined || current.block === null) {
      throw new Error(`the notarization at position ${entry.position} has neither a block nor a receipt`);
    }
    return this.proof({ ...current, details }, disclosure);
  }

  /** So many positions are sealed, or more: `whenSealed` of this number waits for the next block. */
  get sealedPositions(): number {
    return this.#watch.value;
  }

  /** True once a block holds `position`; false when `signal` aborts first. */
  whenSealed(position: number, signal: AbortSignal): Promise<boolean> {
    return this.#watch.until(position, signal);
  }

  /**
   * True once the quorum has cosigned this block, or at once in a log without members; false when `signal`
   * aborts first.
   */
  async whenCosigned({ height }: StoredBlock, signal: AbortSignal): Promise<boolean> {
    return this.#cosigned === null || this.#cosigned.until(height, signal);
  }

  /** True once a time source has anchored this block; false when `signal` aborts first. */
  whenAnchored({ height }: StoredBlock, signal: AbortSignal): Promise<boolean> {
    return this.#anchors.until(height, signal);
  }

  /** When the quorum had cosigned this block, as the members state it; null: not yet, or there are no members. */
  async cosignedAt({ height }: StoredBlock): Promise<number | null> {
    return this.#cosigned === null ? null : this.#cosigned.metAt(height);
  }

  /** Every block below this height has the status `anchored`: its quorum, if there is one, has cosigned it too. */
  get anchoredBelow(): number {
    return Math.min(this.#anchors.size, this.#cosigned?.size ?? Infinity);
  }

  /** As in the proofs of this block's entries. */
  anchorsOf(block: StoredBlock): Promise<readonly Anchor[]> {
    return this.#anchors.of(block);
  }

  async close(): Promise<void> {
    await Promise.all([this.#watch.close(), this.#anchors.close()]);
  }

  /**
   * Describes entries at any positions, with two queries.
   * @param entries in position order
   */
  async describe(entries: readonly KeptEntry[]): Promise<Notarization[]> {
    const withDetails = entries.filter(({ detailsDigest }) => !equal(detailsDigest, NO_DETAILS));
    const [details, blocks] = await Promise.all([
      this.#store.detailsIn(runsOf(withDetails)),
      this.#blocks.containing(runsOf(entries)),
    ]);
    const places = this.#placesOf(
      entries.map(({ position }) => position),
      blocks,
    );
    return entries.map((entry, i) => {
      const { position } = entry;
      const json = details.get(position);
      return {
        position,
        entry,
        details: json === undefined ? null : (JSON.parse(json) as JsonObject),
        ...(places[i] ?? NOWHERE),
      };
    });
  }

  #anchoredOf(block: StoredBlock): boolean | null {
    return block.height < this.#anchors.size ? true : this.#awaitsAnchors ? false : null;
  }

  /**
   * @param positions in order
   * @param blocks    those that hold them, in order
   */
  #placesOf(positions: readonly number[], blocks: readonly StoredBlock[]): Place[] {
    let at = 0;
    let place = this.#placeIn(blocks[at]);
    return positions.map((position) => {
      for (; position >= endOf(blocks[at]); place = this.#placeIn(blocks[at])) at++;
      return place;
    });
  }

  #placeIn(block: StoredBlock | undefined): Place {
    if (block === undefined) return NOWHERE;
    return { block, cosigned: this.#cosignedOf(block), anchored: this.#anchoredOf(block) };
  }

  #cosignedOf(block: StoredBlock): Notarization['cosigned'] {
    if (this.#cosigned === null) return null;
    return { ...this.#cosigned.countOver(block.height), quorum: block.height < this.#cosigned.size };
  }
}

/** The position after the block's last entry; Infinity without a block. */
const endOf = (block: StoredBlock | undefined): number =>
  block === undefined ? Infinity : block.firstPosition + block.entryCount;

/** In constant time. */
function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** Runs of consecutive positions. */
function runsOf(entries: readonly KeptEntry[]): PositionRange[] {
  const runs: { first: number; count: number }[] = [];
  for (const { position } of entries) {
    const run = runs.at(-1);
    if (run !== undefined && run.first + run.count === position) run.count++;
    else runs.push({ first: position, count: 1 });
  }
  return runs;
}

/** The entry without the store's own fields. */
export function plainEntry({
  kind,
  digest,
  size,
  acceptedAt,
  salt,
  accountTag,
  detailsDigest,
}: KeptEntry): Entry {
  return { kind, digest, size, acceptedAt, salt, accountTag, detailsDigest };
}

/**
 * The inclusion paths from the entry at `position` in `block` to a checkpoint that covers the block.
 * @param log the log at the checkpoint's size
 */
export async function prove(
  store: Store,
  position: number,
  block: StoredBlock,
  checkpoint: Pick<StoredCheckpoint, 'size' | 'note'>,
  log: TiledTree = logTree(store, checkpoint.size),
): Promise<Pick<ProofFile, 'block' | 'log'>> {
  const index = position - block.firstPosition;
  const [pathInBlock, pathInLog] = await Promise.all([
    blockPath(store, block, index),
    log.inclusionPath(block.height),
  ]);
  return {
    block: { header: block, index, path: pathInBlock },
    log: { path: pathInLog, ...parseCheckpointNote(checkpoint.note) },
  };
}

/** The path from an entry to the root of its block. @param index of the entry in the block */
async function blockPath(store: Store, block: StoredBlock, index: number): Promise<Uint8Array[]> {
  const [path] = await blockPaths(store, [{ block, index }]);
  if (path === undefined) throw new RangeError('a path is missing');
  return path;
}

/** The paths from entries to the roots of their blocks, with one statement. */
export async function blockPaths(
  store: Store,
  places: readonly { readonly block: BlockSize; readonly index: number }[],
): Promise<Uint8Array[][]> {
  const tiles = new Map(
    places.flatMap(({ block: { height, entryCount }, index }) =>
      inclusionTiles(index, entryCount).map((tile) => [tileName(height, tile), { height, ...tile }] as const),
    ),
  );
  const read = await store.blockTiles([...tiles.values()]);
  const hashes = new Map([...tiles.keys()].map((name, i) => [name, read[i] ?? null]));
  const trees = new Map<number, TiledTree>();
  return Promise.all(
    places.map(({ block: { height, entryCount }, index }) => {
      const tree = trees.get(height) ?? new TiledTree(entryCount, tileOf(height), nodeSha256);
      trees.set(height, tree);
      return tree.inclusionPath(index);
    }),
  );

  function tileOf(height: number): ReadTile {
    return (tile) => {
      const found = hashes.get(tileName(height, tile)) ?? null;
      if (found === null) throw new Error(`block ${height} lacks tile ${tile.level}/${tile.index}`);
      return Promise.resolve(splitHashes(found));
    };
  }
}

const tileName = (height: number, { level, index }: TileId) => `${height}/${level}/${index}`;

interface BlockSize {
  readonly height: number;
  readonly entryCount: number;
}
