import type { Connections } from './connections.js';
import { assertRange } from './entries.js';
import { StoreError } from './errors.js';
import type { Everyday } from './everyday.js';
import { safe, toBlock, toTip, type TipRow } from './rows.js';
import type { Head, StoredBlock, StoredCheckpoint, Waiting } from './types.js';

export async function head(everyday: Everyday): Promise<Head> {
  const row = await everyday.ask('reading the head', (prisma) => prisma.head.findFirst());
  if (row === null) throw new StoreError('refused', 'the head row is missing');
  return { nextPosition: safe(row.nextPosition), latestTime: safe(row.latestTime) };
}

export async function tip(everyday: Everyday): Promise<StoredBlock | null> {
  const [block] = await blocks(everyday, { limit: 1 });
  return block ?? null;
}

export async function block(everyday: Everyday, height: number): Promise<StoredBlock | null> {
  const row = await everyday.ask('reading a block', (prisma) =>
    prisma.block.findUnique({ where: { height } }),
  );
  return row === null ? null : toBlock(row);
}

export async function blocks(
  everyday: Everyday,
  { before, limit }: { readonly before?: number; readonly limit: number },
): Promise<StoredBlock[]> {
  assertRange(before ?? 0, limit);
  const rows = await everyday.ask('reading blocks', (prisma) =>
    prisma.block.findMany({
      ...(before === undefined ? {} : { where: { height: { lt: before } } }),
      orderBy: { height: 'desc' },
      take: limit,
    }),
  );
  return rows.map(toBlock);
}

export async function headers(everyday: Everyday, from: number, to: number): Promise<StoredBlock[]> {
  assertRange(from, Math.max(0, to - from));
  const rows = await everyday.ask('reading blocks', (prisma) =>
    prisma.block.findMany({ where: { height: { gte: from, lt: to } }, orderBy: { height: 'asc' } }),
  );
  return rows.map(toBlock);
}

export async function checkpoint(everyday: Everyday, size?: number): Promise<StoredCheckpoint | null> {
  const row = await everyday.ask('reading a checkpoint', (prisma) =>
    size === undefined
      ? prisma.checkpoint.findFirst({ orderBy: { size: 'desc' } })
      : prisma.checkpoint.findUnique({ where: { size } }),
  );
  return row === null ? null : { size: safe(row.size), root: row.root, note: row.note };
}

interface WaitingRow extends TipRow {
  readonly next_position: string;
  readonly latest_time: string;
  readonly waiting_since: string | null;
}

/** One statement, hence one snapshot: read apart, a commit in between would show entries both sealed and waiting. */
export async function waiting(connections: Connections): Promise<Waiting> {
  const [row] = await connections.read<WaitingRow>(`
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
