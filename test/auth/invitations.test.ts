import { expect, test } from 'vitest';
import {
  LOCAL,
  type Credential,
  type InvitationLink,
  type Role,
  type SignedIn,
} from '../../src/auth/index.js';
import { codeOf } from './refusal.js';
import { createScene, DAY_MS, HOME, PASSWORD, turnOf, type Scene } from './scene.js';

const OTHERS = 'somebody else’s password';
const bearer = ({ tokens }: SignedIn): Credential => ({ kind: 'bearer', token: tokens.accessToken });

const tokenOf = ({ invitation }: { readonly invitation: InvitationLink | null }): string => {
  if (invitation === null) throw new Error('an invitation was expected');
  return invitation.token;
};

const person = (email: string, role: Role = 'notary') => ({ email, name: 'Somebody', role });

test('the first person with the set-up link becomes the operator, and nobody after', async () => {
  await using scene = await createScene();
  const both = [scene.access, await scene.another()];
  const [one, other] = [turnOf(both, 0), turnOf(both, 1)];
  const earlier = (await one.invitations.setUpLink())?.token ?? '';
  const token = (await other.invitations.setUpLink())?.token ?? '';
  expect(
    await codeOf(one.invitations.redeem(earlier, { email: 'a@example.com', password: PASSWORD }, HOME)),
  ).toBe('invalid_invitation');
  expect(await one.invitations.inspect(token)).toEqual({
    email: null,
    name: null,
    firstOperator: true,
    operator: true,
    organization: null,
    password: 'new',
    memberships: [],
  });
  expect(await codeOf(one.invitations.redeem(token, { password: PASSWORD }, HOME))).toBe('invalid_email');
  expect(
    await codeOf(one.invitations.redeem(token, { email: 'a@example.com', password: 'short' }, HOME)),
  ).toBe('invalid_password');
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, i) =>
      turnOf(both, i).invitations.redeem(
        token,
        { email: `operator${i}@example.com`, name: 'Op', password: PASSWORD },
        HOME,
      ),
    ),
  );
  const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  expect(won).toHaveLength(1);
  expect(won[0]?.principal).toMatchObject({ operator: true, organization: null, role: null, name: 'Op' });
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'invalid_invitation' });
  }
  expect(await one.people.operators(LOCAL)).toHaveLength(1);
  expect(await Promise.all(both.map((access) => access.invitations.setUpLink()))).toEqual([null, null]);
  expect(await codeOf(one.invitations.inspect(token))).toBe('invalid_invitation');
});

test('there is no set-up link while somebody is invited to become the operator', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const open = (await access.invitations.setUpLink())?.token ?? '';
  await access.people.addOperator(LOCAL, 'named@example.com', HOME);
  expect(await codeOf(access.invitations.inspect(open))).toBe('invalid_invitation');
  expect(await access.invitations.setUpLink()).toBeNull();
  expect((await access.people.invitedOperators(LOCAL)).map(({ email }) => email)).toEqual([
    'named@example.com',
  ]);
  // Withdrawn, or expired.
  await access.people.removeOperator(LOCAL, 'named@example.com', HOME);
  expect(await access.invitations.setUpLink()).not.toBeNull();
  await access.people.addOperator(LOCAL, 'named@example.com', HOME);
  scene.clock.now += 7 * DAY_MS;
  expect(await access.invitations.setUpLink()).not.toBeNull();
});

test('the set-up link expires after a day', async () => {
  await using scene = await createScene();
  const token = (await scene.access.invitations.setUpLink())?.token ?? '';
  scene.clock.now += DAY_MS;
  expect(await codeOf(scene.access.invitations.inspect(token))).toBe('invalid_invitation');
  expect(
    await codeOf(
      scene.access.invitations.redeem(token, { email: 'a@example.com', password: PASSWORD }, HOME),
    ),
  ).toBe('invalid_invitation');
});

test('the configured operator is created once, however many instances start', async () => {
  await using scene = await createScene();
  const operator = { email: 'Root@Example.com', password: PASSWORD };
  await Promise.all([scene.another({ operator }), scene.another({ operator }), scene.another({ operator })]);
  await scene.another({ operator: { email: 'late@example.com', password: PASSWORD } });
  expect((await scene.access.people.operators(LOCAL)).map(({ email }) => email)).toEqual([
    'root@example.com',
  ]);
  const { principal } = await scene.access.sessions.signIn(operator, HOME);
  expect(principal.operator).toBe(true);
  expect((await scene.newEvents()).filter((kind) => kind === 'operator_created')).toHaveLength(1);
});

