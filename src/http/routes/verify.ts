import type { Request, Response } from 'express';
import { ANONYMOUS_LIMITS, may, organizationOf, type Principal } from '../../auth/index.js';
import { hashDocument } from '../../intake/index.js';
import type { Notarization } from '../../log/index.js';
import {
  type DocumentFacts,
  fromHex,
  HISTORY_MEDIA_TYPE,
  isObject,
  MAX_PROOF_LENGTH,
  parseProof,
  parseProofOrCertificate,
  type PendingProof,
  type Policy,
  type ProofFile,
  timeReport,
  type Verification as ProofVerification,
} from '../../proof/index.js';
import { clientOf } from '../auth/authenticate.js';
import { logOperatorRead, ownershipOf } from '../auth/ownership.js';
import { type HttpDeps, principalOf } from '../context.js';
import { BODY_ERRORS, check, mediaTypeOf, readBody, readJson } from '../requests/body.js';
import { MULTIPART_ERRORS, readMultipart } from '../requests/multipart.js';
import { pathParameter } from '../requests/parameters.js';
import { verifyHistoryFile, verifyProof } from '../requests/verification.js';
import { ApiError } from '../responses/errors.js';
import { hex, notarizationJson, type Shown } from '../responses/representation.js';
import { json, JSON_TYPE, type Route } from '../route.js';
import { Sha256, VerifyInput, VerifyMultipartInput } from '../schemas/documents.js';
import { HistoryFile, HistoryVerification } from '../schemas/records.js';
import { Verification } from '../schemas/resources.js';

const MAX_LISTED = 100;
/** The largest proof as a string, whose quotes and line breaks are escaped, and what is around it. */
const MAX_BODY_BYTES = 2 * MAX_PROOF_LENGTH + 64 * 1024;
/** Of a history that the service verifies: some thousand events. */
export const MAX_HISTORY_BYTES = 8 * 2 ** 20;
const HISTORY_ADVICE = 'Verify a larger history on your own machine with `ingam verify`.';
const RESPONSES = {
  200: {
    description:
      'The verdict. `steps` lists what was checked, `notarizations` what this service knows about the document.',
    content: json(Verification),
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
        reads: true,
        tag: 'Verification',
        summary: 'Verify a document, a proof, or a document with its proof',
        description: `The service verifies with its own key; to verify without trusting the service, use \`ingam verify\`. A certificate counts as the proof that it carries; what is printed on it is ignored. Anonymous callers of one network can make ${ANONYMOUS_LIMITS.verificationsPerMinute} of these requests a minute, and their uploads are throttled to ${ANONYMOUS_LIMITS.uploadBytesPerMinute / 2 ** 30} GiB a minute in total.`,
        body: { ...json(VerifyInput), 'multipart/form-data': VerifyMultipartInput },
        responses: RESPONSES,
        errors: [...BODY_ERRORS, ...MULTIPART_ERRORS, 'invalid_file_name', 'malformed_proof', 'queue_full'],
      },
      async handle(req, res) {
        deps.access.anonymousLimits.consumeVerification(principalOf(req), clientOf(req));
        await respond(deps, req, res, await questionOf(deps, req, res));
      },
    },
    {
      method: 'post',
      path: '/v1/verify/history',
      access: 'verify',
      operation: {
        id: 'verifyHistory',
        reads: true,
        tag: 'Verification',
        summary: 'Verify the history file of a record',
        description: `The body is the file that \`GET /v1/records/{id}/history\` and \`ingam record history\` give, of at most ${MAX_HISTORY_BYTES / 2 ** 20} MiB; \`ingam verify\` takes larger ones. The service judges it with its own key and policy, and looks nothing up: what is not in the file is in \`missing\`. To verify without trusting the service, use \`ingam verify\`, which also lists the anchors. The requests count among the ${ANONYMOUS_LIMITS.verificationsPerMinute} verifications a minute of anonymous callers of one network.`,
        body: { ...json(HistoryFile), [HISTORY_MEDIA_TYPE]: HistoryFile },
        responses: {
          200: {
            description: 'The verdict, and what the history shows.',
            content: json(HistoryVerification),
          },
        },
        errors: [
          'malformed_history',
          'too_large',
          'incomplete_body',
          'unsupported_media_type',
          'unsupported_encoding',
          'unsupported_header',
          'queue_full',
        ],
      },
      async handle(req, res) {
        deps.access.anonymousLimits.consumeVerification(principalOf(req), clientOf(req));
        const type = mediaTypeOf(req);
        if (type !== JSON_TYPE && type !== HISTORY_MEDIA_TYPE) {
          throw new ApiError('unsupported_media_type', `Send application/json or ${HISTORY_MEDIA_TYPE}.`);
        }
        const source = await readBody(req, MAX_HISTORY_BYTES, HISTORY_ADVICE);
        res.type(JSON_TYPE).send(await verifyHistoryFile(deps, source));
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
        path: { sha256: Sha256 },
        responses: RESPONSES,
      },
      async handle(req, res) {
        const digest = check(Sha256, pathParameter(req, 'sha256'), 'invalid_parameter', 'sha256');
        await respond(deps, req, res, { document: { sha256: fromHex(digest, 32) }, proof: null });
      },
    },
  ];
}

/** A JSON body of either kind. @throws {ApiError} malformed_json, invalid_body {ProofError} of the proof */
export async function readQuestion(req: Request): Promise<Question> {
  const body = await readJson(req, MAX_BODY_BYTES);
  const { sha256, size } = check(VerifyInput, body);
  // The proof as it was sent, not the schema's copy: its own parser rejects unknown members.
  const proof = isObject(body) ? body['proof'] : undefined;
  return {
    document:
      sha256 === undefined ? null : { sha256: fromHex(sha256, 32), ...(size === undefined ? {} : { size }) },
    proof: proof === undefined ? null : parseProof(typeof proof === 'string' ? proof : JSON.stringify(proof)),
  };
}

