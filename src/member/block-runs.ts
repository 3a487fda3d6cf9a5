import { HASH_LENGTH } from '../proof/index.js';
import type { WalkedHeader } from './header-walk.js';
import { Refusal, Unavailable } from './refusal.js';
import type { RemoteLog } from './remote-log.js';
import { createRun, type LeafRun } from './tile-roots.js';

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

/** The leaf hashes that are served for these blocks. @throws {Refusal} malformed; {Unavailable} */
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
    if (length === null) throw new Unavailable(`${where} are not served`);
    throw new Refusal('malformed', `${where} have ${length} bytes instead of ${target.length}`, {
      where,
      expected: String(target.length),
      found: String(length),
    });
  }
  return run;
}
