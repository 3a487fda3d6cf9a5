import { computed, signal } from '@preact/signals';
import { equal, fromBase64 } from '../../../proof/bytes.js';
import {
  blockHash,
  decodeHeader,
  type Header,
  HEADER_LENGTH,
  successionFault,
} from '../../../proof/header.js';
import { splitHashes, type TileId, tilePath } from '../../../proof/tiles.js';
import * as api from '../../lib/api.js';
import type { Chain } from '../../lib/api.js';
import {
  connection,
  localProblem,
  ProblemError,
  readBody,
  readJson,
  request,
  retryWhileUnavailable,
} from '../../lib/request.js';
import { Resource } from '../../lib/resource.js';

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

/** Whether the block correctly follows the previous one. @param minimum difficulty of block 0 */
export function follows(block: SealedBlock, previous: SealedBlock | null, minimum: number): boolean {
  return successionFault(block.bytes, previous, minimum) === null;
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

/** Everything is asked for until it is answered, or the page is left. */
function published<T>(path: string, read: (answer: Response) => Promise<T>): Promise<T> {
  return retryWhileUnavailable(async () => read(await request(path, {})), untilLeft);
}
const untilLeft = new AbortController().signal;

interface Published {
  readonly header: string;
}

/** @param before only blocks below this height; null: the latest */
export async function latestBlocks(before: number | null, limit: number): Promise<SealedBlock[]> {
  const query = before === null ? `limit=${limit}` : `before=${before}&limit=${limit}`;
  const answer = await published(`v1/blocks?${query}`, readJson);
  const { blocks } = answer as { readonly blocks: readonly Published[] };
  return blocks.map(({ header }) => understood(() => readBlock(header)));
}

async function oneBlock(height: number): Promise<SealedBlock> {
  const { header } = (await published(`v1/blocks/${height}`, readJson)) as Published;
  const block = understood(() => readBlock(header));
  if (block.header.height !== height) throw localProblem('not_understood');
  return block;
}

/** The hashes of one tile of a block's tree. */
export async function blockTile(height: number, tile: TileId): Promise<Uint8Array[]> {
  const bytes = await published(`v1/blocks/${height}/${tilePath(tile)}`, (answer) =>
    readBody(answer.arrayBuffer()),
  );
  return understood(() => splitHashes(new Uint8Array(bytes)));
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw localProblem('not_understood');
  }
}

/** Number of blocks that are kept; headers are small. */
const MOST = 2000;
const kept = new Map<number, Resource<SealedBlock>>();

/** The block at this height. It never changes, so it is loaded once. */
export function blockAt(height: number): Resource<SealedBlock> {
  const known = kept.get(height);
  if (known !== undefined) return known;
  const loaded = keep(height, new Resource(() => oneBlock(height)));
  void loaded.load();
  return loaded;
}

/** Keeps blocks that came in a list. */
export function keepBlocks(blocks: readonly SealedBlock[]): void {
  for (const block of blocks) {
    const { height } = block.header;
    const known = kept.get(height) ?? keep(height, new Resource(() => oneBlock(height)));
    if (known.value === null) known.change(block);
  }
}

function keep(height: number, block: Resource<SealedBlock>): Resource<SealedBlock> {
  if (kept.size >= MOST) kept.clear();
  kept.set(height, block);
  return block;
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
class ChainWatch {
  readonly #state = signal<ChainState | null>(null);
  readonly #refused = signal<ProblemError | null>(null);
  readonly #tip = computed(() => this.#state.value?.latest[0]?.header.height ?? null);

  /** null: not known yet. */
  get state(): ChainState | null {
    return this.#state.value;
  }

  /** The problem of the last poll, if the service rejected it. */
  get refused(): ProblemError | null {
    return this.#refused.value;
  }

  /** Height of the latest block. null: not known, or there is none. */
  get tip(): number | null {
    return this.#tip.value;
  }

  /** @param onArrived called with the number of new blocks; not for those of the first poll */
  async run(onArrived: (count: number) => void): Promise<never> {
    for (let quiet = 0; ; quiet++) {
      await untilVisible();
      let pause = AFTER_REFUSAL_MS;
      try {
        const isFirst = this.#state.peek() === null;
        const arrived = await this.#look();
        this.#refused.value = null;
        if (arrived > 0) quiet = 0;
        if (arrived > 0 && !isFirst) onArrived(arrived);
        pause = pauseAfter(quiet);
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        this.#refused.value = error;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** @returns number of new blocks */
  async #look(): Promise<number> {
    const chain = await retryWhileUnavailable(() => api.chain(), untilLeft);
    const known = this.#state.peek()?.latest ?? [];
    const height = chain.height ?? -1;
    // A chain that has become shorter is a different chain: discard the old blocks.
    const isOther = height < (known[0]?.header.height ?? -1);
    if (isOther) kept.clear();
    const before = isOther ? [] : known;
    const missing = height - (before[0]?.header.height ?? -1);
    const fetched = missing === 0 ? [] : await latestBlocks(height + 1, Math.min(missing, WATCHED));
    keepBlocks(fetched);
    this.#state.value = { chain, latest: mergeBlocks(fetched, before, WATCHED), at: Date.now() };
    return isOther ? 0 : fetched.length;
  }
}

export const watch = new ChainWatch();

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
