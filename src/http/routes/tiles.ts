import type { PublishedLog } from '../../log/index.js';
import { ApiError } from '../responses/errors.js';
import { sendTile, TILE_BYTES, TILE_INDEX, tileOf } from '../responses/tile.js';
import { pathParameter, type Route } from '../route.js';

/** The log as c2sp.org/tlog-tiles defines it. What does not exist yet is a 404, as its clients expect. */
export function tileRoutes({
  log,
}: {
  readonly log: Pick<PublishedLog, 'checkpoint' | 'tile' | 'entryBundle'>;
}): Route[] {
  return [
    {
      method: 'get',
      path: '/checkpoint',
      access: 'open',
      operation: {
        id: 'getCheckpoint',
        tag: 'Transparency log',
        summary: 'Get the latest signed checkpoint (C2SP tlog-checkpoint)',
        responses: { 200: { description: 'A signed note.', content: { 'text/plain': 'text' } } },
        errors: ['not_found', 'unavailable'],
      },
      async handle(req, res) {
        const checkpoint = await log.checkpoint();
        if (checkpoint === null)
          throw new ApiError('not_found', 'There is no checkpoint before the first block.');
        res.set({ 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-cache' });
        res.send(Buffer.from(checkpoint));
      },
    },
    {
      method: 'get',
      path: '/tile/entries/{+index}',
      access: 'open',
      operation: {
        id: 'getEntryBundle',
        tag: 'Transparency log',
        summary: 'Get an entry bundle: up to 256 block headers, each after its length (C2SP tlog-tiles)',
        path: { index: TILE_INDEX },
        responses: TILE_BYTES,
        errors: ['not_found', 'unavailable'],
      },
      async handle(req, res) {
        // A bundle's path is that of the tile of level 0 above it.
        const { index, width } = tileOf('0', pathParameter(req, 'index'));
        sendTile(res, await log.entryBundle(index, width));
      },
    },
    {
      method: 'get',
      path: '/tile/{level}/{+index}',
      access: 'open',
      operation: {
        id: 'getTile',
        tag: 'Transparency log',
        summary: 'Get a tile of the log: up to 256 hashes (C2SP tlog-tiles)',
        path: { level: '0 to 63.', index: TILE_INDEX },
        responses: TILE_BYTES,
        errors: ['not_found', 'unavailable'],
      },
      async handle(req, res) {
        sendTile(res, await log.tile(tileOf(pathParameter(req, 'level'), pathParameter(req, 'index'))));
      },
    },
  ];
}