test('an invitation works once, for a week, and only the latest one', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { organization, owner } = await scene.organization();
  const added = await access.users.add(owner.principal, organization.id, person('new@example.com'), HOME);
  const first = tokenOf(added);
  expect(added.user).toMatchObject({
    role: 'notary',
    acceptedAt: null,
    person: { email: 'new@example.com' },
  });
  const { token } = await access.users.inviteAgain(
    owner.principal,
    organization.id,
    added.user.person.id,
    HOME,
  );
  expect(await codeOf(access.invitations.inspect(first))).toBe('invalid_invitation');
  expect(await access.invitations.inspect(token)).toEqual({
    email: 'new@example.com',
    name: 'Somebody',
    firstOperator: false,
    operator: false,
    organization: { id: organization.id, name: organization.name },
    password: 'new',
    memberships: [],
  });
  const both = [access, await scene.another()];
  const outcomes = await Promise.allSettled(
    Array.from({ length: 8 }, (_, i) =>
      turnOf(both, i).invitations.redeem(token, { name: 'New', password: PASSWORD }, HOME),
    ),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await codeOf(access.invitations.redeem(token, { password: PASSWORD }, HOME))).toBe(
    'invalid_invitation',
  );
  const { principal } = await access.sessions.signIn({ email: 'new@example.com', password: PASSWORD }, HOME);
  expect(principal).toMatchObject({ organization, role: 'notary', name: 'New' });

  const late = tokenOf(
    await access.users.add(owner.principal, organization.id, person('late@example.com'), HOME),
  );
  scene.clock.now += 7 * DAY_MS;
  expect(await codeOf(access.invitations.redeem(late, { password: PASSWORD }, HOME))).toBe(
    'invalid_invitation',
  );
  for (const wrong of ['', 'x', `${late}A`, 'A'.repeat(43), '\u0000'.repeat(43), 'A'.repeat(1 << 20)]) {
    expect(await codeOf(access.invitations.inspect(wrong))).toBe('invalid_invitation');
    expect(await codeOf(access.invitations.redeem(wrong, { password: PASSWORD }, HOME))).toBe(
      'invalid_invitation',
    );
  }
});

test('an invitation is void after the user is removed or the person is disabled', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { organization, owner } = await scene.organization();
  const removed = await access.users.add(owner.principal, organization.id, person('a@example.com'), HOME);
  await access.users.remove(owner.principal, organization.id, removed.user.person.id, HOME);
  expect(await codeOf(access.invitations.redeem(tokenOf(removed), { password: PASSWORD }, HOME))).toBe(
    'invalid_invitation',
  );
  const disabled = await access.users.add(owner.principal, organization.id, person('b@example.com'), HOME);
  await access.people.setDisabled(LOCAL, disabled.user.person.id, true, HOME);
  expect(await codeOf(access.invitations.redeem(tokenOf(disabled), { password: PASSWORD }, HOME))).toBe(
    'invalid_invitation',
  );
});

/**
 * Addresses are not proved, so whoever invites one first can have taken it for themselves. That opens their own organization to them and
 * no other.
 */
async function twoOrganizations(scene: Scene) {
  const mine = await scene.organization('Mine');
  const theirs = await scene.organization('Theirs');
  const email = 'auditor@example.com';
  return { mine, theirs, email };
}

test('a password set in another organization gives no access here without accepting the invitation', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { mine, theirs, email } = await twoOrganizations(scene);
  // The owner of the other organization invites the auditor and keeps the link.
  const kept = tokenOf(
    await access.users.add(theirs.owner.principal, theirs.organization.id, person(email), HOME),
  );
  const taken = await access.invitations.redeem(kept, { password: OTHERS }, HOME);
  // We invite the auditor.
  const { user, invitation } = await access.users.add(
    mine.owner.principal,
    mine.organization.id,
    person(email),
    HOME,
  );
  const token = tokenOf({ invitation });
  expect([user.acceptedAt, user.person.name]).toEqual([null, 'Somebody']);
  const places = async () =>
    (await access.sessions.memberships(taken.principal)).map(({ organization }) => organization.id);
  expect(await places()).toEqual([theirs.organization.id]);
  expect(await codeOf(access.sessions.chooseOrganization(taken.principal, mine.organization.id, HOME))).toBe(
    'organization_not_found',
  );
  expect(
    await codeOf(
      access.sessions.signIn({ email, password: OTHERS, organization: mine.organization.id }, HOME),
    ),
  ).toBe('organization_not_found');
  // The real auditor comes with our link, and finds that somebody has chosen a password already.
  expect(await access.invitations.inspect(token)).toMatchObject({ email, password: 'own' });
  expect(await codeOf(access.invitations.redeem(token, { password: PASSWORD }, HOME))).toBe(
    'invalid_credentials',
  );
  expect(await places()).toEqual([theirs.organization.id]);
  // The machine gives the address back; the one who had taken it is out.
  const { token: reset } = await access.people.resetPassword(LOCAL, email, HOME);
  await access.invitations.redeem(reset, { password: PASSWORD }, HOME);
  expect(await codeOf(access.authenticate(bearer(taken), HOME))).toBe('invalid_token');
  const joined = await access.invitations.redeem(token, { password: PASSWORD }, HOME);
  expect(joined.principal).toMatchObject({ organization: mine.organization, role: 'notary' });
});

