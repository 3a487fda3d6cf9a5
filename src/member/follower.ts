import { NODE_VERIFIERS, nodeSha256 } from '../crypto/primitives.js';
import { TileBuilder } from '../merkle/growing-tree.js';
import { checkSignature, equal, leafHash, type VerifierKey } from '../proof/index.js';
import { LogReader } from '../log/tiles.js';
import { logTree, readLogTile } from '../sealer/index.js';
import type { FollowedBlock, Store } from '../store/index.js';
import { RefusedError, UnavailableError } from './alarms.js';
import { type CheckedBlock, checkedBlocks, HashThreads } from './blocks.js';
import { FollowedKeys, HeaderWalk, type OpenedCheckpoint, type WalkStart } from './headers.js';
import { findBrokenRule, findFork, forked, type SignedTree } from './comparison.js';
import { MapFollower } from './map.js';
import { readCheckpoint, type RemoteLog, type SignedCheckpoint } from './remote-log.js';

/** This node's copy of the log. */
export class OwnLog {
  readonly #store: Store;
  readonly #keys: FollowedKeys;

  constructor(store: Store, keys: FollowedKeys) {
    this.#store = store;
    this.#keys = keys;
  }

  /** Blocks in the copy. */
  async size(): Promise<number> {
    return sizeOf(await this.#store.followedState());
  }

  /**
   * The latest checkpoint whose headers were verified; `complete`: all of its blocks are stored.
   * An interrupted catch-up leaves it incomplete and is resumed from it.
   */
  async latest(): Promise<{ readonly signed: SignedCheckpoint; readonly complete: boolean } | null> {
    const followed = await this.#store.followedState();
    const { checkpoint: stored } = followed;
    if (stored === null) return null;
    // It was verified before it was stored. While its blocks are missing, so may be the key statements in
    // them.
    const keys = (await this.#keys.current()).all.map(({ key }) => key);
    const read = readCheckpoint(stored.note);
    const signed = {
      ...read,
      keys: keys.filter((key) => checkSignature(read.note, key, NODE_VERIFIERS).state === 'good'),
    };
    return { signed, complete: sizeOf(followed) >= stored.size };
  }

  /** Root of the log over its first `size` blocks. */
  root(size: number): Promise<Uint8Array> {
    return logTree(this.#store, size).root();
  }

  /** The copy as a signed tree, to compare with others. */
  tree(signed: SignedCheckpoint): SignedTree {
    return { signed, source: new LogReader(this.#store) };
  }

  async walkStart(): Promise<WalkStart> {
    const followed = await this.#store.followedState();
    const { tip, minimumDifficulty } = followed;
    const size = sizeOf(followed);
    return {
      size,
      tip: tip === null ? null : { header: tip, hash: tip.hash },
      minimumDifficulty,
      builder: await this.builder(size),
    };
  }

  /** A builder that continues the log after its first `size` blocks. */
  builder(size: number): Promise<TileBuilder> {
    return TileBuilder.resume(size, (tile) => readLogTile(this.#store, tile));
  }
}

function sizeOf({ tip }: Awaited<ReturnType<Store['followedState']>>): number {
  return tip === null ? 0 : tip.height + 1;
}

export interface Progress {
  /** Blocks stored, and in the checkpoint that is being followed. */
  readonly blocks: number;
  readonly of: number;
  /** Entries in these blocks. */
  readonly entries: number;
  readonly ofEntries: number;
}

/**
 * Copies a log block by block, and verifies each block before it is stored. Concurrent calls of `advance` run
 * one after the other.
 *
 * At any moment the stored blocks are verified, and so are all headers of the stored checkpoint. After an
 * interruption only the missing headers are read again.
 */
export class Follower {
  readonly own: OwnLog;
  readonly keys: FollowedKeys;
  readonly #store: Store;
  /** Of the followed log. */
  readonly #origin: string;
  readonly #signal: AbortSignal;
  readonly #onProgress: (progress: Progress) => void;
  readonly #threads = new HashThreads();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: {
    readonly store: Store;
    readonly key: VerifierKey;
    readonly signal: AbortSignal;
    readonly onProgress?: (progress: Progress) => void;
  }) {
    this.keys = new FollowedKeys(options.store, options.key);
    this.own = new OwnLog(options.store, this.keys);
    this.#store = options.store;
    this.#origin = options.key.name;
    this.#signal = options.signal;
    this.#onProgress = options.onProgress ?? (() => undefined);
  }

  /**
   * Resolves when every block under this checkpoint is verified and stored, and the checkpoint does not
   * contradict the stored ones.
   * @throws {RefusedError} with evidence if there is any; {UnavailableError}, {StoreError}
   */
  advance(text: string, source: RemoteLog): Promise<SignedCheckpoint> {
    const done = this.#last.then(() => this.#advance(text, source));
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** After its signal is aborted: resolves when nothing is being written. */
  async end(): Promise<void> {
    await this.#last;
    await this.#threads.destroy();
  }

  async #advance(text: string, source: RemoteLog): Promise<SignedCheckpoint> {
    const latest = await this.own.latest();
    if (latest?.complete === false) {
      await this.#follow(await this.keys.open(latest.signed.text, source, false), null, source);
    }
    const opened = await this.keys.open(text, source, latest === null);
    const { signed, learned } = opened;
    const { size, root } = signed.checkpoint;
    if (size > (latest?.signed.checkpoint.size ?? 0)) {
      await this.#follow(opened, latest?.signed ?? null, source);
      return signed;
    }
    if (equal(await this.own.root(size), root)) {
      await this.keys.confirm(learned, this.keys.storedHeader);
      await this.keys.keep(learned);
      return signed;
    }
    throw await this.#diagnose(rootMismatch(size), signed, latest?.signed ?? null, source);
  }

  async #follow(
    { signed, learned }: OpenedCheckpoint,
    before: SignedCheckpoint | null,
    source: RemoteLog,
  ): Promise<void> {
    const start = await this.own.walkStart();
    const walk = new HeaderWalk(source, start, signed.checkpoint, this.#signal);
    let end: number;
    try {
      end = await walk.check(new Set(learned.map(({ proof }) => proof.block.header.height)));
    } catch (error) {
      throw error instanceof RefusedError ? await this.#diagnose(error, signed, before, source) : error;
    }
    const { storedHeader } = this.keys;
    await this.keys.confirm(
      learned,
      async (height) => walk.remembered(height) ?? (await storedHeader(height)),
    );
    const { size, root } = signed.checkpoint;
    // From here on this is the only accepted continuation. If the log signs another one, this checkpoint is
    // evidence of it.
    await this.#store.storeCheckpoint({ size, root, note: signed.text });
    const builder = await this.own.builder(start.size);
    const map = await MapFollower.resume(this.#store, this.#origin, start.size);
    for await (const { blocks, refusal } of checkedBlocks(walk.headers(), source, this.#threads)) {
      this.#signal.throwIfAborted();
      // The blocks before a refused one are verified. They are stored and not fetched again.
      const { followed, fault } = await followMaps(map, blocks, { signed, source });
      await this.#write(followed, builder);
      map.stored();
      const last = followed.at(-1)?.block;
      if (last !== undefined) {
        const entries = last.firstPosition + last.entryCount;
        this.#onProgress({ blocks: last.height + 1, of: size, entries, ofEntries: end });
      }
      if (fault !== null) throw fault;
      if (refusal !== null) throw refusal;
    }
    await this.keys.keep(learned);
  }

  async #write(blocks: readonly MappedBlock[], builder: TileBuilder): Promise<void> {
    if (blocks.length === 0) return;
    const logTiles = blocks.flatMap(({ headerBytes }) => builder.push(leafHash(headerBytes, nodeSha256)));
    if ((await this.#store.followBlocks(blocks, logTiles)) === 'tip_moved')
      throw new UnavailableError('another process writes the followed log to this database');
  }

  /** The refusal with evidence, if the log serves any; else as it is. */
  async #diagnose(
    refusal: RefusedError,
    signed: SignedCheckpoint,
    before: SignedCheckpoint | null,
    source: RemoteLog,
  ): Promise<RefusedError> {
    try {
      const fork = before === null ? null : await findFork(this.own.tree(before), { signed, source });
      if (fork !== null) return forked(signed, before, fork);
      const { height } = refusal.details;
      const broken = height === undefined ? null : await findBrokenRule({ signed, source }, height);
      if (broken === null) return refusal;
      return new RefusedError(refusal.reason, refusal.message, { ...refusal.details, evidence: broken });
    } catch (error) {
      if (error instanceof UnavailableError) return refusal;
      throw error;
    }
  }
}

type MappedBlock = CheckedBlock & FollowedBlock;

/** The blocks whose maps follow, and why the one after them was refused. */
async function followMaps(
  map: MapFollower,
  blocks: readonly CheckedBlock[],
  tree: SignedTree,
): Promise<{ readonly followed: readonly MappedBlock[]; readonly fault: RefusedError | null }> {
  const followed: MappedBlock[] = [];
  for (const block of blocks) {
    try {
      const pages = await map.follow(block, tree);
      followed.push({ ...block, map: { pages, changes: block.changes } });
    } catch (error) {
      if (error instanceof RefusedError) return { followed, fault: error };
      throw error;
    }
  }
  return { followed, fault: null };
}

function rootMismatch(size: number): RefusedError {
  return new RefusedError(
    'root_mismatch',
    `the checkpoint over ${size} blocks has a root other than that of these blocks`,
    {
      where: 'checkpoint',
    },
  );
}
