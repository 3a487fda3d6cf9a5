import { accessLogRoutes } from './calls/access-log.js';
import { accountRoutes } from './calls/accounts.js';
import { blockTileRoutes } from './calls/block-tiles.js';
import { certificateRoutes } from './calls/certificates.js';
import { chainRoutes } from './calls/chain.js';
import { invitationRoutes } from './calls/invitations.js';
import { keyRoutes } from './calls/keys.js';
import { notarizationRoutes } from './calls/notarizations.js';
import { notarizeRoutes } from './calls/notarize.js';
import { operationRoutes } from './calls/operation.js';
import { ownSessionRoutes } from './calls/own-sessions.js';
import { sessionRoutes } from './calls/session.js';
import { proofRoutes } from './calls/proofs.js';
import { registerRoutes } from './calls/register.js';
import { tileRoutes } from './calls/tiles.js';
import { userRoutes } from './calls/users.js';
import { verifyRoutes } from './calls/verify.js';
import type { HttpDeps } from './deps.js';
import type { Route } from './route.js';

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
    ...accountRoutes(deps),
    ...userRoutes(deps),
    ...keyRoutes(deps),
    ...accessLogRoutes(deps),
    ...operationRoutes(deps),
  ];
}
