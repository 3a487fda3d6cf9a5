import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import { ANONYMOUS_LIMITS, type AnonymousLimits } from '../../auth/index.js';
import type { Background } from '../../background/index.js';
import type { LogReader } from '../../log/index.js';
import type { Member, WitnessResponse } from '../../member/index.js';
import {
  blockHash,
  type DocumentFacts,
  encodeHeader,
  equal,
  formatVerifierKey,
  PENDING_FORMAT,
  type PendingProof,
  policyOfKeys,
  type ProofFile,
  SIZE_MEDIA_TYPE,
  toHex,
  verify,
} from '../../proof/index.js';
import type { Store } from '../../store/index.js';
import { clientOf } from '../auth/authenticate.js';
import { type HttpDeps, principalOf } from '../context.js';
import type { MemberMetrics } from '../metrics.js';
import { BODY_ERRORS, check, mediaTypeOf, readBody } from '../requests/body.js';
import { pathParameter } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import { formatTime } from '../responses/representation.js';
import { json, JSON_TYPE, type Route } from '../route.js';
import { Sha256, VerifyInput } from '../schemas/documents.js';
import { Count, Hash, Step, Time } from '../schemas/resources.js';
import { monitoringRoutes } from './operation.js';
import { readQuestion } from './verify.js';

/** What a member's application needs. Its creator closes these parts, after the server. */
export interface MemberDeps {
  readonly member: Member;
  /** The blocks that this member has. */
  readonly reader: LogReader;
  readonly store: Store;
  readonly anonymousLimits: AnonymousLimits;
  readonly trustProxy: HttpDeps['trustProxy'];
  readonly metrics: MemberMetrics;
  readonly metricsToken: () => string | null;
  readonly background: Background;
  readonly logger: Logger;
  /** Aborts when the node begins to stop. */
  readonly stopping: AbortSignal;
}

const EVIDENCE_SHOWN = 100;

/** The state of a member's node, its evidence, and verification against its copy of the chain. */
export function memberRoutes(deps: MemberDeps): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/member',
      access: 'open',
      operation: {
        id: 'getMember',
        tag: 'Operation',
        summary: 'Get the state of this member',
        responses: { 200: { description: 'The state.', content: json(MemberState) } },
        errors: ['unavailable'],
      },
      async handle(req, res) {
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
        summary: 'Get the evidence for a rejection',
        path: { digest: Hash.describe('SHA-256 of the evidence, as listed by /v1/member.') },
        responses: { 200: { description: 'The evidence.', content: { [JSON_TYPE]: 'text' } } },
        errors: ['not_found', 'unavailable'],
      },
      async handle(req, res) {
        const digest = check(Sha256, pathParameter(req, 'digest'), 'invalid_parameter', 'digest');
        const document = await deps.store.evidenceDocument(Buffer.from(digest, 'hex'));
        if (document === null) throw new ApiError('not_found', 'There is no such evidence.');
        res.set('Content-Type', JSON_TYPE).send(Buffer.from(document));
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
        description: `Works without the service that made the proof. Callers of one network can make ${ANONYMOUS_LIMITS.verificationsPerMinute} of these requests a minute.`,
        body: json(VerifyInput),
        responses: {
          200: { description: 'The verdict.', content: json(MemberVerification) },
        },
        errors: ['limit_exceeded', ...BODY_ERRORS, 'malformed_proof', 'unavailable'],
      },
      async handle(req, res) {
        deps.anonymousLimits.consumeVerification(principalOf(req), clientOf(req));
        if (mediaTypeOf(req) !== JSON_TYPE) {
          throw new ApiError(
            'unsupported_media_type',
            'Send application/json, and declare it in Content-Type.',
          );
        }
        const { document, proof } = await readQuestion(req);
        if (proof === null) throw new ApiError('invalid_body', 'A member has no documents; send a proof.');
        res.json(await judge(deps, proof, document));
      },
    },
  ];
}

