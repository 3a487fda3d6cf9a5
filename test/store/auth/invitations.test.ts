import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessStore, Organization, Invitation, Person } from '../../../src/store/index.js';
import { createStore, type TestStore } from '../../support/database.js';
import { event, hash, newOrganization, newPerson, newSession, newUser } from './support.js';

let db: TestStore;
let access: AccessStore;
let invited = 0;
beforeAll(async () => {
  db = await createStore();
  access = db.store.access;
});
afterAll(() => db.drop());

type Redemption = Parameters<AccessStore['redeemInvitation']>[0];

/** An invitation that is good until 100. Answers its secret's hash. */
async function invite(change: Partial<Invitation>): Promise<Uint8Array> {
  const secretHash = hash(`invitation ${invited++}`);
  const none = { personId: null, organizationId: null, operator: false, setsPassword: false };
  const invitation = { ...none, createdAt: 1, expiresAt: 100, ...change };
  await access.replaceInvitation({ ...invitation, secretHash }, event({ kind: 'invitation_made' }));
  return secretHash;
}

const redeem = (secretHash: Uint8Array, change: Partial<Redemption> = {}): Promise<Person | null> =>
  access.redeemInvitation(
    {
      secretHash,
      now: 50,
      previousPasswordHash: null,
      passwordHash: 'set',
      name: null,
      operator: null,
      organization: null,
      ...change,
    },
    (person) => [event({ kind: 'invitation_accepted', personId: person.id })],
  );

const acceptances = (person: { readonly id: string }) =>
  access.events({ personId: person.id, kinds: ['invitation_accepted'], limit: 100 });

/** A person with an invited place in the organization. */
async function newcomer(organization: Organization, change: Partial<Person> = {}): Promise<Person> {
  const person = await newPerson(access, { passwordHash: null, ...change });
  const user = {
    organizationId: organization.id,
    personId: person.id,
    role: 'notary',
    invitedName: 'Kim',
    createdAt: 1,
  } as const;
  await access.addUser({ ...user, acceptedAt: null }, event({ kind: 'user_added' }));
  return person;
}

