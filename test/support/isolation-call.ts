import { expect } from 'vitest';
import { organizationOf, has, type ModelNotarization } from './access-model.js';
import type { World, WorldActor } from './isolation-world.js';
import type { TestService } from './service.js';

/** What the calls that are made at random have in common. */

/** What is drawn for a call: which of everything, by numbers that are taken modulo how much there is. */
export interface Draw {
  readonly call: number;
  readonly actor: number;
  readonly target: number;
  readonly other: number;
  readonly isPrivate: boolean;
}

export interface Made {
  readonly world: World;
  readonly actor: WorldActor;
  readonly draw: Draw;
  readonly service: TestService;
  /** Makes a request as the actor. @param visible documents' names that the answer may hold */
  readonly ask: (
    method: string,
    path: string,
    options?: {
      readonly body?: unknown;
      readonly headers?: Record<string, string>;
      readonly visible?: readonly ModelNotarization[];
      /** Who is asked to sign by the link that the call is made with. */
      readonly signer?: string;
    },
  ) => Promise<{ readonly status: number; readonly text: string }>;
}

export type Call = (made: Made) => Promise<void>;

export const pick = <T>(list: readonly T[], number: number): T | undefined => list[number % list.length];

/** Compares with a refusal of the model's; answers whether there was one. */
export function isRefused(status: number, expected: number | null): boolean {
  if (expected !== null) expect(status).toBe(expected);
  return expected !== null;
}

/** Asks as the actor, and looks at every answer for what is not theirs. */
export function asking(world: World, actor: WorldActor, { url }: TestService): Made['ask'] {
  return async (method, path, { body, headers = {}, visible = [], signer } = {}) => {
    const res = await fetch(url + path, {
      method,
      headers: {
        ...(actor.token === null ? {} : { authorization: `Bearer ${actor.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await res.text();
    expect(res.status).toBeLessThan(500);
    // Whatever the call: no name of a document that the actor has no business with, in no place of the answer.
    const shown = world.notarizations.filter((each) =>
      [each.name, ...each.addedTags].some((own) => text.includes(own)),
    );
    expect(shown.filter((each) => !visible.some(({ name }) => name === each.name))).toEqual([]);
    const signers = world.requests.filter(
      ({ name, organization }) =>
        name !== signer && text.includes(name) && organization !== organizationOf(actor),
    );
    expect(signers).toEqual([]);
    // A link tells whoever holds it which organization asks.
    if (signer === undefined) assertNoneOfOthers(world, actor, text);
    return { status: res.status, text };
  };
}

/** Nor keys, people or names of organizations that are not the actor's. */
function assertNoneOfOthers(world: World, actor: WorldActor, text: string): void {
  if (actor.kind === 'person' && actor.operator) return;
  const own = organizationOf(actor);
  for (const { reason, organization } of world.holds) {
    if (organization !== own || !has(actor, 'holds')) expect(text).not.toContain(reason);
  }
  const mayBeNamed = (organization: number) =>
    organization === own || (actor.kind === 'person' && actor.roles.has(organization));
  for (const [index, { id, name }] of world.organizations.entries()) {
    if (!mayBeNamed(index)) {
      expect(text).not.toContain(id);
      expect(text).not.toContain(name);
    }
  }
  for (const { id, organization } of world.keys) if (organization !== own) expect(text).not.toContain(id);
  for (const { email, roles } of world.people) {
    const isSelf = actor.kind === 'person' && actor.email === email;
    // Who has left the organization still stands in its log.
    const isOwn = own !== null && (roles.has(own) || has(actor, 'log'));
    if (!isSelf && !isOwn) expect(text).not.toContain(email);
  }
}
