import type { Request, Response } from 'express';
import type { Notarization as StoredNotarization } from '../../log/index.js';
import { NODE } from '../../node-crypto.js';
import {
  fromHex,
  isObject,
  parseProof,
  parseProofOrCertificate,
  verify,
  type DocumentFacts,
  type PendingProof,
  type ProofFile,
  type Verification as ProofVerification,
} from '../../proof/index.js';
import type { HttpDeps } from '../deps.js';
import { ApiError, type ApiErrorCode } from '../answer/errors.js';
import { mediaTypeOf } from '../request/media-type.js';
import { readMultipart } from '../request/multipart.js';
import { queryOf } from '../request/query.js';
import { check, readJson } from '../request/read-json.js';
import { hex, notarizationJson } from '../answer/representation.js';
import { knownTo } from './known-notarizations.js';
import { NoQuery, Sha256, VerifyInput, VerifyMultipartInput } from '../schema/request-schemas.js';
import { Verification } from '../schema/resources.js';
import { pathParameter, type Route } from '../route.js';

const MAX_LISTED = 100;
const ANSWER = {
  200: {
    description:
      'The verdict, whatever it is. `steps` says what was checked, `notarizations` what is known here.',
    content: { 'application/json': Verification },
  },
};

interface Question {
  readonly document: DocumentFacts | null;
  readonly proof: ProofFile | PendingProof | null;
}

export function verifyRoutes(deps: HttpDeps): Route[] {
  return [
    {
      method: 'post',
      path: '/v1/verify',
      access: 'verify',
      operation: {
        id: 'verify',
        tag: 'Verification',
        summary: 'Verify a document, a proof, or a document with its proof',
        description:
          'This service checks with its own key: whoever does not want to trust it checks the proof with `ingam verify`. A certificate stands for the proof that it carries; what is printed on it is not looked at.',
        query: NoQuery,
        body: { 'application/json': VerifyInput, 'multipart/form-data': VerifyMultipartInput },
        responses: ANSWER,
        errors: [
          ...([
            'malformed_proof',
            'malformed_json',
            'invalid_body',
            'invalid_parameter',
          ] satisfies ApiErrorCode[]),
          ...(['malformed_multipart', 'missing_boundary', 'truncated_multipart'] satisfies ApiErrorCode[]),
          ...([
            'unexpected_field',
            'too_many_parts',
            'missing_file',
            'invalid_file_name',
          ] satisfies ApiErrorCode[]),
          ...(['incomplete_body', 'request_timeout', 'too_large'] satisfies ApiErrorCode[]),
          ...(['unsupported_media_type', 'unsupported_encoding', 'unavailable'] satisfies ApiErrorCode[]),
        ],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        await answer(deps, req, res, await questionOf(deps, req, res));
      },
    },
    {
      method: 'get',
      path: '/v1/verify/{sha256}',
      access: 'verify',
      operation: {
        id: 'verifyDigest',
        tag: 'Verification',
        summary: 'Verify by digest',
        path: { sha256: 'SHA-256 of the document, in lower-case hexadecimal.' },
        query: NoQuery,
        responses: ANSWER,
        errors: ['invalid_parameter', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const digest = check(Sha256, pathParameter(req, 'sha256'), 'invalid_parameter', 'sha256');
        await answer(deps, req, res, { document: { sha256: fromHex(digest, 32) }, proof: null });
      },
    },
  ];
}

async function questionOf(deps: HttpDeps, req: Request, res: Response): Promise<Question> {
  switch (mediaTypeOf(req)) {
    case 'application/json': {
      const body = await readJson(req);
      const { sha256, size } = check(VerifyInput, body);
      // The proof as it came, not as the schema copied it: its own parser refuses what does not belong there.
      const proof = isObject(body) ? body['proof'] : undefined;
      const text = typeof proof === 'string' ? proof : proof === undefined ? null : JSON.stringify(proof);
      return {
        document:
          sha256 === undefined
            ? null
            : { sha256: fromHex(sha256, 32), ...(size === undefined ? {} : { size }) },
        proof: text === null ? null : parseProof(text),
      };
    }
    case 'multipart/form-data': {
      const { files, proof } = await readMultipart(req, res, {
        maxFiles: 1,
        textFields: [],
        takesProof: true,
        maxUploadBytes: deps.maxUploadBytes,
      });
      const [file] = files;
      if (file === undefined && proof === null) {
        throw new ApiError('missing_file', 'There is neither a "file" nor a "proof".');
      }
      if (file !== undefined) deps.metrics.hashed(file.size);
      return {
        document: file === undefined ? null : { sha256: file.sha256, size: file.size },
        proof: proof === null ? null : parseProofOrCertificate(proof),
      };
    }
    default:
      throw new ApiError('unsupported_media_type', 'Send multipart/form-data or application/json.');
  }
}

async function answer(
  deps: HttpDeps,
  req: Request,
  res: Response,
  { document, proof }: Question,
): Promise<void> {
  const sha256 = document?.sha256 ?? proof?.document.sha256;
  if (sha256 === undefined) throw new ApiError('invalid_body', 'There is neither a document nor a proof.');
  const { notarizations, more } = await knownTo(deps, req, sha256, MAX_LISTED);
  const known =
    proof ??
    (await earliestProof(
      deps,
      document,
      notarizations.map(({ notarization }) => notarization),
    ));
  const result = known === null ? null : judge(deps, known, document);
  const body: Verification = {
    verdict: result === null ? 'unknown' : proof === null ? stateOf(result) : result.verdict,
    sha256: hex(sha256),
    steps: [...(result?.steps ?? [])],
    notarizations: notarizations.map(({ notarization, shown }) => notarizationJson(notarization, shown)),
    more,
  };
  res.set('Cache-Control', 'no-store').json(body);
}

/**
 * The proof of the earliest notarization of this document, sealed ones first. One that states another length is of no use: who
 * notarizes only a digest may state any, and must not be able to spoil the others.
 */
async function earliestProof(
  deps: HttpDeps,
  document: DocumentFacts | null,
  notarizations: readonly StoredNotarization[],
): Promise<ProofFile | PendingProof | null> {
  const fitting = notarizations.filter(
    ({ entry }) => document?.size === undefined || entry.size === null || entry.size === document.size,
  );
  const best = fitting.find(({ block }) => block !== null) ?? fitting[0] ?? notarizations[0];
  return best === undefined ? null : deps.notarizations.proof(best, { details: false, account: null });
}

function judge(
  { log }: HttpDeps,
  proof: ProofFile | PendingProof,
  document: DocumentFacts | null,
): ProofVerification {
  const trust = { policy: log.policy(), receiptKeys: [log.receiptKey] };
  return verify({ proof, document, ...trust, primitives: NODE });
}

/** Of what was looked up here: a quorum that has not cosigned yet is a thing to wait for, not a fault of the notarization. */
function stateOf({ verdict, steps }: ProofVerification): ProofVerification['verdict'] {
  const failures = steps.filter(({ outcome }) => outcome === 'failed');
  return verdict === 'untrusted' && failures.every(({ code }) => code === 'quorum_missing')
    ? 'pending'
    : verdict;
}
