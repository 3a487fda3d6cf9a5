import type { Request } from 'express';
import { eventOf } from '../../access/index.js';
import type { Notarization as StoredNotarization } from '../../log/index.js';
import { clientOf } from '../admission/client.js';
import { recheck } from '../admission/recheck.js';
import { noteOperatorRead, standingOf } from '../admission/visibility.js';
import { ApiError } from '../answer/errors.js';
import { notarizationJson, type Shown } from '../answer/representation.js';
import type { HttpDeps } from '../deps.js';
import { queryOf } from '../request/query.js';
import { BODY_ERRORS, bodyAs } from '../request/read-json.js';
import { contextOf } from '../request/request-context.js';
import { pathParameter, type Route } from '../route.js';
import { NoQuery, NotarizationChange } from '../schema/request-schemas.js';
import { Notarization } from '../schema/resources.js';
import { streamEvents } from './events.js';

const JSON_TYPE = 'application/json';
export const ID = { id: 'As the answer to the submission gave it.' };

/** One notarization: for whom it was made, and where nobody knows who that was, for whoever has its id. */
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
        summary: 'How far a notarization has come',
        description: 'One of another account is answered like one that does not exist.',
        path: ID,
        query: NoQuery,
        responses: { 200: { description: 'As it stands.', content: { [JSON_TYPE]: Notarization } } },
        errors: ['invalid_parameter', 'notarization_not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const found = await find(deps, req);
        const shown = await shownOf(deps, req, found);
        if (shown === null) throw notFound();
        await noteOperatorRead(access, req, shown.published === undefined ? 0 : 1);
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
        summary: 'Show the details to everyone, or take that back',
        description:
          'Whoever verifies the document then sees its details. Taking it back does not reach the copies that others have made.',
        path: ID,
        query: NoQuery,
        body: { [JSON_TYPE]: NotarizationChange },
        responses: { 200: { description: 'Done.', content: { [JSON_TYPE]: Notarization } } },
        errors: [...BODY_ERRORS, 'invalid_parameter', 'notarization_not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const { published } = await bodyAs(req, NotarizationChange);
        const { principal } = contextOf(req);
        const found = await find(deps, req);
        if (standingOf(principal, found.entry) !== 'own') throw notFound();
        const { position } = found;
        const now = Date.now();
        const kind = published ? 'details_published' : 'details_withdrawn';
        const event = eventOf(principal, clientOf(req), now, kind, { detail: { position } });
        await (published ? register.publish(position, now, event) : register.withdraw(position, event));
        await noteOperatorRead(access, req, 1);
        res.set('Cache-Control', 'no-store').json(notarizationJson(found, { details: true, published }));
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
        const found = await find(deps, req);
        const shown = await shownOf(deps, req, found);
        if (shown === null) throw notFound();
        await noteOperatorRead(access, req, shown.published === undefined ? 0 : 1);
        await streamEvents(deps, req, res, { notarization: found, shown }, async () => {
          await recheck(access, 'anyone', req);
          const notarization = await deps.notarizations.find(found.id);
          const now = notarization && (await shownOf(deps, req, notarization));
          return notarization === null || now === null ? null : { notarization, shown: now };
        });
      },
    },
  ];
}

export async function find({ notarizations }: HttpDeps, req: Request): Promise<StoredNotarization> {
  const found = await notarizations.find(pathParameter(req, 'id'));
  if (found === null) throw notFound();
  return found;
}

/** The same for what is absent and for what is somebody else's. */
export function notFound(): ApiError {
  return new ApiError('notarization_not_found', 'There is no notarization of this id.');
}

/** null: for whoever asks, there is no such notarization. */
async function shownOf(
  { register }: HttpDeps,
  req: Request,
  { entry, position }: StoredNotarization,
): Promise<Shown | null> {
  switch (standingOf(contextOf(req).principal, entry)) {
    case 'own':
      return { details: true, published: (await register.publishedAmong([position])).has(position) };
    case 'submitted':
      return { details: false };
    case 'nobodys':
      return { details: true };
    case 'others':
      return null;
  }
}