describe('an invitation', () => {
  test('is accepted once by ten concurrent callers', async () => {
    const organization = await newOrganization(access);
    const person = await newcomer(organization);
    const secret = await invite({ personId: person.id, organizationId: organization.id });
    const callers = Array.from({ length: 10 }, (_, i) => redeem(secret, { passwordHash: `of ${i}` }));
    const won = (await Promise.all(callers)).filter((each) => each !== null);
    expect(won).toHaveLength(1);
    expect(await access.person(person.id)).toEqual(won[0]);
    expect(await acceptances(person)).toHaveLength(1);
    expect(await access.users(organization.id)).toMatchObject([{ role: 'notary', acceptedAt: 50 }]);
  });

  test('is valid until it expires, and only the latest of its kind', async () => {
    const organization = await newOrganization(access);
    const person = await newcomer(organization);
    const first = await invite({ personId: person.id, organizationId: organization.id });
    const other = await invite({ personId: person.id });
    const second = await invite({ personId: person.id, organizationId: organization.id });
    expect(await access.invitation(first, 50)).toBeNull();
    expect(await access.invitation(other, 50)).not.toBeNull();
    expect(await access.invitation(second, 99)).toEqual({
      personId: person.id,
      organizationId: organization.id,
      operator: false,
      setsPassword: false,
      createdAt: 1,
      expiresAt: 100,
    });
    expect(await access.invitation(second, 100)).toBeNull();
    expect(await redeem(second, { now: 100 })).toBeNull();
    expect(await redeem(first)).toBeNull();
    expect(await redeem(hash('never made'))).toBeNull();
    expect(await access.person(person.id)).toEqual(person);
    expect(await redeem(second)).toEqual({ ...person, passwordHash: 'set' });
    expect(await access.invitation(second, 50)).toBeNull();
  });

  test('replaces another that is made concurrently', async () => {
    const person = await newPerson(access, { passwordHash: null });
    const secrets = await Promise.all([1, 2, 3, 4].map(() => invite({ personId: person.id })));
    const good = await Promise.all(secrets.map((secret) => access.invitation(secret, 50)));
    expect(good.filter((each) => each !== null)).toHaveLength(1);
  });

  test('ends all sessions with a new password, and changes only the membership without one', async () => {
    const organization = await newOrganization(access);
    const person = await newcomer(organization, { passwordHash: 'old' });
    const session = await newSession(access, person, null);
    const reset = await invite({ personId: person.id, setsPassword: true });
    const wrong = await invite({ personId: person.id, organizationId: organization.id });
    expect(await redeem(wrong, { passwordHash: null, previousPasswordHash: 'older' })).toBeNull();
    expect(await redeem(wrong, { passwordHash: null, previousPasswordHash: 'old', name: 'Lee' })).toEqual({
      ...person,
      name: 'Lee',
    });
    expect((await access.sessionFacts([session]))[0]?.session.endedAt).toBeNull();
    expect(await access.memberships(person.id)).toHaveLength(1);
    expect(await redeem(reset, { previousPasswordHash: 'old' })).toMatchObject({ passwordHash: 'set' });
    expect((await access.sessionFacts([session]))[0]?.session.endedAt).toBe(50);
  });

  test('of one organization cannot set the password of an operator or of a user of another one', async () => {
    const [mine, theirs] = await Promise.all([newOrganization(access), newOrganization(access)]);
    const known = await newUser(access, theirs, 'owner');
    const operator = await newPerson(access, { operator: true });
    for (const person of [known, operator]) {
      const user = { organizationId: mine.id, personId: person.id, role: 'owner', createdAt: 1 } as const;
      await access.addUser({ ...user, invitedName: 'Kim', acceptedAt: null }, event());
      const secret = await invite({ personId: person.id, organizationId: mine.id });
      const previousPasswordHash = person.passwordHash;
      expect(await redeem(secret, { previousPasswordHash })).toBeNull();
      expect(await access.person(person.id)).toEqual(person);
      expect(await access.memberships(person.id)).toHaveLength(person === known ? 1 : 0);
      expect(await redeem(secret, { previousPasswordHash, passwordHash: null })).toEqual(person);
      expect(await access.memberships(person.id)).toHaveLength(person === known ? 2 : 1);
    }
  });

  test('can set the password of a user of this organization alone, whatever other invitations there are', async () => {
    const [mine, theirs] = await Promise.all([newOrganization(access), newOrganization(access)]);
    const person = await newcomer(theirs);
    const user = { organizationId: mine.id, personId: person.id, role: 'notary', createdAt: 1 } as const;
    await access.addUser({ ...user, invitedName: 'Kim', acceptedAt: null }, event());
    const first = await invite({ personId: person.id, organizationId: mine.id });
    expect(await redeem(first)).toMatchObject({ passwordHash: 'set' });
    const reset = await invite({ personId: person.id, organizationId: mine.id });
    const again = { passwordHash: 'other', previousPasswordHash: 'set' };
    expect(await redeem(reset, again)).toMatchObject({ passwordHash: 'other' });
    expect((await access.users(mine.id))[0]?.acceptedAt).toBe(50);
    expect((await access.users(theirs.id))[0]?.acceptedAt).toBeNull();
  });

  test('makes an operator of the person with the password that was checked, and of nobody else', async () => {
    const person = await newPerson(access);
    const secret = await invite({ personId: person.id, operator: true });
    const known = { previousPasswordHash: person.passwordHash };
    expect(await redeem(secret, known)).toBeNull();
    expect(await redeem(secret, { passwordHash: null, previousPasswordHash: 'older' })).toBeNull();
    expect(await access.person(person.id)).toEqual(person);
    expect(await redeem(secret, { ...known, passwordHash: null })).toEqual({ ...person, operator: true });
  });

  test('into nothing replaces no password, unless it was made on the server itself', async () => {
    const person = await newPerson(access);
    const secret = await invite({ personId: person.id });
    expect(await redeem(secret, { previousPasswordHash: person.passwordHash })).toBeNull();
    expect(await access.person(person.id)).toEqual(person);
  });

  test('made on the server itself replaces a password, whatever has become of it, and then no other one does', async () => {
    const [mine, theirs] = await Promise.all([newOrganization(access), newOrganization(access)]);
    const person = await newUser(access, theirs, 'owner');
    const user = { organizationId: mine.id, personId: person.id, role: 'notary', createdAt: 1 } as const;
    await access.addUser({ ...user, invitedName: 'Kim', acceptedAt: null }, event());
    const session = await newSession(access, person, theirs);
    const made = { personId: person.id, setsPassword: true };
    const joining = await invite({ ...made, organizationId: mine.id });
    const operating = await invite({ ...made, operator: true });
    const reset = await invite(made);
    // Whoever has the old password cannot void the links by changing it.
    await access.updatePerson(person.id, { passwordHash: 'changed' }, event());
    expect(await redeem(joining, { previousPasswordHash: 'older' })).toMatchObject({ passwordHash: 'set' });
    expect((await access.sessionFacts([session]))[0]?.session.endedAt).not.toBeNull();
    expect((await access.memberships(person.id)).map(({ organization }) => organization.id).sort()).toEqual(
      [mine.id, theirs.id].sort(),
    );
    expect(await access.invitation(reset, 50)).toBeNull();
    expect(await redeem(operating, { passwordHash: 'again', previousPasswordHash: 'set' })).toBeNull();
    const kept = { passwordHash: null, previousPasswordHash: 'set' };
    expect(await redeem(operating, kept)).toMatchObject({ operator: true, passwordHash: 'set' });
  });
});

