import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessStore, Session } from '../../../src/store/index.js';
import {
  createTwoStores,
  type TwoStores,
  event,
  hash,
  newOrganization,
  newPerson,
  newSession,
  newUser,
} from './support.js';

const CLIENT = { address: '::1', network: '0:0:0:0::/56', agent: '', withPasskey: false };

let stores: TwoStores;
let access: AccessStore;
beforeAll(async () => {
  stores = await createTwoStores();
  access = stores.access;
});
afterAll(() => stores[Symbol.asyncDispose]());

const GRACE_MS = 100;

const rotate = (oldToken: string, newToken: string, now = 2_000, by = access) =>
  by.rotateRefreshToken({
    oldHash: hash(oldToken),
    newHash: hash(newToken),
    now,
    graceMs: GRACE_MS,
    reusedEvent: (session: Session) => event({ kind: 'refresh_token_reused', personId: session.personId }),
  });

describe('sessions', () => {
  test('return everything that decides about a request, in the order of the ids', async () => {
    const organization = await newOrganization(access);
    const person = await newUser(access, organization, 'owner');
    const [a, b] = [await newSession(access, person, organization), await newSession(access, person, null)];
    const [factsB, none, factsA, again] = await access.sessionFacts([b, 'ses_none', a, b]);
    expect(none).toBeNull();
    expect(again).toEqual(factsB);
    expect(factsB).toMatchObject({ membership: null, session: { id: b, organizationId: null } });
    expect(factsA).toEqual({
      session: {
        id: a,
        personId: person.id,
        provider: null,
        organizationId: organization.id,
        createdAt: 1_000,
        lastUsedAt: 1_000,
        expiresAt: 10_000,
        endedAt: null,
        address: '192.0.2.1',
        network: '192.0.2.0/24',
        agent: 'test',
        withPasskey: false,
      },
      person,
      membership: { organization, role: 'owner' },
    });
    expect(await access.sessionFacts([])).toEqual([]);
  });

  test('act for no organization that is disabled, is not theirs, or has only invited them', async () => {
    const [own, foreign] = await Promise.all([newOrganization(access), newOrganization(access)]);
    const person = await newUser(access, own, 'owner');
    const session = await newSession(access, person, foreign);
    const membership = async () => (await access.sessionFacts([session]))[0]?.membership;
    expect(await membership()).toBeNull();
    await access.chooseOrganization(session, own.id);
    expect(await membership()).toMatchObject({ role: 'owner' });
    await access.updateOrganization(own.id, { disabledAt: 5 }, event());
    expect(await membership()).toBeNull();
    const user = { organizationId: foreign.id, personId: person.id, role: 'notary', createdAt: 1 } as const;
    await access.addUser({ ...user, invitedName: 'Kim', acceptedAt: null }, event());
    await access.chooseOrganization(session, foreign.id);
    expect(await membership()).toBeNull();
  });

  test('are listed until they end, latest first, and end once', async () => {
    const person = await newPerson(access);
    const [a, b] = [await newSession(access, person, null), await newSession(access, person, null)];
    const ids = async (now: number) =>
      (await access.sessions({ personId: person.id }, now)).map(({ id }) => id).sort();
    expect(await ids(9_999)).toEqual([a, b].sort());
    expect(await ids(10_000)).toEqual([]);
    const ended = event({ kind: 'sign_out', personId: person.id });
    const ends = await Promise.all([1, 2, 3].map(() => access.endSession(a, 3_000, ended)));
    expect(ends.filter(Boolean)).toHaveLength(1);
    expect(await access.events({ personId: person.id, kinds: ['sign_out'], limit: 10 })).toHaveLength(1);
    expect(await ids(4_000)).toEqual([b]);
    expect(await access.endSession('ses_none', 1, ended)).toBe(false);
  });

  test('begin only for a person who is not disabled and still has the password that was checked', async () => {
    const person = await newPerson(access, { passwordHash: 'checked' });
    const begin = async (passwordHash?: string) => {
      const id = `ses_${Math.random()}`;
      const times = { createdAt: 1, lastUsedAt: 1, expiresAt: 9 };
      const session = { id, personId: person.id, organizationId: null, ...times, ...CLIENT };
      return access.createSession(
        session,
        hash(id),
        event({ kind: 'sign_in', personId: person.id }),
        passwordHash,
      );
    };
    expect([await begin(), await begin('checked'), await begin('other')]).toEqual([true, true, false]);
    await access.updatePerson(person.id, { disabledAt: 1 }, event());
    expect(await begin()).toBe(false);
    expect(await access.events({ personId: person.id, kinds: ['sign_in'], limit: 10 })).toHaveLength(2);
  });

  test('never outlive the password that they began with, in any order of events', async () => {
    for (let i = 0; i < 10; i++) {
      const person = await newPerson(access, { passwordHash: 'old' });
      const times = { createdAt: 1, lastUsedAt: 1, expiresAt: 9 };
      const id = `ses_race${i}`;
      const session = { id, personId: person.id, organizationId: null, ...times, ...CLIENT };
      await Promise.all([
        access.createSession(session, hash(id), event(), 'old'),
        stores.other.access.updatePerson(person.id, { passwordHash: 'new' }, event()),
      ]);
      expect(await access.sessions({ personId: person.id }, 5)).toEqual([]);
    }
  });

  test('are deleted with their tokens after they have ended or expired', async () => {
    const person = await newPerson(access);
    const [ended, expired, live] = [
      await newSession(access, person, null, 'expire-1'),
      await newSession(access, person, null, 'expire-2'),
      await newSession(access, person, null, 'expire-3'),
    ];
    await access.endSession(ended, 3_000, event());
    await stores.database.query(`UPDATE session SET expires_at = 3000 WHERE id = '${expired}'`);
    await access.expireSessions(3_000);
    expect(await access.sessionFacts([ended, expired, live])).not.toContain(null);
    await access.expireSessions(3_001);
    const left = await access.sessionFacts([ended, expired, live]);
    expect(left.map((facts) => facts?.session.id)).toEqual([undefined, undefined, live]);
    expect(
      await stores.database.query('SELECT FROM refresh_token WHERE secret_hash = $1', [hash('expire-1')]),
    ).toEqual([]);
  });
});

