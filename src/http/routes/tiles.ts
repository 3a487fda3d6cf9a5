import type { Request, Response } from 'express';
import { z } from 'zod';
import type { PublishedLog } from '../../log/index.js';
import { formatStates } from '../../log/state-statements.js';
import { parseTilePath, ProofError, TILE_WIDTH, type TileId } from '../../proof/index.js';
import { check } from '../requests/body.js';
import { pathParameter, queryOf } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import { IMMUTABLE } from '../responses/send.js';
import { BINARY_TYPE, json, JSON_TYPE, type Route } from '../route.js';
import { decimal, Height } from '../schemas/documents.js';
import { States } from '../schemas/resources.js';
import { BYTES, HEIGHT } from './chain.js';

/** Description of a tile's path (c2sp.org/tlog-tiles). */
const TILE_INDEX = z
  .string()
  .regex(/^(x[0-9]{3}\/)*[0-9]{3}(\.p\/[1-9][0-9]{0,2})?$/)
  .describe(
    'Index in groups of three digits, all but the last prefixed with x; followed by `.p/<W>` for a partial tile.',
  );
const LEVEL = decimal(0, 63).describe('0 to 63.');

/** @throws {ApiError} not_found: also for a path that is not in canonical form */
function tileOf(req: Request, level = pathParameter(req, 'level')): TileId {
  try {
    return parseTilePath(level, pathParameter(req, 'index'));
  } catch (error) {
    if (error instanceof ProofError)
      throw new ApiError('not_found', 'There is no such tile.', { cause: error });
    throw error;
  }
}

function sendTile(res: Response, bytes: Uint8Array | null): void {
  if (bytes === null) throw new ApiError('not_found', 'There is no such tile yet.');
  // Not `send`, which would hash the body for an ETag: immutable bytes are never revalidated.
  res.set({ 'Content-Type': BINARY_TYPE, 'Cache-Control': IMMUTABLE }).end(bytes);
}

/** Two megabytes in one response. */
const MAX_LEAVES = 65_536;
const LeavesQuery = z.strictObject({
  first: decimal(0, Number.MAX_SAFE_INTEGER - MAX_LEAVES).describe('Position of the first entry.'),
  count: decimal(1, MAX_LEAVES).describe('How many hashes.'),
});

/**
 * The log as c2sp.org/tlog-tiles defines it, and the trees of its blocks in the same form. Leaf hashes reveal
 * nothing about the documents. What does not exist yet is a 404, as clients of tlog-tiles expect.
 */
export function tileRoutes({
  log,
}: {
  readonly log: Pick<
    PublishedLog,
    'checkpoint' | 'tile' | 'entryBundle' | 'blockTile' | 'leaves' | 'statements'
  >;
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
        responses: BYTES,
        errors: ['not_found', 'unavailable'],
      },
      async handle(req, res) {
        // A bundle's path is that of the tile of level 0 above it.
        const { index, width } = tileOf(req, '0');
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
        path: { level: LEVEL, index: TILE_INDEX },
        responses: BYTES,
        errors: ['not_found', 'unavailable'],
      },
      async handle(req, res) {
        sendTile(res, await log.tile(tileOf(req)));
      },
    },
    {
      method: 'get',
      path: '/v1/leaves',
      access: 'open',
      operation: {
        id: 'getLeaves',
        tag: 'Transparency log',
        summary: 'Get leaf hashes of sealed entries, 32 bytes each',
        query: LeavesQuery,
        responses: BYTES,
        errors: ['not_found', 'unavailable'],
      },
      // Across blocks, so that a whole chain can be copied with few requests.
      async handle(req, res) {
        const { first, count } = queryOf(req, LeavesQuery);
        sendTile(res, await log.leaves(first, count));
      },
    },
    {
      method: 'get',
      path: '/v1/tile/leaves/{+index}',
      access: 'open',
      operation: {
        id: 'getLeafFile',
        tag: 'Transparency log',
        summary: 'Get up to 256 leaf hashes of sealed entries, 32 bytes each',
        description:
          'The row of all leaf hashes, by position, in files that can be kept and served as they are.',
        path: { index: TILE_INDEX },
        responses: BYTES,
        errors: ['not_found', 'unavailable'],
      },
      async handle(req, res) {
        const { index, width } = tileOf(req, '0');
        sendTile(res, await log.leaves(index * TILE_WIDTH, width));
      },
    },
    {
      method: 'get',
      path: '/v1/tile/states/{+index}',
      access: 'open',
      operation: {
        id: 'getStateFile',
        tag: 'Transparency log',
        summary: 'Get the state statements of up to 256 blocks, as texts',
        description:
          'The row of all statements, by height, in files that can be kept and served as they are. `null` stands for a block without a statement.',
        path: { index: TILE_INDEX },
        responses: { 200: { description: 'The statements.', content: json(States) } },
        errors: ['not_found', 'unavailable'],
      },
      async handle(req, res) {
        const { index, width } = tileOf(req, '0');
        const statements = await log.statements(index * TILE_WIDTH, width);
        if (statements === null) throw new ApiError('not_found', 'These blocks are not there yet.');
        res.set({ 'Content-Type': JSON_TYPE, 'Cache-Control': IMMUTABLE }).end(formatStates(statements));
      },
    },
    {
      method: 'get',
      path: '/v1/blocks/{height}/tile/{level}/{+index}',
      access: 'open',
      operation: {
        id: 'getBlockTile',
        tag: 'Transparency log',
        summary: 'Get a tile of a block’s tree: up to 256 hashes',
        path: { ...HEIGHT, level: LEVEL, index: TILE_INDEX },
        responses: BYTES,
        errors: ['not_found', 'unavailable'],
      },
      async handle(req, res) {
        const height = check(Height, pathParameter(req, 'height'), 'invalid_parameter', 'height');
        sendTile(res, await log.blockTile(height, tileOf(req)));
      },
    },
  ];
}
