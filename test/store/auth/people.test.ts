import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessStore } from '../../../src/store/index.js';
import { createStore, type TestStore } from '../../support/database.js';
import { codeOf } from '../../support/store-error.js';
import { event, hash, newOrganization, newPerson, newSession, newUser, NO_LIMITS, RESET } from './support.js';

let db: TestStore;
let access: AccessStore;
beforeAll(async () => {
  db = await createStore();
  access = db.store.access;
});
afterAll(() => db.drop());

const endedAt = async (session: string) => (await access.sessionFacts([session]))[0]?.session.endedAt;
const eventCount = async () => (await access.events({ limit: 10_000 })).length;

describe('organizations', () => {
  test('are returned as created, with a number', async () => {
    const limits = { requestsPerMinute: 1, digestsPerDay: 2 ** 40, bytesPerDay: Number.MAX_SAFE_INTEGER };
    const made = await access.createOrganization({ id: 'org_a', name: '하늘', createdAt: 5, limits }, null, [
      event(),
    ]);
    expect(made).toEqual({
      id: 'org_a',
      number: expect.any(Number) as number,
      name: '하늘',
      createdAt: 5,
      disabledAt: null,
      limits,
      requiresPasskey: false,
    });
    expect(await access.organization('org_a')).toEqual(made);
    expect((await newOrganization(access)).number).toBe(made.number + 1);
    expect(await access.organization('org_none')).toBeNull();
    const again = { id: 'org_a', name: 'other', createdAt: 5, limits: NO_LIMITS };
    const before = await eventCount();
    expect(await codeOf(access.createOrganization(again, null, [event()]))).toBe('refused');
    expect(await eventCount()).toBe(before);
  });

  test('are listed in pages, in the order of ids', async () => {
    for (let i = 0; i < 3; i++) await newOrganization(access);
    const all = await access.organizations({ limit: 100 });
    const first = await access.organizations({ limit: 2 });
    const rest = await access.organizations({ limit: 100, after: first[1]?.id ?? '' });
    expect([...first, ...rest]).toEqual(all);
  });

  test('change in the given fields only', async () => {
    const organization = await newOrganization(access);
    const before = await eventCount();
    const changed = await access.updateOrganization(organization.id, { limits: { bytesPerDay: 7 } }, event());
    expect(changed).toEqual({ ...organization, limits: { ...NO_LIMITS, bytesPerDay: 7 } });
    await access.updateOrganization(organization.id, { disabledAt: 9, name: 'n' }, event());
    await access.updateOrganization(organization.id, { limits: { bytesPerDay: null } }, event());
    await access.updateOrganization(organization.id, {}, event());
    expect(await access.organization(organization.id)).toEqual({ ...organization, name: 'n', disabledAt: 9 });
    expect(await access.updateOrganization(organization.id, { disabledAt: null }, event())).toMatchObject({
      disabledAt: null,
    });
    expect(await eventCount()).toBe(before + 5);
    expect(await access.updateOrganization('org_none', { name: 'n' }, event())).toBeNull();
    expect(await eventCount()).toBe(before + 5);
  });
});

describe('people', () => {
  test('concurrent callers with one address get the same person', async () => {
    const callers = Array.from({ length: 8 }, (_, i) => ({
      id: `psn_same${i}`,
      email: 'same@example.com',
      name: `name ${i}`,
      passwordHash: null,
      operator: false,
      createdAt: i,
    }));
    const got = await Promise.all(callers.map((each) => access.findOrCreatePerson(each)));
    expect(new Set(got.map(({ person }) => person.id)).size).toBe(1);
    expect(got.filter(({ created }) => created)).toHaveLength(1);
    expect(await access.personByEmail('same@example.com')).toEqual(got[0]?.person);
    expect(await access.person(got[0]?.person.id ?? '')).toEqual(got[0]?.person);
  });

  test('a new password ends all sessions and voids no invitation; a new name does neither', async () => {
    const organization = await newOrganization(access);
    const person = await newUser(access, organization, 'notary');
    const session = await newSession(access, person, null);
    const times = { personId: person.id, createdAt: 1, expiresAt: 9_999 };
    await access.replaceInvitation({ ...times, ...RESET, secretHash: hash('own') }, null);
    await access.replaceInvitation(
      { ...times, ...RESET, organizationId: organization.id, secretHash: hash('into') },
      null,
    );
    await access.updatePerson(person.id, { name: 'Park' }, event());
    expect(await endedAt(session)).toBeNull();
    expect(await access.invitation(hash('own'), 5)).not.toBeNull();
    await access.updatePerson(person.id, { passwordHash: 'next' }, event({ at: 77 }));
    expect(await endedAt(session)).toBe(77);
    // Otherwise somebody who has taken the address could keep its owner out.
    expect(await access.invitation(hash('own'), 5)).toEqual({ ...times, ...RESET });
    expect(await access.invitation(hash('into'), 5)).toEqual({
      ...times,
      ...RESET,
      organizationId: organization.id,
    });
    expect(await access.person(person.id)).toEqual({ ...person, name: 'Park', passwordHash: 'next' });
    expect(await access.updatePerson('psn_none', { name: 'x' }, event())).toBeNull();
  });

  test('disabling a person ends all sessions and invalidates the invitations', async () => {
    const person = await newPerson(access);
    const session = await newSession(access, person, null);
    await access.replaceInvitation(
      {
        personId: person.id,
        ...RESET,
        createdAt: 1,
        expiresAt: 99,
        secretHash: hash('disabled'),
      },
      null,
    );
    await access.updatePerson(person.id, { disabledAt: 50 }, event({ at: 50 }));
    expect(await endedAt(session)).toBe(50);
    expect(await access.invitation(hash('disabled'), 5)).toBeNull();
    await access.updatePerson(person.id, { disabledAt: null }, event());
    expect(await access.invitation(hash('disabled'), 5)).not.toBeNull();
    expect(await endedAt(session)).toBe(50);
  });

  test('the last operator stays, also when two remove each other concurrently', async () => {
    expect(await access.hasOperator()).toBe(false);
    const [a, b] = await Promise.all([
      newPerson(access, { operator: true }),
      newPerson(access, { operator: true }),
    ]);
    expect(await access.hasOperator()).toBe(true);
    expect((await access.operators()).map(({ id }) => id).sort()).toEqual([a.id, b.id].sort());
    const before = await eventCount();
    const results = await Promise.all([
      access.updatePerson(a.id, { operator: false }, event()),
      access.updatePerson(b.id, { disabledAt: 5 }, event()),
    ]);
    expect(results.filter((result) => result === 'last_operator')).toHaveLength(1);
    expect(await eventCount()).toBe(before + 1);
    const [left] = (await access.operators()).filter(({ disabledAt }) => disabledAt === null);
    expect(await access.updatePerson(left?.id ?? '', { operator: false }, event())).toBe('last_operator');
    expect(await access.updatePerson(left?.id ?? '', { name: 'n' }, event())).toMatchObject({ name: 'n' });
  });
});

