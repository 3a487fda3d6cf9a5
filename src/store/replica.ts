import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Background, BackgroundTask } from '../background/index.js';
import { DATABASE_LIMITS } from '../background/time-limits.js';
import { equal, TILE_WIDTH } from '../proof/index.js';
import {
  block,
  blocks,
  blocksAt,
  blocksBetween,
  blocksContaining,
  type BlockStore,
  checkpoint,
} from './blocks.js';
import { Connections, type StoreLog } from './connections.js';
import { detailsIn, entriesByDigest, entry, type EntryStore, type PositionRange } from './entries.js';
import { nothingWritten, StoreError } from './errors.js';
import { leafHashes, type MemberStore } from './member.js';
import { above } from './replication.js';
import { safe } from './rows.js';
import { blockTiles, logTile } from './tiles.js';

/** What readers get from the replica where it knows the answer, and from the primary otherwise. */
export type ReplicaReads = Pick<EntryStore, 'entry' | 'entriesByDigest' | 'detailsIn'> &
  Pick<
    BlockStore,
    | 'block'
    | 'blocks'
    | 'blocksAt'
    | 'blocksBetween'
    | 'blocksContaining'
    | 'blockTiles'
    | 'logTile'
    | 'checkpoint'
  > &
  Pick<MemberStore, 'leafHashes'>;

/** How much of the chain two servers have in common. */
interface Agreed {
  readonly nextPosition: number;
  readonly blocks: number;
  /** Positions below it are in blocks. */
  readonly sealed: number;
}

const NOTHING: Agreed = { nextPosition: 0, blocks: 0, sealed: 0 };

/**
 * A standby that readers are sent to.
 *
 * Every heartbeat finds out how much of the chain it has in common with the primary: by the last block's hash and, for what
 * waits, the last entry's salt, which is random. What is below that never changes, however far the standby lags, and whatever
 * becomes of it. An entry can still be erased: entries are read from the standby only while it has replayed what the primary
 * had written some seconds ago, and everything that this process knows to be accepted. Whatever the standby does not have, the
 * primary is asked for, and everything while the standby does not respond.
 */
export class Replica {
  readonly #primary: Connections;
  readonly #own: Connections;
  readonly #task: BackgroundTask;
  readonly #closing = new AbortController();
  readonly #beating: Promise<void>;
  #isUp = false;
  #agreed = NOTHING;
  /** The furthest that the standby was seen to have; what is above `#agreed` has not been compared. */
  #has = 0;
  /** Where the primary's log ended at the last heartbeat, and when that was. */
  #mark: { readonly lsn: string; readonly at: number } | null = null;
  /** What the primary held then, the standby holds. */
  #freshAsOf = -Infinity;
  /** When this process last changed what is not only added to. */
  #changedAt = -Infinity;

