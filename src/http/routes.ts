import { blockTileRoutes } from './calls/block-tiles.js';
import { chainRoutes } from './calls/chain.js';
import { notarizationRoutes } from './calls/notarizations.js';
import { notarizeRoutes } from './calls/notarize.js';
import { operationRoutes } from './calls/operation.js';
import { tileRoutes } from './calls/tiles.js';
import { verifyRoutes } from './calls/verify.js';
import type { HttpDeps } from './deps.js';
import type { Route } from './route.js';

/** Every call of the API. */
export function allRoutes(deps: HttpDeps): readonly Route[] {
  return [
    ...notarizeRoutes(deps),
    ...notarizationRoutes(deps),
    ...verifyRoutes(deps),
    ...chainRoutes(deps),
    ...tileRoutes(deps),
    ...blockTileRoutes(deps),
    ...operationRoutes(deps),
  ];
}
