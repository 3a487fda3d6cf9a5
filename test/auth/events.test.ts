import { expect, test } from 'vitest';
import { eventOf, LOCAL, type AccessEvent, type EventKind } from '../../src/auth/index.js';
import { codeOf } from './refusal.js';
import { createScene, HOME, PASSWORD, type Scene } from './scene.js';

// What is disposed of with a scene is also looked through for secrets: see scene.ts.

const CLIENT = { address: '198.51.100.9', agent: 'Mozilla/5.0' };

/** Does something, and answers the events that it left, oldest first. */
async function left(scene: Scene, act: () => Promise<unknown>): Promise<AccessEvent[]> {
  await scene.newEvents();
  const result = await act().catch((error: unknown) => error);
  const kinds = await scene.newEvents();
  if (kinds.length === 0) return [];
  const events = await scene.access.log.read(LOCAL, { limit: kinds.length });
  expect(events.map(({ kind }) => kind)).toEqual(kinds.toReversed());
  expect(result).toBeDefined();
  return events.toReversed();
}

async function kindsOf(scene: Scene, act: () => Promise<unknown>): Promise<EventKind[]> {
  return (await left(scene, async () => (await act()) ?? null)).map(({ kind }) => kind);
}

test('each change is logged once, and what changes nothing is not logged', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const kinds = (act: () => Promise<unknown>) => kindsOf(scene, act);

  let link = '';
  expect(await kinds(async () => (link = (await access.invitations.setUpLink())?.token ?? ''))).toEqual([
    'invitation_made',
  ]);
  const operating = { email: 'operator@example.com', password: PASSWORD };
  expect(await kinds(() => access.invitations.redeem(link, operating, CLIENT))).toEqual([
    'operator_created',
    'sign_in',
  ]);
  expect(await kinds(() => access.invitations.setUpLink())).toEqual([]);
  const { principal: operator } = await access.sessions.signIn(operating, CLIENT);

  const organization = await access.organizations.create(operator, { name: 'A' }, CLIENT);
  expect(await kinds(() => access.organizations.create(operator, { name: 'B' }, CLIENT))).toEqual([
    'organization_created',
  ]);
  const change = (given: object) =>
    kinds(() => access.organizations.update(operator, organization.id, given, CLIENT));
  expect(await change({ name: 'C', limits: { digestsPerDay: 5 } })).toEqual(['organization_changed']);
  expect(await change({ disabled: true })).toEqual(['organization_disabled']);
  expect(await change({ disabled: false })).toEqual(['organization_enabled']);

  const invited = { email: 'owner@example.com', name: 'Owner', role: 'owner' } as const;
  let token = '';
  const add = async () => {
    const { invitation } = await access.users.add(operator, organization.id, invited, CLIENT);
    token = invitation?.token ?? '';
  };
  expect(await kinds(add)).toEqual(['user_added', 'invitation_made']);
  expect(await kinds(() => codeOf(add()))).toEqual([]);
  expect(await kinds(() => access.invitations.inspect(token))).toEqual([]);
  expect(await kinds(() => access.invitations.redeem(token, { password: PASSWORD }, CLIENT))).toEqual([
    'invitation_accepted',
    'sign_in',
  ]);
  expect(await kinds(() => codeOf(access.invitations.redeem(token, { password: PASSWORD }, CLIENT)))).toEqual(
    [],
  );

  const { principal: owner, tokens } = await access.sessions.signIn(
    { email: invited.email, password: PASSWORD },
    CLIENT,
  );
  expect(await kinds(() => access.sessions.refresh(tokens.refreshToken, CLIENT))).toEqual([]);
  scene.clock.now += 60_000;
  expect(await kinds(() => codeOf(access.sessions.refresh(tokens.refreshToken, CLIENT)))).toEqual([
    'refresh_token_reused',
  ]);
  const signIn = (password: string) => access.sessions.signIn({ email: invited.email, password }, CLIENT);
  expect(await kinds(() => signIn(PASSWORD))).toEqual(['sign_in']);
  expect(await kinds(() => codeOf(signIn('wrong wrong wrong')))).toEqual(['sign_in_failed']);
  const { principal } = await signIn(PASSWORD);
  expect(await kinds(() => access.sessions.signOut(principal, CLIENT))).toEqual(['sign_out']);
  expect(await kinds(() => access.sessions.signOut(principal, CLIENT))).toEqual([]);
  const [session] = await access.sessions.list(owner);
  expect(await kinds(() => access.sessions.end(owner, session?.id ?? '', CLIENT))).toEqual(['session_ended']);

  const notary = await scene.user(organization, 'notary');
  const { personId } = notary.principal;
  const setRole = () => access.users.setRole(owner, organization.id, personId, 'auditor', CLIENT);
  expect(await kinds(setRole)).toEqual(['role_changed']);
  expect(await kinds(setRole)).toEqual([]);
  expect(await kinds(() => access.users.inviteAgain(owner, organization.id, personId, CLIENT))).toEqual([
    'invitation_made',
  ]);
  const password = { current: PASSWORD, next: 'another password' };
  expect(await kinds(() => access.sessions.changePassword(notary.principal, password, CLIENT))).toEqual([
    'password_set',
    'sign_in',
  ]);
  expect(await kinds(() => access.users.remove(owner, organization.id, personId, CLIENT))).toEqual([
    'user_removed',
  ]);
  expect(await kinds(() => codeOf(access.users.remove(owner, organization.id, personId, CLIENT)))).toEqual(
    [],
  );

  let keyId = '';
  const createKey = async () => {
    keyId = (await access.keys.create(owner, organization.id, { name: 'K', scopes: ['read'] }, CLIENT)).key
      .id;
  };
  expect(await kinds(createKey)).toEqual(['key_created']);
  expect(await kinds(() => access.keys.revoke(owner, organization.id, keyId, CLIENT))).toEqual([
    'key_revoked',
  ]);
  expect(await kinds(() => codeOf(access.keys.revoke(owner, organization.id, keyId, CLIENT)))).toEqual([]);

  const disable = (off: boolean) => kinds(() => access.people.setDisabled(operator, personId, off, CLIENT));
  expect(await disable(true)).toEqual(['person_disabled']);
  expect(await disable(false)).toEqual(['person_enabled']);
  let operatorToken = '';
  const addOperator = async () => {
    const { invitation } = await access.people.addOperator(operator, personId, CLIENT);
    operatorToken = invitation?.token ?? '';
  };
  expect(await kinds(addOperator)).toEqual(['invitation_made']);
  const redeemAsOperator = () =>
    access.invitations.redeem(operatorToken, { password: 'another password' }, CLIENT);
  expect(await kinds(redeemAsOperator)).toEqual(['operator_changed', 'sign_in']);
  expect(await kinds(addOperator)).toEqual([]);
  expect(await kinds(() => access.people.removeOperator(operator, personId, CLIENT))).toEqual([
    'operator_changed',
  ]);
  const trusted = { trustExisting: true };
  expect(await kinds(() => access.people.addOperator(LOCAL, personId, CLIENT, trusted))).toEqual([
    'operator_changed',
  ]);
  const { invitation: replacing } = await access.people.addOperator(LOCAL, 'new@example.com', CLIENT);
  const replace = { password: PASSWORD };
  expect(await kinds(() => access.invitations.redeem(replacing?.token ?? '', replace, CLIENT))).toEqual([
    'operator_changed',
    'sign_in',
  ]);
  const place = { ...invited, email: 'new@example.com', role: 'notary' } as const;
  const { invitation: joining } = await access.users.add(LOCAL, organization.id, place, CLIENT);
  const rejoin = { password: 'another password', replacesPassword: true };
  expect(await kinds(() => access.invitations.redeem(joining?.token ?? '', rejoin, CLIENT))).toEqual([
    'password_set',
    'invitation_accepted',
    'sign_in',
  ]);
  expect(await kinds(() => access.people.resetPassword(LOCAL, 'new@example.com', CLIENT))).toEqual([
    'invitation_made',
  ]);
  expect(await kinds(() => access.signingKeys.rotate(operator, CLIENT))).toEqual(['signing_key_rotated']);
  const published = eventOf(owner, CLIENT, scene.clock.now, 'details_published', { detail: { position: 1 } });
  expect(await kinds(() => access.log.append(published))).toEqual(['details_published']);
});

