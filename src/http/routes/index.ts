import type { HttpDeps } from '../deps.js';
import type { Route } from '../route.js';
import { accessLogRoutes } from './access-log.js';
import { blockTileRoutes } from './blocks.js';
import { certificateRoutes } from './certificates.js';
import { chainRoutes } from './chain.js';
import { keyRoutes } from './keys.js';
import { notarizationRoutes } from './notarizations.js';
import { notarizeRoutes } from './notarize.js';
import { operationRoutes } from './operation.js';
import { organizationRoutes } from './organizations.js';
import { proofRoutes } from './proofs.js';
import { registerRoutes } from './register.js';
import { ownSessionRoutes, sessionRoutes } from './session.js';
import { tileRoutes } from './tiles.js';
import { invitationRoutes, userRoutes } from './users.js';
import { verifyRoutes } from './verify.js';

/** Every route of the API. */
export function allRoutes(deps: HttpDeps): readonly Route[] {
  return [
    ...notarizeRoutes(deps),
    ...registerRoutes(deps),
    ...notarizationRoutes(deps),
    ...proofRoutes(deps),
    ...certificateRoutes(deps),
    ...verifyRoutes(deps),
    ...chainRoutes(deps),
    ...tileRoutes(deps),
    ...blockTileRoutes(deps),
    ...sessionRoutes(deps),
    ...ownSessionRoutes(deps),
    ...invitationRoutes(deps),
    ...organizationRoutes(deps),
    ...userRoutes(deps),
    ...keyRoutes(deps),
    ...accessLogRoutes(deps),
    ...operationRoutes(deps),
  ];
}