describe('refresh tokens', () => {
  test('are exchanged for the next one', async () => {
    const person = await newPerson(access);
    const id = await newSession(access, person, null, 'a0');
    for (const [from, to, now] of [
      ['a0', 'a1', 1_500],
      ['a1', 'a2', 1_600],
    ] as const) {
      expect(await rotate(from, to, now)).toMatchObject({
        outcome: 'rotated',
        session: { id, lastUsedAt: now },
      });
    }
    expect(await rotate('unknown', 'x')).toEqual({ outcome: 'unknown' });
  });

  test('a token that is reused after the grace period ends its session, its successors and nothing else', async () => {
    const person = await newPerson(access);
    const [stolen, safe] = [
      await newSession(access, person, null, 'b0'),
      await newSession(access, person, null, 'c0'),
    ];
    await rotate('b0', 'b1');
    expect(await rotate('b0', 'b2', 2_500)).toEqual({ outcome: 'reused' });
    const [facts, others] = await access.sessionFacts([stolen, safe]);
    expect([facts?.session.endedAt, others?.session.endedAt]).toEqual([2_500, null]);
    expect(await rotate('b1', 'b3')).toEqual({ outcome: 'unknown' });
    expect(await rotate('b2', 'b4')).toEqual({ outcome: 'unknown' });
    expect(await rotate('b0', 'b5')).toEqual({ outcome: 'unknown' });
    expect(await rotate('c0', 'c1')).toMatchObject({ outcome: 'rotated' });
    const told = await access.events({ personId: person.id, kinds: ['refresh_token_reused'], limit: 10 });
    expect(told).toHaveLength(1);
  });

  test('a token can be exchanged again for the same successor within the grace period', async () => {
    const id = await newSession(access, await newPerson(access), null, 'f0');
    for (const [now, outcome] of [
      [2_000, 'rotated'],
      [2_000 + GRACE_MS - 1, 'rotated'],
      // Another instance's clock may be behind.
      [1_900, 'rotated'],
      [2_000 + GRACE_MS, 'reused'],
    ] as const) {
      expect(await rotate('f0', 'f1', now)).toMatchObject({ outcome });
    }
    expect((await access.sessionFacts([id]))[0]?.session.endedAt).toBe(2_000 + GRACE_MS);
    expect(await rotate('f1', 'f2')).toEqual({ outcome: 'unknown' });
  });

  test('concurrent exchanges on two instances both succeed with one successor', async () => {
    for (let i = 0; i < 10; i++) {
      const id = await newSession(access, await newPerson(access), null, `d${i}`);
      const outcomes = await Promise.all([
        rotate(`d${i}`, `d${i}-next`),
        rotate(`d${i}`, `d${i}-next`, 2_000, stores.other.access),
      ]);
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['rotated', 'rotated']);
      expect((await access.sessionFacts([id]))[0]?.session.endedAt).toBeNull();
      expect(await rotate(`d${i}-next`, `d${i}-last`)).toMatchObject({ outcome: 'rotated' });
    }
  });

  test('of an ended or expired session are unknown', async () => {
    const id = await newSession(access, await newPerson(access), null, 'e0');
    expect(await rotate('e0', 'e1', 10_000)).toEqual({ outcome: 'unknown' });
    await access.endSession(id, 3_000, event());
    expect(await rotate('e0', 'e1')).toEqual({ outcome: 'unknown' });
  });
});
