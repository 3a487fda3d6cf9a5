import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { ANONYMOUS_LIMITS } from '../../auth/index.js';
import type { CertificateOrder, RecordCertificateOrder } from '../../certificate/certificate.js';
import { CertificateError, isTimeZone, membersOf, printedAddress } from '../../certificate/facts.js';
import {
  canonicalJson,
  formatProof,
  idWithDetails,
  PENDING_FORMAT,
  type Policy,
  type ProofFile,
  toHex,
  type Verification,
} from '../../proof/index.js';
import { clientOf } from '../auth/authenticate.js';
import { contextOf, type HttpDeps, principalOf } from '../context.js';
import { languageOf, queryOf } from '../requests/parameters.js';
import { verifyProof } from '../requests/verification.js';
import { ApiError } from '../responses/errors.js';
import { attachment, timeLimit } from '../responses/send.js';
import { VERIFIER_PATH, VerifierFile } from '../responses/verifier.js';
import type { Route } from '../route.js';
import { CertificateQuery } from '../schemas/documents.js';
import { ID } from './notarizations.js';
import { disclosedProof, logDownload, PENDING, sendProof } from './proofs.js';

export const PDF = 'application/pdf';
const RETRY_SECONDS = 5;

/** Certificates: for everyone who may have the proof, with what the proof discloses. */
export function certificateRoutes(deps: HttpDeps): Route[] {
  const verifier = new VerifierFile(deps.publicDir);
  return [
    {
      method: 'get',
      path: '/v1/notarizations/{id}/certificate.pdf',
      access: 'anyone',
      operation: {
        id: 'getCertificate',
        tag: 'Notarizations',
        summary: 'Get a certificate: a PDF that carries the proof',
        description: `PDF/A. The file contains the proof that the caller may have, and can be verified like a proof file. The same proof, language, time zone and name give the same certificate. With \`disclose=all\`, it names the organization that notarized the document. No certificate is issued if the service cannot verify its own proof. Anonymous callers of one network can get ${ANONYMOUS_LIMITS.certificatesPerMinute} new certificates a minute.`,
        path: ID,
        query: CertificateQuery,
        headers: {
          'Accept-Language': 'Chooses the language if `lang` is absent.',
          'If-None-Match': 'ETag of the client’s certificate: 304 if it has not changed.',
        },
        responses: {
          200: { description: 'The certificate.', content: { [PDF]: 'binary' } },
          202: PENDING,
          304: { description: 'The client’s certificate has not changed.', content: {} },
        },
        errors: [
          'unknown_time_zone',
          'notarization_not_found',
          'key_missing',
          'erased',
          'not_verified',
          'quorum_missing',
          'queue_full',
          'stopping',
        ],
      },
      async handle(req, res) {
        const { disclose, lang, name, tz: timeZone } = queryOf(req, CertificateQuery);
        checkTimeZone(timeZone);
        const disclosed = await disclosedProof(deps, req, disclose);
        const { proof, organization } = disclosed;
        if (proof.format === PENDING_FORMAT) {
          sendProof(res, disclosed);
          return;
        }
        const policy = await deps.log.policy();
        const sha256 = await verifier.sha256();
        const order: CertificateOrder = {
          proof: formatProof(proof),
          verification: await verified(deps, req, proof, policy),
          members: membersOf(policy, proof.log.checkpoint.origin),
          name: disclosed.name === null ? (name ?? null) : null,
          organization,
          language: lang ?? languageOf(req),
          timeZone,
          verifyPage: pageOf(deps, proofPath(proof)),
          verifier: sha256 === null ? null : { address: pageOf(deps, VERIFIER_PATH), sha256 },
          issuer: deps.issuer,
          service: deps.hosts.publicUrl?.host ?? null,
        };
        await sendCertificate(deps, req, res, order, disclosed.name ?? name ?? disclosed.baseName, () =>
          logDownload(deps, req, 'certificate_downloaded', disclosed),
        );
      },
    },
  ];
}

