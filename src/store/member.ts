import pg from 'pg';
import { DATABASE_LIMITS } from '../background/time-limits.js';
import type { BlockTile } from '../merkle/block-tree.js';
import type { LogTile } from '../merkle/growing-tree.js';
import type { MapPage } from '../merkle/map-pages.js';
import { equal, HASH_LENGTH, TILE_WIDTH } from '../proof/index.js';
import { byteaArray, int2Array, int4Array, int8Array, textArray } from './binary.js';
import { abandonTransaction, BEGIN_LONG, commitTransaction, insertStatements } from './block-commit.js';
import type { PlacedStatement, StoredCheckpoint } from './blocks.js';
import { type Connections, ADVISORY_CLASS, SEALED_CHANNEL, SEALING_LOCK } from './connections.js';
import { assertRange } from './entries.js';
import { nothingWritten, StoreError } from './errors.js';
import { insertChangeLists, insertPages } from './map.js';
import { safe, type StoredBlock, type TipRow, toTip } from './rows.js';
import { insertLogTiles } from './tiles.js';

export interface FollowedBlock {
  readonly block: StoredBlock;
  /** The text whose SHA-256 is the block's state; null: the block says nothing. */
  readonly statement: string | null;
  /** Every tile of the block's tree. */
  readonly tiles: readonly BlockTile[];
  /** What the block changes in the map of records; absent: nothing. */
  readonly map?: { readonly pages: readonly MapPage[]; readonly changes: Uint8Array };
}

/** The state of a followed log, as of one moment. */
export interface FollowedState {
  readonly checkpoint: StoredCheckpoint | null;
  readonly tip: StoredBlock | null;
  /** Difficulty of the first block; null while there is none. */
  readonly minimumDifficulty: number | null;
}

/** The last checkpoint of a log that this node has cosigned. */
export interface CosignedCheckpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed checkpoint as the log sent it. */
  readonly note: string;
  /** This node's signature line, with its line feed. */
  readonly cosignature: string;
}

export interface StoredEvidence {
  readonly foundAt: number;
  /** SHA-256 of the document. */
  readonly digest: Uint8Array;
  /** A code. */
  readonly reason: string;
  /** Whether the document proves to others that the log is at fault. */
  readonly proven: boolean;
  readonly document: string;
}

export type ListedEvidence = Omit<StoredEvidence, 'document'>;

/**
 * On a member's side: a node that follows a log and cosigns it. It has blocks and tiles, and never an entry.
 */
export interface MemberStore {
  /**
   * Appends checked blocks with their tiles and the log tiles they complete, all or nothing. 'tip_moved': the
   * first one does not follow the tip any more, nothing was written.
   * @throws {StoreError} unavailable, refused: nothing was written; outcome_unknown: read the tip
   */
  followBlocks(
    blocks: readonly FollowedBlock[],
    logTiles: readonly LogTile[],
  ): Promise<'committed' | 'tip_moved'>;

  /** The latest checkpoint that was stored, and the latest block. */
  followedState(): Promise<FollowedState>;

  /**
   * The leaf hashes at the positions [first, first + count); null while the blocks do not hold all of them.
   */
  leafHashes(first: number, count: number): Promise<Uint8Array | null>;

  /** Stores the log's own checkpoint over blocks that are all stored. Idempotent. */
  storeCheckpoint(checkpoint: StoredCheckpoint): Promise<void>;

  /** The checkpoint that was cosigned last of the log with this name. */
  cosignedCheckpoint(origin: string): Promise<CosignedCheckpoint | null>;

  /**
   * Replaces the checkpoint that was cosigned last, provided that it still has the size `old` (0: none), in
   * one atomic step that is on disk when this resolves. false: it has another size, nothing was changed.
   */
  replaceCosignedCheckpoint(next: CosignedCheckpoint, old: number): Promise<boolean>;

  /**
   * false: this very document is stored already. On disk when this resolves. Of each reason, the first 100
   * documents stay for ever, and the last 100 until newer ones replace them.
   */
  addEvidence(evidence: StoredEvidence): Promise<boolean>;

  /** Those that prove something first, then the others; the latest first of each. */
  listEvidence(limit: number): Promise<ListedEvidence[]>;

  /** The document with this SHA-256, or null. */
  evidenceDocument(digest: Uint8Array): Promise<string | null>;
}

