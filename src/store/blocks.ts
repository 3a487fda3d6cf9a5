import type { BlockTile } from '../merkle/block-tree.js';
import type { LogTile } from '../merkle/growing-tree.js';
import { int8Array } from './binary.js';
import type { Connections } from './connections.js';
import { assertRange, type PositionRange, rangeParameters } from './entries.js';
import type { RecordCommit } from './record-sealing.js';
import { StoreError } from './errors.js';
import type { Part } from './replication.js';
import { BLOCK_COLUMNS, type BlockRow, safe, type StoredBlock, type TipRow, toBlock, toTip } from './rows.js';
import { rolledBack } from './seen.js';

export interface StoredCheckpoint {
  /** Number of blocks that it covers. */
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed note. */
  readonly note: string;
}

export interface BlockCommit {
  /** Hash of the block that the new one was built on; null for the first block. */
  readonly expectedTip: Uint8Array | null;
  readonly block: StoredBlock;
  /** The text whose SHA-256 is the block's state; null: the block says nothing. */
  readonly statement: string | null;
  /** What the block makes of records; absent: it changes none. */
  readonly records?: RecordCommit | null;
  /** Every tile of the block's tree. */
  readonly blockTiles: readonly BlockTile[];
  /** The tiles of the log that this block completes: none for most blocks. */
  readonly logTiles: readonly LogTile[];
  /** Over the log including this block. */
  readonly checkpoint: StoredCheckpoint;
}

/** A tile of the tree of the block of this height. */
export interface PlacedTile extends Pick<BlockTile, 'level' | 'index'> {
  readonly height: number;
}

export interface Head {
  /** The position of the next entry; equal to the number of entries. */
  readonly nextPosition: number;
  /** The latest time of acceptance, 0 in an empty chain. */
  readonly latestTime: number;
}

export interface SealingState extends Head {
  readonly tip: StoredBlock | null;
  /** The first position that no block holds; equal to `nextPosition` when nothing waits. */
  readonly firstUnsealed: number;
  /** Time of acceptance of the entry at `firstUnsealed`; null when nothing waits. */
  readonly waitingSince: number | null;
  /** The state statement of the tip; null: it has none. */
  readonly tipStatement: string | null;
  /** The first time for which a record waits; null: none does. */
  readonly recordsDueAt: number | null;
  /** Whether any record waits until a document is notarized. */
  readonly recordsWaitForDocuments: boolean;
}

/** Blocks, their trees, and the checkpoints of the log. */
export interface BlockStore {
  head(): Promise<Head>;

  /** The highest block, or null in an empty chain. */
  tip(): Promise<StoredBlock | null>;

  /**
   * Head and tip as of one moment: whether entries wait for a block, and since when.
   * @throws {StoreError} rolled_back: less than this process has seen before; and as all methods
   */
  sealingState(): Promise<SealingState>;

  /**
   * Commits a block with its tiles, the log tiles it completes and the checkpoint, and deletes the receipts of
   * the groups that begin in it, all or nothing, provided that the tip is still the block that it was built on, and notifies every `onSealed` listener.
   * 'tip_moved': another block has that height, nothing was written; start again.
   *
   * Durability: everything is on disk when this resolves with 'committed'. Concurrency: any number of sealers
   * may try; at most one gets a height, by unique constraints and not by a lock alone. The server terminates
   * a process that is paused in the middle after some seconds.
   *
   * @throws {StoreError} unavailable, refused: nothing was written. outcome_unknown: call `findCommitted`.
   */
  commitBlock(commit: BlockCommit): Promise<'committed' | 'tip_moved'>;

  /**
   * The outcome of a `commitBlock` that ended in outcome_unknown: whether this very block was committed.
   * Final, as `findAccepted`.
   */
  findCommitted(block: StoredBlock): Promise<boolean>;

  block(height: number): Promise<StoredBlock | null>;

  /** Blocks below height `before` (by default from the tip on), highest first, at most `limit`. */
  blocks(range: { readonly before?: number; readonly limit: number }): Promise<StoredBlock[]>;

  /** Blocks of the heights [from, to), lowest first. A block's header is the block without its hash. */
  blocksBetween(from: number, to: number): Promise<StoredBlock[]>;

