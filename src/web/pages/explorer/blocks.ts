import { equal, fromBase64 } from '../../../proof/bytes.js';
import { blockHash, decodeHeader, type Header, HEADER_LENGTH } from '../../../proof/header.js';
import { splitHashes, type TileId, tilePath } from '../../../proof/tiles.js';
import * as api from '../../lib/api.js';
import type { Chain } from '../../lib/api.js';
import {
  connection,
  localProblem,
  type Problem,
  ProblemError,
  readJson,
  request,
  retryWhileUnavailable,
} from '../../lib/request.js';

/** A block: the bytes of its header, and what is computed from them. Nothing else in a response is used. */
export interface SealedBlock {
  readonly bytes: Uint8Array;
  readonly header: Header;
  /** Computed by this page. */
  readonly hash: Uint8Array;
}

/** @throws ProofError if it is not a header */
export function readBlock(base64: string): SealedBlock {
  const bytes = fromBase64(base64, 'header', HEADER_LENGTH);
  return { bytes, header: decodeHeader(bytes), hash: blockHash(bytes) };
}

/** Whether `block` contains the hash of `previous` and directly follows it. */
export function isLinked(previous: SealedBlock, block: SealedBlock): boolean {
  return (
    block.header.height === previous.header.height + 1 && equal(block.header.previousHash, previous.hash)
  );
}

/** Merges two lists of blocks, highest first; blocks of the newer list win. */
export function mergeBlocks(
  newer: readonly SealedBlock[],
  older: readonly SealedBlock[],
  most: number,
): SealedBlock[] {
  const byHeight = new Map([...older, ...newer].map((block) => [block.header.height, block]));
  return [...byHeight.values()].sort((a, b) => b.header.height - a.header.height).slice(0, most);
}

/** Requests of the explorer. Each rejects as those of api.ts do. */

/** @param before returns only blocks below this height; null: the latest */
export async function latestBlocks(
  before: number | null,
  limit: number,
  signal: AbortSignal,
): Promise<SealedBlock[]> {
  const query = before === null ? `limit=${limit}` : `before=${before}&limit=${limit}`;
  const answer = (await readJson(await request(`v1/blocks?${query}`, { signal }))) as {
    readonly blocks: readonly { readonly header: string }[];
  };
  return answer.blocks.map(({ header }) => understood(() => readBlock(header)));
}

async function oneBlock(height: number, signal: AbortSignal): Promise<SealedBlock> {
  const answer = (await readJson(await request(`v1/blocks/${height}`, { signal }))) as {
    readonly header: string;
  };
  const block = understood(() => readBlock(answer.header));
  if (block.header.height !== height) throw localProblem('not_understood');
  return block;
}

/** The hashes of one tile of a block's tree. */
export async function blockTile(height: number, tile: TileId, signal: AbortSignal): Promise<Uint8Array[]> {
  const response = await request(`v1/blocks/${height}/${tilePath(tile)}`, { signal });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return understood(() => splitHashes(bytes));
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw localProblem('not_understood');
  }
}

/** Number of cached blocks; headers are small. */
const MOST = 2000;

/** Caches blocks, which never change. */
export class BlockCache {
  readonly #blocks = new Map<number, SealedBlock>();

  add(blocks: readonly SealedBlock[]): void {
    if (this.#blocks.size > MOST) this.#blocks.clear();
    for (const block of blocks) this.#blocks.set(block.header.height, block);
  }

  find(height: number): SealedBlock | null {
    return this.#blocks.get(height) ?? null;
  }

  async get(height: number, signal: AbortSignal): Promise<SealedBlock> {
    const known = this.find(height);
    if (known !== null) return known;
    const block = await retryWhileUnavailable(() => oneBlock(height, signal), signal);
    this.add([block]);
    return block;
  }
}

/** Number of blocks that the charts show. */
const WATCHED = 60;

const QUICKEST_MS = 1000;
const SLOWEST_MS = 8000;
/** Pause after an error that is not temporary. */
const AFTER_REFUSAL_MS = 15_000;

/** Pause before the next poll: it grows by half with every poll without new blocks. */
export function pauseAfter(quietLooks: number): number {
  return Math.min(SLOWEST_MS, QUICKEST_MS * 1.5 ** quietLooks);
}

export interface ChainState {
  readonly chain: Chain;
  /** Highest first, at most WATCHED. */
  readonly latest: readonly SealedBlock[];
  /** Time of the last poll in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** Polls the chain while the page is visible. */
export class ChainWatch {
  state: ChainState | null = null;
  /** The problem of the last poll, if the service rejected it. */
  problem: Problem | null = null;
  readonly #onChange: (arrived: readonly SealedBlock[]) => void;

  /** @param onChange called after every poll with the new blocks, highest first; with none the first time */
  constructor(onChange: (arrived: readonly SealedBlock[]) => void) {
    this.#onChange = onChange;
  }

  async run(signal: AbortSignal): Promise<void> {
    for (let quiet = 0; ; quiet++) {
      await untilVisible();
      const pause = await this.#look(signal).then(
        (arrived) => {
          if (arrived) quiet = 0;
          return pauseAfter(quiet);
        },
        (error: unknown) => {
          signal.throwIfAborted();
          if (!(error instanceof ProblemError)) throw error;
          this.problem = error.problem;
          this.#onChange([]);
          return AFTER_REFUSAL_MS;
        },
      );
      await sleep(pause);
      signal.throwIfAborted();
    }
  }

  async #look(signal: AbortSignal): Promise<boolean> {
    const chain = await retryWhileUnavailable(() => api.chain(signal), signal);
    const known = this.state?.latest ?? [];
    const tip = known[0]?.header.height ?? -1;
    const height = chain.height ?? -1;
    // A chain that has become shorter is a different chain: discard the old blocks.
    const kept = height < tip ? [] : known;
    const missing = height - (kept[0]?.header.height ?? -1);
    const fetched =
      missing === 0
        ? []
        : await retryWhileUnavailable(
            () => latestBlocks(height + 1, Math.min(missing, WATCHED), signal),
            signal,
          );
    const first = this.state === null || kept !== known;
    this.state = { chain, latest: mergeBlocks(fetched, kept, WATCHED), at: Date.now() };
    this.problem = null;
    this.#onChange(first ? [] : fetched);
    return fetched.length > 0;
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A hidden page does not poll. */
async function untilVisible(): Promise<void> {
  if (document.visibilityState === 'visible') return;
  await new Promise<void>((resolve) => {
    const look = () => {
      if (document.visibilityState !== 'visible') return;
      document.removeEventListener('visibilitychange', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
  });
  connection.retryNow();
}
