import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOCAL, ROLES, type Access, type Principal } from '../../src/auth/index.js';
import { Model, type Answer, type ModelActor } from './model.js';
import { codeOf } from './refusal.js';
import { createScene, HOME, PASSWORD, turnOf, type Scene } from './scene.js';

/** Random people in random accounts call whatever there is, on two instances; each answer is the model's. */

const ACCOUNTS = 3;
const PEOPLE = 4;

const account = fc.nat(ACCOUNTS - 1);
const person = fc.nat(PEOPLE - 1);
const key = fc.nat(ACCOUNTS + 1);
const role = fc.constantFrom(...ROLES);
const rarely = fc.constantFrom(true, false, false, false);
const actor: fc.Arbitrary<ModelActor> = fc.oneof(fc.record({ person }), fc.record({ key }));
/** Half of the time somebody in the account that they began with, so that much is done. */
const somewhere = fc.oneof(
  account.map((own) => ({ actor: { person: own }, account: own })),
  fc.record({ actor, account }),
);
const within = <R extends object>(rest: fc.Arbitrary<R>) =>
  fc.tuple(somewhere, rest).map(([place, more]) => ({ ...place, ...more }));
const call = fc.oneof(
  within(fc.record({ name: fc.constantFrom('users', 'keys', 'events', 'account') })),
  within(fc.record({ name: fc.constant('createKey') })),
  within(fc.record({ name: fc.constant('revokeKey'), key })),
  within(fc.record({ name: fc.constant('setRole'), person, role })),
  within(fc.record({ name: fc.constant('removeUser'), person })),
  fc.record({ name: fc.constant('chooseAccount'), actor: fc.record({ person }), account }),
  fc.record({ name: fc.constant('signIn'), person }),
  fc.record({ name: fc.constant('addPerson'), account, person, role }),
  fc.record({ name: fc.constant('close'), account, on: rarely }),
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
  readonly accounts: readonly string[];
  readonly people: readonly { readonly id: string; readonly email: string; token: string }[];
  readonly keys: { readonly id: string; readonly secret: string }[];
}

const KEY = { name: 'K', scopes: ['notarize', 'read'] };
let runs = 0;

/** Each account with its owner and a key; the last person has one that is closed. */
async function createWorld(): Promise<World> {
  const run = runs++;
  const accounts: string[] = [];
  const people: { id: string; email: string; token: string }[] = [];
  for (let i = 0; i < PEOPLE; i++) {
    const made = await scene.access.createAccount(LOCAL, { name: `Account ${i}` }, HOME);
    const email = `person${i}@run${run}.example`;
    const { principal, tokens } = await scene.user(made, 'owner', email);
    people.push({ id: principal.personId, email, token: tokens.accessToken });
    if (i < ACCOUNTS) accounts.push(made.id);
    else await scene.access.updateAccount(LOCAL, made.id, { disabled: true }, HOME);
  }
  const keys = accounts.map(async (id) => {
    const { key: made, secret } = await scene.access.createKey(LOCAL, id, KEY, HOME);
    return { id: made.id, secret };
  });
  return { accounts, people, keys: await Promise.all(keys) };
}

test('no call crosses accounts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 20, maxLength: 60 }), async (calls) => {
      const world = await createWorld();
      const model = new Model(ACCOUNTS, PEOPLE);
      for (const [i, each] of calls.entries()) {
        const answer = answerOf(real(turnOf(instances, i), world, each));
        expect([each, await answer]).toEqual([each, expected(model, each)]);
        expect(world.keys).toHaveLength(model.keys.length);
      }
      await compareStandings(world, model);
    }),
    { numRuns: 8, endOnFailure: true },
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
  const accountId = 'account' in given ? (world.accounts[given.account] ?? '') : '';
  const somebody = 'person' in given ? world.people[given.person] : undefined;
  const personId = somebody?.id ?? '';
  if (!('actor' in given)) {
    switch (given.name) {
      case 'signIn': {
        // How failures are slowed down is another matter.
        await scene.database.query('DELETE FROM throttle');
        const signedIn = await access.signIn({ email: somebody?.email ?? '', password: PASSWORD }, HOME);
        if (somebody !== undefined) somebody.token = signedIn.tokens.accessToken;
        return signedIn;
      }
      case 'addPerson': {
        const input = { email: somebody?.email ?? '', name: 'Somebody', role: given.role };
        return access.addUser(LOCAL, accountId, input, HOME);
      }
      case 'close':
        return access.updateAccount(LOCAL, accountId, { disabled: given.on }, HOME);
      case 'disable':
        return access.setPersonDisabled(LOCAL, personId, given.on, HOME);
    }
  }
  const by = await principalOf(access, world, given.actor);
  switch (given.name) {
    case 'users':
      return ownOnly(await access.users(by, accountId), accountId);
    case 'keys':
      return ownOnly(await access.keys(by, accountId), accountId);
    case 'events':
      return ownOnly(await access.events(by, { accountId, limit: 1000 }), accountId);
    case 'account':
      return access.account(by, accountId);
    case 'createKey': {
      const made = await access.createKey(by, accountId, KEY, HOME);
      return world.keys.push({ id: made.key.id, secret: made.secret });
    }
    case 'revokeKey':
      return access.revokeKey(by, accountId, world.keys[given.key]?.id ?? '', HOME);
    case 'setRole':
      return access.setRole(by, accountId, personId, given.role, HOME);
    case 'removeUser':
      return access.removeUser(by, accountId, personId, HOME);
    case 'chooseAccount':
      if (by.kind !== 'user') throw new TypeError('people choose');
      return access.chooseAccount(by, accountId, HOME);
  }
}

function ownOnly(rows: readonly { readonly accountId: string | null }[], accountId: string): unknown {
  expect(rows.filter((row) => row.accountId !== accountId)).toEqual([]);
  return rows;
}

function expected(model: Model, given: Call): Answer {
  switch (given.name) {
    case 'users':
    case 'keys':
    case 'events':
      return model.owners(given.actor, given.account);
    case 'account':
      return model.seeAccount(given.actor, given.account);
    case 'createKey':
      return model.createKey(given.actor, given.account);
    case 'revokeKey':
      return model.revokeKey(given.actor, given.account, given.key);
    case 'setRole':
      return model.setRole(given.actor, given.account, given.person, given.role);
    case 'removeUser':
      return model.removeUser(given.actor, given.account, given.person);
    case 'chooseAccount':
      return model.chooseAccount(given.actor, given.account);
    case 'signIn':
      return model.signIn(given.person);
    case 'addPerson':
      return model.addPerson(given.account, given.person, given.role);
    case 'close':
      model.close(given.account, given.on);
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
      const { account: own, ...rest } = (await principal) as Exclude<Principal, { kind: 'anonymous' }>;
      expect(own?.id ?? null).toBe(standing.account === null ? null : world.accounts[standing.account]);
      expect('role' in rest ? rest.role : null).toBe(standing.role);
    }
  }
}
