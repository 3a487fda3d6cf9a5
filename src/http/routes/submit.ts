import type { Request, Response } from 'express';
import type { Accepted, NewDocument } from '../../intake/index.js';
import { clientOf, reauthorize, submitterOf } from '../auth/authenticate.js';
import { contextOf, type HttpDeps } from '../context.js';
import type { SubmissionFormat } from '../metrics.js';
import { type Wait, waitOf } from '../requests/parameters.js';
import { acceptedJson, notarizationJson, receiptJson } from '../responses/representation.js';
import { setLimitHeaders, timeLimit } from '../responses/send.js';
import type { Accepted as AcceptedBody, Notarization } from '../schemas/resources.js';

/** Documents of a submission, parsed and hashed. */
export interface Documents {
  readonly format: SubmissionFormat;
  readonly documents: readonly NewDocument[];
  readonly idempotencyKey: string | null;
  /** Called when the submitter's limits have been charged. Not called for a replay, which is free. */
  readonly onCharged?: () => void;
}

/** If reading and hashing took longer than this, the caller is authorized again before the commit. */
const REAUTHORIZE_AFTER_MS = 1000;

/**
 * Accepts documents for the caller, durably. Every format shares it; a stream calls it once for each
 * chunk. Intake reserves the quota before the commit, and gives it back if nothing new was accepted.
 */
export async function accept(
  { access, intake, metrics }: HttpDeps,
  req: Request,
  res: Response,
  { format, documents, idempotencyKey, onCharged }: Documents,
): Promise<Accepted> {
  const context = contextOf(req);
  if (performance.now() - context.startedAt > REAUTHORIZE_AFTER_MS) await reauthorize(access, 'submit', req);
  const { principal } = context;
  // Only uploads cost bytes.
  const isUpload = format === 'multipart' || format === 'raw';
  const bytes = isUpload ? documents.reduce((sum, { size }) => sum + (size ?? 0), 0) : 0;
  const cost = { digests: documents.length, bytes };
  const quota = access.limits.documentQuota(principal, cost, clientOf(req));
  const accepted = await intake.accept({
    documents,
    submitter: submitterOf(principal),
    idempotencyKey,
    quota: {
      reserve: async () => {
        await quota.reserve();
        onCharged?.();
      },
      release: () => quota.release(),
    },
  });
  setLimitHeaders(res, quota.states);
  if (!accepted.replayed) metrics.accepted(format, documents.length);
  return accepted;
}

/**
 * Completes every submission except a stream: accepts it, waits for its seal if requested, and responds with
 * 201.
 */
export async function submit(
  deps: HttpDeps,
  req: Request,
  res: Response,
  documents: Documents,
  waitParameter: 'sealed' | undefined,
): Promise<void> {
  const accepted = await accept(deps, req, res, documents);
  const { firstPosition, entries, replayed, receipt } = accepted;
  const wait = waitOf(req, waitParameter);
  const sealed = wait !== null && (await waitForSeal(deps, res, firstPosition + entries.length - 1, wait));
  const stored = sealed || replayed ? await readAccepted(deps, firstPosition, entries.length) : null;
  const body: AcceptedBody = {
    notarizations: stored ?? acceptedJson(accepted),
    ...(receipt === null ? {} : { receipt: receiptJson(receipt) }),
  };
  const [only, ...others] = body.notarizations;
  if (only !== undefined && others.length === 0) res.setHeader('Location', only.links.self);
  if (replayed) res.setHeader('Idempotent-Replayed', 'true');
  // Without `res.json`, which would hash the body for an ETag.
  res.status(201).setHeader('Content-Type', 'application/json; charset=utf-8').end(JSON.stringify(body));
}

/** Whether the position was sealed in time. */
async function waitForSeal(deps: HttpDeps, res: Response, position: number, wait: Wait): Promise<boolean> {
  if (wait.applied !== null) res.setHeader('Preference-Applied', wait.applied);
  const limit = timeLimit(res, deps.stopping, wait.seconds * 1000);
  try {
    return await deps.notarizations.whenSealed(position, limit.signal);
  } finally {
    limit.dispose();
  }
}

/**
 * The current state. null when it cannot be read: the response must not turn an accepted submission into an
 * error.
 */
async function readAccepted(deps: HttpDeps, first: number, count: number): Promise<Notarization[] | null> {
  try {
    const notarizations = await deps.notarizations.at(first, count);
    return notarizations.length === count
      ? notarizations.map((each) => notarizationJson(each, { details: true }))
      : null;
  } catch (error) {
    deps.logger.warn({ err: error }, 'accepted notarizations could not be read back');
    return null;
  }
}
