import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  LOCAL,
  type Credential,
  type InvitationLink,
  type Organization,
  type Role,
  type SignedIn,
} from '../../src/auth/index.js';
import { createIssuer } from './issuer.js';
import { codeOf } from './refusal.js';
import { createScene, HOME, PASSWORD, type Scene, type Staffed } from './scene.js';

// Every way in which what one organization does could touch a person of another: what it learns of them, and what it changes.

const OTHERS = 'somebody else’s password';
const bearer = ({ tokens }: SignedIn): Credential => ({ kind: 'bearer', token: tokens.accessToken });
const tokenOf = ({ invitation }: { readonly invitation: InvitationLink | null }): string => {
  if (invitation === null) throw new Error('an invitation was expected');
  return invitation.token;
};

let scene: Scene;
let mine: Staffed;
let theirs: Staffed;
let people = 0;
beforeAll(async () => {
  scene = await createScene();
  mine = await scene.organization('Mine');
  theirs = await scene.organization('Theirs');
});
afterAll(() => scene[Symbol.asyncDispose]());

const newEmail = () => `somebody${people++}@example.com`;
const invite = ({ organization, owner }: Staffed, email: string, role: Role = 'notary') =>
  scene.access.users.add(owner.principal, organization.id, { email, name: 'As we call them', role }, HOME);
const signIn = (email: string, password: string, organization?: Organization) =>
  scene.access.sessions.signIn({ email, password, organization: organization?.id }, HOME);

/** Addresses that this service knows in different ways. */
const KNOWN: Readonly<Record<string, (email: string) => Promise<unknown>>> = {
  'a new address': () => Promise.resolve(),
  'a user of another organization': (email) => scene.user(theirs.organization, 'owner', email),
  'somebody invited by another organization': (email) => invite(theirs, email),
  'a disabled person': async (email) => {
    const { principal } = await scene.user(theirs.organization, 'notary', email);
    await scene.access.people.setDisabled(LOCAL, principal.personId, true, HOME);
  },
  'an operator': async (email) => {
    const { invitation } = await scene.access.people.addOperator(LOCAL, email, HOME);
    await scene.access.invitations.redeem(invitation?.token ?? '', { name: 'Op', password: PASSWORD }, HOME);
  },
};

describe('inviting an address shows the same, whatever is known of it elsewhere:', () => {
  test.each(Object.keys(KNOWN))('%s', async (kind) => {
    const email = newEmail();
    await KNOWN[kind]?.(email);
    const added = await invite(mine, email);
    const { id, ...shown } = added.user.person;
    expect(shown).toEqual({
      email,
      name: 'As we call them',
      passwordHash: null,
      needsPasskey: false,
      operator: false,
      createdAt: expect.any(Number) as number,
      disabledAt: null,
    });
    const listed = await scene.access.users.list(mine.owner.principal, mine.organization.id);
    expect(listed.find(({ person }) => person.id === id)).toEqual(added.user);
    expect(await codeOf(invite(mine, email))).toBe('user_exists');
    const again = await scene.access.users.inviteAgain(mine.owner.principal, mine.organization.id, id, HOME);
    // The link, which the inviter holds, does not say what the person is called elsewhere, or where they are.
    if (kind !== 'a disabled person') {
      const facts = await scene.access.invitations.inspect(again.token);
      expect(facts).toMatchObject({ name: 'As we call them', memberships: [], operator: false });
    }
    await scene.access.users.remove(mine.owner.principal, mine.organization.id, id, HOME);
  });
});

test('a person is called what they say once they have joined, and not what somebody else called them before', async () => {
  const email = newEmail();
  const other = { email, name: 'A note about them', role: 'notary' } as const;
  await scene.access.users.add(theirs.owner.principal, theirs.organization.id, other, HOME);
  const token = tokenOf(await invite(mine, email));
  await scene.access.invitations.redeem(token, { name: 'Kim', password: PASSWORD }, HOME);
  const namesIn = async ({ organization, owner }: Staffed) =>
    (await scene.access.users.list(owner.principal, organization.id)).flatMap(({ person }) =>
      person.email === email ? [person.name] : [],
    );
  expect([await namesIn(mine), await namesIn(theirs)]).toEqual([['Kim'], ['A note about them']]);
});