describe('the first operator', () => {
  const operator = { id: 'psn_first', email: 'first@example.com' };
  beforeAll(async () => {
    await db.query('UPDATE person SET operator = false');
  });

  test('needs a password, and an attempt without one changes nothing', async () => {
    const secret = await invite({});
    expect(await redeem(secret)).toBeNull();
    expect(await redeem(secret, { operator, passwordHash: null })).toBeNull();
    expect(await access.personByEmail(operator.email)).toBeNull();
    expect(await access.invitation(secret, 50)).not.toBeNull();
  });

  test('is made once, by one of two concurrent callers, and not by later links', async () => {
    const secret = await invite({});
    const results = await Promise.all(
      [1, 2, 3].map((i) =>
        redeem(secret, { operator: { id: `psn_first${i}`, email: `first${i}@example.com` }, name: 'Choi' }),
      ),
    );
    const [made, ...others] = results.filter((each) => each !== null);
    expect(others).toEqual([]);
    expect(made).toMatchObject({ name: 'Choi', operator: true, passwordHash: 'set', disabledAt: null });
    expect(await access.operators()).toEqual([made]);
    const late = await invite({});
    expect(await access.invitation(late, 50)).toBeNull();
    expect(await redeem(late, { operator })).toBeNull();
    expect(await access.personByEmail(operator.email)).toBeNull();
  });

  test('can be an existing person, who proves it by their password', async () => {
    await db.query('UPDATE person SET operator = false');
    const person = await newPerson(access);
    const session = await newSession(access, person, null);
    const secret = await invite({});
    const known = { operator: { id: 'psn_unused', email: person.email } };
    const previousPasswordHash = person.passwordHash;
    expect(await redeem(secret, known)).toBeNull();
    expect(await redeem(secret, { ...known, previousPasswordHash })).toBeNull();
    const wrong = { ...known, passwordHash: null, previousPasswordHash: 'wrong' };
    expect(await redeem(secret, wrong)).toBeNull();
    expect(await access.operators()).toEqual([]);
    const made = await redeem(secret, { ...known, passwordHash: null, previousPasswordHash });
    expect(made).toEqual({ ...person, operator: true });
    expect((await access.sessionFacts([session]))[0]?.session.endedAt).toBeNull();
  });

  test('can be an existing person with a new password, as the server itself says, whose sessions end', async () => {
    await db.query('UPDATE person SET operator = false');
    const person = await newPerson(access);
    const session = await newSession(access, person, null);
    const secret = await invite({ setsPassword: true });
    const made = await redeem(secret, { operator: { id: 'psn_unused', email: person.email } });
    expect(made).toEqual({ ...person, operator: true, passwordHash: 'set' });
    expect((await access.sessionFacts([session]))[0]?.session.endedAt).toBe(50);
  });

  test('is no longer whoever comes first, once somebody is invited by name', async () => {
    await db.query('UPDATE person SET operator = false');
    const open = await invite({});
    const person = await newPerson(access, { passwordHash: null });
    const named = await invite({ personId: person.id, operator: true });
    expect(await access.invitation(open, 50)).toBeNull();
    expect((await access.invitedOperators(50)).map(({ id }) => id)).toContain(person.id);
    expect(await access.invitedOperators(100)).toEqual([]);
    expect(await redeem(named)).toMatchObject({ id: person.id, operator: true });
    expect((await access.invitedOperators(50)).map(({ id }) => id)).not.toContain(person.id);
  });
});