  constructor(
    primary: Connections,
    { url, poolSize, log, background }: ReplicaOptions & { log: StoreLog; background: Background },
  ) {
    this.#primary = primary;
    this.#own = new Connections(url, {
      ...{ poolSize, log, acceptStandby: true },
      erasureKeys: primary.erasureKeys,
    });
    this.#task = background.task('comparing the read replica with the primary');
    this.#beating = this.#beat();
  }

  /** To be called after an erasure by this process: readers get its result at once. */
  changed(): void {
    this.#changedAt = performance.now();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#beating;
    await this.#own.close();
  }

  abandon(): void {
    this.#own.abandon();
  }

  /** What never changes, of a part of the chain. @param isWhole whether the standby had all of it */
  async #fixed<T>(
    part: Partial<Agreed>,
    read: (connections: Connections) => Promise<T>,
    isWhole: (found: T) => boolean,
  ): Promise<T> {
    const { nextPosition = 0, blocks: height = 0, sealed = 0 } = part;
    const agreed = this.#agreed;
    const isCovered =
      nextPosition <= agreed.nextPosition && height <= agreed.blocks && sealed <= agreed.sealed;
    return this.#isUp && isCovered ? this.#elsePrimary(read, isWhole) : read(this.#primary);
  }

  /** What an erasure changes. */
  async #current<T>(
    read: (connections: Connections) => Promise<T>,
    isWhole: (found: T) => boolean,
  ): Promise<T> {
    const oldest = Math.max(performance.now() - DATABASE_LIMITS.replicaAgeMs, this.#changedAt);
    return this.#isUp && this.#freshAsOf > oldest ? this.#elsePrimary(read, isWhole) : read(this.#primary);
  }

  async #elsePrimary<T>(
    read: (connections: Connections) => Promise<T>,
    isWhole: (found: T) => boolean,
  ): Promise<T> {
    const found = await read(this.#own).catch(() => null);
    return found !== null && isWhole(found) ? found : read(this.#primary);
  }

  /** Whether the standby has everything that this process knows to be accepted. */
  async #hasAcknowledged(): Promise<boolean> {
    const wanted = this.#primary.knownPositions;
    if (this.#has >= wanted) return true;
    try {
      const [row] = await this.#own.prepared<{ next_position: string }>(
        'replica_head',
        'SELECT next_position FROM head',
        [],
      );
      this.#has = Math.max(this.#has, safe(row?.next_position ?? 0));
    } catch {
      return false;
    }
    return this.#has >= wanted;
  }

  get reads(): ReplicaReads {
    const isThere = (found: unknown): boolean => found !== null;
    return {
      entry: (position) =>
        position < this.#agreed.nextPosition
          ? this.#current((from) => entry(from, position), isThere)
          : entry(this.#primary, position),
      // A list may lack what was accepted last. An empty one is never taken from the standby.
      entriesByDigest: async (digest, limit) => {
        const read = (from: Connections) => entriesByDigest(from, digest, limit);
        if (!this.#isUp || !(await this.#hasAcknowledged())) return read(this.#primary);
        return this.#current(
          read,
          ({ entries }) =>
            entries.length > 0 && above(entries.map(({ position }) => position)) <= this.#agreed.nextPosition,
        );
      },
      detailsIn: (ranges) =>
        this.#current(
          (from) => detailsIn(from, ranges),
          (found) => found.size === ranges.reduce((sum, { count }) => sum + count, 0),
        ),
      block: (height) => this.#fixed({ blocks: height + 1 }, (from) => block(from, height), isThere),
      blocks: ({ before, limit }) =>
        this.#fixed(
          { blocks: before ?? Infinity },
          (from) => blocks(from, { ...(before === undefined ? {} : { before }), limit }),
          (found) => found.length === Math.min(limit, before ?? 0),
        ),
      blocksAt: (heights) =>
        this.#fixed(
          { blocks: above(heights) },
          (from) => blocksAt(from, heights),
          (found) => found.length === new Set(heights).size,
        ),
      blocksBetween: (first, beyond) =>
        this.#fixed(
          { blocks: beyond },
          (from) => blocksBetween(from, first, beyond),
          (found) => found.length === Math.max(0, beyond - first),
        ),
      blocksContaining: (ranges) => {
        const end = endOf(ranges);
        return this.#fixed(
          { sealed: end },
          (from) => blocksContaining(from, ranges),
          (found) => {
            const last = found.at(-1);
            return last !== undefined && last.firstPosition + last.entryCount >= end;
          },
        );
      },
      blockTiles: (tiles) =>
        this.#fixed(
          { blocks: above(tiles.map(({ height }) => height)) },
          (from) => blockTiles(from, tiles),
          (found) => found.every(isThere),
        ),
      logTile: (level, index, width) =>
        this.#fixed(
          { blocks: (index * TILE_WIDTH + width) * TILE_WIDTH ** level },
          (from) => logTile(from, level, index, width),
          isThere,
        ),
      checkpoint: (size) =>
        this.#fixed({ blocks: size ?? Infinity }, (from) => checkpoint(from, size), isThere),
      leafHashes: (first, count) =>
        this.#fixed({ sealed: first + count }, (from) => leafHashes(from, first, count), isThere),
    };
  }

  async #beat(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      let client: pg.Client | undefined;
      try {
        client = await this.#own.dedicated(true);
        client.once('end', () => {
          this.#down();
        });
        for (; !this.#closing.signal.aborted;) {
          await this.#compare(client);
          this.#task.succeeded();
          await delay(DATABASE_LIMITS.heartbeatMs, undefined, { signal }).catch(() => undefined);
        }
      } catch (error) {
        this.#down();
        this.#task.failed(error);
        await this.#task.pause(signal);
      } finally {
        await client?.end().catch(() => undefined);
      }
    }
  }

  /** Nothing is known of the server that responds next. Reads that wait for this one go to the primary. */
  #down(): void {
    this.#isUp = false;
    this.#agreed = NOTHING;
    this.#has = 0;
    this.#freshAsOf = -Infinity;
    this.#own.problem = 'silent';
  }

  async #compare(client: pg.Client): Promise<void> {
    const mark = this.#mark;
    const theirs = await this.#extentOf(client, mark?.lsn ?? null);
    const [next, height] = [safe(theirs.next_position), safe(theirs.height ?? -1)];
    const sealed = safe(theirs.sealed ?? 0);
    const at = performance.now();
    const [ours] = await this.#primary.read<OwnExtent>(OWN_EXTENT, [next - 1, height]);
    if (ours === undefined) return;
    // An entry that still waits on the standby may be sealed and erased on the primary, and has no salt there.
    const isErased = next > sealed && ours.salt === null;
    const isSame =
      safe(ours.next_position) >= next &&
      isEqual(theirs.hash, ours.hash) &&
      (next === sealed || isErased || isEqual(theirs.salt, ours.salt));
    if (!isSame) {
      throw new StoreError(
        'refused',
        'the server of INGAM_READ_DATABASE_URL has another history than the primary: make it a standby of the primary again',
      );
    }
    const nextPosition = isErased ? sealed : next;
    await this.#primary.requireConfirmed({ nextPosition, blocks: height + 1 });
    this.#agreed = { nextPosition, blocks: height + 1, sealed };
    this.#has = Math.max(this.#has, next);
    if (theirs.replayed === true && mark !== null) this.#freshAsOf = mark.at;
    this.#mark = { lsn: ours.lsn, at };
    this.#own.problem = null;
    this.#isUp = true;
  }

  async #extentOf(client: pg.Client, lsn: string | null): Promise<Extent> {
    const limit = setTimeout(() => {
      this.#down();
      client.connection.stream.destroy();
    }, DATABASE_LIMITS.replicaMs);
    try {
      const { rows } = await client.query<Extent>(EXTENT, [lsn]);
      const [row] = rows;
      if (row === undefined)
        throw new StoreError('refused', 'the server of INGAM_READ_DATABASE_URL has no chain');
      return row;
    } catch (error) {
      throw nothingWritten(error, 'reading from the replica');
    } finally {
      clearTimeout(limit);
    }
  }
}

