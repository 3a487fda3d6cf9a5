import type pg from 'pg';
import { equal } from '../../proof/index.js';
import { byteaArray, int2Array, int4Array, int8Array, textArray } from '../arrays.js';
import { BEGIN, end, endWithoutCommit, insertLogTiles } from '../commit-block.js';
import type { Connections } from '../connections.js';
import { StoreError } from '../errors.js';
import { ADVISORY_CLASS, SEALED_CHANNEL, SEALING_LOCK } from '../names.js';
import type { LogTile } from '../types.js';
import { copyTiles } from './copy-in.js';
import type { FollowedBlock } from './types.js';

/** In the manner of `commitBlock`, for many blocks at once and without entries of one's own. */
export async function followBlocks(
  connections: Connections,
  blocks: readonly FollowedBlock[],
  logTiles: readonly LogTile[],
): Promise<'committed' | 'tip_moved'> {
  const [first] = blocks;
  if (first === undefined) throw new RangeError('blocks must not be empty');
  const client = await connections.checkOut();
  try {
    await client.query(BEGIN);
    await client.query('SELECT pg_advisory_xact_lock($1, $2)', [ADVISORY_CLASS, SEALING_LOCK]);
    if (!(await standsOnTip(client, first))) {
      await client.query('ROLLBACK');
      client.release();
      return 'tip_moved';
    }
    await insertBlocks(client, blocks);
    await insertLogTiles(client, logTiles);
    await client.query('SELECT pg_notify($1, $2)', [SEALED_CHANNEL, String(blocks.at(-1)?.block.height)]);
  } catch (error) {
    return endWithoutCommit(client, error);
  }
  return end(connections, client);
}

/** @throws {StoreError} refused in a database that accepts entries itself: its blocks are its own */
async function standsOnTip(client: pg.ClientBase, { block }: FollowedBlock): Promise<boolean> {
  const { rows } = await client.query<{
    next_position: string;
    height: string | null;
    hash: Uint8Array | null;
  }>(`
    SELECT head.next_position, tip.height, tip.hash
    FROM head LEFT JOIN LATERAL (SELECT * FROM block ORDER BY height DESC LIMIT 1) AS tip ON true`);
  const [row] = rows;
  if (row === undefined) throw new StoreError('refused', 'the head row is missing');
  if (row.next_position !== '0') {
    throw new StoreError('refused', 'this is the database of a service that accepts documents itself');
  }
  return row.hash === null ? block.height === 0 : equal(row.hash, block.previousHash);
}

/** Two statements for all of them: a chain of many small blocks is taken in at the pace of one of few large ones. */
async function insertBlocks(client: pg.ClientBase, blocks: readonly FollowedBlock[]): Promise<void> {
  const rows = blocks.map(({ block }) => block);
  await client.query(
    `INSERT INTO block (height, first_position, sealed_at, nonce, entry_count, difficulty, previous_hash, merkle_root, hash)
     SELECT item.height, item.first, item.sealed, item.nonce::bigint, item.count, item.difficulty, item.previous, item.root, item.hash
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::integer[], $6::smallint[], $7::bytea[], $8::bytea[], $9::bytea[])
       AS item (height, first, sealed, nonce, count, difficulty, previous, root, hash)`,
    [
      int8Array(rows.map(({ height }) => height)),
      int8Array(rows.map(({ firstPosition }) => firstPosition)),
      int8Array(rows.map(({ sealedAt }) => sealedAt)),
      textArray(rows.map(({ nonce }) => BigInt.asIntN(64, nonce).toString())),
      int4Array(rows.map(({ entryCount }) => entryCount)),
      int2Array(rows.map(({ difficulty }) => difficulty)),
      byteaArray(rows.map(({ previousHash }) => previousHash)),
      byteaArray(rows.map(({ merkleRoot }) => merkleRoot)),
      byteaArray(rows.map(({ hash }) => hash)),
    ],
  );
  const tiles = blocks.flatMap(({ block: { height }, tiles: own }) =>
    own.map((tile) => ({ height, ...tile })),
  );
  await copyTiles(client, tiles);
}
