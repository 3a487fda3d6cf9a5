import type pg from 'pg';
import { DATABASE_LIMITS } from '../background/time-limits.js';
import type { BlockTile } from '../merkle/block-tree.js';
import { equal } from '../proof/index.js';
import { int8Array, textArray } from './binary.js';
import { type BlockCommit, partUpTo, type PlacedStatement } from './blocks.js';
import { type Connections, ADVISORY_CLASS, SEALED_CHANNEL, SEALING_LOCK } from './connections.js';
import { isRolledBack, nothingWritten, sqlStateOf, StoreError, UNIQUE_VIOLATION } from './errors.js';
import { dropReceipts } from './receipts.js';
import { insertRecords } from './record-sealing.js';
import { safe, type StoredBlock } from './rows.js';
import { insertBlockTiles, insertLogTiles } from './tiles.js';

/** Writing a block: all or nothing. */

/** The tiles of a large block take longer than the pool allows a statement. */
export const BEGIN_LONG = `BEGIN; SET LOCAL statement_timeout = ${DATABASE_LIMITS.largeBlockMs}`;

const CHAIN_CONSTRAINTS = new Set([
  'block_pkey',
  'block_first_position',
  'block_previous_hash',
  'block_hash',
]);

export async function commitBlock(
  connections: Connections,
  commit: BlockCommit,
): Promise<'committed' | 'tip_moved'> {
  const client = await connections.checkOutToWrite(DATABASE_LIMITS.largeBlockMs);
  try {
    await client.query(BEGIN_LONG);
    await client.query('SELECT pg_advisory_xact_lock($1, $2)', [ADVISORY_CLASS, SEALING_LOCK]);
    if (!(await tipIsExpected(client, commit))) {
      await client.query('ROLLBACK');
      client.release();
      return 'tip_moved';
    }
    await insertAll(client, commit);
  } catch (error) {
    return abandonTransaction(client, error);
  }
  // The commit point. Before this COMMIT nobody can see anything of the block; after it the block is final,
  // and its checkpoint may be published. When the response is lost, only reading tells which is true.
  const outcome = await commitTransaction(connections, client);
  if (outcome === 'committed') connections.addConfirmed(partUpTo(commit.block));
  return outcome;
}

/** Commits the transaction of `client`, and returns the connection to the pool. */
export async function commitTransaction(
  connections: Connections,
  client: pg.PoolClient,
): Promise<'committed' | 'tip_moved'> {
  try {
    await connections.commit(client);
    client.release();
    return 'committed';
  } catch (error) {
    if (isRolledBack(error)) return abandonTransaction(client, error);
    throw connections.discard(client, error);
  }
}

/** Call `Connections.fence` first: see `BlockStore.findCommitted`. */
export async function findCommitted(connections: Connections, { hash }: StoredBlock): Promise<boolean> {
  const rows = await connections.read('SELECT FROM block WHERE hash = $1', [hash]);
  return rows.length > 0;
}

/** Without a COMMIT the server rolls back when the connection ends. */
export function abandonTransaction(client: pg.PoolClient, error: unknown): 'tip_moved' {
  client.release(true);
  const constraint = error instanceof Error && 'constraint' in error ? error.constraint : undefined;
  if (sqlStateOf(error) === UNIQUE_VIOLATION && CHAIN_CONSTRAINTS.has(String(constraint))) return 'tip_moved';
  throw nothingWritten(error, 'committing a block');
}

interface LockedTipRow {
  readonly next_position: string;
  readonly height: string | null;
  readonly hash: Uint8Array | null;
  readonly next_first: string | null;
}

/**
 * @returns false when another block has become the tip
 * @throws {StoreError} refused: the block does not follow the tip that it names, which is the caller's
 *   mistake and not a race
 */
async function tipIsExpected(
  client: pg.ClientBase,
  { expectedTip, block, checkpoint }: BlockCommit,
): Promise<boolean> {
  const { rows } = await client.query<LockedTipRow>(`
    SELECT head.next_position, tip.height, tip.hash, tip.first_position + tip.entry_count AS next_first
    FROM head LEFT JOIN LATERAL (SELECT * FROM block ORDER BY height DESC LIMIT 1) AS tip ON true`);
  const [row] = rows;
  if (row === undefined) throw new StoreError('refused', 'the head row is missing');
  if (row.hash === null || expectedTip === null ? row.hash !== expectedTip : !equal(row.hash, expectedTip)) {
    return false;
  }
  const height = row.height === null ? 0 : safe(row.height) + 1;
  const first = safe(row.next_first ?? '0');
  const follows =
    block.height === height &&
    block.firstPosition === first &&
    first + block.entryCount <= safe(row.next_position) &&
    checkpoint.size === height + 1;
  if (!follows)
    throw new StoreError('refused', `block ${block.height} does not follow the tip it was built on`);
  return true;
}

async function insertAll(client: pg.ClientBase, commit: BlockCommit): Promise<void> {
  const { block, statement, records = null, blockTiles, logTiles, checkpoint } = commit;
  await insertBlock(client, block, blockTiles);
  if (statement !== null) await insertStatements(client, [{ height: block.height, statement }]);
  if (records !== null) await insertRecords(client, block, records);
  await dropReceipts(client, block.firstPosition, block.entryCount);
  await insertLogTiles(client, logTiles);
  await client.query('INSERT INTO checkpoint (size, root, note) VALUES ($1, $2, $3)', [
    checkpoint.size,
    checkpoint.root,
    checkpoint.note,
  ]);
  // Delivered by the commit only.
  await client.query('SELECT pg_notify($1, $2)', [SEALED_CHANNEL, String(block.height)]);
}

async function insertBlock(
  client: pg.ClientBase,
  block: StoredBlock,
  tiles: readonly BlockTile[],
): Promise<void> {
  await client.query(
    `INSERT INTO block (height, first_position, sealed_at, nonce, entry_count, difficulty, previous_hash, merkle_root, state, hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      block.height,
      block.firstPosition,
      block.sealedAt,
      BigInt.asIntN(64, block.nonce).toString(),
      block.entryCount,
      block.difficulty,
      block.previousHash,
      block.merkleRoot,
      block.state,
      block.hash,
    ],
  );
  await insertBlockTiles(client, block.height, tiles);
}

export async function insertStatements(
  client: pg.ClientBase,
  statements: readonly PlacedStatement[],
): Promise<void> {
  await client.query(
    'INSERT INTO state_statement (height, statement) SELECT * FROM unnest($1::bigint[], $2::text[])',
    [
      int8Array(statements.map(({ height }) => height)),
      textArray(statements.map(({ statement }) => statement)),
    ],
  );
}
