import type { Request, Response } from 'express';
import { z } from 'zod';
import { ANONYMOUS_LIMITS, eventOf, organizationOf } from '../../auth/index.js';
import { NOTARIZATION_ID, type Notarization as StoredNotarization } from '../../log/index.js';
import type { KnownErasure } from '../../store/index.js';
import { clientOf, reauthorize } from '../auth/authenticate.js';
import { logOperatorRead, ownershipOf } from '../auth/ownership.js';
import { type HttpDeps, principalOf } from '../context.js';
import { BODY_ERRORS, bodyAs } from '../requests/body.js';
import { pathParameter } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import { formatTime, marksFor, notarizationJson, type Shown } from '../responses/representation.js';
import { EVENT_STREAM_TYPE, sendEvent, streamEvents } from '../responses/server-sent.js';
import { json, type Route } from '../route.js';
import { NotarizationChange } from '../schemas/documents.js';
import { Notarization } from '../schemas/resources.js';

export const ID = {
  id: z
    .string()
    .regex(NOTARIZATION_ID)
    .meta({ examples: ['26-93e25ce8c4a19126'] })
    .describe(
      'Id of the notarization, from the response to the submission. The details of an anonymous notarization are shown only with the id from there, which has three parts: the two-part id, which everybody who has the document can find, shows everything else.',
    ),
};

/**
 * One notarization: for its organization or, if it is anonymous, for everyone who has its id, as far as the id
 * shows it.
 */
export function notarizationRoutes(deps: HttpDeps): Route[] {
  const { access, register } = deps;
  return [
    {
      method: 'get',
      path: '/v1/notarizations/{id}',
      access: 'anyone',
      operation: {
        id: 'getNotarization',
        tag: 'Notarizations',
        summary: 'Get a notarization’s status',
        description: 'Returns `notarization_not_found` for a notarization of another organization.',
        path: ID,
        responses: { 200: { description: 'The notarization.', content: json(Notarization) } },
        errors: ['notarization_not_found', 'erased', 'key_missing'],
      },
      async handle(req, res) {
        const found = await find(deps, req);
        const shown = await shownOf(deps, req, found);
        if (shown === null) throw notFound();
        await logOperatorRead(access, req, shown.marks === undefined ? 0 : 1);
        res.set('Cache-Control', 'private, no-cache').json(notarizationJson(found, shown));
      },
    },
    {
      method: 'patch',
      path: '/v1/notarizations/{id}',
      access: 'publish',
      operation: {
        id: 'publishNotarization',
        tag: 'Notarizations',
        summary: 'Publish or withdraw the details',
        description:
          'Anyone who verifies the document can then see its details. Withdrawing them does not affect copies that others have made.',
        path: ID,
        body: json(NotarizationChange),
        responses: { 200: { description: 'Done.', content: json(Notarization) } },
        errors: [...BODY_ERRORS, 'notarization_not_found', 'erased', 'key_missing'],
      },
      async handle(req, res) {
        const { published } = await bodyAs(req, NotarizationChange);
        const principal = principalOf(req);
        const found = await find(deps, req);
        if (ownershipOf(principal, found.entry) !== 'own') throw notFound();
        const { position } = found;
        const now = Date.now();
        const kind = published ? 'details_published' : 'details_withdrawn';
        const event = eventOf(principal, clientOf(req), now, kind, { detail: { position } });
        await (published ? register.publish(position, now, event) : register.withdraw(position, event));
        await logOperatorRead(access, req, 1);
        const marks = marksFor(principal, await register.marksOf(position));
        res.json(notarizationJson(found, { details: true, marks }));
      },
    },
    {
      method: 'get',
      path: '/v1/notarizations/{id}/events',
      access: 'anyone',
      operation: {
        id: 'watchNotarization',
        tag: 'Notarizations',
        summary: 'Follow a notarization’s status as server-sent events',
        description: `Each event is named after the status (\`accepted\`, \`sealed\`, \`cosigned\`, \`anchored\`) and carries the notarization as its data. The stream ends after the last one that there will be: \`anchored\` if the log has time sources, else \`cosigned\` if it has members, else \`sealed\`. Anonymous callers of one network can have ${ANONYMOUS_LIMITS.eventStreams} streams open at once.`,
        path: ID,
        responses: { 200: { description: 'The events.', content: { [EVENT_STREAM_TYPE]: 'text' } } },
        errors: ['notarization_not_found', 'erased', 'key_missing'],
      },
      async handle(req, res) {
        const found = await find(deps, req);
        const shown = await shownOf(deps, req, found);
        if (shown === null) throw notFound();
        await logOperatorRead(access, req, shown.marks === undefined ? 0 : 1);
        const close = access.anonymousLimits.openEventStream(principalOf(req), clientOf(req));
        try {
          const reload = async () => {
            await reauthorize(access, 'anyone', req);
            const notarization = await deps.notarizations.find(pathParameter(req, 'id'));
            const now = notarization && (await shownOf(deps, req, notarization));
            return notarization === null || now === null ? null : { notarization, shown: now };
          };
          await streamEvents(req, res, { stopping: deps.stopping, longest: null }, (signal) =>
            sendProgress(deps, res, { notarization: found, shown }, reload, signal),
          );
        } finally {
          close();
        }
      },
    },
  ];
}

