import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { THREAD_ARGUMENTS } from '../background/threads.js';
import { type BlockTile, joinTiles } from '../merkle/block-tree.js';
import { statementFault } from '../log/state-statements.js';
import { equal, HASH_LENGTH, type Header, isZero, TILE_WIDTH, toHex } from '../proof/index.js';
import { parseStatement, stateHash } from '../proof/time/state.js';
import type { FollowedBlock } from '../store/index.js';
import { RefusedError, UnavailableError } from './alarms.js';
import type { WalkedHeader } from './headers.js';
import type { RemoteLog } from './remote-log.js';
import { createRun, fillTileRoots, type LeafRun, tilesOf } from './tile-roots.js';

/**
 * Verifies a block's leaf hashes against the root in its header.
 * @param leafTiles the served leaf hashes in tiles of 256, as many as the header's entry count
 * @param roots of these tiles, as computed here
 * @returns every tile of the tree
 * @throws {RefusedError} merkle_root
 */
function checkBlockTree(
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

/** The bundle of this thread's module, two folders up from src/member/ and from dist/shared/ alike. */
const WORKER = new URL('../../dist/member/tile-roots.js', import.meta.url);

/** Up to this size, leaf hashes are hashed in this thread: a member that is up to date needs no other. */
const SMALL_RUN_BYTES = 128 * 1024;

/** Threads that hash while a member catches up, so that it keeps responding. They end when they are idle. */
export class HashThreads {
  readonly #pool = new Piscina({
    filename: WORKER.href,
    execArgv: [...THREAD_ARGUMENTS],
    minThreads: 0,
    // Fetching and writing keep one core busy.
    maxThreads: Math.max(1, availableParallelism() - 1),
    idleTimeout: 1000,
  });

  /** @param run its buffer is transferred: use the returned bytes instead */
  async fillTileRoots(run: LeafRun): Promise<LeafRun['bytes']> {
    if (run.bytes.length <= SMALL_RUN_BYTES) return fillTileRoots(run);
    const transferList = [run.bytes.buffer];
    return (await this.#pool.run(run, { name: 'fillAndReturn', transferList })) as LeafRun['bytes'];
  }

  /** Ends all threads. */
  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }
}

/** The most leaf hashes in one response: two megabytes. */
const MAX_LEAVES = 65_536;
/**
 * The most blocks that are fetched, verified and written together; their leaf hashes fit into one response,
 * except those of a single large block.
 */
const RUN_BLOCKS = 256;

/** Consecutive blocks. */
export interface BlockRun {
  readonly blocks: readonly WalkedHeader[];
  readonly entryCounts: readonly number[];
  /** Position of the first entry. */
  readonly first: number;
  readonly entries: number;
}

