import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ANONYMOUS_PRINCIPAL,
  LOCAL,
  type Access,
  type AccessErrorCode,
  type Organization,
  type Actor,
  type Scope,
} from '../../src/auth/index.js';
import { createIssuer, type Issuer } from './issuer.js';
import { codeOf } from './refusal.js';
import { createScene, HOME, type Scene } from './scene.js';

/** Who may do what in an organization that has an owner, and in one that has none: every actor with every call. */

const ACTORS = [
  'anonymous',
  'key',
  'auditor',
  'notary',
  'owner',
  'owner elsewhere',
  'operator',
  'owner by oidc',
  'local',
] as const;
type ActorName = (typeof ACTORS)[number];
type Outcome = 'done' | AccessErrorCode;

/** In the order of ACTORS. */
type Row = readonly [Outcome, Outcome, Outcome, Outcome, Outcome, Outcome, Outcome, Outcome, Outcome];

let scene: Scene;
let issuer: Issuer;
let access: Access;
let organization: Organization;
let actors: Readonly<Record<ActorName, Actor>>;
let people = 0;

beforeAll(async () => {
  scene = await createScene();
  const staffed = await scene.organization();
  organization = staffed.organization;
  const elsewhere = await scene.organization('Elsewhere');
  issuer = await createIssuer(
    [{ claimValue: 'legal', role: 'owner', organizationId: organization.id }],
    'roles',
    () => scene.clock.now,
  );
  access = await scene.another({ oidc: issuer.config });
  const scopes: Scope[] = ['notarize', 'read'];
  const { secret } = await access.keys.create(LOCAL, organization.id, { name: 'K', scopes }, HOME);
  const bearer = (token: string) => access.authenticate({ kind: 'bearer', token }, HOME);
  actors = {
    anonymous: ANONYMOUS_PRINCIPAL,
    key: await bearer(secret),
    auditor: (await scene.user(organization, 'auditor')).principal,
    notary: (await scene.user(organization, 'notary')).principal,
    owner: staffed.owner.principal,
    'owner elsewhere': elsewhere.owner.principal,
    operator: (await scene.operator()).principal,
    'owner by oidc': await bearer(issuer.sign({ claims: { roles: ['legal'] } })),
    local: LOCAL,
  };
});

afterAll(async () => {
  await issuer.stop();
  await scene[Symbol.asyncDispose]();
});

const newUser = () => ({ email: `extra${people++}@example.com`, name: 'Extra', role: 'notary' as const });
const addUser = async (to = organization.id) => {
  const { user } = await access.users.add(LOCAL, to, newUser(), HOME);
  return user.person.id;
};
const addKey = async () =>
  (await access.keys.create(LOCAL, organization.id, { name: 'K', scopes: ['read'] }, HOME)).key.id;

type Call = (by: Actor) => Promise<unknown>;

const EVERYBODYS: Row = [
  'unauthenticated',
  'forbidden',
  'forbidden',
  'forbidden',
  'done',
  'organization_not_found',
  'forbidden',
  'done',
  'done',
];
const OF_OWNERS = EVERYBODYS;
/** An operator gets the reason. */
const OF_STAFF: Row = EVERYBODYS.with(6, 'owner_exists') as unknown as Row;
const OF_OPERATORS: Row = [
  'unauthenticated',
  'forbidden',
  'forbidden',
  'forbidden',
  'forbidden',
  'forbidden',
  'done',
  'forbidden',
  'done',
];

const CALLS: Readonly<Record<string, readonly [Row, Call]>> = {
  users: [OF_STAFF, (by) => access.users.list(by, organization.id)],
  addUser: [OF_STAFF, (by) => access.users.add(by, organization.id, newUser(), HOME)],
  inviteAgain: [OF_STAFF, async (by) => access.users.inviteAgain(by, organization.id, await addUser(), HOME)],
  removeUser: [OF_STAFF, async (by) => access.users.remove(by, organization.id, await addUser(), HOME)],
  setRole: [
    OF_OWNERS,
    async (by) => access.users.setRole(by, organization.id, await addUser(), 'auditor', HOME),
  ],
  keys: [OF_OWNERS, (by) => access.keys.list(by, organization.id)],
  createKey: [
    OF_OWNERS,
    (by) => access.keys.create(by, organization.id, { name: 'K', scopes: ['read'] }, HOME),
  ],
  revokeKey: [OF_OWNERS, async (by) => access.keys.revoke(by, organization.id, await addKey(), HOME)],
  createOrganization: [OF_OPERATORS, (by) => access.organizations.create(by, { name: 'New' }, HOME)],
  organizations: [OF_OPERATORS, (by) => access.organizations.list(by, { limit: 10 })],
  updateOrganization: [
    OF_OPERATORS,
    (by) => access.organizations.update(by, organization.id, { name: 'A company' }, HOME),
  ],
  operators: [OF_OPERATORS, (by) => access.people.operators(by)],
  addOperator: [OF_OPERATORS, (by) => access.people.addOperator(by, newUser().email, HOME)],
  removeOperator: [OF_OPERATORS, async (by) => access.people.removeOperator(by, await addUser(), HOME)],
  invitedOperators: [OF_OPERATORS, (by) => access.people.invitedOperators(by)],
  setPersonDisabled: [OF_OPERATORS, async (by) => access.people.setDisabled(by, await addUser(), true, HOME)],
  rotateSigningKey: [OF_OPERATORS, (by) => access.signingKeys.rotate(by, HOME)],
};

