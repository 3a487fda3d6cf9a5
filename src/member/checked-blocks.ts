import { HASH_LENGTH, TILE_WIDTH } from '../proof/index.js';
import type { FollowedBlock } from '../store/index.js';
import { checkBlockTree } from './block-tree.js';
import { fetchLeaves, MAX_LEAVES, runsOf, type BlockRun } from './block-runs.js';
import type { HashThreads } from './hash-threads.js';
import type { WalkedHeader } from './header-walk.js';
import { Refusal } from './refusal.js';
import type { RemoteLog } from './remote-log.js';
import { tilesOf } from './tile-roots.js';

export interface CheckedBlock extends FollowedBlock {
  readonly headerBytes: Uint8Array;
}

/** Blocks that were found right, and why the one behind them was not. */
export interface CheckedBlocks {
  readonly blocks: readonly CheckedBlock[];
  readonly refusal: Refusal | null;
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
 * @throws {Refusal} malformed, or what `headers` throws; {Unavailable}. What comes before is given first.
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
      if (error instanceof Refusal) return { blocks, refusal: error, memory: bytes.buffer };
      throw error;
    }
    at += entryCount;
    room += roots.length;
  }
  return { blocks, refusal: null, memory: bytes.buffer };
}
