import type { Request, Response } from 'express';
import type { AcceptedEvent as Accepted } from '../../intake/index.js';
import { clientOf, reauthorize, submitterOf } from '../auth/authenticate.js';
import { contextOf, type HttpDeps } from '../context.js';
import type { SubmissionFormat } from '../metrics.js';
import { setLimitHeaders } from '../responses/send.js';
import type { EventInput } from '../schemas/records.js';
import { REAUTHORIZE_AFTER_MS } from './submit.js';

/** The largest note and body, with every character of them escaped. */
export const MAX_EVENT_BYTES = 1024 * 1024;

/** Accepts one event for the caller, durably. */
export async function acceptEvent(
  { access, events, metrics }: HttpDeps,
  req: Request,
  res: Response,
  format: SubmissionFormat,
  { note, body }: EventInput,
  record: Uint8Array | 'new' | null,
  idempotencyKey: string | null,
): Promise<Accepted> {
  const context = contextOf(req);
  if (performance.now() - context.startedAt > REAUTHORIZE_AFTER_MS) await reauthorize(access, 'submit', req);
  const { principal } = context;
  const quota = access.limits.documentQuota(principal, { digests: 1, bytes: 0 }, clientOf(req));
  const accepted = await events.accept({
    ...{ note, body, record, idempotencyKey, quota },
    submitter: submitterOf(principal),
  });
  setLimitHeaders(res, quota.states);
  if (!accepted.accepted.replayed) metrics.accepted(format, 1);
  return accepted;
}
