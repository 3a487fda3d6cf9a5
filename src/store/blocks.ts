import type { Connections } from './connections.js';
import { assertRange } from './entries.js';
import { StoreError } from './errors.js';
import type { Everyday } from './everyday.js';
import { BLOCK_COLUMNS, safe, toBlock, toTip, type BlockRow, type TipRow } from './rows.js';
import type { Head, StoredBlock, StoredCheckpoint, Waiting } from './types.js';

export async function head(everyday: Everyday): Promise<Head> {
  const row = await everyday.ask('reading the head', (prisma) => prisma.head.findFirst());
  if (row === null) throw new StoreError('refused', 'the head row is missing');
  return { nextPosition: safe(row.nextPosition), latestTime: safe(row.latestTime) };
}

export async function tip(connections: Connections): Promise<StoredBlock | null> {
  const [block] = await blocks(connections, { limit: 1 });
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

export async function headers(connections: Connections, from: number, to: number): Promise<StoredBlock[]> {
  assertRange(from, Math.max(0, to - from));
  const rows = await connections.prepared<BlockRow>(
    'headers',
    `SELECT ${BLOCK_COLUMNS} FROM block WHERE height >= $1 AND height < $2 ORDER BY height`,
    [from, to],
  );
  return rows.map(toBlock);
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
  return row === undefined ? null : { size: safe(row.size), root: row.root, note: row.note };
}

interface HeadRow {
  readonly next_position: string;
  readonly latest_time: string;
  readonly waiting_since: string | null;
}

/** One statement, hence one snapshot: read apart, a commit in between would show entries both sealed and waiting. */
export async function waiting(connections: Connections): Promise<Waiting> {
  const [row] = await connections.read<HeadRow & TipRow>(`
    SELECT head.next_position, head.latest_time, waiting.accepted_at AS waiting_since, tip.*
    FROM head
    LEFT JOIN LATERAL (SELECT * FROM block ORDER BY height DESC LIMIT 1) AS tip ON true
    LEFT JOIN entry AS waiting ON waiting.position = COALESCE(tip.first_position + tip.entry_count, 0)`);
  if (row === undefined) throw new StoreError('refused', 'the head row is missing');
  const tip = toTip(row);
  return {
    nextPosition: safe(row.next_position),
    latestTime: safe(row.latest_time),
    tip,
    firstUnsealed: tip === null ? 0 : tip.firstPosition + tip.entryCount,
    waitingSince: row.waiting_since === null ? null : safe(row.waiting_since),
  };
}
