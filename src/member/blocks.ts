import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { type BlockTile, joinTiles } from '../merkle/block-tree.js';
import { equal, HASH_LENGTH, type Header, TILE_WIDTH, toHex } from '../proof/index.js';
import type { FollowedBlock } from '../store/index.js';
import { RefusedError, UnavailableError } from './alarms.js';
import type { WalkedHeader } from './headers.js';
import type { RemoteLog } from './remote-log.js';
import { createRun, fillTileRoots, type LeafRun, tilesOf } from './tile-roots.js';

/**
 * The tiles of a block's tree, checked against the root in its header.
 * @param leafTiles its leaf hashes as they were served, in tiles of 256, as many as the entry count asks for
 * @param roots of these tiles, as they were computed here
 * @throws {RefusedError} merkle_root
 */
export function checkBlockTree(
  header: Header,
  leafTiles: readonly Uint8Array[],
  roots: readonly Uint8Array[],
): readonly BlockTile[] {
  const { root, tiles } = joinTiles(leafTiles, roots);
  if (!equal(root, header.merkleRoot)) {
    throw new RefusedError(
      'merkle_root',
      `the leaf hashes of block ${header.height} do not lead to the root in its header`,
      { where: `block ${header.height}`, expected: toHex(header.merkleRoot), found: toHex(root) },
    );
  }
  return tiles;
}

/** Under vitest this file runs as TypeScript, which a worker thread cannot load: the built one does the same. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/member/tile-roots.js' : './tile-roots.js',
  import.meta.url,
);

/** 4,096 leaf hashes are 2 ms of work: a member that is not behind needs no thread. */
const LITTLE = 128 * 1024;

/** The threads that hash while a member catches up, so that it goes on to answer. They end when there is nothing to do. */
export class HashThreads {
  readonly #pool = new Piscina({
    filename: WORKER.href,
    minThreads: 0,
    // One core is busy with what is fetched and written.
    maxThreads: Math.max(1, availableParallelism() - 1),
    idleTimeout: 1000,
  });

  /** @param run is handed over: its bytes are empty afterwards, and those that come back are to be used. */
  async fillTileRoots(run: LeafRun): Promise<LeafRun['bytes']> {
    if (run.bytes.length <= LITTLE) return fillTileRoots(run);
    const transferList = [run.bytes.buffer];
    return (await this.#pool.run(run, { name: 'fillAndReturn', transferList })) as LeafRun['bytes'];
  }

  /** Resolves when no thread runs any more. */
  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }
}

/** Leaf hashes in one answer: two megabytes. */
export const MAX_LEAVES = 65_536;
/** Blocks that are fetched, checked and written together: so many, or so many that one request gives their leaf hashes, or a single one. */
const RUN_BLOCKS = 256;

/** Blocks that follow each other. */
export interface BlockRun {
  readonly blocks: readonly WalkedHeader[];
  readonly entryCounts: readonly number[];
  /** Position of the first entry. */
  readonly first: number;
  readonly entries: number;
}

export async function* runsOf(headers: AsyncIterable<WalkedHeader>): AsyncGenerator<BlockRun> {
  let blocks: WalkedHeader[] = [];
  let entries = 0;
  for await (const walked of headers) {
    const { entryCount } = walked.header;
    if (blocks.length === RUN_BLOCKS || (blocks.length > 0 && entries + entryCount > MAX_LEAVES)) {
      yield runOf(blocks, entries);
      [blocks, entries] = [[], 0];
    }
    blocks.push(walked);
    entries += entryCount;
  }
  if (blocks.length > 0) yield runOf(blocks, entries);
}

function runOf(blocks: readonly WalkedHeader[], entries: number): BlockRun {
  const entryCounts = blocks.map(({ header }) => header.entryCount);
  return { blocks, entryCounts, first: blocks[0]?.header.firstPosition ?? 0, entries };
}

