import { z } from 'zod';
import type { PublishedLog } from '../../log/index.js';
import { sendTile, TILE_BYTES } from '../answer/tile.js';
import { queryOf } from '../request/query.js';
import type { Route } from '../route.js';

/** Two megabytes in one answer. */
const MAX_LEAVES = 65_536;

const whole = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^(0|[1-9][0-9]{0,15})$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum))
    .meta({ type: 'integer', minimum, maximum });

const LeavesQuery = z.strictObject({
  first: whole(0, Number.MAX_SAFE_INTEGER - MAX_LEAVES).describe('Position of the first.'),
  count: whole(1, MAX_LEAVES).describe('How many.'),
});

/** Leaf hashes across blocks, for those who take over a whole chain: tiles one by one would cost them a request for each 256. */
export function leafRoutes({ log }: { readonly log: Pick<PublishedLog, 'leaves'> }): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/leaves',
      access: 'open',
      operation: {
        id: 'getLeaves',
        tag: 'Transparency log',
        summary: 'The leaf hashes of sealed entries by position, 32 bytes each',
        query: LeavesQuery,
        responses: TILE_BYTES,
        errors: ['invalid_parameter', 'not_found', 'unavailable'],
      },
      async handle(req, res) {
        const { first, count } = queryOf(req, LeavesQuery);
        sendTile(res, await log.leaves(first, count));
      },
    },
  ];
}
