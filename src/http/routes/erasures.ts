import type { Request } from 'express';
import { AccessError, eventOf, may, organizationOf, type UserPrincipal } from '../../auth/index.js';
import { type KnownErasure, StoreError } from '../../store/index.js';
import { clientOf, userOf } from '../auth/authenticate.js';
import { ownershipOf } from '../auth/ownership.js';
import type { HttpDeps } from '../context.js';
import { ApiError } from '../responses/errors.js';
import { erasedJson, erasureJson } from '../responses/erasures.js';
import { json, type Route } from '../route.js';
import { Erasure, Erasures, ErasuresQuery } from '../schemas/erasure.js';
import { ID, knownErasure, notFound } from './notarizations.js';
import { pathParameter, queryOf } from '../requests/parameters.js';

/** Blocks are sealed about every second. */
const SEAL_RETRY_SECONDS = 1;
const DEFAULT_LIMIT = 50;

/** Erasing the content of notarizations (docs/erasure.md). */
export function erasureRoutes(deps: HttpDeps): Route[] {
  return [
    {
      method: 'delete',
      path: '/v1/notarizations/{id}',
      access: ['erase', 'organizations'],
      operation: {
        id: 'eraseNotarization',
        tag: 'Notarizations',
        summary: 'Erase the content of a notarization',
        description:
          'For good: its digest, salt, details and search words, and whether they are public. The leaf hash stays, so every other proof, and each copy of its own, stays valid. Owners erase what is their organization’s, operators what is anonymous. Returns the certificate of the erasure, which the log notarizes. Repeating the request returns the same certificate. Of an event of a record only the body can be erased.',
        path: ID,
        responses: { 200: { description: 'Erased, now or before.', content: json(Erasure) } },
        errors: [
          'notarization_not_found',
          'key_missing',
          'not_sealed',
          'legal_hold',
          'not_erasable',
          'outcome_unknown',
          'unavailable',
        ],
      },
      async handle(req, res) {
        res.set('Cache-Control', 'no-store').json(erasureJson(await erase(deps, req)));
      },
    },
    {
      method: 'get',
      path: '/v1/erasures',
      access: ['holds', 'organizations'],
      operation: {
        id: 'listErasures',
        tag: 'Notarizations',
        summary: 'List the erasures',
        description:
          'Of what was the organization’s, for its owners and auditors; of what was anonymous, for operators who act for no organization. Each with its certificate, and who erased.',
        query: ErasuresQuery,
        responses: { 200: { description: 'One page.', content: json(Erasures) } },
      },
      async handle(req, res) {
        const { limit = DEFAULT_LIMIT, cursor } = queryOf(req, ErasuresQuery);
        const page = await deps.erasures.list({
          organization: listedFor(userOf(req)),
          limit,
          ...(cursor === undefined ? {} : { before: cursor }),
        });
        const last = page.length < limit ? undefined : page.at(-1);
        res.set('Cache-Control', 'private, no-cache').json({
          erasures: page.map(erasedJson),
          next: last === undefined ? null : String(last.position),
        });
      },
    },
    {
      method: 'get',
      path: '/v1/notarizations/{id}/erasure',
      access: 'anyone',
      operation: {
        id: 'getErasure',
        tag: 'Notarizations',
        summary: 'Get the certificate of an erasure',
        description:
          'For everyone who has the id of the erased notarization, unless verification is private. `GET /v1/notarizations/{notarization}/proof` gives the proof of the certificate.',
        path: ID,
        responses: { 200: { description: 'The certificate.', content: json(Erasure) } },
        errors: ['notarization_not_found', 'key_missing'],
      },
      async handle(req, res) {
        const erasure = await knownErasure(deps, req, 'proof');
        if (erasure === null) {
          throw new ApiError('notarization_not_found', 'There is no erased notarization with this id.');
        }
        const found = await deps.erasures.withCertificate(erasure);
        res.set('Cache-Control', 'private, no-cache').json(erasureJson(found));
      },
    },
  ];
}

async function erase(deps: HttpDeps, req: Request): Promise<KnownErasure> {
  const user = userOf(req);
  const found = await deps.notarizations.find(pathParameter(req, 'id'));
  if (found === null) {
    const erasure = await deps.erasures.find(pathParameter(req, 'id'));
    if (erasure === null || !mayErase(req, erasure)) throw notFound();
    return deps.erasures.withCertificate(erasure);
  }
  switch (ownershipOf(user, found.entry)) {
    case 'own':
      if (!may(user, 'erase'))
        throw new AccessError('forbidden', 'an owner of the organization can erase this');
      break;
    case 'none':
      if (!may(user, 'organizations')) {
        throw new AccessError('forbidden', 'only an operator can erase an anonymous notarization');
      }
      break;
    case 'submitted':
    case 'foreign':
      throw notFound();
  }
  if (found.block === null) throw notSealed('notarization');
  const detail = { position: found.position };
  const event = eventOf(user, clientOf(req), Date.now(), 'notarization_erased', { detail });
  try {
    return await deps.erasures.erase(found, user.personId, event);
  } catch (error) {
    throw erasureRefusal(error, 'notarization');
  }
}

/** The number of the organization whose erasures the user may see; null: those of anonymous notarizations. */
function listedFor(user: UserPrincipal): number | null {
  if (user.organization === null) return null;
  if (!may(user, 'holds'))
    throw new AccessError('forbidden', 'owners and auditors of the organization see its erasures');
  return user.organization.number;
}

function mayErase(req: Request, { organization }: KnownErasure): boolean {
  const user = userOf(req);
  if (organization === null) return may(user, 'organizations');
  return organizationOf(user)?.id === organization.id && may(user, 'erase');
}

/** The answer when the store has refused to erase; other errors as they are. */
export function erasureRefusal(error: unknown, what: 'notarization' | 'event'): unknown {
  if (!(error instanceof StoreError)) return error;
  switch (error.code) {
    case 'not_sealed':
      return notSealed(what);
    case 'legal_hold':
      return new ApiError(
        'legal_hold',
        `A legal hold keeps the ${what} from being erased: GET /v1/holds names it. Two owners can lift it.`,
      );
    case 'not_erasable':
      return new ApiError(
        'not_erasable',
        'The log needs this entry: it is an event of a record (erase its body: DELETE /v1/records/{id}/events/{sequence}/body), a statement of a log key, or the certificate of an erasure.',
      );
    default:
      return error;
  }
}

function notSealed(what: 'notarization' | 'event'): ApiError {
  return new ApiError(
    'not_sealed',
    `The ${what} waits for its block, which takes a second or so. Erase it when it is sealed.`,
    { retryAfterSeconds: SEAL_RETRY_SECONDS },
  );
}
