import { splitHashes, tilePath, type TileId } from '../../proof/tiles.js';
import { ownProblem } from '../resources.js';
import { readJson, request } from '../request.js';
import { readBlock, type SealedBlock } from './sealed-block.js';

/** What the explorer asks for. Each rejects as the calls of api.ts do. */

/** @param before only blocks below this height; null: the latest */
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
  if (block.header.height !== height) throw ownProblem('not_understood');
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
    throw ownProblem('not_understood');
  }
}
