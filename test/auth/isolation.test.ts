import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOCAL, ROLES, type Access, type Principal } from '../../src/auth/index.js';
import { randomRuns } from '../support/random-runs.js';
import { Model, type Answer, type ModelActor } from './model.js';
import { codeOf } from './refusal.js';
import { createScene, HOME, PASSWORD, turnOf, type Scene } from './scene.js';

/** Random people in random organizations call whatever there is, on two instances; each answer is the model's. */

const ORGANIZATIONS = 3;
const PEOPLE = 4;

const organization = fc.nat(ORGANIZATIONS - 1);
const person = fc.nat(PEOPLE - 1);
const key = fc.nat(ORGANIZATIONS + 1);
const role = fc.constantFrom(...ROLES);
const rarely = fc.constantFrom(true, false, false, false);
const actor: fc.Arbitrary<ModelActor> = fc.oneof(fc.record({ person }), fc.record({ key }));
/** Half of the time somebody in the organization that they began with, so that much is done. */
const somewhere = fc.oneof(
  organization.map((own) => ({ actor: { person: own }, organization: own })),
  fc.record({ actor, organization }),
);
const within = <R extends object>(rest: fc.Arbitrary<R>) =>
  fc.tuple(somewhere, rest).map(([place, more]) => ({ ...place, ...more }));
const call = fc.oneof(
  within(fc.record({ name: fc.constantFrom('users', 'keys', 'events', 'organization') })),
  within(fc.record({ name: fc.constant('createKey') })),
  within(fc.record({ name: fc.constant('revokeKey'), key })),
  within(fc.record({ name: fc.constant('setRole'), person, role })),
  within(fc.record({ name: fc.constant('removeUser'), person })),
  fc.record({ name: fc.constant('chooseOrganization'), actor: fc.record({ person }), organization }),
  fc.record({ name: fc.constant('signIn'), person }),
  fc.record({ name: fc.constant('addPerson'), organization, person, role }),
  fc.record({ name: fc.constant('close'), organization, on: rarely }),
  fc.record({ name: fc.constant('disable'), person, on: rarely }),
);
type Call = typeof call extends fc.Arbitrary<infer C> ? C : never;

let scene: Scene;
let instances: readonly Access[];

beforeAll(async () => {
  scene = await createScene();
  instances = [scene.access, await scene.another()];
});

afterAll(() => scene[Symbol.asyncDispose]());

/** What the numbers of the model stand for in this run. */
interface World {
  readonly organizations: readonly string[];
  readonly people: readonly { readonly id: string; readonly email: string; token: string }[];
  readonly keys: { readonly id: string; readonly secret: string }[];
}

const KEY = { name: 'K', scopes: ['notarize', 'read'] };
let runs = 0;

/** Each organization with its owner and a key; the last person has one that is closed. */
async function createWorld(): Promise<World> {
  const run = runs++;
  const organizations: string[] = [];
  const people: { id: string; email: string; token: string }[] = [];
  for (let i = 0; i < PEOPLE; i++) {
    const made = await scene.access.organizations.create(LOCAL, { name: `Organization ${i}` }, HOME);
    const email = `person${i}@run${run}.example`;
    const { principal, tokens } = await scene.user(made, 'owner', email);
    people.push({ id: principal.personId, email, token: tokens.accessToken });
    if (i < ORGANIZATIONS) organizations.push(made.id);
    else await scene.access.organizations.update(LOCAL, made.id, { disabled: true }, HOME);
  }
  const keys = organizations.map(async (id) => {
    const { key: made, secret } = await scene.access.keys.create(LOCAL, id, KEY, HOME);
    return { id: made.id, secret };
  });
  return { organizations, people, keys: await Promise.all(keys) };
}

test('no operation reaches another organization', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 20, maxLength: 60 }), async (calls) => {
      const world = await createWorld();
      const model = new Model(ORGANIZATIONS, PEOPLE);
      for (const [i, each] of calls.entries()) {
        const answer = answerOf(real(turnOf(instances, i), world, each));
        expect([each, await answer]).toEqual([each, expected(model, each)]);
        expect(world.keys).toHaveLength(model.keys.length);
      }
      await compareStandings(world, model);
    }),
    { ...randomRuns(5), endOnFailure: true },
  );
});

const answerOf = (promise: Promise<unknown>): Promise<Answer> =>
  promise.then(
    () => 'done' as const,
    () => codeOf(promise),
  );