async function questionOf(deps: HttpDeps, req: Request, res: Response): Promise<Question> {
  switch (mediaTypeOf(req)) {
    case JSON_TYPE:
      return readQuestion(req);
    case 'multipart/form-data': {
      const { files, proof } = await readMultipart(req, res, {
        maxFiles: 1,
        textFields: [],
        takesProof: true,
        maxUploadBytes: deps.maxUploadBytes,
        hash: (file) => hashDocument(deps.access.anonymousLimits.pace(principalOf(req), clientOf(req), file)),
      });
      const [file] = files;
      if (file === undefined && proof === null) {
        throw new ApiError('missing_file', 'The request has neither a "file" nor a "proof".');
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

async function respond(
  deps: HttpDeps,
  req: Request,
  res: Response,
  { document, proof }: Question,
): Promise<void> {
  const sha256 = document?.sha256 ?? proof?.document.sha256;
  if (sha256 === undefined)
    throw new ApiError('invalid_body', 'The request has neither a document nor a proof.');
  const { notarizations, more } = await knownTo(deps, req, sha256);
  const known = proof ?? (await earliestProof(deps, document, notarizations));
  const judged = known === null ? null : await judge(deps, known, document);
  const result = judged?.result ?? null;
  const body: Verification = {
    verdict: result === null ? 'unknown' : proof === null ? verdictOf(result) : result.verdict,
    sha256: hex(sha256),
    steps: [...(result?.steps ?? [])],
    ...(judged === null ? {} : timeOf(judged)),
    notarizations: notarizations.map(({ notarization, shown }) => notarizationJson(notarization, shown)),
    more,
  };
  res.json(body);
}

/**
 * The proof of the document's earliest notarization, sealed ones first. Notarizations that state another
 * length are skipped: anyone can submit a digest with any length, and must not invalidate the others.
 */
async function earliestProof(
  deps: HttpDeps,
  document: DocumentFacts | null,
  known: readonly Known[],
): Promise<ProofFile | PendingProof | null> {
  const notarizations = known.map(({ notarization }) => notarization);
  const fitting = notarizations.filter(
    ({ entry }) => document?.size === undefined || entry.size === null || entry.size === document.size,
  );
  const best = fitting.find(({ block }) => block !== null) ?? fitting[0] ?? notarizations[0];
  return best === undefined ? null : deps.notarizations.proof(best, { details: false, organization: null });
}

interface Judged {
  readonly result: ProofVerification;
  readonly policy: Policy;
}

async function judge(
  deps: HttpDeps,
  proof: ProofFile | PendingProof,
  document: DocumentFacts | null,
): Promise<Judged> {
  const policy = await deps.log.policy();
  const question = { proof, document, policy, receiptKeys: deps.log.receiptKeys };
  return { result: await verifyProof(deps, question), policy };
}

function timeOf({ result, policy }: Judged): Pick<Verification, 'time'> {
  const report = timeReport(result.time, policy);
  if (report === null) return {};
  return { time: { ...report, sources: [...report.sources], anchors: [...report.anchors] } };
}

/** For a proof that was looked up here: a quorum that has not been reached yet is pending, not untrusted. */
function verdictOf({ verdict, steps }: ProofVerification): ProofVerification['verdict'] {
  const failures = steps.filter(({ outcome }) => outcome === 'failed');
  return verdict === 'untrusted' && failures.every(({ code }) => code === 'quorum_missing')
    ? 'pending'
    : verdict;
}

/** The register lists the newest first; the earliest are among this many of one document. */
const MOST_OWN = 1000;

/** A notarization as the caller may see it when verifying a document. */
interface Known {
  readonly notarization: Notarization;
  readonly shown: Shown;
}

/**
 * A document's notarizations that the caller may know of, earliest first: all of them, with details if they
 * are published or belong to the caller's organization. If verification is private, only the organization's
 * own.
 */
async function knownTo(
  deps: HttpDeps,
  req: Request,
  sha256: Uint8Array,
): Promise<{ readonly notarizations: readonly Known[]; readonly more: boolean }> {
  const principal = principalOf(req);
  const { notarizations, more } = deps.access.policy.privateVerification
    ? await ofOwnOrganization(deps, principal, sha256)
    : await deps.notarizations.byDigest(sha256, MAX_LISTED);
  const described = notarizations.filter(({ details }) => details !== null).map(({ position }) => position);
  const published = await deps.register.publishedAmong(described);
  const known = notarizations.map((notarization) => {
    const own = ownershipOf(principal, notarization.entry) === 'own';
    const isPublished = published.has(notarization.position);
    return {
      notarization,
      shown: { details: own || isPublished, ...(own ? { marks: { published: isPublished } } : {}) },
    };
  });
  const read = known.filter(
    ({ notarization: { details }, shown }) => details !== null && shown.marks?.published === false,
  );
  await logOperatorRead(deps.access, req, read.length);
  return { notarizations: known, more };
}

/**
 * From the organization's register, so that many notarizations of the same document by others cannot hide its
 * own.
 */
async function ofOwnOrganization({ register }: HttpDeps, principal: Principal, sha256: Uint8Array) {
  const organization = may(principal, 'read') ? organizationOf(principal) : null;
  if (organization === null) return { notarizations: [], more: false };
  const found = await register.list({
    organization: organization.number,
    digestPrefix: hex(sha256),
    limit: MOST_OWN,
  });
  const notarizations = found.map(({ notarization }) => notarization).reverse();
  return { notarizations: notarizations.slice(0, MAX_LISTED), more: notarizations.length > MAX_LISTED };
}