/** As `commitBlock`, for many blocks and without entries. */
export async function followBlocks(
  connections: Connections,
  blocks: readonly FollowedBlock[],
  logTiles: readonly LogTile[],
): Promise<'committed' | 'tip_moved'> {
  const [first] = blocks;
  if (first === undefined) throw new RangeError('blocks must not be empty');
  const client = await connections.checkOutToWrite(DATABASE_LIMITS.largeBlockMs);
  try {
    await client.query(BEGIN_LONG);
    await client.query('SELECT pg_advisory_xact_lock($1, $2)', [ADVISORY_CLASS, SEALING_LOCK]);
    if (!(await followsTip(client, first))) {
      await client.query('ROLLBACK');
      client.release();
      return 'tip_moved';
    }
    await appendBlocks(client, blocks, logTiles);
  } catch (error) {
    return abandonTransaction(client, error);
  }
  return commitTransaction(connections, client);
}

/** Everything that a member knows of these blocks. */
export async function appendBlocks(
  client: pg.ClientBase,
  blocks: readonly FollowedBlock[],
  logTiles: readonly LogTile[],
): Promise<void> {
  await insertBlocks(client, blocks);
  await insertStatements(client, blocks.flatMap(placedStatement));
  await insertLogTiles(client, logTiles);
  await insertMaps(client, blocks);
  await client.query('SELECT pg_notify($1, $2)', [SEALED_CHANNEL, String(blocks.at(-1)?.block.height)]);
}

async function insertMaps(client: pg.ClientBase, blocks: readonly FollowedBlock[]): Promise<void> {
  const changed = blocks.flatMap(({ block: { height }, map }) =>
    map === undefined ? [] : [{ height, ...map }],
  );
  await insertPages(
    client,
    changed.flatMap(({ height, pages }) => pages.map((page) => ({ height, ...page }))),
  );
  await insertChangeLists(
    client,
    changed.flatMap(({ height, changes }) => (changes.length === 0 ? [] : [{ height, list: changes }])),
  );
}

/** @throws {StoreError} refused: this is the database of a service, which makes its own blocks */
async function followsTip(client: pg.ClientBase, { block }: FollowedBlock): Promise<boolean> {
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
    throw new StoreError(
      'refused',
      'this is the database of a service that accepts documents itself: a member needs a database of its own',
    );
  }
  return row.hash === null ? block.height === 0 : equal(row.hash, block.previousHash);
}

function placedStatement({ block: { height }, statement }: FollowedBlock): PlacedStatement[] {
  return statement === null ? [] : [{ height, statement }];
}

/** Two statements for all blocks, so that many small ones do not take longer than few large ones. */
async function insertBlocks(client: pg.ClientBase, blocks: readonly FollowedBlock[]): Promise<void> {
  const rows = blocks.map(({ block }) => block);
  await client.query(
    `INSERT INTO block (height, first_position, sealed_at, nonce, entry_count, difficulty, previous_hash, merkle_root, state, hash)
     SELECT item.height, item.first, item.sealed, item.nonce::bigint, item.count, item.difficulty, item.previous, item.root, item.state, item.hash
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::integer[], $6::smallint[], $7::bytea[], $8::bytea[], $9::bytea[], $10::bytea[])
       AS item (height, first, sealed, nonce, count, difficulty, previous, root, state, hash)`,
    [
      int8Array(rows.map(({ height }) => height)),
      int8Array(rows.map(({ firstPosition }) => firstPosition)),
      int8Array(rows.map(({ sealedAt }) => sealedAt)),
      textArray(rows.map(({ nonce }) => BigInt.asIntN(64, nonce).toString())),
      int4Array(rows.map(({ entryCount }) => entryCount)),
      int2Array(rows.map(({ difficulty }) => difficulty)),
      byteaArray(rows.map(({ previousHash }) => previousHash)),
      byteaArray(rows.map(({ merkleRoot }) => merkleRoot)),
      byteaArray(rows.map(({ state }) => state)),
      byteaArray(rows.map(({ hash }) => hash)),
    ],
  );
  const tiles = blocks.flatMap(({ block: { height }, tiles: own }) =>
    own.map((tile) => ({ height, ...tile })),
  );
  await copyTiles(client, tiles);
}

/** Binary COPY begins with a signature, no flags and no extension, and ends with -1. */
const HEAD = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex');
const END = -1;
/** Messages of the protocol: a type, and a length that includes itself. */
const COPY_DATA = 0x64; // d
const COPY_DONE = Buffer.from('6300000004', 'hex'); // c
/** Four fields: how many they are, the length of each, and all but the hashes. */
const ROW_LENGTH = 2 + 4 * 4 + 8 + 2 + 4;

/** pg's own query, which cannot send rows. These are complete messages already. */
class CopyIn extends pg.Query {
  readonly #messages: Uint8Array;

  constructor(text: string, messages: Uint8Array) {
    super(text);
    this.#messages = messages;
  }