async function principalOf(access: Access, world: World, who: ModelActor): Promise<Principal> {
  const token =
    'key' in who ? (world.keys[who.key]?.secret ?? 'ingam_') : (world.people[who.person]?.token ?? '');
  return access.authenticate({ kind: 'bearer', token }, HOME);
}

async function real(access: Access, world: World, given: Call): Promise<unknown> {
  const organizationId = 'organization' in given ? (world.organizations[given.organization] ?? '') : '';
  const somebody = 'person' in given ? world.people[given.person] : undefined;
  const personId = somebody?.id ?? '';
  if (!('actor' in given)) {
    switch (given.name) {
      case 'signIn': {
        // How failures are slowed down is another matter.
        await scene.database.query('DELETE FROM throttle');
        const signedIn = await access.sessions.signIn(
          { email: somebody?.email ?? '', password: PASSWORD },
          HOME,
        );
        if (somebody !== undefined) somebody.token = signedIn.tokens.accessToken;
        return signedIn;
      }
      case 'addPerson': {
        const input = {
          email: somebody?.email ?? '',
          name: 'Somebody',
          role: given.role,
          trustExisting: true,
        };
        return access.users.add(LOCAL, organizationId, input, HOME);
      }
      case 'close':
        return access.organizations.update(LOCAL, organizationId, { disabled: given.on }, HOME);
      case 'disable':
        return access.people.setDisabled(LOCAL, personId, given.on, HOME);
    }
  }
  const by = await principalOf(access, world, given.actor);
  switch (given.name) {
    case 'users':
      return ownOnly(await access.users.list(by, organizationId), organizationId);
    case 'keys':
      return ownOnly(await access.keys.list(by, organizationId), organizationId);
    case 'events':
      return ownOnly(await access.log.read(by, { organizationId, limit: 1000 }), organizationId);
    case 'organization':
      return access.organizations.get(by, organizationId);
    case 'createKey': {
      const made = await access.keys.create(by, organizationId, KEY, HOME);
      return world.keys.push({ id: made.key.id, secret: made.secret });
    }
    case 'revokeKey':
      return access.keys.revoke(by, organizationId, world.keys[given.key]?.id ?? '', HOME);
    case 'setRole':
      return access.users.setRole(by, organizationId, personId, given.role, HOME);
    case 'removeUser':
      return access.users.remove(by, organizationId, personId, HOME);
    case 'chooseOrganization':
      if (by.kind !== 'user') throw new TypeError('people choose');
      return access.sessions.chooseOrganization(by, organizationId, HOME);
  }
}

function ownOnly(
  rows: readonly { readonly organizationId: string | null }[],
  organizationId: string,
): unknown {
  expect(rows.filter((row) => row.organizationId !== organizationId)).toEqual([]);
  return rows;
}

function expected(model: Model, given: Call): Answer {
  switch (given.name) {
    case 'events':
      return model.readEvents(given.actor, given.organization);
    case 'users':
    case 'keys':
      return model.owners(given.actor, given.organization);
    case 'organization':
      return model.seeOrganization(given.actor, given.organization);
    case 'createKey':
      return model.createKey(given.actor, given.organization);
    case 'revokeKey':
      return model.revokeKey(given.actor, given.organization, given.key);
    case 'setRole':
      return model.setRole(given.actor, given.organization, given.person, given.role);
    case 'removeUser':
      return model.removeUser(given.actor, given.organization, given.person);
    case 'chooseOrganization':
      return model.chooseOrganization(given.actor, given.organization);
    case 'signIn':
      return model.signIn(given.person);
    case 'addPerson':
      return model.addPerson(given.organization, given.person, given.role);
    case 'close':
      model.close(given.organization, given.on);
      return 'done';
    case 'disable':
      model.disable(given.person, given.on);
      return 'done';
  }
}

/** In the end: everybody's credentials, on both instances. */
async function compareStandings(world: World, model: Model): Promise<void> {
  const all: ModelActor[] = [
    ...world.people.map((_, i) => ({ person: i })),
    ...world.keys.map((_, i) => ({ key: i })),
  ];
  for (const who of all) {
    const standing = model.standing(who);
    for (const access of instances) {
      const principal = principalOf(access, world, who);
      if (typeof standing === 'string') {
        expect(await codeOf(principal)).toBe(standing);
        continue;
      }
      const { organization: own, ...rest } = (await principal) as Exclude<Principal, { kind: 'anonymous' }>;
      expect(own?.id ?? null).toBe(
        standing.organization === null ? null : world.organizations[standing.organization],
      );
      expect('role' in rest ? rest.role : null).toBe(standing.role);
    }
  }
}