/** @throws {ApiError} unknown_time_zone */
export function checkTimeZone(name: string): void {
  if (!isTimeZone(name))
    throw new ApiError(
      'unknown_time_zone',
      'There is no time zone with this name. Use an IANA name, such as Asia/Seoul.',
    );
}

/**
 * @throws {ApiError} quorum_missing, not_verified: there is no certificate of a proof that this service
 * cannot verify
 */
async function verified(
  deps: HttpDeps,
  req: Request,
  proof: ProofFile,
  policy: Policy,
): Promise<Verification> {
  const verification = await verifyProof(deps, { proof, document: null, policy });
  if (verification.verdict === 'verified') return verification;
  const failures = verification.steps.filter(({ outcome }) => outcome === 'failed');
  const reason = failures.map(({ message }) => message).join(' ');
  if (failures.every(({ code }) => code === 'quorum_missing')) {
    throw new ApiError('quorum_missing', `There is no certificate yet. ${reason}`, {
      retryAfterSeconds: RETRY_SECONDS,
    });
  }
  const { requestId } = contextOf(req);
  deps.logger.error({ requestId, failures }, 'a proof of this service could not be verified');
  throw new ApiError(
    'not_verified',
    `The service could not verify its own proof, so there is no certificate. ${reason}`,
  );
}

/** The address of the proof. The fingerprint is in the fragment, which browsers do not send. */
function proofPath({ block, details, document, entry }: ProofFile): string {
  const position = block.header.firstPosition + block.index;
  const id = idWithDetails(position, entry, details === undefined ? null : canonicalJson(details));
  return `p/${id}#sha256=${toHex(document.sha256)}`;
}

/** null: the public URL is not set, or does not fit into a QR code. */
export function pageOf({ hosts: { publicUrl } }: HttpDeps, page: string): string | null {
  return publicUrl === null ? null : printedAddress(new URL(page, publicUrl).href);
}

/**
 * Sends a certificate, unless the client has it.
 * @param made called when it is new to the client
 */
export async function sendCertificate(
  deps: HttpDeps,
  req: Request,
  res: Response,
  order: CertificateOrder | RecordCertificateOrder,
  baseName: string,
  made: () => Promise<void>,
): Promise<void> {
  res.set({
    ETag: tagOf(order, deps.certificates.signedBy),
    Vary: 'Accept-Language',
    'Cache-Control': 'private, no-cache',
  });
  if (req.fresh) {
    res.status(304).end();
    return;
  }
  deps.access.anonymousLimits.consumeCertificate(principalOf(req), clientOf(req));
  const bytes = await createPdf(deps, req, res, order);
  if (bytes === null) return;
  await made();
  res
    .set({
      'Content-Type': PDF,
      'Content-Disposition': attachment(`${baseName}.certificate.pdf`),
      'Content-Language': order.language.replace('-', ', '),
    })
    .send(Buffer.from(bytes.buffer));
}

/** Weak: another version of the libraries may set the same text differently, and a signature is never the same. */
function tagOf(order: CertificateOrder | RecordCertificateOrder, signedBy: string | null): string {
  return `W/"${createHash('sha256')
    .update(JSON.stringify([order, signedBy]))
    .digest('base64url')}"`;
}

/** null: the client has disconnected. */
async function createPdf(
  { certificates, stopping }: HttpDeps,
  req: Request,
  res: Response,
  order: CertificateOrder | RecordCertificateOrder,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const limit = timeLimit(res, stopping, null);
  try {
    return await certificates.create(order, limit.signal, principalOf(req).kind === 'anonymous');
  } catch (error) {
    if (error instanceof CertificateError && error.code === 'queue_full') {
      throw new ApiError('queue_full', 'Too many certificates are being created. Retry in a few seconds.', {
        retryAfterSeconds: RETRY_SECONDS,
        cause: error,
      });
    }
    if (!limit.signal.aborted) throw error;
    if (res.destroyed) return null;
    throw new ApiError('stopping', 'The service is shutting down.', {
      retryAfterSeconds: RETRY_SECONDS,
      cause: error,
    });
  } finally {
    limit.dispose();
  }
}
