import { z } from 'zod';
import type { PublishedLog } from '../../log/index.js';
import { encodeHeader } from '../../proof/index.js';
import type { StoredBlock } from '../../store/index.js';
import { check } from '../requests/body.js';
import { queryOf } from '../requests/query.js';
import { ApiError } from '../responses/errors.js';
import { IMMUTABLE } from '../responses/headers.js';
import { blockJson } from '../responses/representation.js';
import { sendTile, TILE_BYTES, TILE_INDEX, tileOf } from '../responses/tile.js';
import { json, pathParameter, type Route } from '../route.js';
import { BlocksQuery, Height } from '../schemas/documents.js';
import { Block, Blocks } from '../schemas/resources.js';

const HEIGHT = { height: 'Height of the block, from 0.' };

/** Blocks. */
export function blockRoutes({ log }: { readonly log: Pick<PublishedLog, 'block' | 'blocks'> }): Route[] {
  const blockAt = async (text: string): Promise<StoredBlock> => {
    const block = await log.block(check(Height, text, 'invalid_parameter', 'height'));
    if (block === null) throw new ApiError('block_not_found', 'There is no block at this height.');
    return block;
  };
  return [
    {
      method: 'get',
      path: '/v1/blocks',
      access: 'open',
      operation: {
        id: 'listBlocks',
        tag: 'Chain',
        summary: 'List blocks, latest first',
        query: BlocksQuery,
        responses: { 200: { description: 'One page.', content: json(Blocks) } },
        errors: ['unavailable'],
      },
      async handle(req, res) {
        const { before, limit } = queryOf(req, BlocksQuery);
        const blocks = await log.blocks({ limit, ...(before === undefined ? {} : { before }) });
        const last = blocks.at(-1);
        const next =
          last === undefined || last.height === 0 || blocks.length < limit
            ? {}
            : { next: `/v1/blocks?before=${last.height}&limit=${limit}` };
        res.set('Cache-Control', 'no-cache').json({ blocks: blocks.map(blockJson), links: next });
      },
    },
    {
      method: 'get',
      path: '/v1/blocks/{height}',
      access: 'open',
      operation: {
        id: 'getBlock',
        tag: 'Chain',
        summary: 'Get a block',
        path: HEIGHT,
        responses: { 200: { description: 'The block.', content: json(Block) } },
        errors: ['block_not_found', 'unavailable'],
      },
      async handle(req, res) {
        const block = await blockAt(pathParameter(req, 'height'));
        res.set('Cache-Control', IMMUTABLE).json(blockJson(block));
      },
    },
    {
      method: 'get',
      path: '/v1/blocks/{height}/header',
      access: 'open',
      operation: {
        id: 'getHeader',
        tag: 'Chain',
        summary: 'Get a block’s header: 102 bytes, whose SHA-256 is the block’s hash',
        path: HEIGHT,
        responses: { 200: { description: 'The bytes.', content: { 'application/octet-stream': 'binary' } } },
        errors: ['block_not_found', 'unavailable'],
      },
      async handle(req, res) {
        const block = await blockAt(pathParameter(req, 'height'));
        res
          .set({ 'Content-Type': 'application/octet-stream', 'Cache-Control': IMMUTABLE })
          .send(Buffer.from(encodeHeader(block)));
      },
    },
  ];
}

/**
 * The trees of blocks, as in c2sp.org/tlog-tiles: leaf hashes, which reveal nothing about the documents, and
 * what is needed to check a block's root.
 */
export function blockTileRoutes({
  log,
}: {
  readonly log: Pick<PublishedLog, 'blockTile' | 'leaves'>;
}): Route[] {
  return [
    ...leafRoutes({ log }),
    {
      method: 'get',
      path: '/v1/blocks/{height}/tile/{level}/{+index}',
      access: 'open',
      operation: {
        id: 'getBlockTile',
        tag: 'Transparency log',
        summary: 'Get a tile of a block’s tree: up to 256 hashes',
        path: { height: 'Height of the block, from 0.', level: '0 to 63.', index: TILE_INDEX },
        responses: TILE_BYTES,
        errors: ['not_found', 'unavailable'],
      },
      async handle(req, res) {
        const height = check(Height, pathParameter(req, 'height'), 'invalid_parameter', 'height');
        const tile = tileOf(pathParameter(req, 'level'), pathParameter(req, 'index'));
        sendTile(res, await log.blockTile(height, tile));
      },
    },
  ];
}

/** Two megabytes in one response. */
const MAX_LEAVES = 65_536;

const whole = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^(0|[1-9][0-9]{0,15})$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum))
    .meta({ type: 'integer', minimum, maximum });

const LeavesQuery = z.strictObject({
  first: whole(0, Number.MAX_SAFE_INTEGER - MAX_LEAVES).describe('Position of the first entry.'),
  count: whole(1, MAX_LEAVES).describe('How many hashes.'),
});

/** Leaf hashes across blocks, for copying a whole chain with few requests. */
function leafRoutes({ log }: { readonly log: Pick<PublishedLog, 'leaves'> }): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/leaves',
      access: 'open',
      operation: {
        id: 'getLeaves',
        tag: 'Transparency log',
        summary: 'Get leaf hashes of sealed entries, 32 bytes each',
        query: LeavesQuery,
        responses: TILE_BYTES,
        errors: ['not_found', 'unavailable'],
      },
      async handle(req, res) {
        const { first, count } = queryOf(req, LeavesQuery);
        sendTile(res, await log.leaves(first, count));
      },
    },
  ];
}