  handleCopyInResponse({ stream }: pg.Connection): void {
    stream.write(this.#messages);
  }
}

/** Adds tiles of blocks' trees. COPY takes PostgreSQL half the time of an INSERT from arrays. */
async function copyTiles(
  client: pg.ClientBase,
  tiles: readonly (BlockTile & { readonly height: number })[],
): Promise<void> {
  const query = 'COPY block_tile (height, level, index, hashes) FROM STDIN (FORMAT binary)';
  const copy = new CopyIn(query, encodeMessages(tiles));
  await new Promise((resolve, reject) => {
    copy.on('end', resolve).on('error', reject);
    client.query(copy);
  });
}

function encodeMessages(tiles: readonly (BlockTile & { readonly height: number })[]): Buffer {
  const rows = tiles.reduce((sum, { hashes }) => sum + ROW_LENGTH + hashes.length, HEAD.length + 2);
  const out = Buffer.allocUnsafe(1 + 4 + rows + COPY_DONE.length);
  let at = out.writeInt32BE(4 + rows, out.writeUInt8(COPY_DATA));
  at += HEAD.copy(out, at);
  for (const { height, level, index, hashes } of tiles) {
    at = out.writeInt16BE(4, at);
    at = out.writeBigInt64BE(BigInt(height), out.writeInt32BE(8, at));
    at = out.writeInt16BE(level, out.writeInt32BE(2, at));
    at = out.writeInt32BE(index, out.writeInt32BE(4, at));
    at = out.writeInt32BE(hashes.length, at);
    out.set(hashes, at);
    at += hashes.length;
  }
  COPY_DONE.copy(out, out.writeInt16BE(END, at));
  return out;
}

interface Row {
  readonly minimum_difficulty: number | null;
  readonly size: string | null;
  readonly root: Uint8Array;
  readonly note: string;
}

/**
 * One statement, so that everything is as of one moment.
 */
export async function followedState(connections: Connections): Promise<FollowedState> {
  const [row] = await connections.prepared<Row & TipRow>(
    'followed_state',
    `SELECT (SELECT difficulty FROM block WHERE height = 0) AS minimum_difficulty,
            checkpoint.size, checkpoint.root, checkpoint.note, tip.*
     FROM (SELECT) AS one
     LEFT JOIN LATERAL (SELECT * FROM checkpoint ORDER BY size DESC LIMIT 1) AS checkpoint ON true
     LEFT JOIN LATERAL (SELECT * FROM block ORDER BY height DESC LIMIT 1) AS tip ON true`,
    [],
  );
  if (row === undefined) throw new Error('one row is selected');
  return {
    checkpoint: row.size === null ? null : { size: safe(row.size), root: row.root, note: row.note },
    tip: toTip(row),
    minimumDifficulty: row.minimum_difficulty,
  };
}

/**
 * The first position and the hashes of each tile, block by block from the one that holds the first position.
 * The index finds that one, and the other rows follow on disk.
 */
function tilesQuery(first: number, end: number): string {
  return `
SELECT block.first_position + tile.index::bigint * ${TILE_WIDTH}, tile.hashes
FROM block JOIN block_tile AS tile ON tile.height = block.height AND tile.level = 0
WHERE block.first_position >= (SELECT max(first_position) FROM block WHERE first_position <= ${first})
  AND block.first_position < ${end}
  AND block.first_position + (tile.index::bigint + 1) * ${TILE_WIDTH} > ${first}
  AND block.first_position + tile.index::bigint * ${TILE_WIDTH} < ${end}
ORDER BY block.height, tile.index`;
}

/**
 * Length of the header of binary COPY; offsets in a row of the first field, and of the second one's length
 * and bytes.
 */
const HEAD_LENGTH = 19;
const [FIRST_AT, LENGTH_AT, HASHES_AT] = [2 + 4, 2 + 4 + 8, 2 + 4 + 8 + 4];

/** Copies the hashes of each row to their place as the row arrives, instead of collecting all rows first. */
class LeafCopy extends pg.Query {
  readonly all: Uint8Array;
  readonly #first: number;
  #filled = 0;
  /** PostgreSQL sends each row in a message of its own, and the header with the first row. */
  #begins = HEAD_LENGTH;

  constructor(first: number, count: number) {
    super(`COPY (${tilesQuery(first, first + count)}) TO STDOUT (FORMAT binary)`);
    this.#first = first;
    this.all = new Uint8Array(count * HASH_LENGTH);
  }

