import type { Request, Response } from 'express';
import type { Notarization as StoredNotarization } from '../../log/index.js';
import { formatProof, PENDING_FORMAT, PROOF_MEDIA_TYPE } from '../../proof/index.js';
import type { HttpDeps } from '../deps.js';
import { attachment } from '../answer/disposition.js';
import { ApiError } from '../answer/errors.js';
import { streamEvents } from './events.js';
import { queryOf } from '../request/query.js';
import { notarizationJson } from '../answer/representation.js';
import { NoQuery, ProofQuery } from '../schema/request-schemas.js';
import { Notarization, PendingProofJson, ProofFileJson } from '../schema/resources.js';
import { pathParameter, type Route } from '../route.js';

/** When to ask again for a proof that is not there yet: blocks come about every second. */
const PENDING_RETRY_SECONDS = 1;
const ID = { id: 'As the answer to the submission gave it.' };

export function notarizationRoutes(deps: HttpDeps): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/notarizations/{id}',
      access: 'anyone',
      operation: {
        id: 'getNotarization',
        tag: 'Notarizations',
        summary: 'How far a notarization has come',
        path: ID,
        query: NoQuery,
        responses: { 200: { description: 'As it stands.', content: { 'application/json': Notarization } } },
        errors: ['invalid_parameter', 'notarization_not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        res.set('Cache-Control', 'no-cache').json(notarizationJson(await find(deps, req)));
      },
    },
    {
      method: 'get',
      path: '/v1/notarizations/{id}/proof',
      access: 'anyone',
      operation: {
        id: 'getProof',
        tag: 'Notarizations',
        summary: 'The proof, a file that stands for itself',
        path: ID,
        query: ProofQuery,
        responses: {
          200: { description: 'The proof file.', content: { [PROOF_MEDIA_TYPE]: ProofFileJson } },
          202: {
            description: 'Not sealed yet: the receipt stands in for the proof. Ask again after Retry-After.',
            content: { [PROOF_MEDIA_TYPE]: PendingProofJson },
          },
        },
        errors: ['invalid_parameter', 'notarization_not_found', 'unavailable'],
      },
      async handle(req, res) {
        const { disclose } = queryOf(req, ProofQuery);
        await sendProof(deps, res, await find(deps, req), disclose === 'all');
      },
    },
    {
      method: 'get',
      path: '/v1/notarizations/{id}/events',
      access: 'anyone',
      operation: {
        id: 'watchNotarization',
        tag: 'Notarizations',
        summary: 'Server-sent events: accepted, then sealed, then cosigned',
        description:
          'Each event is named by the status and carries the notarization as its data. The stream ends after `sealed`, or after `cosigned` where the log asks witnesses.',
        path: ID,
        query: NoQuery,
        responses: { 200: { description: 'The events.', content: { 'text/event-stream': 'text' } } },
        errors: ['invalid_parameter', 'notarization_not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        await streamEvents(deps, req, res, await find(deps, req));
      },
    },
  ];
}

async function find(deps: HttpDeps, req: Request): Promise<StoredNotarization> {
  const found = await deps.notarizations.find(pathParameter(req, 'id'));
  if (found === null) throw new ApiError('notarization_not_found', 'There is no notarization of this id.');
  return found;
}

async function sendProof(
  deps: HttpDeps,
  res: Response,
  notarization: StoredNotarization,
  disclose: boolean,
): Promise<void> {
  const proof = await deps.notarizations.proof(notarization, disclose);
  const pending = proof.format === PENDING_FORMAT;
  const name = disclose ? notarization.details?.['name'] : undefined;
  const base = typeof name === 'string' ? name : `notarization-${notarization.position}`;
  if (pending) res.set('Retry-After', String(PENDING_RETRY_SECONDS));
  res
    .status(pending ? 202 : 200)
    .set({
      'Content-Type': PROOF_MEDIA_TYPE,
      'Content-Disposition': attachment(`${base}.ingam.json`),
      'Cache-Control': 'private, no-cache',
    })
    .send(Buffer.from(formatProof(proof)));
}