  /** The state statements of the blocks of the heights [from, to) that have one, lowest first. */
  stateStatements(from: number, to: number): Promise<PlacedStatement[]>;

  /**
   * The blocks that hold these positions, lowest first. Positions that wait for a block are in none.
   * @throws {StoreError} unavailable also when a synchronous standby does not confirm one of them
   */
  blocksContaining(ranges: readonly PositionRange[]): Promise<StoredBlock[]>;

  /** The blocks of these heights, each once, lowest first; those that there are. */
  blocksAt(heights: readonly number[]): Promise<StoredBlock[]>;

  /** The hashes of these tiles of blocks' trees, in the order given; null for tiles that there are not. */
  blockTiles(tiles: readonly PlacedTile[]): Promise<(Uint8Array | null)[]>;

  /**
   * The first `width` (1 to 256) hashes of a tile of the log (tlog-tiles), or null when the log is not that
   * large yet. The result for the same arguments never changes once it is not null.
   */
  logTile(level: number, index: number, width: number): Promise<Uint8Array | null>;

  /**
   * The checkpoint over `size` blocks, by default the latest; null when there is none. While a synchronous
   * standby does not confirm the latest, it is the latest that was confirmed.
   * @throws {StoreError} unavailable also when a synchronous standby does not confirm it
   */
  checkpoint(size?: number): Promise<StoredCheckpoint | null>;
}

export async function head(connections: Connections): Promise<Head> {
  const { nextPosition, latestTime } = await sealingState(connections);
  return { nextPosition, latestTime };
}

export async function tip(connections: Connections): Promise<StoredBlock | null> {
  const [block] = await blocks(connections, { limit: 1 });
  connections.addSeen({ tip: block ?? null });
  return block ?? null;
}

export async function block(connections: Connections, height: number): Promise<StoredBlock | null> {
  const [row] = await connections.prepared<BlockRow>(
    'block',
    `SELECT ${BLOCK_COLUMNS} FROM block WHERE height = $1`,
    [height],
  );
  return row === undefined ? null : toBlock(row);
}

export async function blocks(
  connections: Connections,
  { before = Number.MAX_SAFE_INTEGER, limit }: { readonly before?: number; readonly limit: number },
): Promise<StoredBlock[]> {
  assertRange(before, limit);
  const rows = await connections.prepared<BlockRow>(
    'blocks',
    `SELECT ${BLOCK_COLUMNS} FROM block WHERE height < $1 ORDER BY height DESC LIMIT $2`,
    [before, limit],
  );
  return rows.map(toBlock);
}

export async function blocksBetween(
  connections: Connections,
  from: number,
  to: number,
): Promise<StoredBlock[]> {
  assertRange(from, Math.max(0, to - from));
  const rows = await connections.prepared<BlockRow>(
    'blocks_between',
    `SELECT ${BLOCK_COLUMNS} FROM block WHERE height >= $1 AND height < $2 ORDER BY height`,
    [from, to],
  );
  return rows.map(toBlock);
}

export async function blocksAt(connections: Connections, heights: readonly number[]): Promise<StoredBlock[]> {
  if (heights.length === 0) return [];
  const rows = await connections.prepared<BlockRow>(
    'blocks_at',
    `SELECT ${BLOCK_COLUMNS} FROM block WHERE height = ANY ($1::bigint[]) ORDER BY height`,
    [int8Array(heights)],
  );
  return rows.map(toBlock);
}

/** The block that holds the first position of a range, and those that begin within the range. */
const BLOCKS_CONTAINING = `
SELECT DISTINCT ${BLOCK_COLUMNS}
FROM unnest($1::bigint[], $2::bigint[]) AS range (first, beyond)
CROSS JOIN LATERAL (
  SELECT * FROM (
    SELECT * FROM block WHERE first_position <= range.first ORDER BY first_position DESC LIMIT 1
  ) AS begun WHERE first_position + entry_count > range.first
  UNION ALL
  SELECT * FROM block WHERE first_position > range.first AND first_position < range.beyond
) AS block
ORDER BY height`;