describe('an invitation by one organization opens nothing in another', () => {
  test('when it was redeemed first, with a password that its sender chose', async () => {
    const email = newEmail();
    const taken = await scene.access.invitations.redeem(
      tokenOf(await invite(theirs, email)),
      { password: OTHERS },
      HOME,
    );
    const links = [
      tokenOf(await invite(mine, email, 'owner')),
      tokenOf(
        await scene.access.users.add(
          LOCAL,
          (await scene.organization('Third')).organization.id,
          { email, name: 'Kim', role: 'owner' },
          HOME,
        ),
      ),
      tokenOf(await scene.access.people.addOperator(LOCAL, email, HOME)),
    ];
    const memberships = await scene.access.sessions.memberships(taken.principal);
    expect(memberships.map(({ organization }) => organization.id)).toEqual([theirs.organization.id]);
    const again = await signIn(email, OTHERS);
    expect(again.principal).toMatchObject({ operator: false, organization: theirs.organization });
    expect(await codeOf(signIn(email, OTHERS, mine.organization))).toBe('organization_not_found');
    expect(
      await codeOf(scene.access.sessions.chooseOrganization(again.principal, mine.organization.id, HOME)),
    ).toBe('organization_not_found');
    // Nor does changing the password, which is all that is left to them, keep the person out.
    const change = { current: OTHERS, next: `${OTHERS}, changed` };
    const changed = await scene.access.sessions.changePassword(again.principal, change, HOME);
    const [byOwner = '', byMachine = '', operating = ''] = links;
    expect((await scene.access.invitations.inspect(byOwner)).password).toBe('own');
    expect(await scene.access.invitations.inspect(byMachine)).toMatchObject({
      password: 'either',
      memberships: [{ id: theirs.organization.id, name: theirs.organization.name }],
    });
    const replacing = { password: PASSWORD, replacesPassword: true };
    expect(await codeOf(scene.access.invitations.redeem(byOwner, replacing, HOME))).toBe(
      'invalid_credentials',
    );
    await scene.access.invitations.redeem(byMachine, replacing, HOME);
    expect(await codeOf(scene.access.authenticate(bearer(changed), HOME))).toBe('invalid_token');
    expect(await codeOf(signIn(email, change.next))).toBe('invalid_credentials');
    // From now on their own password proves who they are.
    expect(await codeOf(scene.access.invitations.redeem(operating, { password: OTHERS }, HOME))).toBe(
      'invalid_credentials',
    );
    await scene.access.invitations.redeem(byOwner, { password: PASSWORD }, HOME);
    const { principal } = await scene.access.invitations.redeem(operating, { password: PASSWORD }, HOME);
    expect(principal.operator).toBe(true);
    // The organization that was first cannot take the address back.
    expect(
      await codeOf(
        scene.access.users.inviteAgain(
          theirs.owner.principal,
          theirs.organization.id,
          principal.personId,
          HOME,
        ),
      ),
    ).toBe('forbidden');
  });

  test('when it is redeemed later, with a password that its sender chooses', async () => {
    const email = newEmail();
    const kept = tokenOf(await invite(theirs, email));
    await scene.access.invitations.redeem(tokenOf(await invite(mine, email)), { password: PASSWORD }, HOME);
    for (const replacesPassword of [false, true]) {
      const redeeming = scene.access.invitations.redeem(kept, { password: OTHERS, replacesPassword }, HOME);
      expect(await codeOf(redeeming)).toBe('invalid_credentials');
    }
    await signIn(email, PASSWORD);
  });
});

test('a link for the first operator takes over nobody who has a password', async () => {
  await using fresh = await createScene();
  const { organization, owner } = await fresh.organization();
  const email = owner.principal.email ?? '';
  const token = (await fresh.access.invitations.setUpLink())?.token ?? '';
  expect(await codeOf(fresh.access.invitations.redeem(token, { email, password: OTHERS }, HOME))).toBe(
    'invalid_credentials',
  );
  const { principal } = await fresh.access.invitations.redeem(token, { email, password: PASSWORD }, HOME);
  expect(principal).toMatchObject({ operator: true, organization });
  expect(await fresh.access.authenticate(bearer(owner), HOME)).toMatchObject({ operator: true });
});

test('a person accepts an invitation by their own session, and nobody else by theirs, by an identity provider or by a key', async () => {
  const email = newEmail();
  const person = await scene.user(theirs.organization, 'notary', email);
  const token = tokenOf(await invite(mine, email));
  await using issuer = await createIssuer(
    [{ claimValue: 'staff', role: 'owner', organizationId: theirs.organization.id }],
    'roles',
    () => scene.clock.now,
  );
  const access = await scene.another({ oidc: issuer.config });
  // What an identity provider says of an address opens nothing that belongs to it here.
  const { personId } = person.principal;
  const subjects = ['248289761001', personId, `oidc:${personId}`].map((sub) =>
    access.authenticate({ kind: 'bearer', token: issuer.sign({ claims: { sub, email } }) }, HOME),
  );
  const key = { name: 'K', scopes: ['notarize', 'read'] };
  const { secret } = await access.keys.create(LOCAL, theirs.organization.id, key, HOME);
  const strangers = [
    ...(await Promise.all(subjects)),
    await access.authenticate({ kind: 'bearer', token: secret }, HOME),
    mine.owner.principal,
  ];
  for (const by of strangers) {
    expect(await codeOf(access.invitations.redeem(token, {}, HOME, by))).toBe('unauthenticated');
    if (by.kind !== 'user') continue;
    const ends = by.sessionId === null ? await access.sessions.list(by) : [];
    expect(ends).toEqual([]);
    expect(await access.sessions.end(by, person.principal.sessionId ?? '', HOME)).toBe(false);
  }
  expect(await codeOf(access.invitations.redeem(token, {}, HOME))).toBe('unauthenticated');
  const { principal } = await access.invitations.redeem(token, {}, HOME, person.principal);
  expect(principal).toMatchObject({ personId, organization: mine.organization, role: 'notary' });
});

