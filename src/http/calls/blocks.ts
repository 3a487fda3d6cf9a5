import { encodeHeader } from '../../proof/index.js';
import type { PublishedLog } from '../../log/index.js';
import type { StoredBlock } from '../../store/index.js';
import { ApiError } from '../answer/errors.js';
import { IMMUTABLE } from '../answer/caching.js';
import { queryOf } from '../request/query.js';
import { check } from '../request/read-json.js';
import { blockJson } from '../answer/representation.js';
import { BlocksQuery, Height, NoQuery } from '../schema/request-schemas.js';
import { Block, Blocks } from '../schema/resources.js';
import { pathParameter, type Route } from '../route.js';

const HEIGHT = { height: 'Height of the block, from 0.' };

/** The blocks one by one. */
export function blockRoutes({ log }: { readonly log: Pick<PublishedLog, 'block' | 'blocks'> }): Route[] {
  const blockAt = async (text: string): Promise<StoredBlock> => {
    const block = await log.block(check(Height, text, 'invalid_parameter', 'height'));
    if (block === null) throw new ApiError('block_not_found', 'There is no block of this height.');
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
        summary: 'Blocks, the latest first',
        query: BlocksQuery,
        responses: { 200: { description: 'A page.', content: { 'application/json': Blocks } } },
        errors: ['invalid_parameter', 'unavailable'],
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
        summary: 'One block',
        path: HEIGHT,
        query: NoQuery,
        responses: { 200: { description: 'The block.', content: { 'application/json': Block } } },
        errors: ['invalid_parameter', 'block_not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
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
        summary: 'The 102 bytes of a block’s header, whose SHA-256 begins with the zeros that were mined',
        path: HEIGHT,
        query: NoQuery,
        responses: { 200: { description: 'The bytes.', content: { 'application/octet-stream': 'binary' } } },
        errors: ['invalid_parameter', 'block_not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const block = await blockAt(pathParameter(req, 'height'));
        res
          .set({ 'Content-Type': 'application/octet-stream', 'Cache-Control': IMMUTABLE })
          .send(Buffer.from(encodeHeader(block)));
      },
    },
  ];
}