async function* runsOf(headers: AsyncIterable<WalkedHeader>): AsyncGenerator<BlockRun> {
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

/** Fetches the leaf hashes of these blocks. @throws {RefusedError} malformed; {UnavailableError} */
async function fetchLeaves(
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

/**
 * Fetches the state statements of these blocks; null for each that is not shown.
 * @throws {RefusedError} malformed; {UnavailableError}
 */
async function fetchStatements({ blocks }: BlockRun, source: RemoteLog): Promise<readonly (string | null)[]> {
  const [first] = blocks;
  if (first === undefined || blocks.every(({ header }) => isZero(header.state))) return [];
  const statements = await source.statements(first.header.height, blocks.length);
  if (statements !== null) return statements;
  throw new UnavailableError(`the state statements from block ${first.header.height} on are not served`);
}

/**
 * That a block says what its header commits to. Whether its beacons are genuine is judged by those who rely on
 * them: checking each signature would make a copy of the chain take days.
 * @throws {RefusedError} state
 */
export function checkStatement({ height, state }: Header, statement: string | null): string | null {
  const fault = statementFault(state, statement);
  if (fault === null) return statement;
  throw new RefusedError('state', `the state statement of block ${height} ${fault}`, {
    ...{ where: `block ${height}`, height, expected: toHex(state) },
    found: toHex(stateHash(statement)),
  });
}

/** Lists that are requested at once. */
const LISTS_AT_ONCE = 8;

/**
 * Fetches the change lists of the blocks that change records, by their place in the run.
 * @throws {UnavailableError}
 */
async function fetchChanges(
  { blocks }: BlockRun,
  statements: readonly (string | null)[],
  source: RemoteLog,
): Promise<ReadonlyMap<number, Uint8Array>> {
  const lists = new Map<number, Uint8Array>();
  const wanted = blocks.flatMap(({ header }, i) =>
    hasChanges(header, statements[i] ?? null) ? [{ i, height: header.height }] : [],
  );
  for (let at = 0; at < wanted.length; at += LISTS_AT_ONCE) {
    await Promise.all(
      wanted.slice(at, at + LISTS_AT_ONCE).map(async ({ i, height }) => {
        const list = await source.changes(height);
        if (list === null) throw new UnavailableError(`the change list of block ${height} is not served`);
        lists.set(i, list);
      }),
    );
  }
  return lists;
}

function hasChanges({ state }: Header, statement: string | null): boolean {
  if (statement === null || statementFault(state, statement) !== null) return false;
  return !isZero(parseStatement(statement).map.changes);
}

export interface CheckedBlock extends Omit<FollowedBlock, 'map'> {
  /** The change list as it was served, which is checked with the map; empty: the block changes no record. */
  readonly changes: Uint8Array;
  readonly headerBytes: Uint8Array;
}

/** Verified blocks, and why the block after them was refused. */
export interface CheckedBlocks {
  readonly blocks: readonly CheckedBlock[];
  readonly refusal: RefusedError | null;
  /** The memory of their tiles; reused when the next blocks are requested. */
  readonly memory: ArrayBuffer;
}

/**
 * How many runs are fetched or hashed while one is written, so that network, this process and PostgreSQL work
 * at the same time. Of large blocks fewer: at most ENTRIES_AHEAD entries, or one block.
 */
const RUNS_AHEAD = 3;
const ENTRIES_AHEAD = RUNS_AHEAD * MAX_LEAVES;

/**
 * Yields the blocks with their verified trees, in order, several at a time.
 * @throws {RefusedError} malformed, or what `headers` throws; {UnavailableError}. Blocks before the fault are
 *   yielded first.
 */
export async function* checkedBlocks(
  headers: AsyncIterable<WalkedHeader>,
  source: RemoteLog,
  threads: HashThreads,
): AsyncGenerator<CheckedBlocks> {
  const ahead: { readonly entries: number; readonly checked: Promise<CheckedBlocks> }[] = [];
  // Runs reuse memory: new buffers for each would keep the garbage collector busy.
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
      // The caller may stop reading before it awaits this; the rejection is not unhandled then.
      checked.catch(() => undefined);
      ahead.push({ entries: run.entries, checked });
    }
  } catch (error) {
    // After a run has failed, it is the first of these and fails again. After an invalid header, these are
    // the blocks before it.
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
  const [bytes, statements] = await Promise.all([
    fetchLeaves(run, source, spare).then((leaves) => threads.fillTileRoots(leaves)),
    fetchStatements(run, source),
  ]);
  const lists = await fetchChanges(run, statements, source);
  const cut = (at: number, count: number) => bytes.subarray(at * HASH_LENGTH, (at + count) * HASH_LENGTH);
  const blocks: CheckedBlock[] = [];
  let [at, room] = [0, run.entries];
  for (const [i, { header, hash, bytes: headerBytes }] of run.blocks.entries()) {
    const { entryCount } = header;
    const starts = Array.from({ length: tilesOf(entryCount) }, (_, i) => i * TILE_WIDTH);
    const leafTiles = starts.map((start) => cut(at + start, Math.min(TILE_WIDTH, entryCount - start)));
    const roots = starts.map((_, i) => cut(room + i, 1));
    try {
      blocks.push({
        block: { ...header, hash },
        statement: checkStatement(header, statements[i] ?? null),
        headerBytes,
        changes: lists.get(i) ?? new Uint8Array(),
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
