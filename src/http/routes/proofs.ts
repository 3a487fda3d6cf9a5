import type { Request, Response } from 'express';
import { organizationOf } from '../../auth/index.js';
import type { Disclosure, Notarization as StoredNotarization } from '../../log/index.js';
import {
  formatProof,
  hasDetails,
  PENDING_FORMAT,
  type PendingProof,
  PROOF_MEDIA_TYPE,
  type ProofFile,
} from '../../proof/index.js';
import { clientOf } from '../auth/authenticate.js';
import { logOperatorRead, ownershipOf } from '../auth/ownership.js';
import { type HttpDeps, principalOf } from '../context.js';
import { queryOf } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import { attachment } from '../responses/send.js';
import type { Route } from '../route.js';
import { ProofQuery } from '../schemas/documents.js';
import { PendingProofJson, ProofFileJson } from '../schemas/resources.js';
import { find, ID, notFound } from './notarizations.js';

/** Blocks are sealed about every second. */
const PENDING_RETRY_SECONDS = 1;

export const PENDING = {
  description: 'Not sealed yet: a pending proof with the receipt. Retry after Retry-After.',
  content: { [PROOF_MEDIA_TYPE]: PendingProofJson },
};

/**
 * Proof files: for everyone who has the id, unless verification is private; with details if the caller may
 * see them.
 */
export function proofRoutes(deps: HttpDeps): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/notarizations/{id}/proof',
      access: 'anyone',
      operation: {
        id: 'getProof',
        tag: 'Notarizations',
        summary: 'Get the proof file',
        path: ID,
        query: ProofQuery,
        responses: {
          200: {
            description: 'The self-contained proof file.',
            content: { [PROOF_MEDIA_TYPE]: ProofFileJson },
          },
          202: PENDING,
        },
        errors: ['notarization_not_found', 'erased', 'key_missing'],
      },
      async handle(req, res) {
        const { disclose } = queryOf(req, ProofQuery);
        const disclosed = await disclosedProof(deps, req, disclose);
        if (disclosed.proof.format !== PENDING_FORMAT)
          await logDownload(deps, req, 'proof_downloaded', disclosed);
        sendProof(res, disclosed);
      },
    },
  ];
}

/** A proof with as many details as the caller may see. */
export interface DisclosedProof {
  readonly proof: ProofFile | PendingProof;
  /** The name of the document, if the proof discloses it. */
  readonly name: string | null;
  /** Without an extension, for a document that has no name. */
  readonly baseName: string;
  /** Position of a notarization of the caller's organization; null: it is not theirs. */
  readonly ownPosition: number | null;
  /** The name of the organization whose id the proof discloses; null: it discloses none. */
  readonly organization: string | null;
}

/** @throws {ApiError} notarization_not_found, also if the caller may not have such a proof */
export async function disclosedProof(
  deps: HttpDeps,
  req: Request,
  disclose: 'none' | 'all' | undefined,
): Promise<DisclosedProof> {
  const notarization = await find(deps, req, 'proof');
  const disclosure = await disclosureOf(deps, req, notarization, disclose);
  if (disclosure === null) throw notFound();
  const ownership = ownershipOf(principalOf(req), notarization.entry);
  const name = disclosure.details ? notarization.details?.['name'] : undefined;
  return {
    proof: await deps.notarizations.proof(notarization, disclosure),
    name: typeof name === 'string' ? name : null,
    baseName: typeof name === 'string' ? name : `notarization-${notarization.position}`,
    ownPosition: ownership === 'own' || ownership === 'submitted' ? notarization.position : null,
    // Only for the organization itself.
    organization: disclosure.organization === null ? null : (organizationOf(principalOf(req))?.name ?? null),
  };
}

/** Records in the access log that the caller gets a file about a notarization of their organization. */
export async function logDownload(
  { access }: HttpDeps,
  req: Request,
  kind: 'proof_downloaded' | 'certificate_downloaded',
  { ownPosition }: Pick<DisclosedProof, 'ownPosition'>,
): Promise<void> {
  if (ownPosition === null || req.method === 'HEAD') return;
  await access.downloads.record(principalOf(req), clientOf(req), kind, { position: ownPosition });
}

/** null: the caller may not have such a proof. */
async function disclosureOf(
  { access, register }: HttpDeps,
  req: Request,
  { entry, position, details }: StoredNotarization,
  disclose: 'none' | 'all' | undefined,
): Promise<Disclosure | null> {
  const principal = principalOf(req);
  const wanted = disclose !== 'none';
  const isPrivate = access.policy.privateVerification;
  const ownership = ownershipOf(principal, entry);
  switch (ownership) {
    case 'own':
      if (wanted && details !== null) await logOperatorRead(access, req, 1);
      return {
        details: wanted,
        organization: disclose === 'all' ? (organizationOf(principal)?.id ?? null) : null,
      };
    case 'none':
      if (disclose === 'all' && details === null && hasDetails(entry)) {
        throw new ApiError(
          'notarization_not_found',
          'This id does not give the details. Use the one from the response to the submission.',
        );
      }
      return { details: wanted, organization: null };
    case 'submitted':
    case 'foreign': {
      if (isPrivate && ownership === 'foreign') return null;
      const published = wanted && !isPrivate && (await register.publishedAmong([position])).has(position);
      return disclose === 'all' && !published ? null : { details: published, organization: null };
    }
  }
}

/** Pending proofs are sent with 202 and Retry-After. */
export function sendProof(res: Response, { proof, baseName }: DisclosedProof): void {
  const pending = proof.format === PENDING_FORMAT;
  if (pending) res.set('Retry-After', String(PENDING_RETRY_SECONDS));
  res
    .status(pending ? 202 : 200)
    .set({
      'Content-Type': PROOF_MEDIA_TYPE,
      'Content-Disposition': attachment(`${baseName}.ingam.json`),
      'Cache-Control': 'private, no-cache',
    })
    .send(Buffer.from(formatProof(proof)));
}