test('an event names the actor, the address, the organization and the details; commands on the machine have no address', async () => {
  await using scene = await createScene();
  const { access, clock } = scene;
  const { organization, owner } = await scene.organization();
  const { personId } = owner.principal;
  const facts = {
    at: clock.now,
    organizationId: organization.id,
    personId,
    keyId: null,
    address: CLIENT.address,
  };
  const input = { name: 'K', scopes: ['notarize', 'read'], networks: ['10.0.0.0/8'] };
  const [made] = await left(scene, () => access.keys.create(owner.principal, organization.id, input, CLIENT));
  const [key] = await access.keys.list(LOCAL, organization.id);
  expect(made).toMatchObject({
    ...facts,
    kind: 'key_created',
    keyId: key?.id,
    detail: { name: 'K', scopes: 'notarize read', networks: '10.0.0.0/8' },
  });
  const [revoked] = await left(scene, async () => {
    await access.keys.revoke(LOCAL, organization.id, key?.id ?? '', CLIENT);
    return null;
  });
  expect(revoked).toMatchObject({
    ...facts,
    kind: 'key_revoked',
    keyId: key?.id,
    personId: null,
    address: null,
  });
  const email = owner.principal.email ?? '';
  const [failed] = await left(scene, () =>
    access.sessions.signIn({ email, password: 'wrong wrong wrong' }, CLIENT),
  );
  expect(failed).toMatchObject({ ...facts, kind: 'sign_in_failed', detail: { during: 'sign_in' } });
});