export async function blocksContaining(
  connections: Connections,
  ranges: readonly PositionRange[],
): Promise<StoredBlock[]> {
  if (ranges.length === 0) return [];
  const found = (
    await connections.prepared<BlockRow>('blocks_containing', BLOCKS_CONTAINING, rangeParameters(ranges))
  ).map(toBlock);
  const last = found.at(-1);
  if (last !== undefined) await connections.requireConfirmed(partUpTo(last));
  return found;
}

/** The chain up to and including a block. */
export function partUpTo({ height, firstPosition, entryCount }: StoredBlock): Part {
  return { blocks: height + 1, nextPosition: firstPosition + entryCount };
}

interface CheckpointRow {
  readonly size: string;
  readonly root: Uint8Array;
  readonly note: string;
}

export async function checkpoint(connections: Connections, size?: number): Promise<StoredCheckpoint | null> {
  const [row] =
    size === undefined
      ? await connections.prepared<CheckpointRow>(
          'latest_checkpoint',
          'SELECT size, root, note FROM checkpoint ORDER BY size DESC LIMIT 1',
          [],
        )
      : await connections.prepared<CheckpointRow>(
          'checkpoint',
          'SELECT size, root, note FROM checkpoint WHERE size = $1',
          [size],
        );
  if (row === undefined) return null;
  const found = { size: safe(row.size), root: row.root, note: row.note };
  try {
    await connections.requireConfirmed({ blocks: found.size });
    return found;
  } catch (error) {
    // What was published before stays so.
    const { confirmedBlocks } = connections;
    if (size !== undefined || confirmedBlocks === 0) throw error;
    return checkpoint(connections, confirmedBlocks);
  }
}

interface HeadRow {
  readonly next_position: string;
  readonly latest_time: string;
  readonly waiting_since: string | null;
  readonly tip_statement: string | null;
  readonly due_at: string | null;
  readonly wait_for_documents: boolean;
}

/**
 * One statement, hence one snapshot: a commit between two would show entries both as sealed and as waiting.
 */
export async function sealingState(connections: Connections): Promise<SealingState> {
  const seen = connections.seen.extent;
  const [row] = await connections.read<HeadRow & TipRow>(`
    SELECT head.next_position, head.latest_time, waiting.accepted_at AS waiting_since,
      statement.statement AS tip_statement,
      (SELECT at FROM record_watch WHERE kind = 'time' ORDER BY at LIMIT 1) AS due_at,
      EXISTS (SELECT FROM record_watch WHERE kind = 'digest') AS wait_for_documents, tip.*
    FROM head
    LEFT JOIN LATERAL (SELECT * FROM block ORDER BY height DESC LIMIT 1) AS tip ON true
    LEFT JOIN state_statement AS statement ON statement.height = tip.height
    LEFT JOIN entry AS waiting ON waiting.position = COALESCE(tip.first_position + tip.entry_count, 0)`);
  if (row === undefined) throw new StoreError('refused', 'the head row is missing');
  const tip = toTip(row);
  const nextPosition = safe(row.next_position);
  const isShorter =
    nextPosition < seen.nextPosition || (seen.tip !== null && (tip === null || tip.height < seen.tip.height));
  if (isShorter) throw rolledBack(seen, { nextPosition, tip });
  connections.addSeen({ nextPosition, tip });
  return {
    nextPosition,
    latestTime: safe(row.latest_time),
    tip,
    firstUnsealed: tip === null ? 0 : tip.firstPosition + tip.entryCount,
    waitingSince: row.waiting_since === null ? null : safe(row.waiting_since),
    tipStatement: row.tip_statement,
    recordsDueAt: row.due_at === null ? null : safe(row.due_at),
    recordsWaitForDocuments: row.wait_for_documents,
  };
}

export interface PlacedStatement {
  readonly height: number;
  readonly statement: string;
}

/** Of the blocks of the heights [from, to) that have one, lowest first. */
export async function stateStatements(
  connections: Connections,
  from: number,
  to: number,
): Promise<PlacedStatement[]> {
  assertRange(from, Math.max(0, to - from));
  const rows = await connections.prepared<{ height: string; statement: string }>(
    'state_statements',
    'SELECT height, statement FROM state_statement WHERE height >= $1 AND height < $2 ORDER BY height',
    [from, to],
  );
  return rows.map(({ height, statement }) => ({ height: safe(height), statement }));
}
