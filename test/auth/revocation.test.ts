import { expect, test } from 'vitest';
import { LOCAL, type Access, type Credential, type SignedIn } from '../../src/auth/index.js';
import { codeOf } from './refusal.js';
import { createScene, DAY_MS, HOME, PASSWORD, type Scene } from './scene.js';

/** What is taken away on one instance is gone on every other with its next request. */

const bearer = ({ tokens }: SignedIn): Credential => ({ kind: 'bearer', token: tokens.accessToken });

async function assertOver(instances: readonly Access[], signedIn: SignedIn): Promise<void> {
  for (const access of instances) {
    expect(await codeOf(access.authenticate(bearer(signedIn), HOME))).toBe('invalid_token');
  }
  expect(
    await codeOf(instances[0]?.sessions.refresh(signedIn.tokens.refreshToken, HOME) ?? Promise.resolve()),
  ).toBe('invalid_token');
}

async function assertGood(instances: readonly Access[], signedIn: SignedIn): Promise<void> {
  for (const access of instances) {
    expect(await access.authenticate(bearer(signedIn), HOME)).toEqual(signedIn.principal);
  }
}

async function twoInstances(): Promise<Scene & { readonly both: readonly [Access, Access] }> {
  const scene = await createScene();
  return { ...scene, both: [scene.access, await scene.another()] };
}

test('a session ends by signing out, from another session, or by expiring', async () => {
  await using scene = await twoInstances();
  const [one, other] = scene.both;
  const { owner } = await scene.organization();
  const { email } = owner.principal;
  if (email === null) throw new Error('people have an address');
  const second = await one.sessions.signIn({ email, password: PASSWORD }, HOME);
  const third = await other.sessions.signIn({ email, password: PASSWORD }, HOME);
  expect((await one.sessions.list(owner.principal)).map(({ id }) => id).sort()).toEqual(
    [owner, second, third].map(({ principal }) => principal.sessionId).sort(),
  );

  await other.sessions.signOut(second.principal, HOME);
  await assertOver([one, other], second);
  await assertGood([one, other], owner);

  expect(await other.sessions.end(owner.principal, third.principal.sessionId ?? '', HOME)).toBe(true);
  expect(await one.sessions.end(owner.principal, third.principal.sessionId ?? '', HOME)).toBe(false);
  await assertOver([one, other], third);

  scene.clock.now += 30 * DAY_MS;
  expect(await codeOf(one.sessions.refresh(owner.tokens.refreshToken, HOME))).toBe('invalid_token');
});

test('nobody can end another person’s session', async () => {
  await using scene = await createScene();
  const { organization, owner } = await scene.organization();
  const notary = await scene.user(organization, 'notary');
  const { owner: stranger } = await scene.organization('Another company');
  for (const { principal } of [notary, stranger]) {
    expect(await scene.access.sessions.end(principal, owner.principal.sessionId ?? '', HOME)).toBe(false);
  }
  for (const id of ['', 'ses_\u0000', "' OR '1'='1", 'ses_aaaaaaaaaaaaaaaaaaaa']) {
    expect(await scene.access.sessions.end(owner.principal, id, HOME)).toBe(false);
  }
  await assertGood([scene.access], owner);
});

test('removing a user from their only organization ends their access', async () => {
  await using scene = await twoInstances();
  const [one, other] = scene.both;
  const { organization, owner } = await scene.organization();
  const notary = await scene.user(organization, 'notary');
  await assertGood(scene.both, notary);
  await one.users.remove(owner.principal, organization.id, notary.principal.personId, HOME);
  await assertOver([one, other], notary);
  const { email } = notary.principal;
  expect(await codeOf(other.sessions.signIn({ email: email ?? '', password: PASSWORD }, HOME))).toBe(
    'forbidden',
  );
});

test('removing a user from one of several organizations leaves a session without an organization', async () => {
  await using scene = await twoInstances();
  const [one, other] = scene.both;
  const { organization } = await scene.organization();
  const { organization: second } = await scene.organization('Another company');
  const user = await scene.user(organization, 'notary', 'both@example.com');
  await one.users.add(
    LOCAL,
    second.id,
    { email: 'both@example.com', name: 'Both', role: 'auditor', trustExisting: true },
    HOME,
  );
  await other.users.remove(LOCAL, organization.id, user.principal.personId, HOME);
  expect(await other.authenticate(bearer(user), HOME)).toEqual({
    ...user.principal,
    organization: null,
    role: null,
  });
  expect(await codeOf(one.sessions.chooseOrganization(user.principal, organization.id, HOME))).toBe(
    'organization_not_found',
  );
  await one.sessions.chooseOrganization(user.principal, second.id, HOME);
  expect(await other.authenticate(bearer(user), HOME)).toEqual({
    ...user.principal,
    organization: second,
    role: 'auditor',
  });
});

test('a changed role takes effect at once', async () => {
  await using scene = await twoInstances();
  const [one, other] = scene.both;
  const { organization, owner } = await scene.organization();
  const notary = await scene.user(organization, 'notary');
  await one.users.setRole(owner.principal, organization.id, notary.principal.personId, 'auditor', HOME);
  expect(await other.authenticate(bearer(notary), HOME)).toEqual({ ...notary.principal, role: 'auditor' });
});

test('a disabled person has no access until enabled and signed in again', async () => {
  await using scene = await twoInstances();
  const [one, other] = scene.both;
  const { owner } = await scene.organization();
  const { email, personId } = owner.principal;
  await one.people.setDisabled(LOCAL, personId, true, HOME);
  await assertOver([one, other], owner);
  expect(await codeOf(other.sessions.signIn({ email: email ?? '', password: PASSWORD }, HOME))).toBe(
    'invalid_credentials',
  );
  await one.people.setDisabled(LOCAL, email ?? '', false, HOME);
  await assertOver([one, other], owner);
  await assertGood(scene.both, await other.sessions.signIn({ email: email ?? '', password: PASSWORD }, HOME));
});

test('a disabled organization has no access until it is enabled again', async () => {
  await using scene = await twoInstances();
  const [one, other] = scene.both;
  const { organization, owner } = await scene.organization();
  await one.organizations.update(LOCAL, organization.id, { disabled: true }, HOME);
  for (const access of scene.both) {
    expect(await codeOf(access.authenticate(bearer(owner), HOME))).toBe('invalid_token');
  }
  await other.organizations.update(LOCAL, organization.id, { disabled: false }, HOME);
  await assertGood(scene.both, owner);
});

test('a new password ends all other sessions', async () => {
  await using scene = await twoInstances();
  const [one, other] = scene.both;
  const { owner } = await scene.organization();
  const { email } = owner.principal;
  const second = await other.sessions.signIn({ email: email ?? '', password: PASSWORD }, HOME);
  const next = 'quite another password';
  const changed = await one.sessions.changePassword(owner.principal, { current: PASSWORD, next }, HOME);
  await assertOver([one, other], owner);
  await assertOver([one, other], second);
  await assertGood(scene.both, changed);
  expect(changed.principal).toEqual({ ...owner.principal, sessionId: changed.principal.sessionId });
  expect(await codeOf(one.sessions.signIn({ email: email ?? '', password: PASSWORD }, HOME))).toBe(
    'invalid_credentials',
  );
  await assertGood(scene.both, await other.sessions.signIn({ email: email ?? '', password: next }, HOME));
});