test('a failed sign-in with an unknown address does not log what was typed', async () => {
  await using scene = await createScene();
  const typed = 'hunter2@secret-that-was-typed.example';
  const events = await left(scene, () =>
    scene.access.sessions.signIn({ email: typed, password: PASSWORD }, CLIENT),
  );
  expect(events).toMatchObject([{ kind: 'sign_in_failed', personId: null, organizationId: null }]);
  const everything = await scene.database.query<{ row: string }>(
    'SELECT access_event::text AS row FROM access_event UNION ALL SELECT throttle::text FROM throttle',
  );
  expect(everything.filter(({ row }) => row.includes('hunter2'))).toEqual([]);
});

test('a blocked sign-in is logged once for each delay', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const input = { email: 'nobody@example.com', password: 'wrong wrong wrong' };
  const fail = () => kindsOf(scene, () => codeOf(access.sessions.signIn(input, CLIENT)));
  for (let i = 0; i < 6; i++) {
    expect(await fail()).toEqual(['sign_in_failed']);
  }
  await scene.database.query(
    'UPDATE throttle SET blocked_until = blocked_until + 600000 WHERE blocked_until > 0',
  );
  expect(await fail()).toEqual(['sign_in_blocked']);
  const other = await scene.another();
  expect(await kindsOf(scene, () => codeOf(other.sessions.signIn(input, CLIENT)))).toEqual([]);
  expect(await fail()).toEqual([]);
});

test('an owner or auditor reads the events of the organization, an operator all, and nobody else any', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const mine = await scene.organization('Mine');
  const theirs = await scene.organization('Theirs');
  const notary = await scene.user(mine.organization, 'notary');
  const auditor = await scene.user(mine.organization, 'auditor');
  const operator = await scene.operator();
  const { secret } = await access.keys.create(
    LOCAL,
    mine.organization.id,
    { name: 'K', scopes: ['read'] },
    HOME,
  );
  const key = await access.authenticate({ kind: 'bearer', token: secret }, HOME);

  const own = await access.log.read(mine.owner.principal, { limit: 1000 });
  expect(own.length).toBeGreaterThan(5);
  expect(new Set(own.map(({ organizationId }) => organizationId))).toEqual(new Set([mine.organization.id]));
  expect(
    await access.log.read(mine.owner.principal, { organizationId: mine.organization.id, limit: 1000 }),
  ).toEqual(own);
  for (const organizationId of [theirs.organization.id, 'org_aaaaaaaaaaaaaaaaaaaa', '', "' OR '1'='1"]) {
    expect(await codeOf(access.log.read(mine.owner.principal, { organizationId, limit: 10 }))).toBe(
      'organization_not_found',
    );
  }
  const all = await access.log.read(operator.principal, { limit: 1000 });
  expect(all).toEqual(await access.log.read(LOCAL, { limit: 1000 }));
  expect(new Set(all.map(({ organizationId }) => organizationId))).toEqual(
    new Set([null, mine.organization.id, theirs.organization.id]),
  );
  const audited = await access.log.read(auditor.principal, { limit: 1000 });
  expect(audited.map(({ id }) => id)).toEqual(expect.arrayContaining(own.map(({ id }) => id)));
  expect(new Set(audited.map(({ organizationId }) => organizationId))).toEqual(
    new Set([mine.organization.id]),
  );
  for (const principal of [notary.principal, key]) {
    expect(await codeOf(access.log.read(principal, { limit: 10 }))).toBe('forbidden');
  }
  expect(await codeOf(access.log.read({ kind: 'anonymous' }, { limit: 10 }))).toBe('unauthenticated');

  // Filters and paging, newest first.
  const ids = own.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted((a, b) => b - a));
  const page = await access.log.read(mine.owner.principal, { before: ids[2] ?? 0, limit: 2 });
  expect(page.map(({ id }) => id)).toEqual(ids.slice(3, 5));
  const made = await access.log.read(operator.principal, { kinds: ['user_added'], limit: 100 });
  expect(made.map(({ kind }) => kind)).toEqual(Array(4).fill('user_added'));
  const { personId } = notary.principal;
  const by = await access.log.read(operator.principal, { personId, limit: 100 });
  expect(by.map(({ kind }) => kind)).toEqual(['sign_in', 'invitation_accepted']);
  for (const odd of [{ personId: 'a\u0000' }, { organizationId: '\u0000' }, { kinds: ['x' as EventKind] }]) {
    expect(await access.log.read(LOCAL, { ...odd, limit: 10 })).toEqual([]);
  }
});
