import type { Request } from 'express';
import { accountOf, may, type Principal } from '../../access/index.js';
import type { Notarization } from '../../log/index.js';
import { noteOperatorRead, standingOf } from '../admission/visibility.js';
import { hex, type Shown } from '../answer/representation.js';
import type { HttpDeps } from '../deps.js';
import { contextOf } from '../request/request-context.js';

/** The register gives the newest first; with this many of one document, the earliest are among them. */
const MOST_OWN = 1000;

/** A notarization as verifying a document shows it to whoever asks. */
export interface Known {
  readonly notarization: Notarization;
  readonly shown: Shown;
}

/**
 * The notarizations of a document as far as the caller may know of them, earliest first: all of them, with the details of those that are the
 * caller's account's or published; where verification is private, the account's own alone.
 */
export async function knownTo(
  deps: HttpDeps,
  req: Request,
  sha256: Uint8Array,
  limit: number,
): Promise<{ readonly notarizations: readonly Known[]; readonly more: boolean }> {
  const { principal } = contextOf(req);
  const { notarizations, more } = deps.access.policy.privateVerification
    ? await ofOwnAccount(deps, principal, sha256, limit)
    : await deps.notarizations.byDigest(sha256, limit);
  const described = notarizations.filter(({ details }) => details !== null).map(({ position }) => position);
  const published = await deps.register.publishedAmong(described);
  const known = notarizations.map((notarization) => {
    const own = standingOf(principal, notarization.entry) === 'own';
    const isPublished = published.has(notarization.position);
    return {
      notarization,
      shown: { details: own || isPublished, ...(own ? { published: isPublished } : {}) },
    };
  });
  const read = known.filter(
    ({ notarization: { details }, shown }) => details !== null && shown.published === false,
  );
  await noteOperatorRead(deps.access, req, read.length);
  return { notarizations: known, more };
}

/** From the account's register: strangers' notarizations of the same document, however many, must not hide the account's own. */
async function ofOwnAccount({ register }: HttpDeps, principal: Principal, sha256: Uint8Array, limit: number) {
  const account = may(principal, 'read') ? accountOf(principal) : null;
  if (account === null) return { notarizations: [], more: false };
  const found = await register.list({ account: account.number, digestPrefix: hex(sha256), limit: MOST_OWN });
  const notarizations = found.map(({ notarization }) => notarization).reverse();
  return { notarizations: notarizations.slice(0, limit), more: notarizations.length > limit };
}
