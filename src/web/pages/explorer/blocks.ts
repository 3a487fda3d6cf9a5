import { equal, fromBase64 } from '../../../proof/bytes.js';
import { blockHash, decodeHeader, type Header, HEADER_LENGTH } from '../../../proof/header.js';
import { splitHashes, type TileId, tilePath } from '../../../proof/tiles.js';
import { localProblem, retryWhileUnavailable, readJson, request } from '../../lib/request.js';

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

export async function oneBlock(height: number, signal: AbortSignal): Promise<SealedBlock> {
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