/** @throws {ApiError} notarization_not_found; erased, if the caller may know that */
export async function find(
  deps: HttpDeps,
  req: Request,
  wanted: 'status' | 'proof' = 'status',
): Promise<StoredNotarization> {
  const found = await deps.notarizations.find(pathParameter(req, 'id'));
  if (found !== null) return found;
  const erasure = await knownErasure(deps, req, wanted);
  if (erasure === null) throw notFound();
  throw new ApiError(
    'erased',
    `The content of this notarization was erased on ${formatTime(erasure.erasedAt)}. Proofs of it that somebody has stay valid. GET …/erasure gives the certificate of the erasure.`,
  );
}

/**
 * The erasure of the notarization with the id in the path, for those who could see the notarization before.
 * @param wanted of an organization's notarization, everybody with the id gets a proof, but only the organization
 *   its status
 */
export async function knownErasure(
  { access, erasures }: HttpDeps,
  req: Request,
  wanted: 'status' | 'proof',
): Promise<KnownErasure | null> {
  const erasure = await erasures.find(pathParameter(req, 'id'));
  if (erasure === null || erasure.organization === null) return erasure;
  const principal = principalOf(req);
  const isOwn = organizationOf(principal)?.id === erasure.organization.id;
  const isPublic = wanted === 'proof' && !access.policy.privateVerification;
  return isOwn || isPublic ? erasure : null;
}

/** The same error for a missing notarization and for one of another organization. */
export function notFound(): ApiError {
  return new ApiError('notarization_not_found', 'There is no notarization with this id.');
}

/** null: the caller may not see that it exists. */
async function shownOf(
  { register }: HttpDeps,
  req: Request,
  { entry, position }: StoredNotarization,
): Promise<Shown | null> {
  const principal = principalOf(req);
  switch (ownershipOf(principal, entry)) {
    case 'own':
      return { details: true, marks: marksFor(principal, await register.marksOf(position)) };
    case 'submitted':
      return { details: false };
    case 'none':
      // As far as `find` returns them.
      return { details: true };
    case 'foreign':
      return null;
  }
}

/** A notarization, and what the client may see of it. */
interface Seen {
  readonly notarization: StoredNotarization;
  readonly shown: Shown;
}

/**
 * Sends the current status, and each later one. The last is `anchored` if the log has time sources, else `cosigned`
 * if it has members, else `sealed`.
 * @param reload reads the notarization again; null: the client may no longer see it. Rejects if the client is
 * no longer authorized.
 */
async function sendProgress(
  { notarizations }: HttpDeps,
  res: Response,
  first: Seen,
  reload: () => Promise<Seen | null>,
  signal: AbortSignal,
): Promise<void> {
  let current = first.notarization;
  send(res, first);
  const next = async (): Promise<boolean> => {
    const seen = await reload();
    if (seen === null) return false;
    current = seen.notarization;
    send(res, seen);
    return true;
  };
  if (current.block === null) {
    if (!(await notarizations.whenSealed(current.position, signal)) || !(await next())) return;
  }
  if (current.block === null) return;
  if (current.cosigned?.quorum === false) {
    if (!(await notarizations.whenCosigned(current.block, signal)) || !(await next())) return;
  }
  if (current.anchored !== false) return;
  if (await notarizations.whenAnchored(current.block, signal)) await next();
}

function send(res: Response, { notarization, shown }: Seen): void {
  const json = notarizationJson(notarization, shown);
  sendEvent(res, { id: null, name: json.status, data: json });
}