test('removing a person, changing their role and disabling an organization change nothing elsewhere', async () => {
  const email = newEmail();
  const there = await scene.user(theirs.organization, 'auditor', email);
  const { personId } = there.principal;
  const here = await scene.access.invitations.redeem(
    tokenOf(await invite(mine, email)),
    { password: PASSWORD },
    HOME,
  );
  const own = mine.owner.principal;
  await scene.access.users.setRole(own, mine.organization.id, personId, 'owner', HOME);
  expect(await scene.access.authenticate(bearer(there), HOME)).toEqual(there.principal);
  // Only their own organization's log says what they do for it.
  await scene.access.sessions.chooseOrganization(there.principal, theirs.organization.id, HOME);
  const [event] = await scene.access.log.read(own, { personId, limit: 1 });
  expect(event).toMatchObject({ organizationId: mine.organization.id });
  await scene.access.users.remove(own, mine.organization.id, personId, HOME);
  expect(await scene.access.authenticate(bearer(there), HOME)).toEqual(there.principal);
  expect(await scene.access.authenticate(bearer(here), HOME)).toMatchObject({ organization: null });
  await scene.access.organizations.update(LOCAL, mine.organization.id, { disabled: true }, HOME);
  expect(await scene.access.authenticate(bearer(there), HOME)).toEqual(there.principal);
  await scene.access.organizations.update(LOCAL, mine.organization.id, { disabled: false }, HOME);
});

test('a person leaves an organization that was joined with their address, and nothing else', async () => {
  const email = newEmail();
  const taken = await scene.user(theirs.organization, 'auditor', email);
  const { principal } = await scene.access.invitations.redeem(
    tokenOf(await invite(mine, email)),
    { password: PASSWORD },
    HOME,
  );
  const leave = ({ organization }: Staffed, by = principal) =>
    scene.access.users.leave(by, organization.id, HOME);
  await scene.newEvents();
  await leave(theirs);
  expect(await scene.newEvents()).toEqual(['user_removed']);
  expect(await scene.access.authenticate(bearer(taken), HOME)).toMatchObject({ organization: null });
  const left = await scene.access.sessions.memberships(principal);
  expect(left.map(({ organization }) => organization.id)).toEqual([mine.organization.id]);
  expect(await codeOf(leave(theirs))).toBe('organization_not_found');
  // Only invited, not joined.
  await invite(theirs, email);
  expect(await codeOf(leave(theirs))).toBe('organization_not_found');
  const listed = await scene.access.users.list(theirs.owner.principal, theirs.organization.id);
  expect(listed.some(({ person }) => person.email === email)).toBe(true);
  const alone = await scene.organization('Of one owner');
  expect(await codeOf(leave(alone, alone.owner.principal))).toBe('last_owner');
  const external = { ...principal, personId: 'oidc:1', sessionId: null };
  expect(await codeOf(leave(mine, external))).toBe('forbidden');
});

test('the configured password of the first operator takes an address back, and the log says what it opens', async () => {
  const lines: object[] = [];
  await using fresh = await createScene();
  const { organization } = await fresh.organization();
  const taken = await fresh.user(organization, 'notary', 'ops@example.com');
  await fresh.newEvents();
  const logger = {
    info: () => undefined,
    error: () => undefined,
    warn: (fields: object) => lines.push(fields),
  };
  await fresh.another({ operator: { email: 'ops@example.com', password: OTHERS }, logger });
  expect(await fresh.newEvents()).toEqual(['password_set', 'operator_created']);
  expect(lines).toEqual([{ person: taken.principal.personId, organizations: [organization.id] }]);
  expect(await codeOf(fresh.access.authenticate(bearer(taken), HOME))).toBe('invalid_token');
});

test('only the machine itself can trust an address that somebody has signed up with', async () => {
  const email = newEmail();
  await scene.user(theirs.organization, 'notary', email);
  const input = { email, name: 'Kim', role: 'owner', trustExisting: true } as const;
  const asked = await scene.access.users.add(mine.owner.principal, mine.organization.id, input, HOME);
  expect([asked.user.acceptedAt, asked.invitation]).toEqual([null, expect.anything()]);
  const made = await scene.access.people.addOperator(LOCAL, newEmail(), HOME);
  const operator = await scene.access.invitations.redeem(tokenOf(made), { password: PASSWORD }, HOME);
  const operating = await scene.access.people.addOperator(operator.principal, email, HOME, input);
  expect(operating).toMatchObject({ person: { operator: false }, invitation: expect.anything() as unknown });
  // Nobody has signed up with this one, so there is nobody to trust.
  const fresh = { ...input, email: newEmail() };
  const added = await scene.access.users.add(LOCAL, mine.organization.id, fresh, HOME);
  expect(added.user.acceptedAt).toBeNull();
  expect((await scene.access.people.addOperator(LOCAL, newEmail(), HOME, input)).invitation).not.toBeNull();
});
