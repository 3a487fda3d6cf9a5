import type { Request } from 'express';
import { AccessError, eventOf, idOf, isId, newId, organizationOf } from '../../auth/index.js';
import type { LegalHold, LiftOutcome, LiftStep } from '../../store/index.js';
import { clientOf, userOf } from '../auth/authenticate.js';
import { type HttpDeps, principalOf } from '../context.js';
import { BODY_ERRORS, bodyAs } from '../requests/body.js';
import { IdempotencyKey, idempotencyKeyOf, pathParameter, queryOf } from '../requests/parameters.js';
import { heldJson, holdJson } from '../responses/erasures.js';
import { ApiError } from '../responses/errors.js';
import { json, type Route } from '../route.js';
import {
  HeldNotarizations,
  HeldQuery,
  Hold,
  Holds,
  HoldsQuery,
  LiftRequest,
  NewHold,
} from '../schemas/erasure.js';
import { filterOf } from './register.js';
import { ownNotarizations } from './own-notarizations.js';

const HOLD = { id: 'Id of the hold.' };
const DEFAULT_LIMIT = 50;
/** Most notarizations that one hold keeps, and how many are read at a time. */
const MAX_HELD = 100_000;
const PAGE = 1000;
const LIFTED = { 200: { description: 'The hold.', content: json(Hold) } };

/** Legal holds, which keep notarizations from being erased (docs/erasure.md). */
export function holdRoutes(deps: HttpDeps): Route[] {
  const { holds } = deps;
  return [
    {
      method: 'post',
      path: '/v1/holds',
      access: 'erase',
      operation: {
        id: 'placeHold',
        tag: 'Legal holds',
        summary: 'Place a legal hold',
        description: `Nobody can erase what it keeps until two owners have lifted it. It is for at most ${MAX_HELD.toLocaleString('en')} notarizations, and for none that are made later.`,
        headers: {
          'Idempotency-Key': IdempotencyKey.describe(
            'The same request with the same key places no second hold, and gets the first as it is now.',
          ),
        },
        body: json(NewHold),
        responses: { 201: { description: 'Placed.', content: json(Hold) } },
        errors: [
          ...BODY_ERRORS,
          'invalid_idempotency_key',
          'notarization_not_found',
          'key_missing',
          'too_large',
          'outcome_unknown',
          'unavailable',
        ],
      },
      async handle(req, res) {
        const key = idempotencyKeyOf(req);
        const body = await bodyAs(req, NewHold);
        const { reason, notarizations = [], search } = body;
        const user = userOf(req);
        const organization = numberOf(req);
        const id = key === null ? newId('hld') : idOf('hld', JSON.stringify([organization, key, body]));
        const [earlier] = key === null ? [] : await holds.holds({ organization, id, limit: 1 });
        if (earlier !== undefined) return void res.status(201).json(holdJson(earlier));
        const positions =
          search === undefined
            ? await positionsOf(deps, req, notarizations)
            : await positionsFound(deps, req, search);
        const now = Date.now();
        const hold = { id, organization, reason, placedAt: now, placedBy: user.personId };
        const event = eventOf(user, clientOf(req), now, 'hold_placed', { detail: { hold: id } });
        const count = positions.length === 0 ? 0 : await holds.placeHold(hold, positions, event);
        if (count === 0) {
          throw new ApiError(
            'notarization_not_found',
            'Nothing in the register matches: no hold was placed.',
          );
        }
        const [placed] = await holds.holds({ organization, id, limit: 1 });
        if (placed === undefined) throw new Error(`the legal hold ${id} is not there`);
        res.status(201).json(holdJson(placed));
      },
    },
    {
      method: 'get',
      path: '/v1/holds',
      access: 'holds',
      operation: {
        id: 'listHolds',
        tag: 'Legal holds',
        summary: 'List the organization’s legal holds',
        query: HoldsQuery,
        responses: { 200: { description: 'One page.', content: json(Holds) } },
        errors: ['notarization_not_found', 'key_missing'],
      },
      async handle(req, res) {
        const { status, notarization, limit = DEFAULT_LIMIT, cursor } = queryOf(req, HoldsQuery);
        const [position] = notarization === undefined ? [] : await positionsOf(deps, req, [notarization]);
        const page = await holds.holds({
          organization: numberOf(req),
          limit,
          ...(status === undefined ? {} : { inForce: status === 'in_force' }),
          ...(position === undefined ? {} : { position }),
          ...(cursor === undefined ? {} : { before: cursor }),
        });
        const last = page.length < limit ? undefined : page.at(-1);
        const people = page.flatMap(({ placedBy, request, lifted }) =>
          [placedBy, request?.by, lifted?.by].filter((id) => id !== undefined),
        );
        res.set('Cache-Control', 'private, no-cache').json({
          holds: page.map(holdJson),
          names: Object.fromEntries(await deps.access.log.namesOf(principalOf(req), people)),
          next: last?.id ?? null,
        });
      },
    },
    {
      method: 'get',
      path: '/v1/holds/{id}',
      access: 'holds',
      operation: {
        id: 'getHold',
        tag: 'Legal holds',
        summary: 'Get a legal hold',
        path: HOLD,
        responses: LIFTED,
        errors: ['hold_not_found'],
      },
      async handle(req, res) {
        res.set('Cache-Control', 'private, no-cache').json(holdJson(await findHold(deps, req)));
      },
    },
    {
      method: 'get',
      path: '/v1/holds/{id}/notarizations',
      access: 'holds',
      operation: {
        id: 'listHeld',
        tag: 'Legal holds',
        summary: 'List the notarizations that a legal hold keeps',
        path: HOLD,
        query: HeldQuery,
        responses: { 200: { description: 'One page.', content: json(HeldNotarizations) } },
        errors: ['hold_not_found'],
      },
      async handle(req, res) {
        const { limit = DEFAULT_LIMIT, cursor = -1 } = queryOf(req, HeldQuery);
        const { id } = await findHold(deps, req);
        const held = await holds.heldBy(id, cursor, limit);
        const last = held.length < limit ? undefined : held.at(-1);
        res.set('Cache-Control', 'private, no-cache').json({
          notarizations: held.map(heldJson),
          next: last === undefined ? null : String(last.position),
        });
      },
    },
    {
      method: 'post',
      path: '/v1/holds/{id}/lift',
      access: 'erase',
      operation: {
        id: 'requestLift',
        tag: 'Legal holds',
        summary: 'Request that a legal hold be lifted',
        description: 'It stays in force until another owner approves.',
        path: HOLD,
        body: json(LiftRequest),
        responses: LIFTED,
        errors: [...BODY_ERRORS, 'hold_not_found', 'hold_lifted', 'lift_requested', 'outcome_unknown'],
      },
      async handle(req, res) {
        const { reason } = await bodyAs(req, LiftRequest);
        const step = { kind: 'request', at: Date.now(), ...lifterOf(req), reason } as const;
        res.json(await lift(deps, req, step, 'hold_lift_requested'));
      },
    },
    {
      method: 'delete',
      path: '/v1/holds/{id}/lift',
      access: 'erase',
      operation: {
        id: 'withdrawLift',
        tag: 'Legal holds',
        summary: 'Withdraw or reject the request to lift a legal hold',
        path: HOLD,
        responses: LIFTED,
        errors: ['hold_not_found', 'hold_lifted', 'lift_not_requested', 'outcome_unknown'],
      },
      async handle(req, res) {
        res.json(await lift(deps, req, { kind: 'withdraw' }, 'hold_lift_withdrawn'));
      },
    },
    {
      method: 'post',
      path: '/v1/holds/{id}/lift/approval',
      access: 'erase',
      operation: {
        id: 'approveLift',
        tag: 'Legal holds',
        summary: 'Approve that a legal hold is lifted',
        description: 'By another owner than the one who requested it. The hold ends.',
        path: HOLD,
        responses: LIFTED,
        errors: [
          'hold_not_found',
          'hold_lifted',
          'lift_not_requested',
          'second_person_required',
          'outcome_unknown',
        ],
      },
      async handle(req, res) {
        const step = { kind: 'approve', at: Date.now(), ...lifterOf(req) } as const;
        res.json(await lift(deps, req, step, 'hold_lifted'));
      },
    },
  ];
}