/** The leaf hashes that are served for these blocks. @throws {RefusedError} malformed; {UnavailableError} */
export async function fetchLeaves(
  { first, entries, entryCounts }: BlockRun,
  source: RemoteLog,
  spare?: ArrayBuffer,
): Promise<LeafRun> {
  const run = createRun(entryCounts, spare);
  for (let at = 0; at < entries; at += MAX_LEAVES) {
    const count = Math.min(MAX_LEAVES, entries - at);
    const target = run.bytes.subarray(at * HASH_LENGTH, (at + count) * HASH_LENGTH);
    const length = await source.leaves(first + at, target);
    if (length === target.length) continue;
    const where = `leaves ${first + at} to ${first + at + count - 1}`;
    if (length === null) throw new UnavailableError(`${where} are not served`);
    throw new RefusedError('malformed', `${where} have ${length} bytes instead of ${target.length}`, {
      where,
      expected: String(target.length),
      found: String(length),
    });
  }
  return run;
}

export interface CheckedBlock extends FollowedBlock {
  readonly headerBytes: Uint8Array;
}

/** Blocks that were found right, and why the one behind them was not. */
export interface CheckedBlocks {
  readonly blocks: readonly CheckedBlock[];
  readonly refusal: RefusedError | null;
  /** What their tiles lie in, until the next blocks are asked for. */
  readonly memory: ArrayBuffer;
}

/**
 * So many runs are on their way or being hashed while one is written; of large blocks only as many as have so many entries: six
 * megabytes, or one block. Otherwise network, this process and PostgreSQL would wait for each other.
 */
const RUNS_AHEAD = 3;
const ENTRIES_AHEAD = RUNS_AHEAD * MAX_LEAVES;

/**
 * The blocks with the trees over the leaf hashes that are served for them, in order, some at a time.
 * @throws {RefusedError} malformed, or what `headers` throws; {UnavailableError}. What comes before is given first.
 */
export async function* checkedBlocks(
  headers: AsyncIterable<WalkedHeader>,
  source: RemoteLog,
  threads: HashThreads,
): AsyncGenerator<CheckedBlocks> {
  const ahead: { readonly entries: number; readonly checked: Promise<CheckedBlocks> }[] = [];
  // New memory for each run would lie about until it is collected: some ten megabytes of it, and 0.1 s of processor time for 1,000,000 entries.
  const spare: ArrayBuffer[] = [];
  const mustWait = (entries: number): boolean => {
    const all = ahead.reduce((sum, run) => sum + run.entries, entries);
    return ahead.length === RUNS_AHEAD || (ahead.length > 0 && all > ENTRIES_AHEAD);
  };
  const next = async function* (): AsyncGenerator<CheckedBlocks> {
    const [first] = ahead;
    if (first === undefined) return;
    const checked = await first.checked;
    yield checked;
    ahead.shift();
    spare.push(checked.memory);
  };
  try {
    for await (const run of runsOf(headers)) {
      while (mustWait(run.entries)) yield* next();
      const checked = check(run, source, threads, spare.pop());
      // Whoever stops reading does not wait for the rest; nobody else must be told of its failure.
      checked.catch(() => undefined);
      ahead.push({ entries: run.entries, checked });
    }
  } catch (error) {
    // A run that failed is still the first of these, and fails again; of a header that is wrong they are what comes before.
    while (ahead.length > 0) yield* next();
    throw error;
  }
  while (ahead.length > 0) yield* next();
}

async function check(
  run: BlockRun,
  source: RemoteLog,
  threads: HashThreads,
  spare: ArrayBuffer | undefined,
): Promise<CheckedBlocks> {
  const bytes = await threads.fillTileRoots(await fetchLeaves(run, source, spare));
  const cut = (at: number, count: number) => bytes.subarray(at * HASH_LENGTH, (at + count) * HASH_LENGTH);
  const blocks: CheckedBlock[] = [];
  let [at, room] = [0, run.entries];
  for (const { header, hash, bytes: headerBytes } of run.blocks) {
    const { entryCount } = header;
    const starts = Array.from({ length: tilesOf(entryCount) }, (_, i) => i * TILE_WIDTH);
    const leafTiles = starts.map((start) => cut(at + start, Math.min(TILE_WIDTH, entryCount - start)));
    const roots = starts.map((_, i) => cut(room + i, 1));
    try {
      blocks.push({
        block: { ...header, hash },
        headerBytes,
        tiles: checkBlockTree(header, leafTiles, roots),
      });
    } catch (error) {
      if (error instanceof RefusedError) return { blocks, refusal: error, memory: bytes.buffer };
      throw error;
    }
    at += entryCount;
    room += roots.length;
  }
  return { blocks, refusal: null, memory: bytes.buffer };
}