async function stateOf({ member, store }: MemberDeps): Promise<MemberState> {
  const { upstreamKey, witness } = member;
  const [status, cosigned, evidence] = await Promise.all([
    member.status(),
    witness.latest(upstreamKey.name),
    store.listEvidence(EVIDENCE_SHOWN),
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
    evidence: evidence.map(({ digest, reason, proven, foundAt }) => ({
      digest: toHex(digest),
      reason,
      proven,
      foundAt: formatTime(foundAt),
    })),
  };
}

/** The log's signature is not enough: the block must also be in this copy. */
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

const TEXT = 'text/plain; charset=utf-8';
/** Twice the size of a checkpoint with a hundred signatures and a proof of 63 hashes. */
const MAX_BODY_BYTES = 64 * 1024;
const RETRY_SECONDS = '2';
const NOTE = { 200: { description: 'A signed note.', content: { 'text/plain': 'text' } } } as const;

/** The operations of c2sp.org/tlog-witness. */
export function witnessRoutes({ member, metrics }: MemberDeps): Route[] {
  const { witness } = member;
  const origins = new Map(witness.origins.map((origin) => [hashOf(origin), origin]));
  return [
    {
      method: 'post',
      path: '/add-checkpoint',
      access: 'open',
      operation: {
        id: 'addCheckpoint',
        tag: 'Transparency log',
        summary: 'Cosign a checkpoint that extends the last cosigned one (C2SP tlog-witness)',
        body: { 'text/plain': 'text' },
        responses: { 200: { description: 'Signature lines.', content: { 'text/plain': 'text' } } },
        errors: ['too_large', 'unavailable', 'unsupported_encoding', 'unsupported_header'],
      },
      async handle(req, res) {
        const answer = await witness.addCheckpoint(await readBody(req, MAX_BODY_BYTES));
        metrics.responded(answer.status);
        if (answer.status === 503) res.set('Retry-After', RETRY_SECONDS);
        // Express would add a charset, which this media type does not have.
        res.setHeader('Content-Type', answer.status === 409 ? SIZE_MEDIA_TYPE : TEXT);
        res.status(answer.status).end(textOf(answer));
      },
    },
    {
      method: 'get',
      path: '/{origin}/checkpoint',
      access: 'open',
      operation: {
        id: 'getCosignedCheckpoint',
        tag: 'Transparency log',
        summary: 'Get the last cosigned checkpoint of a log (C2SP tlog-witness, monitoring)',
        path: { origin: Hash.describe('SHA-256 of the log’s name, in lower-case hexadecimal.') },
        responses: NOTE,
        errors: ['not_found', 'unavailable'],
      },
      async handle(req, res) {
        const origin = origins.get(pathParameter(req, 'origin'));
        const latest = origin === undefined ? null : await witness.latest(origin);
        if (latest === null)
          throw new ApiError('not_found', 'This member has cosigned no checkpoint of this log.');
        res.set({ 'Content-Type': TEXT, 'Cache-Control': 'no-cache' }).send(Buffer.from(latest.note));
      },
    },
  ];
}

function hashOf(origin: string): string {
  return createHash('sha256').update(origin).digest('hex');
}

function textOf(answer: WitnessResponse): string {
  switch (answer.status) {
    case 200:
      return answer.line;
    case 409:
      return `${answer.size}\n`;
    default:
      return `${answer.message}\n`;
  }
}

/** Responses of a member's node. */

const MemberState = z.strictObject({
  verifierKey: z.string().describe('The key of this member’s cosignatures.'),
  origin: z.string().describe('The origin of the log that it follows.'),
  logKey: z.string().describe('The log’s key in this member’s configuration.'),
  logKeys: z.array(z.string()).describe('The keys that sign the log now, according to its blocks.'),
  blocks: Count.describe('Verified blocks in this copy.'),
  of: Count.nullable().describe('Blocks that the log has published; null if unknown.'),
  entries: Count,
  cosigned: Count.describe('Size of the last cosigned checkpoint.'),
  problem: z
    .strictObject({ code: z.string(), message: z.string(), since: Time })
    .nullable()
    .describe('Why this member cannot continue now.'),
  peers: z.array(
    z.strictObject({ host: z.string(), size: Count.nullable(), problem: z.string().nullable() }),
  ),
  evidence: z
    .array(z.strictObject({ digest: Hash, reason: z.string(), proven: z.boolean(), foundAt: Time }))
    .describe(
      'What was rejected: first what proves to others that the log is at fault, then the rest; the latest first of each. Each is at /v1/evidence/{digest}.',
    ),
});
type MemberState = z.infer<typeof MemberState>;

const MemberVerification = z.strictObject({
  verdict: z.enum(['verified', 'pending', 'invalid', 'untrusted']),
  copy: z
    .enum(['same', 'other', 'unknown'])
    .describe('Whether the proof’s block is in this copy of the chain.'),
  steps: z.array(Step),
});
type MemberVerification = z.infer<typeof MemberVerification>;

/** For the operators of the node and their monitoring. */
export function memberOperationRoutes({
  member,
  metrics,
  metricsToken,
  background,
  stopping,
}: MemberDeps): Route[] {
  metrics.watch(() => member.status(), background);
  const { registry } = metrics;
  return monitoringRoutes({
    readySummary: 'Whether the node follows the log',
    metrics: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
    metricsToken,
    readiness: async () => {
      const problems = await problemsOf();
      const nothing = { leading: false, lagMs: null, durability: null, warnings: [] };
      return { ready: problems.length === 0, problems, ...nothing };
    },
  });

  async function problemsOf(): Promise<{ code: string; message: string }[]> {
    if (stopping.aborted) return [{ code: 'stopping', message: 'The node is shutting down.' }];
    try {
      const { problem } = await member.status();
      return problem === null ? [] : [{ code: problem.code, message: problem.message }];
    } catch {
      return [{ code: 'database', message: 'The database does not respond.' }];
    }
  }
}