async function outcomes(call: Call): Promise<Outcome[]> {
  const seen: Outcome[] = [];
  for (const name of ACTORS) {
    const promise = call(actors[name]);
    seen.push(
      await promise.then(
        () => 'done' as const,
        () => codeOf(promise),
      ),
    );
  }
  return seen;
}

describe('in an organization with an owner', () => {
  test.each(Object.entries(CALLS))('%s', async (_, [expected, call]) => {
    expect(await outcomes(call)).toEqual(expected);
  });

  test('everybody who acts for an organization can read it, and no other', async () => {
    const own: Row = [
      'organization_not_found',
      'done',
      'done',
      'done',
      'done',
      'organization_not_found',
      'done',
      'done',
      'done',
    ];
    expect(await outcomes((by) => access.organizations.get(by, organization.id))).toEqual(own);
  });
});

test('an operator can only add the owner of an organization without one', async () => {
  const fresh = await access.organizations.create(LOCAL, { name: 'Fresh' }, HOME);
  const operator = actors.operator;
  const owner = { ...newUser(), role: 'owner' as const };
  for (const role of ['notary', 'auditor'] as const) {
    expect(await codeOf(access.users.add(operator, fresh.id, { ...newUser(), role }, HOME))).toBe(
      'forbidden',
    );
  }
  // Mistyped; taken back.
  const { user: wrong } = await access.users.add(operator, fresh.id, { ...newUser(), role: 'owner' }, HOME);
  await access.users.remove(operator, fresh.id, wrong.person.id, HOME);
  const { user } = await access.users.add(operator, fresh.id, owner, HOME);
  const { token } = await access.users.inviteAgain(operator, fresh.id, user.person.id, HOME);
  expect((await access.users.list(operator, fresh.id)).map(({ person }) => person.email)).toEqual([
    owner.email,
  ]);
  expect(await codeOf(access.users.setRole(operator, fresh.id, user.person.id, 'notary', HOME))).toBe(
    'forbidden',
  );
  expect(await codeOf(access.keys.create(operator, fresh.id, { name: 'K', scopes: ['read'] }, HOME))).toBe(
    'forbidden',
  );
  const { principal } = await access.invitations.redeem(token, { password: 'a good password' }, HOME);
  expect(principal).toMatchObject({ organization: { id: fresh.id }, role: 'owner' });
  expect(await codeOf(access.users.add(operator, fresh.id, { ...newUser(), role: 'owner' }, HOME))).toBe(
    'owner_exists',
  );
  expect(await codeOf(access.users.list(operator, fresh.id))).toBe('owner_exists');
});

test('missing organizations and malformed ids are answered like foreign organizations', async () => {
  const ids = ['org_aaaaaaaaaaaaaaaaaaaa', '', 'org_', "' OR '1'='1", '\u0000', 'a'.repeat(10_000)];
  for (const id of ids) {
    for (const by of [actors.owner, actors.operator, LOCAL]) {
      expect(await codeOf(access.organizations.get(by, id))).toBe('organization_not_found');
      expect(await codeOf(access.users.list(by, id))).toBe('organization_not_found');
    }
    expect(await codeOf(access.organizations.update(LOCAL, id, { name: 'x' }, HOME))).toBe(
      'organization_not_found',
    );
    expect(await codeOf(access.keys.list(actors.owner, id))).toBe('organization_not_found');
    expect(await codeOf(access.keys.revoke(LOCAL, id, '0'.repeat(16), HOME))).toBe('key_not_found');
    expect(await codeOf(access.keys.revoke(actors.owner, organization.id, id, HOME))).toBe('key_not_found');
    expect(await codeOf(access.users.remove(actors.owner, organization.id, id, HOME))).toBe('user_not_found');
  }
  expect(await access.organizations.list(LOCAL, { after: '\u0000', limit: 1 })).toHaveLength(1);
});

test('an organization keeps its last owner, and the service its last operator', async () => {
  const { organization: own, owner } = await scene.organization('Own');
  const { principal } = owner;
  const me = principal.personId;
  expect(await codeOf(access.users.remove(principal, own.id, me, HOME))).toBe('last_owner');
  expect(await codeOf(access.users.setRole(principal, own.id, me, 'auditor', HOME))).toBe('last_owner');
  // One who is only invited is none yet.
  const { user } = await access.users.add(principal, own.id, { ...newUser(), role: 'owner' }, HOME);
  expect(await codeOf(access.users.remove(LOCAL, own.id, me, HOME))).toBe('last_owner');
  const { token } = await access.users.inviteAgain(principal, own.id, user.person.id, HOME);
  const { principal: second } = await access.invitations.redeem(token, { password: 'a good password' }, HOME);
  // Both step down at one moment: one of them stays.
  const steps = await Promise.allSettled([
    access.users.setRole(principal, own.id, me, 'notary', HOME),
    access.users.setRole(second, own.id, second.personId, 'notary', HOME),
  ]);
  expect(steps.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);

  const last = actors.operator.kind === 'user' ? actors.operator.personId : '';
  expect(await codeOf(access.people.removeOperator(LOCAL, last, HOME))).toBe('last_operator');
  expect(await codeOf(access.people.setDisabled(actors.operator, last, true, HOME))).toBe('last_operator');
});
