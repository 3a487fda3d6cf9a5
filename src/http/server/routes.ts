import { accessLogRoutes } from '../routes/access-log.js';
import { organizationRoutes } from '../routes/organizations.js';
import { blockTileRoutes } from '../routes/blocks.js';
import { certificateRoutes } from '../routes/certificates.js';
import { chainRoutes } from '../routes/chain.js';
import { invitationRoutes, userRoutes } from '../routes/users.js';
import { keyRoutes } from '../routes/keys.js';
import { notarizationRoutes } from '../routes/notarizations.js';
import { notarizeRoutes } from '../routes/notarize.js';
import { operationRoutes } from '../routes/operation.js';
import { ownSessionRoutes, sessionRoutes } from '../routes/session.js';
import { proofRoutes } from '../routes/proofs.js';
import { registerRoutes } from '../routes/register.js';
import { tileRoutes } from '../routes/tiles.js';
import { verifyRoutes } from '../routes/verify.js';
import type { HttpDeps } from '../deps.js';
import type { Route } from '../route.js';

/** Every call of the API. */
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
