import type { Request, Response } from 'express';
import type { NewDocument, Submission } from '../../intake/index.js';
import { clientOf, submitterOf, recheck } from '../auth/authenticate.js';
import { setLimitHeaders } from '../responses/headers.js';
import type { HttpDeps } from '../deps.js';
import type { SubmissionFormat } from '../metrics.js';
import { idempotencyOf, waitOf, type Wait } from '../requests/query.js';
import { acceptedJson, notarizationJson } from '../responses/representation.js';
import { contextOf } from '../context.js';
import type { Accepted as AcceptedBody, Notarization } from '../schemas/resources.js';
import { timeLimit } from '../responses/send.js';

interface Submitted {
  readonly shape: SubmissionFormat;
  readonly documents: readonly NewDocument[];
  /** Of documents that were uploaded. */
  readonly bytes?: number;
  readonly wait: 'sealed' | undefined;
}

/** After this long, who was let in may not be let in any more. */
const RECHECK_MS = 1000;

/** What known callers have to pass when something of theirs is about to be written; strangers pass nothing, at no cost. */
export function beforeCommit(
  { access }: HttpDeps,
  req: Request,
  res: Response,
  documents: { readonly digests: number; readonly bytes: number },
): Pick<Submission, 'beforeCommit'> {
  const context = contextOf(req);
  if (context.principal.kind === 'anonymous') return {};
  return {
    async beforeCommit() {
      if (performance.now() - context.startedAt > RECHECK_MS) await recheck(access, 'submit', req);
      setLimitHeaders(res, await access.limits.takeDocuments(context.principal, documents, clientOf(req)));
    },
  };
}

/** The end of every submission but a stream: accept, wait if asked to, answer 201. */
export async function submit(
  deps: HttpDeps,
  req: Request,
  res: Response,
  { shape, documents, bytes = 0, wait }: Submitted,
): Promise<void> {
  const idempotency = idempotencyOf(req);
  const waiting = waitOf(req, wait);
  const accepted = await deps.intake.accept({
    documents,
    submitter: submitterOf(contextOf(req).principal),
    idempotency,
    ...beforeCommit(deps, req, res, { digests: documents.length, bytes }),
  });
  if (accepted.replayed) res.setHeader('Idempotent-Replayed', 'true');
  else deps.metrics.accepted(shape, documents.length);
  const last = accepted.firstPosition + accepted.entries.length - 1;
  const sealed = waiting !== null && (await waitForSeal(deps, res, last, waiting));
  const notarizations =
    sealed || accepted.replayed ? await reread(deps, accepted.firstPosition, documents.length) : null;
  const body: AcceptedBody = {
    notarizations: notarizations ?? acceptedJson(accepted),
    receipt: accepted.receipt,
  };
  const [only, ...others] = body.notarizations;
  if (only !== undefined && others.length === 0) res.location(only.links.self);
  // Not by `json`: it would hash the body for an ETag, of an answer that nobody may keep.
  res.status(201).setHeader('Cache-Control', 'no-store');
  res.type('json').end(JSON.stringify(body));
}

async function waitForSeal(deps: HttpDeps, res: Response, position: number, wait: Wait): Promise<boolean> {
  if (wait.applied !== null) res.setHeader('Preference-Applied', wait.applied);
  const limit = timeLimit(res, deps.stopping, wait.seconds * 1000);
  try {
    return await deps.notarizations.whenSealed(position, limit.signal);
  } finally {
    limit.dispose();
  }
}

/** As they stand now. null when that cannot be read: what was accepted must not be answered with an error. */
async function reread(deps: HttpDeps, first: number, count: number): Promise<Notarization[] | null> {
  try {
    const notarizations = await deps.notarizations.at(first, count);
    return notarizations.length === count
      ? notarizations.map((each) => notarizationJson(each, { details: true }))
      : null;
  } catch (error) {
    deps.logger.warn({ err: error }, 'accepted notarizations could not be read again');
    return null;
  }
}
