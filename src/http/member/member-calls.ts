import {
  equal,
  formatVerifierKey,
  fromHex,
  isObject,
  parseProof,
  PENDING_FORMAT,
  policyOfKeys,
  toHex,
  verify,
  type DocumentFacts,
  type PendingProof,
  type ProofFile,
} from '../../proof/index.js';
import { ApiError } from '../answer/errors.js';
import { blockHash, encodeHeader } from '../../proof/index.js';
import { formatTime } from '../answer/representation.js';
import { queryOf } from '../request/query.js';
import { check, readJson } from '../request/read-json.js';
import { pathParameter, type Route } from '../route.js';
import { NoQuery, Sha256, VerifyInput } from '../schema/request-schemas.js';
import type { MemberDeps } from './deps.js';
import { MemberState, MemberVerification } from './schema.js';

const EVIDENCE_SHOWN = 100;

/** What a member's node says of itself and of proofs that are given to it. */
export function memberRoutes(deps: MemberDeps): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/member',
      access: 'open',
      operation: {
        id: 'getMember',
        tag: 'Operation',
        summary: 'What this node follows, has, and has refused',
        query: NoQuery,
        responses: { 200: { description: 'As it stands.', content: { 'application/json': MemberState } } },
        errors: ['invalid_parameter', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        res.set('Cache-Control', 'no-cache').json(await stateOf(deps));
      },
    },
    {
      method: 'get',
      path: '/v1/evidence/{digest}',
      access: 'open',
      operation: {
        id: 'getEvidence',
        tag: 'Operation',
        summary: 'What shows that something was refused rightly',
        path: { digest: 'SHA-256 of the document, as /v1/member lists it.' },
        query: NoQuery,
        responses: { 200: { description: 'The document.', content: { 'application/json': 'text' } } },
        errors: ['invalid_parameter', 'not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const digest = check(Sha256, pathParameter(req, 'digest'), 'invalid_parameter', 'digest');
        const kept = await deps.store.evidence(EVIDENCE_SHOWN);
        const found = kept.find((evidence) => toHex(evidence.digest) === digest);
        if (found === undefined) throw new ApiError('not_found', 'There is no such evidence.');
        res.set({ 'Content-Type': 'application/json' }).send(Buffer.from(found.document));
      },
    },
    {
      method: 'post',
      path: '/v1/verify',
      access: 'open',
      operation: {
        id: 'verifyProof',
        tag: 'Verification',
        summary: 'Verify a proof against this copy of the chain',
        description: 'Works without the service that made the proof.',
        query: NoQuery,
        body: { 'application/json': VerifyInput },
        responses: {
          200: { description: 'The verdict.', content: { 'application/json': MemberVerification } },
        },
        errors: [
          'malformed_proof',
          'malformed_json',
          'invalid_body',
          'invalid_parameter',
          'too_large',
          'unavailable',
        ],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const body = await readJson(req);
        const { sha256, size } = check(VerifyInput, body);
        const given = isObject(body) ? body['proof'] : undefined;
        if (given === undefined)
          throw new ApiError('invalid_body', 'This node has no documents: send a proof.');
        const proof = parseProof(typeof given === 'string' ? given : JSON.stringify(given));
        const document: DocumentFacts | null =
          sha256 === undefined
            ? null
            : { sha256: fromHex(sha256, 32), ...(size === undefined ? {} : { size }) };
        res.set('Cache-Control', 'no-store').json(await judge(deps, proof, document));
      },
    },
  ];
}

async function stateOf({ member, store }: MemberDeps): Promise<MemberState> {
  const { upstreamKey, witness } = member;
  const [status, cosigned, evidence] = await Promise.all([
    member.status(),
    witness.latest(upstreamKey.name),
    store.evidence(EVIDENCE_SHOWN),
  ]);
  const { blocks, of, entries, problem, peers } = status;
  return {
    verifierKey: formatVerifierKey(witness.key),
    origin: upstreamKey.name,
    logKey: formatVerifierKey(upstreamKey),
    logKeys: (await member.upstreamKeys()).latest.map(formatVerifierKey),
    blocks,
    of,
    entries,
    cosigned: cosigned?.size ?? 0,
    problem: problem === null ? null : { ...problem, since: formatTime(problem.since) },
    peers: [...peers],
    evidence: evidence.map(({ digest, reason, foundAt }) => ({
      digest: toHex(digest),
      reason,
      foundAt: formatTime(foundAt),
    })),
  };
}

/** What the log signed is not enough here: the block must also be the one that this copy has. */
async function judge(
  { member, store }: MemberDeps,
  proof: ProofFile | PendingProof,
  document: DocumentFacts | null,
): Promise<MemberVerification> {
  const policy = { ...policyOfKeys([]), ...(await member.upstreamKeys()).trusted };
  const { verdict, steps } = verify({ proof, document, policy });
  const copy = proof.format === PENDING_FORMAT ? 'unknown' : await copyOf(store, proof);
  return {
    verdict: verdict === 'verified' && copy !== 'same' ? 'untrusted' : verdict,
    copy,
    steps: [...steps],
  };
}

async function copyOf(
  store: MemberDeps['store'],
  { block: { header } }: ProofFile,
): Promise<MemberVerification['copy']> {
  const own = await store.block(header.height);
  if (own === null) return 'unknown';
  return equal(own.hash, blockHash(encodeHeader(header))) ? 'same' : 'other';
}
