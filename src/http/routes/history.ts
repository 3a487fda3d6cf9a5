import type { Request } from 'express';
import { type AccessEvent, AccessError, may, type Organization, organizationOf } from '../../auth/index.js';
import type { LogStep } from '../../log/index.js';
import type { LegalHold } from '../../store/index.js';
import { ownershipOf } from '../auth/ownership.js';
import { type HttpDeps, principalOf } from '../context.js';
import { pathParameter, queryOf } from '../requests/parameters.js';
import { formatTime } from '../responses/representation.js';
import { json, type Route } from '../route.js';
import { History, type HistoryEvent, HISTORY_KINDS, HistoryQuery } from '../schemas/history.js';
import { ID, knownErasure, notFound } from './notarizations.js';

const DEFAULT_LIMIT = 100;
/** Most legal holds of one notarization that are shown. */
const MAX_HOLDS = 1000;

/** What happened to one notarization: what the log did, and what people and programs of its organization did. */
export function historyRoutes(deps: HttpDeps): Route[] {
  const { access, register, holds } = deps;
  return [
    {
      method: 'get',
      path: '/v1/notarizations/{id}/history',
      access: 'read',
      operation: {
        id: 'getNotarizationHistory',
        tag: 'Notarizations',
        summary: 'Get what happened to a notarization',
        description:
          'For its organization, also after it was erased: who notarized it, how the log sealed and anchored it, who published it or downloaded its proof and certificate, exported the whole register, erased it. Owners and auditors see legal holds too.',
        path: ID,
        query: HistoryQuery,
        responses: { 200: { description: 'One page.', content: json(History) } },
        errors: ['notarization_not_found'],
      },
      async handle(req, res) {
        const { limit = DEFAULT_LIMIT, cursor } = queryOf(req, HistoryQuery);
        const principal = principalOf(req);
        const organization = organizationOf(principal);
        if (organization === null) throw new AccessError('forbidden', 'choose an organization first');
        const position = await ownPosition(deps, req, organization);
        const steps = await register.stepsOf(organization.number, position);
        const acceptedAt = steps?.[0]?.at;
        if (steps === null || acceptedAt === undefined) throw notFound();
        const [page, kept] = await Promise.all([
          access.log.ofPosition(principal, {
            ...{ organizationId: organization.id, position, acceptedAt, limit },
            ...(cursor === undefined ? {} : { before: cursor }),
          }),
          may(principal, 'holds')
            ? holds.holds({ organization: organization.number, position, limit: MAX_HOLDS })
            : [],
        ]);
        const last = page.events.length < limit ? undefined : page.events.at(-1);
        // Between the last event of the page before and that of this one.
        const span = { from: last?.at ?? -Infinity, to: page.beforeAt ?? Infinity };
        const others = [...steps.map(stepJson), ...kept.flatMap(holdSteps)].filter(
          ({ at }) => at >= span.from && at < span.to,
        );
        const events = [...page.events.flatMap(logged), ...others.reverse()].sort((a, b) => b.at - a.at);
        res.set('Cache-Control', 'private, no-cache').json({
          events: events.map(({ at, ...rest }): HistoryEvent => ({ at: formatTime(at), ...rest })),
          names: may(principal, 'access_log') ? await namesOf(deps, req, events) : {},
          next: last === undefined ? null : String(last.id),
        });
      },
    },
  ];
}

/** @throws {ApiError} notarization_not_found, also for those of others */
async function ownPosition(deps: HttpDeps, req: Request, { id }: Organization): Promise<number> {
  const found = await deps.notarizations.find(pathParameter(req, 'id'));
  if (found !== null) {
    if (ownershipOf(principalOf(req), found.entry) !== 'own') throw notFound();
    return found.position;
  }
  const erasure = await knownErasure(deps, req, 'status');
  if (erasure?.organization?.id !== id) throw notFound();
  return erasure.position;
}

type Happened = Omit<HistoryEvent, 'at'> & { readonly at: number };

function stepJson(step: LogStep): Happened {
  const { at, kind } = step;
  switch (kind) {
    case 'notarized':
      return { at, kind, by: step.by };
    case 'sealed':
      return { at, kind, by: null, block: step.height };
    case 'cosigned':
      return { at, kind, by: null };
    case 'anchored':
      return { at, kind, by: null, source: step.source };
  }
}

function holdSteps({ id: hold, placedAt, placedBy, request, lifted }: LegalHold): Happened[] {
  const person = (id: string) => `person:${id}`;
  return [
    { at: placedAt, kind: 'hold_placed', by: person(placedBy), hold },
    ...(request === null
      ? []
      : [{ at: request.at, kind: 'hold_lift_requested', by: person(request.by), hold } as const]),
    ...(lifted === null
      ? []
      : [{ at: lifted.at, kind: 'hold_lifted', by: person(lifted.by), hold } as const]),
  ];
}

function logged({ at, kind, keyId, personId }: AccessEvent): Happened[] {
  const known = HISTORY_KINDS.find((each) => each === kind);
  if (known === undefined) return [];
  const by = keyId !== null ? `key:${keyId}` : personId !== null ? `person:${personId}` : null;
  return [{ at, kind: known, by }];
}

async function namesOf(
  { access }: HttpDeps,
  req: Request,
  events: readonly Happened[],
): Promise<Record<string, string>> {
  const actors = [...new Set(events.flatMap(({ by }) => by ?? []))];
  const idOf = (actor: string) => actor.slice(actor.indexOf(':') + 1);
  const names = await access.log.namesOf(principalOf(req), actors.map(idOf));
  return Object.fromEntries(
    actors.flatMap((actor) => {
      const name = names.get(idOf(actor));
      return name === undefined ? [] : [[actor, name]];
    }),
  );
}