  get complete(): boolean {
    return this.#filled === this.all.length;
  }

  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    const row = chunk.subarray(this.#begins);
    this.#begins = 0;
    if (row.readInt16BE(0) === END) return;
    const start = Number(row.readBigInt64BE(FIRST_AT));
    const hashes = row.subarray(HASHES_AT, HASHES_AT + row.readInt32BE(LENGTH_AT));
    const wanted = hashes.subarray(Math.max(0, this.#first - start) * HASH_LENGTH);
    const part = wanted.subarray(0, this.all.length - this.#filled);
    this.all.set(part, this.#filled);
    this.#filled += part.length;
  }
}

export async function leafHashes(
  connections: Connections,
  first: number,
  count: number,
): Promise<Uint8Array | null> {
  assertRange(first, count);
  const client = await connections.checkOut();
  try {
    const copy = new LeafCopy(first, count);
    await new Promise((resolve, reject) => {
      copy.on('end', resolve).on('error', reject);
      client.query(copy);
    });
    client.release();
    return copy.complete ? copy.all : null;
  } catch (error) {
    client.release(true);
    throw nothingWritten(error, 'reading leaf hashes');
  }
}

export async function cosignedCheckpoint(
  connections: Connections,
  origin: string,
): Promise<CosignedCheckpoint | null> {
  const [row] = await connections.prepared<Omit<CosignedCheckpoint, 'size'> & { readonly size: string }>(
    'cosigned_checkpoint',
    'SELECT origin, size, root, note, cosignature FROM witnessed WHERE origin = $1',
    [origin],
  );
  return row === undefined ? null : { ...row, size: safe(row.size) };
}

/**
 * One statement, hence one atomic step: of two that start from the same old size, the row lock lets one pass,
 * and the other sees the new size.
 */
export async function replaceCosignedCheckpoint(
  connections: Connections,
  { origin, size, root, note, cosignature }: CosignedCheckpoint,
  old: number,
): Promise<boolean> {
  const values = [origin, size, root, note, cosignature];
  const statement =
    old === 0
      ? `INSERT INTO witnessed (origin, size, root, note, cosignature) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (origin) DO UPDATE
         SET size = excluded.size, root = excluded.root, note = excluded.note, cosignature = excluded.cosignature
         WHERE witnessed.size = 0 AND $6::bigint = 0 RETURNING size`
      : `UPDATE witnessed SET size = $2, root = $3, note = $4, cosignature = $5
         WHERE origin = $1 AND size = $6::bigint RETURNING size`;
  const { rowCount } = await connections.write(
    (client) => client.query(statement, [...values, old]),
    (error) => nothingWritten(error, 'storing the cosigned checkpoint'),
  );
  return rowCount === 1;
}

export async function storeCheckpoint(
  connections: Connections,
  { size, root, note }: StoredCheckpoint,
): Promise<void> {
  await connections.write(
    (client) =>
      client.query(
        'INSERT INTO checkpoint (size, root, note) VALUES ($1, $2, $3) ON CONFLICT (size) DO NOTHING',
        [size, root, note],
      ),
    (error) => nothingWritten(error, 'storing a checkpoint'),
  );
}

/**
 * Of each reason, proven or not, the first 100 stay for ever and the last 100 until newer ones replace them: a log that
 * cheats can neither bury what convicts it nor fill the disk. The trigger evidence_keep_first agrees.
 */
const ADD_EVIDENCE = `
WITH added AS (
  INSERT INTO evidence (found_at, digest, reason, proven, document) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (digest) DO NOTHING RETURNING ordinal
), removed AS (
  DELETE FROM evidence WHERE EXISTS (SELECT FROM added) AND ordinal IN (
    SELECT ordinal FROM (
      SELECT ordinal, row_number() OVER (ORDER BY ordinal) AS place, count(*) OVER () AS count
      FROM evidence WHERE reason = $3 AND proven = $4
    ) AS kept WHERE place > 100 AND place <= count - 99
  )
)
SELECT ordinal FROM added`;

export async function addEvidence(
  connections: Connections,
  { foundAt, digest, reason, proven, document }: StoredEvidence,
): Promise<boolean> {
  const { rowCount } = await connections.write(
    (client) => client.query(ADD_EVIDENCE, [foundAt, digest, reason, proven, document]),
    (error) => nothingWritten(error, 'storing evidence'),
  );
  return rowCount === 1;
}

/** Proofs first, then observations, the latest first of each. */
export async function listEvidence(connections: Connections, limit: number): Promise<ListedEvidence[]> {
  const rows = await connections.read<Omit<ListedEvidence, 'foundAt'> & { readonly found_at: string }>(
    'SELECT found_at, digest, reason, proven FROM evidence ORDER BY proven DESC, ordinal DESC LIMIT $1',
    [limit],
  );
  return rows.map(({ found_at: foundAt, ...row }) => ({ ...row, foundAt: safe(foundAt) }));
}

export async function evidenceDocument(connections: Connections, digest: Uint8Array): Promise<string | null> {
  const [row] = await connections.read<{ document: string }>(
    'SELECT document FROM evidence WHERE digest = $1',
    [digest],
  );
  return row?.document ?? null;
}