describe('users', () => {
  test('are added once, listed by address, and listed as memberships', async () => {
    const organization = await newOrganization(access);
    const person = await newPerson(access);
    const user = {
      organizationId: organization.id,
      personId: person.id,
      role: 'notary',
      invitedName: 'Ms. Kim',
      createdAt: 3,
    } as const;
    const adding = [1, 2, 3].map(() => access.addUser({ ...user, acceptedAt: null }, event()));
    expect((await Promise.all(adding)).sort()).toEqual(['added', 'present', 'present']);
    expect(await access.users(organization.id)).toEqual([
      {
        ...{ organizationId: organization.id, person, role: 'notary', invitedName: 'Ms. Kim' },
        ...{ createdAt: 3, acceptedAt: null },
      },
    ]);
    expect(await access.memberships(person.id)).toEqual([]);
    const owner = await newUser(access, organization, 'owner');
    expect(await access.memberships(owner.id)).toEqual([{ organization, role: 'owner' }]);
    const emails = (await access.users(organization.id)).map((each) => each.person.email);
    expect(emails).toEqual([...emails].sort());
    expect(await codeOf(access.addUser({ ...user, organizationId: 'none', acceptedAt: 1 }, event()))).toBe(
      'refused',
    );
  });

  test('the last owner stays, also when owners remove each other concurrently', async () => {
    const organization = await newOrganization(access);
    const [a, b] = await Promise.all([
      newUser(access, organization, 'owner'),
      newUser(access, organization, 'owner'),
    ]);
    const of = (person: { readonly id: string }) => ({
      organizationId: organization.id,
      personId: person.id,
    });
    const before = await eventCount();
    const results = await Promise.all([
      access.removeUser(of(a), event()),
      access.changeRole({ ...of(b), role: 'auditor' }, event()),
    ]);
    expect(results).toContain('last_owner');
    expect(await eventCount()).toBe(before + 1);
    const [left] = (await access.users(organization.id)).filter(({ role }) => role === 'owner');
    const last = of(left?.person ?? a);
    expect(await access.removeUser(last, event())).toBe('last_owner');
    expect(await access.changeRole({ ...last, role: 'owner' }, event())).toBe('unchanged');
  });

  test('owners who have not accepted, or are disabled, do not count', async () => {
    const organization = await newOrganization(access);
    const owner = await newUser(access, organization, 'owner');
    const invited = await newPerson(access);
    const user = {
      organizationId: organization.id,
      personId: invited.id,
      role: 'owner',
      invitedName: 'Kim',
      createdAt: 1,
    } as const;
    await access.addUser({ ...user, acceptedAt: null }, event());
    const gone = await newUser(access, organization, 'owner');
    await access.updatePerson(gone.id, { disabledAt: 1 }, event());
    const of = (person: { readonly id: string }) => ({
      organizationId: organization.id,
      personId: person.id,
    });
    expect(await access.removeUser(of(owner), event())).toBe('last_owner');
    expect(await access.removeUser(of(invited), event())).toBe('removed');
    expect(await access.removeUser(of(invited), event())).toBe('absent');
    expect(await access.changeRole({ ...of(invited), role: 'owner' }, event())).toBe('absent');
  });

  test('removing a user ends what their sessions may do at once, and deletes the invitations', async () => {
    const organization = await newOrganization(access);
    const person = await newUser(access, organization, 'notary');
    const session = await newSession(access, person, organization);
    await access.replaceInvitation(
      {
        personId: person.id,
        ...RESET,
        organizationId: organization.id,
        createdAt: 1,
        expiresAt: 99,
        secretHash: hash('removed'),
      },
      null,
    );
    expect((await access.sessionFacts([session]))[0]?.membership).toEqual({ organization, role: 'notary' });
    await access.changeRole(
      { organizationId: organization.id, personId: person.id, role: 'auditor' },
      event(),
    );
    expect((await access.sessionFacts([session]))[0]?.membership?.role).toBe('auditor');
    await access.removeUser({ organizationId: organization.id, personId: person.id }, event());
    expect((await access.sessionFacts([session]))[0]).toMatchObject({
      membership: null,
      session: { organizationId: null, endedAt: null },
    });
    expect(await access.invitation(hash('removed'), 5)).toBeNull();
  });
});