test('a person with a password joins with it and keeps name and sessions, and nobody else can use the link', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { mine, theirs, email } = await twoOrganizations(scene);
  const before = await scene.user(theirs.organization, 'owner', email);
  const added = await access.users.add(
    mine.owner.principal,
    mine.organization.id,
    person(email, 'auditor'),
    HOME,
  );
  const token = tokenOf(added);
  await scene.newEvents();
  expect(await codeOf(access.invitations.redeem(token, { name: 'Mallory', password: OTHERS }, HOME))).toBe(
    'invalid_credentials',
  );
  const joined = await access.invitations.redeem(token, { name: 'Mallory', password: PASSWORD }, HOME);
  expect(await scene.newEvents()).toEqual(['sign_in_failed', 'invitation_accepted', 'sign_in']);
  expect(joined.principal).toMatchObject({
    name: 'Somebody',
    organization: mine.organization,
    role: 'auditor',
  });
  expect(await access.authenticate(bearer(before), HOME)).toEqual(before.principal);
});

test('of two open invitations, the first sets the password and the second asks for it', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { mine, theirs, email } = await twoOrganizations(scene);
  const ours = tokenOf(
    await access.users.add(mine.owner.principal, mine.organization.id, person(email), HOME),
  );
  const others = tokenOf(
    await access.users.add(theirs.owner.principal, theirs.organization.id, person(email), HOME),
  );
  expect((await access.invitations.inspect(others)).password).toBe('new');
  await access.invitations.redeem(ours, { password: PASSWORD }, HOME);
  expect((await access.invitations.inspect(others)).password).toBe('own');
  expect(await codeOf(access.invitations.redeem(others, { password: OTHERS }, HOME))).toBe(
    'invalid_credentials',
  );
  await access.invitations.redeem(others, { password: PASSWORD }, HOME);

  // At one moment, with different passwords: one of them counts, and the other one does not come in with another.
  const third = await scene.organization('Third');
  const fourth = await scene.organization('Fourth');
  const links = await Promise.all(
    [third, fourth].map(({ organization, owner }) =>
      access.users.add(owner.principal, organization.id, person('race@example.com'), HOME),
    ),
  );
  const outcomes = await Promise.allSettled(
    links.map((link, i) => access.invitations.redeem(tokenOf(link), { password: `${PASSWORD} ${i}` }, HOME)),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('an owner can reset the password only of people who belong to no other organization', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { mine, theirs, email } = await twoOrganizations(scene);
  const user = await scene.user(mine.organization, 'notary', email);
  const again = () =>
    access.users.inviteAgain(mine.owner.principal, mine.organization.id, user.principal.personId, HOME);

  const { token } = await again();
  expect((await access.invitations.inspect(token)).password).toBe('new');
  await scene.newEvents();
  await access.invitations.redeem(token, { password: OTHERS }, HOME);
  expect(await scene.newEvents()).toEqual(['password_set', 'sign_in']);
  expect(await codeOf(access.authenticate(bearer(user), HOME))).toBe('invalid_token');

  // Made while they had this organization alone, used when they have another.
  const { token: stale } = await again();
  const trusted = { ...person(email), trustExisting: true };
  await access.users.add(LOCAL, theirs.organization.id, trusted, HOME);
  expect(await codeOf(access.invitations.redeem(stale, { password: PASSWORD }, HOME))).toBe(
    'invalid_invitation',
  );
  expect(await codeOf(again())).toBe('forbidden');
  // The machine can, for anybody.
  const { token: machines } = await access.users.inviteAgain(
    LOCAL,
    mine.organization.id,
    user.principal.personId,
    HOME,
  );
  await access.invitations.redeem(machines, { password: PASSWORD }, HOME);
});

test('an owner cannot reset an operator’s password', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { organization, owner } = await scene.organization();
  const operator = await scene.operator();
  const email = operator.principal.email ?? '';
  const token = tokenOf(await access.users.add(owner.principal, organization.id, person(email), HOME));
  expect(await codeOf(access.invitations.redeem(token, { password: OTHERS }, HOME))).toBe(
    'invalid_credentials',
  );
  await access.invitations.redeem(token, { password: PASSWORD }, HOME);
  expect(
    await codeOf(
      access.users.inviteAgain(owner.principal, organization.id, operator.principal.personId, HOME),
    ),
  ).toBe('forbidden');
  // Nor that of somebody who has become one since the invitation.
  const kept = tokenOf(
    await access.users.add(owner.principal, organization.id, person('next@example.com'), HOME),
  );
  const made = await access.people.addOperator(operator.principal, 'next@example.com', HOME);
  const { principal } = await access.invitations.redeem(tokenOf(made), { password: PASSWORD }, HOME);
  expect(principal.operator).toBe(true);
  expect(await codeOf(access.invitations.redeem(kept, { password: OTHERS }, HOME))).toBe(
    'invalid_credentials',
  );
});
