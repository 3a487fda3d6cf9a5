import type { PublishedLog } from '../../log/index.js';
import { sendTile, TILE_BYTES, TILE_INDEX, tileOf } from '../answer/tile.js';
import { queryOf } from '../request/query.js';
import { check } from '../request/read-json.js';
import { pathParameter, type Route } from '../route.js';
import { leafRoutes } from './leaves.js';
import { Height, NoQuery } from '../schema/request-schemas.js';

/**
 * The trees of blocks in the manner of c2sp.org/tlog-tiles: leaf hashes, which show nothing of what was notarized, and all that is
 * needed to check a block's root.
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
        summary: 'Up to 256 hashes of the tree of one block',
        path: { height: 'Height of the block, from 0.', level: '0 to 63.', index: TILE_INDEX },
        query: NoQuery,
        responses: TILE_BYTES,
        errors: ['invalid_parameter', 'not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const height = check(Height, pathParameter(req, 'height'), 'invalid_parameter', 'height');
        const tile = tileOf(pathParameter(req, 'level'), pathParameter(req, 'index'));
        sendTile(res, await log.blockTile(height, tile));
      },
    },
  ];
}
