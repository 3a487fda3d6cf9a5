import { expect } from 'vitest';
import { Erasures, HeldNotarizations, Hold } from '../../src/http/schemas/erasure.js';
import { has, type ModelHold, organizationOf, refusal } from './access-model.js';
import { isRefused, pick, type Call, type Made } from './isolation-call.js';

/** Calls about erasures and legal holds, each compared with what the model says. Nothing is sealed in these worlds. */

const isOwn = ({ actor }: Made, organization: number | null) =>
  organization !== null && organizationOf(actor) === organization;

export const listErasures: Call = async ({ actor, ask }) => {
  const { status, text } = await ask('GET', '/v1/erasures');
  if (isRefused(status, refusal(actor, 'holds', 'organizations'))) return;
  expect(status).toBe(organizationOf(actor) === null || has(actor, 'holds') ? 200 : 403);
  if (status === 200) expect(Erasures.parse(JSON.parse(text)).erasures).toEqual([]);
};

export const showErasure: Call = async ({ world, actor, draw, ask }) => {
  const target = pick(world.notarizations, draw.target);
  if (target === undefined) return;
  const { status } = await ask('GET', `/v1/notarizations/${target.id}/erasure`);
  if (!isRefused(status, refusal(actor))) expect(status).toBe(404);
};

export const showHold: Call = async (made) => {
  const { world, actor, draw } = made;
  const target = pick(world.holds, draw.target);
  if (target === undefined) return;
  const held = draw.other % 2 === 0;
  const { status, text } = await made.ask('GET', `/v1/holds/${target.id}${held ? '/notarizations' : ''}`);
  if (isRefused(status, refusal(actor, 'holds'))) return;
  expect(status).toBe(isOwn(made, target.organization) ? 200 : 404);
  if (status !== 200) return;
  if (!held) expect(Hold.parse(JSON.parse(text)).status).toBe(statusOf(target));
  else {
    const { notarizations } = HeldNotarizations.parse(JSON.parse(text));
    expect(notarizations.map(({ position }) => String(position))).toEqual([
      target.notarization.id.split('-')[0],
    ]);
  }
};

const statusOf = ({ lifted, requestedBy }: ModelHold) =>
  lifted ? 'lifted' : requestedBy === null ? 'in_force' : 'lift_requested';

export const liftHold: Call = async (made) => {
  const { world, actor, draw } = made;
  const target = pick(world.holds, draw.target);
  if (target === undefined || actor.kind === 'nobody') return;
  const step = pick(['request', 'approve', 'withdraw'] as const, draw.other) ?? 'request';
  const path = `/v1/holds/${target.id}/lift`;
  const { status } =
    step === 'request'
      ? await made.ask('POST', path, { body: { reason: 'over' } })
      : await made.ask(
          step === 'approve' ? 'POST' : 'DELETE',
          step === 'approve' ? `${path}/approval` : path,
        );
  if (isRefused(status, refusal(actor, 'erase'))) return;
  if (!isOwn(made, target.organization)) {
    expect(status).toBe(404);
    return;
  }
  const possible = !target.lifted && (step === 'request') === (target.requestedBy === null);
  const done = possible && !(step === 'approve' && target.requestedBy === actor.token);
  expect(status).toBe(done ? 200 : 409);
  if (!done) return;
  if (step === 'approve') target.lifted = true;
  else target.requestedBy = step === 'request' ? actor.token : null;
};
