import { expect } from 'vitest';
import * as organizations from './isolation-account-calls.js';
import { asking, pick, type Call, type Draw } from './isolation-call.js';
import * as documents from './isolation-document-calls.js';
import * as erasures from './isolation-erasure-calls.js';
import * as signing from './isolation-signing-calls.js';
import * as webhooks from './isolation-webhook-calls.js';
import type { World, WorldActor } from './isolation-world.js';

const { notarize, prove, verify, list } = documents;

/** By their names; those that make something, or show much, come more often. */
const CALLS: readonly (readonly [name: string, call: Call])[] = Object.entries({
  ...documents,
  notarizeAgain: notarize,
  notarizeOnceMore: notarize,
  proveAgain: prove,
  verifyAgain: verify,
  listAgain: list,
  liftHoldAgain: erasures.liftHold,
  ...erasures,
  ...signing,
  ...webhooks,
  ...organizations,
});

export const CALL_COUNT = CALLS.length;

/** Makes the drawn call and compares. */
export async function makeCall(world: World, draw: Draw): Promise<void> {
  const actors: WorldActor[] = [{ kind: 'nobody', token: null }, ...world.people, ...world.keys];
  const actor = pick(actors, draw.actor) ?? expect.fail();
  const [name, call] = pick(CALLS, draw.call) ?? expect.fail();
  const service = draw.isPrivate ? world.closed : world.open;
  try {
    await call({ world, actor, draw, service, ask: asking(world, actor, service) });
  } catch (error) {
    throw new Error(`${name} as ${describe(actor)}: ${String(error)}`, { cause: error });
  }
}

function describe(actor: WorldActor): string {
  switch (actor.kind) {
    case 'nobody':
      return 'nobody';
    case 'key':
      return JSON.stringify({ key: actor.scopes, of: actor.organization, revoked: actor.revoked });
    case 'person':
      return JSON.stringify({ roles: [...actor.roles], acts: actor.acts, operator: actor.operator });
  }
}
