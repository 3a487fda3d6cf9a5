import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { SIZE_MEDIA_TYPE } from '../../proof/index.js';
import type { WitnessAnswer } from '../../member/index.js';
import { ApiError } from '../answer/errors.js';
import { bodyOf } from '../request/body.js';
import { queryOf } from '../request/query.js';
import { pathParameter, type Route } from '../route.js';
import { NoQuery } from '../schema/request-schemas.js';
import type { MemberDeps } from './deps.js';

const TEXT = 'text/plain; charset=utf-8';
/** A checkpoint with a hundred signatures and a proof of 63 hashes has half of that. */
const MAX_BODY_BYTES = 64 * 1024;
const LATER_SECONDS = '2';
const NOTE = { 200: { description: 'A signed note.', content: { 'text/plain': 'text' } } } as const;

/** c2sp.org/tlog-witness: the calls that logs and monitors make. */
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
        summary: 'Cosigns a checkpoint that extends the one cosigned before (C2SP tlog-witness)',
        query: NoQuery,
        body: { 'text/plain': 'text' },
        responses: { 200: { description: 'Signature lines.', content: { 'text/plain': 'text' } } },
        errors: ['invalid_parameter', 'too_large', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const answer = await witness.addCheckpoint(await readBody(req));
        metrics.asked(answer.status);
        if (answer.status === 503) res.set('Retry-After', LATER_SECONDS);
        // Express would add a charset, which this media type does not have.
        res.setHeader('Content-Type', answer.status === 409 ? SIZE_MEDIA_TYPE : TEXT);
        res.status(answer.status).set('Cache-Control', 'no-store').end(textOf(answer));
      },
    },
    {
      method: 'get',
      path: '/{origin}/checkpoint',
      access: 'open',
      operation: {
        id: 'getCosignedCheckpoint',
        tag: 'Transparency log',
        summary: 'The checkpoint of a log that was cosigned last (C2SP tlog-witness, monitoring)',
        path: { origin: 'SHA-256 of the log’s name, in lower-case hexadecimal.' },
        query: NoQuery,
        responses: NOTE,
        errors: ['invalid_parameter', 'not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const origin = origins.get(pathParameter(req, 'origin'));
        const latest = origin === undefined ? null : await witness.latest(origin);
        if (latest === null) throw new ApiError('not_found', 'Nothing of this log was cosigned here.');
        res.set({ 'Content-Type': TEXT, 'Cache-Control': 'no-cache' }).send(Buffer.from(latest.note));
      },
    },
  ];
}

function hashOf(origin: string): string {
  return createHash('sha256').update(origin).digest('hex');
}

function textOf(answer: WitnessAnswer): string {
  switch (answer.status) {
    case 200:
      return answer.line;
    case 409:
      return `${answer.size}\n`;
    default:
      return `${answer.says}\n`;
  }
}

async function readBody(req: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bodyOf(req)) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES)
      throw new ApiError('too_large', `A request has at most ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