export interface ReplicaOptions {
  /** Of a standby of the same database. */
  readonly url: string;
  readonly poolSize: number;
}

interface Extent {
  readonly next_position: string;
  readonly salt: Uint8Array | null;
  readonly height: string | null;
  readonly hash: Uint8Array | null;
  readonly sealed: string | null;
  readonly replayed: boolean | null;
}

/** What the standby holds, and whether it has replayed the primary's log up to $1. */
const EXTENT = `
SELECT head.next_position, last.salt, tip.height, tip.hash, tip.first_position + tip.entry_count AS sealed,
  CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END >= $1::pg_lsn AS replayed
FROM head LEFT JOIN entry AS last ON last.position = head.next_position - 1
LEFT JOIN (SELECT * FROM block ORDER BY height DESC LIMIT 1) AS tip ON true`;

interface OwnExtent {
  readonly next_position: string;
  readonly lsn: string;
  readonly salt: Uint8Array | null;
  readonly hash: Uint8Array | null;
}

/** Where the log of the primary ends, the salt of the entry at $1, and the hash of the block of height $2. */
const OWN_EXTENT = `
SELECT pg_current_wal_lsn()::text AS lsn, (SELECT next_position FROM head), (SELECT salt FROM entry WHERE position = $1) AS salt,
  (SELECT hash FROM block WHERE height = $2) AS hash`;

function isEqual(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equal(a, b);
}

/** The position after the last of these ranges; 0: there is none. */
function endOf(ranges: readonly PositionRange[]): number {
  return ranges.reduce((end, { first, count }) => Math.max(end, first + count), 0);
}
