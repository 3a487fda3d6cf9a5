import type pg from 'pg';
import { DATABASE_LIMITS } from '../background/time-limits.js';
import { nodeSha256 } from '../crypto/primitives.js';
import type { LogTile } from '../merkle/growing-tree.js';
import {
  accountTagOf,
  encodeEntry,
  type Entry,
  equal,
  isZero,
  type JsonObject,
  leafHash,
} from '../proof/index.js';
import { joinWords, wordsOf } from './accept.js';
import { byteaArray, int8Array, textArray } from './binary.js';
import { abandonTransaction, BEGIN_LONG, commitTransaction } from './block-commit.js';
import type { StoredCheckpoint } from './blocks.js';
import { connectAsOwner } from './client.js';
import { type Connections, ADVISORY_CLASS, SEALING_LOCK } from './connections.js';
import { nothingWritten } from './errors.js';
import { appendBlocks, type FollowedBlock } from './member.js';
import type { DatabaseUrls } from './migrate.js';
import { dropReceipts } from './receipts.js';
import { lexemesOf } from './register-words.js';
import { runMac } from './row-mac.js';

/** What a service whose database was lost takes back: blocks from a member, and entries from proofs. */

export interface RecoveredBlocks {
  readonly blocks: readonly FollowedBlock[];
  readonly logTiles: readonly LogTile[];
  /** Over each of the blocks. */
  readonly checkpoints: readonly StoredCheckpoint[];
  /** Positions in these blocks at which the database has other entries than the blocks: they are erased. */
  readonly foreign: readonly number[];
}

export interface RecoveryStore {
  /**
   * Appends blocks that this log has signed before, all or nothing. Entries that the database has stay; the others
   * are there as erased and lost. 'tip_moved': the first one does not follow the tip, nothing was written.
   * @throws {StoreError} unavailable, refused: nothing was written; outcome_unknown: read the tip
   */
  recoverBlocks(recovered: RecoveredBlocks): Promise<'committed' | 'tip_moved'>;

  /** Of these positions, those whose entries were lost. */
  lostAmong(positions: readonly number[]): Promise<ReadonlySet<number>>;

  /** Events of records at these positions that no block holds. */
  eventsWithin(first: number, end: number): Promise<number>;
}

export async function recoverBlocks(
  connections: Connections,
  { blocks, logTiles, checkpoints, foreign }: RecoveredBlocks,
): Promise<'committed' | 'tip_moved'> {
  const [first, last] = [blocks[0]?.block, blocks.at(-1)?.block];
  if (first === undefined || last === undefined) throw new RangeError('blocks must not be empty');
  const end = last.firstPosition + last.entryCount;
  const client = await connections.checkOutToWrite(DATABASE_LIMITS.largeBlockMs);
  try {
    await client.query(BEGIN_LONG);
    await client.query('SELECT pg_advisory_xact_lock($1, $2)', [ADVISORY_CLASS, SEALING_LOCK]);
    const { rows } = await client.query<{ hash: Uint8Array }>(
      'SELECT hash FROM block ORDER BY height DESC LIMIT 1',
    );
    const [tip] = rows;
    if (tip === undefined ? first.height > 0 : !equal(tip.hash, first.previousHash)) {
      await client.query('ROLLBACK');
      client.release();
      return 'tip_moved';
    }
    await appendBlocks(client, blocks, logTiles);
    await client.query(
      `INSERT INTO checkpoint (size, root, note)
       SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::text[])`,
      [
        int8Array(checkpoints.map(({ size }) => size)),
        byteaArray(checkpoints.map(({ root }) => root)),
        textArray(checkpoints.map(({ note }) => note)),
      ],
    );
    await dropReceipts(client, first.firstPosition, end - first.firstPosition);
    await client.query(LOST_ENTRIES, [first.firstPosition, end - 1]);
    // The latest time of acceptance stays: that of the lost entries is not known.
    await client.query('UPDATE head SET next_position = GREATEST(next_position, $1)', [end]);
    for (const position of foreign) await client.query('SELECT erase_notarization($1)', [position]);
  } catch (error) {
    return abandonTransaction(client, error);
  }
  return commitTransaction(connections, client);
}

const LOST_ENTRIES = `
WITH lost AS (
  INSERT INTO entry (position, accepted_at, kind)
  SELECT at, 0, 0 FROM generate_series($1::bigint, $2::bigint) AS at
  WHERE NOT EXISTS (SELECT FROM entry WHERE position = at)
  RETURNING position
), erased AS (
  INSERT INTO erasure (position) SELECT position FROM lost
)
INSERT INTO lost_entry (position) SELECT position FROM lost`;

export async function lostAmong(
  connections: Connections,
  positions: readonly number[],
): Promise<ReadonlySet<number>> {
  const rows = await connections.read<{ position: string }>(
    'SELECT position FROM lost_entry WHERE position = ANY($1::bigint[])',
    [int8Array(positions)],
  );
  return new Set(rows.map(({ position }) => Number(position)));
}

export async function eventsWithin(connections: Connections, first: number, end: number): Promise<number> {
  const [row] = await connections.read<{ count: string }>(
    'SELECT count(*) AS count FROM event WHERE height IS NULL AND position >= $1 AND position < $2',
    [first, end],
  );
  return Number(row?.count ?? 0);
}

