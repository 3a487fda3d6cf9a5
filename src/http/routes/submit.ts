import type { Request, Response } from 'express';
import { organizationOf } from '../../auth/index.js';
import { Slices } from '../../background/slices.js';
import type { Accepted, NewDocument } from '../../intake/index.js';
import { NOWHERE, type Place } from '../../log/index.js';
import { clientOf, reauthorize, submitterOf } from '../auth/authenticate.js';
import { contextOf, type HttpDeps, principalOf } from '../context.js';
import type { SubmissionFormat } from '../metrics.js';
import { waitOf } from '../requests/parameters.js';
import { acceptedText, receiptJson } from '../responses/representation.js';
import { setLimitHeaders, timeLimit } from '../responses/send.js';

/** Documents of a submission, parsed and hashed. */
export interface Documents {
  readonly format: SubmissionFormat;
  readonly documents: readonly NewDocument[];
  readonly idempotencyKey: string | null;
  /** What the vault has written of each document, to be kept with it; absent: nothing. */
  readonly objects?: readonly Uint8Array[];
  /** Called when the submitter's limits have been charged. Not called for a replay, which is free. */
  readonly onCharged?: () => void;
}

/** If reading and hashing took longer than this, the caller is authorized again before the commit. */
export const REAUTHORIZE_AFTER_MS = 1000;

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
  await keep(deps, req, documents, firstPosition);
  const sealed = await waitForSeal(deps, req, res, firstPosition + entries.length - 1, waitParameter);
  const places = sealed || replayed ? await readPlaces(deps, firstPosition, entries.length) : null;
  if (replayed) res.setHeader('Idempotent-Replayed', 'true');
  res.status(201).setHeader('Content-Type', 'application/json; charset=utf-8');
  // Without `res.json`, which would hash the body for an ETag.
  let text = '{"notarizations":[';
  const slices = new Slices();
  for (let i = 0; i < entries.length; i++) {
    const one = acceptedText(accepted, i, places?.[i] ?? NOWHERE);
    if (entries.length === 1) res.setHeader('Location', one.self);
    text += i === 0 ? one.text : `,${one.text}`;
    if (i + 1 === entries.length || !slices.isOver) continue;
    res.write(text);
    text = '';
    await slices.next();
    if (res.destroyed) return;
  }
  res.end(`${text}]${receipt === null ? '' : `,"receipt":${JSON.stringify(receiptJson(receipt))}`}}`);
}

/** A request that is repeated, because this failed, keeps them then. */
async function keep(
  { vault }: HttpDeps,
  req: Request,
  { objects = [] }: Documents,
  firstPosition: number,
): Promise<void> {
  const organization = organizationOf(principalOf(req));
  if (objects.length === 0 || vault === null || organization === null) return;
  await vault.keep(
    objects.map((object, i) => ({ position: firstPosition + i, object })),
    organization.number,
  );
}

/** Waits for the seal of the position if the request asks for it. @returns whether it was sealed in time */
export async function waitForSeal(
  deps: HttpDeps,
  req: Request,
  res: Response,
  position: number,
  waitParameter: 'sealed' | undefined,
): Promise<boolean> {
  const wait = waitOf(req, waitParameter);
  if (wait === null) return false;
  if (wait.applied !== null) res.setHeader('Preference-Applied', wait.applied);
  const limit = timeLimit(res, deps.stopping, wait.seconds * 1000);
  try {
    return await deps.notarizations.whenSealed(position, limit.signal);
  } finally {
    limit.dispose();
  }
}

/**
 * How far the documents have got. null when it cannot be read: the response must not turn an accepted
 * submission into an error.
 */
async function readPlaces(deps: HttpDeps, first: number, count: number): Promise<Place[] | null> {
  try {
    return await deps.notarizations.places(first, count);
  } catch (error) {
    deps.logger.warn({ err: error }, 'accepted notarizations could not be read back');
    return null;
  }
}
