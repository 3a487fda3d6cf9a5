import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessStore, type ApiKey, type SigningKey } from '../../../src/store/index.js';
import { codeOf } from '../../support/store-error.js';
import { createTwoStores, type TwoStores, event, hash, newOrganization, NO_LIMITS } from './support.js';

let stores: TwoStores;
let access: AccessStore;
beforeAll(async () => {
  stores = await createTwoStores();
  access = stores.access;
});
afterAll(() => stores[Symbol.asyncDispose]());

type NewKey = Omit<ApiKey, 'revokedAt' | 'lastUsedAt'>;

const apiKey = (organizationId: string, id: string, change: Partial<NewKey> = {}): NewKey => ({
  id,
  organizationId,
  name: 'build server',
  secretHash: hash(id),
  scopes: ['notarize', 'read'],
  networks: ['192.0.2.0/24', '2001:db8::/32'],
  createdAt: 5,
  createdBy: 'cli',
  expiresAt: null,
  limits: NO_LIMITS,
  ...change,
});

describe('API keys', () => {
  test('are returned as created, with their organization', async () => {
    const organization = await newOrganization(access);
    const limits = { requestsPerMinute: 3, digestsPerDay: 2 ** 33, bytesPerDay: 2 ** 50 };
    const made = apiKey(organization.id, 'k1', { scopes: ['read'], networks: [], expiresAt: 99, limits });
    await access.createKey(made, event({ kind: 'key_created' }));
    await access.createKey(apiKey(organization.id, 'k2', { createdAt: 6 }), event({ kind: 'key_created' }));
    const key = { ...made, revokedAt: null, lastUsedAt: null };
    const second = { ...apiKey(organization.id, 'k2', { createdAt: 6 }), revokedAt: null, lastUsedAt: null };
    expect(await access.keyFacts(['k2', 'none', 'k1'])).toEqual([
      { organization, key: second },
      null,
      { organization, key },
    ]);
    expect((await access.keys(organization.id)).map(({ id }) => id)).toEqual(['k2', 'k1']);
    expect((await access.keys(organization.id))[1]).toEqual(key);
    expect(await codeOf(access.createKey(made, event()))).toBe('refused');
    expect(await codeOf(access.createKey(apiKey('none', 'k3'), event()))).toBe('refused');
  });

  test('are revoked once, only by their organization, and at once on every instance', async () => {
    const [organization, stranger] = await Promise.all([newOrganization(access), newOrganization(access)]);
    await access.createKey(apiKey(organization.id, 'r1'), event());
    const told = event({ kind: 'key_revoked', keyId: 'r1' });
    expect(await access.revokeKey({ organizationId: stranger.id, id: 'r1' }, 7, told)).toBe(false);
    const revoking = [access, stores.other.access, access].map((each) =>
      each.revokeKey({ organizationId: organization.id, id: 'r1' }, 7, told),
    );
    expect((await Promise.all(revoking)).filter(Boolean)).toHaveLength(1);
    for (const each of [access, stores.other.access]) {
      expect((await each.keyFacts(['r1']))[0]?.key.revokedAt).toBe(7);
    }
    expect(await access.events({ kinds: ['key_revoked'], limit: 10 })).toHaveLength(1);
  });

  test('are returned with an organization that is disabled', async () => {
    const organization = await newOrganization(access);
    await access.createKey(apiKey(organization.id, 'd1'), event());
    await access.updateOrganization(organization.id, { disabledAt: 4 }, event());
    expect((await access.keyFacts(['d1']))[0]?.organization.disabledAt).toBe(4);
  });

  test('record the minute of their last use', async () => {
    const organization = await newOrganization(access);
    await access.createKey(apiKey(organization.id, 'u1'), event());
    const lastUse = async () => (await access.keyFacts(['u1']))[0]?.key.lastUsedAt;
    const minute = 60_000;
    for (const [now, expected] of [
      [minute, minute],
      [minute + 59_999, minute],
      [2 * minute, 2 * minute],
      [minute, 2 * minute],
    ] as const) {
      await access.recordKeyUse(['u1', 'none'], now);
      expect(await lastUse()).toBe(expected);
    }
  });
});

describe('signing keys', () => {
  const signing = (id: string, createdAt: number): SigningKey => ({
    id,
    publicKey: hash(`public ${id}`),
    privateKey: hash(`private ${id}`),
    createdAt,
    retiredAt: null,
  });
  const rotate = (by: AccessStore, key: SigningKey, replaces: string | null, removeRetiredBefore = 0) =>
    by.rotateSigningKey(key, {
      replaces,
      removeRetiredBefore,
      event: event({ kind: 'signing_key_rotated' }),
    });

  test('of concurrent rotations one succeeds; it retires the previous key and deletes old ones', async () => {
    expect(await access.signingKeys()).toEqual([]);
    const first = await Promise.all(
      [1, 2, 3, 4].map((i) =>
        rotate(i % 2 === 0 ? access : stores.other.access, signing(`first${i}`, 10), null),
      ),
    );
    expect(first.filter(Boolean)).toHaveLength(1);
    const [one, ...none] = await access.signingKeys();
    expect(none).toEqual([]);
    const second = await Promise.all(
      [1, 2, 3].map((i) =>
        rotate(i % 2 === 0 ? access : stores.other.access, signing(`second${i}`, 20), one?.id ?? ''),
      ),
    );
    expect(second.filter(Boolean)).toHaveLength(1);
    const [two, retired] = await stores.other.access.signingKeys();
    expect(two?.retiredAt).toBeNull();
    expect(retired).toEqual({ ...one, retiredAt: 20 });
    expect(await rotate(access, signing('wrong', 30), one?.id ?? '')).toBe(false);
    expect(await rotate(access, signing('wrong', 30), null)).toBe(false);
    expect(await rotate(access, signing('third', 30), two?.id ?? '', 20)).toBe(true);
    expect((await access.signingKeys()).map(({ id }) => id)).toEqual(['third', two?.id, one?.id]);
    expect(await rotate(access, signing('fourth', 40), 'third', 21)).toBe(true);
    expect((await access.signingKeys()).map(({ id }) => id)).toEqual(['fourth', 'third', two?.id]);
    expect(await access.events({ kinds: ['signing_key_rotated'], limit: 10 })).toHaveLength(4);
  });
});