/**
 * Sets the latest time of acceptance to that of the entries that are there: it may have been that of one which the log
 * does not have.
 * @throws {StoreError} unavailable, refused
 */
export async function settleLatestTime({ ownerUrl }: DatabaseUrls): Promise<void> {
  let client: pg.Client | undefined;
  try {
    client = await connectAsOwner(ownerUrl);
    await client.query(`BEGIN; ALTER TABLE head DISABLE TRIGGER head_forward;
      UPDATE head SET latest_time = latest.at
      FROM (SELECT coalesce(max(accepted_at), 0) AS at FROM entry) AS latest WHERE latest_time <> latest.at;
      ALTER TABLE head ENABLE TRIGGER head_forward; COMMIT`);
  } catch (error) {
    throw nothingWritten(error, 'settling the latest time');
  } finally {
    await client?.end().catch(() => undefined);
  }
}

/** An entry that a proof has brought back; its leaf hash is the one at its position. */
export interface BroughtEntry {
  readonly position: number;
  readonly entry: Entry;
  /** As it was notarized, and its parsed form; null: without details. */
  readonly details: { readonly json: string; readonly value: JsonObject } | null;
}

/**
 * Puts entries back at positions where they were lost, one by one.
 * @param rowKey see `StoreOptions`
 * @returns for each, in order: what came of it
 * @throws {StoreError} unavailable, refused
 */
export async function takeBack(
  { ownerUrl }: DatabaseUrls,
  rowKey: Uint8Array | null,
  brought: readonly BroughtEntry[],
): Promise<('taken' | 'not_lost' | 'no_organization')[]> {
  let client: pg.Client | undefined;
  try {
    const owner = await connectAsOwner(ownerUrl);
    client = owner;
    const { rows: organizations } = await owner.query<{ id: string; number: number }>(
      'SELECT id, number FROM organization',
    );
    const outcomes: ('taken' | 'not_lost' | 'no_organization')[] = [];
    for (const one of brought) {
      const { accountTag, salt } = one.entry;
      const isOwned = !isZero(accountTag);
      const organization = organizations.find(({ id }) =>
        equal(accountTagOf(salt, id, nodeSha256), accountTag),
      );
      outcomes.push(
        isOwned && organization === undefined
          ? 'no_organization'
          : await putBack(owner, rowKey, one, isOwned ? (organization?.number ?? null) : null),
      );
    }
    return outcomes;
  } catch (error) {
    throw nothingWritten(error, 'taking entries back');
  } finally {
    await client?.end().catch(() => undefined);
  }
}

async function putBack(
  client: pg.Client,
  rowKey: Uint8Array | null,
  { position, entry, details }: BroughtEntry,
  organization: number | null,
): Promise<'taken' | 'not_lost'> {
  await client.query('BEGIN');
  try {
    // Nothing else may change an entry, or say that one is not erased: only the owner of the tables can.
    await client.query(`ALTER TABLE entry DISABLE TRIGGER entry_erase_only;
      ALTER TABLE erasure DISABLE TRIGGER erasure_keep`);
    const { rowCount } = await client.query('DELETE FROM lost_entry WHERE position = $1', [position]);
    if (rowCount === 0) {
      await client.query('ROLLBACK');
      return 'not_lost';
    }
    await client.query('DELETE FROM erasure WHERE position = $1', [position]);
    const { acceptedAt, size, kind, digest, salt, accountTag, detailsDigest } = entry;
    await client.query(
      `UPDATE entry SET accepted_at = $2, size = $3, kind = $4, digest = $5, salt = $6, account_tag = $7, details_digest = $8
       WHERE position = $1`,
      [
        ...[position, acceptedAt, size, kind],
        ...[Buffer.from(digest), Buffer.from(salt)],
        isZero(accountTag) ? null : Buffer.from(accountTag),
        isZero(detailsDigest) ? null : Buffer.from(detailsDigest),
      ],
    );
    if (details !== null) {
      await client.query('INSERT INTO details (position, json) VALUES ($1, $2)', [position, details.json]);
    }
    if (organization !== null) {
      const run = { organization, acceptedAt, count: 1, submittedBy: 'service:recovery' };
      const leaf = leafHash(encodeEntry(entry), nodeSha256);
      await client.query(
        `INSERT INTO register_run (organization_number, first_position, accepted_at, entry_count, submitted_by, mac)
         VALUES ($1, $2, $3, 1, $4, $5)`,
        [organization, position, acceptedAt, run.submittedBy, rowKey && runMac(rowKey, { ...run, leaf })],
      );
      const words = details === null ? [] : lexemesOf(organization, details.value);
      if (words.length > 0) {
        await client.query(
          `INSERT INTO details_words (position, words) VALUES ($1, ${wordsOf('$2::text')})`,
          [position, joinWords(words)],
        );
      }
    }
    await client.query('UPDATE head SET latest_time = GREATEST(latest_time, $1)', [acceptedAt]);
    await client.query(`ALTER TABLE entry ENABLE TRIGGER entry_erase_only;
      ALTER TABLE erasure ENABLE TRIGGER erasure_keep`);
    await client.query('COMMIT');
    return 'taken';
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