function lifterOf(req: Request): { readonly by: string; readonly email: string | null } {
  const { personId, email } = userOf(req);
  return { by: personId, email };
}

function numberOf(req: Request): number {
  const organization = organizationOf(principalOf(req));
  if (organization === null) throw new AccessError('forbidden', 'choose an organization first');
  return organization.number;
}

async function positionsOf(deps: HttpDeps, req: Request, ids: readonly string[]): Promise<number[]> {
  return (await ownNotarizations(deps, req, ids)).map(({ position }) => position);
}

async function positionsFound(
  { register }: HttpDeps,
  req: Request,
  search: Parameters<typeof filterOf>[1],
): Promise<number[]> {
  const filter = { ...filterOf(req, search), limit: PAGE };
  const positions: number[] = [];
  for (;;) {
    const beyond = positions.at(-1);
    const page = await register.list({ ...filter, ...(beyond === undefined ? {} : { beyond }) });
    positions.push(...page.map(({ notarization }) => notarization.position));
    if (positions.length > MAX_HELD) {
      throw new ApiError(
        'too_large',
        `More than ${MAX_HELD} notarizations match. Narrow the search, for example by time, and place several holds.`,
      );
    }
    if (page.length < PAGE) return positions;
  }
}

/** @throws {ApiError} hold_not_found */
async function findHold({ holds }: HttpDeps, req: Request): Promise<LegalHold> {
  const id = pathParameter(req, 'id');
  const [hold] = isId('hld', id) ? await holds.holds({ organization: numberOf(req), id, limit: 1 }) : [];
  if (hold === undefined) throw new ApiError('hold_not_found', 'The organization has no such legal hold.');
  return hold;
}

async function lift(
  deps: HttpDeps,
  req: Request,
  step: LiftStep,
  kind: 'hold_lift_requested' | 'hold_lift_withdrawn' | 'hold_lifted',
): Promise<Hold> {
  const { id } = await findHold(deps, req);
  const event = eventOf(userOf(req), clientOf(req), Date.now(), kind, { detail: { hold: id } });
  const outcome = await deps.holds.liftHold(numberOf(req), id, step, event);
  if (outcome !== 'done') throw liftRefusal(outcome);
  return holdJson(await findHold(deps, req));
}

function liftRefusal(outcome: Exclude<LiftOutcome, 'done'>): ApiError {
  switch (outcome) {
    case 'unknown':
      return new ApiError('hold_not_found', 'The organization has no such legal hold.');
    case 'lifted_before':
      return new ApiError('hold_lifted', 'The hold was lifted before.');
    case 'requested_before':
      return new ApiError(
        'lift_requested',
        'Lifting the hold was requested before: another owner can approve it (POST …/lift/approval).',
      );
    case 'not_requested':
      return new ApiError('lift_not_requested', 'Nobody has requested to lift the hold (POST …/lift).');
    case 'same_person':
      return new ApiError(
        'second_person_required',
        'You have requested to lift the hold: another owner has to approve it. If you have not, sign in as the other one did, with an account here or at the identity provider: the addresses do not tell two people.',
      );
  }
}
