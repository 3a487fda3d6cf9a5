import { describe, expect, test } from 'vitest';
import { LimitError, LOCAL, type LimitState, type Principal } from '../../src/auth/index.js';
import { type RateLimits, StoreError } from '../../src/store/index.js';
import { createBackground, createLog } from '../support/parts.js';
import { until } from '../support/until.js';
import { createScene, HOME, turnOf, type Scene } from './scene.js';

interface Limited {
  readonly user: Principal;
  readonly key: Principal;
}

async function limited(
  scene: Scene,
  organization: { requestsPerMinute?: number; digestsPerDay?: number; bytesPerDay?: number },
  own: typeof organization = {},
): Promise<Limited> {
  const { access } = scene;
  const { organization: made, owner } = await scene.organization();
  await access.organizations.update(LOCAL, made.id, { limits: organization }, HOME);
  const input = { name: 'Ingest', scopes: ['notarize'], limits: own };
  const { secret } = await access.keys.create(LOCAL, made.id, input, HOME);
  return {
    user: await access.authenticate({ kind: 'bearer', token: owner.tokens.accessToken }, HOME),
    key: await access.authenticate({ kind: 'bearer', token: secret }, HOME),
  };
}

async function refusalOf(promise: Promise<LimitState[]>): Promise<LimitError> {
  const reason: unknown = await promise.then(
    (states) => new Error('a LimitError was expected', { cause: states }),
    (error: unknown) => error,
  );
  if (reason instanceof LimitError) return reason;
  throw reason;
}

const brief = (states: readonly LimitState[]) =>
  states.map(({ name, of, limit, remaining }) => `${of} ${name} ${remaining}/${limit}`);

test('without limits nothing is counted and the database is not used', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { user, key } = await limited(scene, {});
  for (const principal of [user, key, { kind: 'anonymous' } as const]) {
    expect(await access.limits.consumeRequest(principal, HOME)).toEqual([]);
    expect(await access.limits.consumeDocuments(principal, { digests: 10_000, bytes: 1e12 }, HOME)).toEqual(
      [],
    );
    expect(await access.limits.bytesLeft(principal)).toBe(null);
  }
  expect(await scene.database.query('SELECT key FROM rate_limit')).toEqual([]);
});

test('an organization’s limits apply to all of it and a key’s to the key; both are consumed or neither', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { user, key } = await limited(
    scene,
    { digestsPerDay: 100, bytesPerDay: 1_000_000 },
    { digestsPerDay: 40 },
  );
  const take = (principal: Principal, digests: number, bytes: number) =>
    access.limits.consumeDocuments(principal, { digests, bytes }, HOME);

  expect(brief(await take(key, 30, 1000))).toEqual([
    'key digests 10/40',
    'organization digests 70/100',
    'organization bytes 999000/1000000',
  ]);
  expect(brief(await take(user, 10, 0))).toEqual([
    'organization digests 60/100',
    'organization bytes 999000/1000000',
  ]);
  const own = await refusalOf(take(key, 11, 1));
  expect(own.code).toBe('limit_exceeded');
  expect(brief(own.states)).toEqual([
    'key digests 10/40',
    'organization digests 60/100',
    'organization bytes 999000/1000000',
  ]);
  expect(own.message).toBe('the limit is 40 digests a day for this key');
  expect(own.retryAfterSeconds).toBeGreaterThan(86_000);
  expect(own.retryAfterSeconds).toBeLessThanOrEqual(86_400);
  const organizations = await refusalOf(take(user, 1, 999_001));
  expect(organizations.message).toBe('the limit is 1000000 bytes a day for this organization');
  expect(await access.limits.bytesLeft(key)).toBe(999_000);
  // Nothing of what was refused is gone.
  expect(brief(await take(key, 10, 999_000))).toEqual([
    'key digests 0/40',
    'organization digests 50/100',
    'organization bytes 0/1000000',
  ]);
  expect(await access.limits.bytesLeft(user)).toBe(0);
});

test('a request larger than a whole window gets no Retry-After', async () => {
  await using scene = await createScene();
  const { user } = await limited(scene, { digestsPerDay: 100, requestsPerMinute: 0 });
  const { retryAfterSeconds } = await refusalOf(
    scene.access.limits.consumeDocuments(user, { digests: 101, bytes: 0 }, HOME),
  );
  expect(retryAfterSeconds).toBe(null);
  expect((await refusalOf(scene.access.limits.consumeRequest(user, HOME))).retryAfterSeconds).toBe(null);
});

test('limits are exact under concurrency on several instances', async () => {
  await using scene = await createScene();
  const both = [scene.access, await scene.another()];
  const { user, key } = await limited(scene, { digestsPerDay: 500 }, { digestsPerDay: 300 });
  await scene.newEvents();
  const takes = Array.from({ length: 120 }, (_, i) =>
    turnOf(both, i).limits.consumeDocuments(
      i % 3 === 0 ? user : key,
      { digests: 1 + (i % 13), bytes: 0 },
      HOME,
    ),
  );
  const outcomes = await Promise.allSettled(takes);
  const given = (of: Principal) =>
    outcomes.reduce((sum, { status }, i) => {
      const mine = (i % 3 === 0 ? user : key) === of;
      return status === 'fulfilled' && mine ? sum + 1 + (i % 13) : sum;
    }, 0);
  expect(given(key)).toBeLessThanOrEqual(300);
  expect(given(user) + given(key)).toBeLessThanOrEqual(500);
  // And to the last one: what is left is what can still be had.
  const left = 500 - given(user) - given(key);
  const singles = await Promise.allSettled(
    Array.from({ length: left + 20 }, (_, i) =>
      turnOf(both, i).limits.consumeDocuments(user, { digests: 1, bytes: 0 }, HOME),
    ),
  );
  expect(singles.filter(({ status }) => status === 'fulfilled')).toHaveLength(left);
});

test('a reached limit is logged once in each window over all instances', async () => {
  await using scene = await createScene();
  const both = [scene.access, await scene.another()];
  const { key } = await limited(scene, { digestsPerDay: 5 }, {});
  await scene.newEvents();
  const hit = () =>
    Promise.allSettled(
      Array.from({ length: 12 }, (_, i) =>
        turnOf(both, i).limits.consumeDocuments(key, { digests: 3, bytes: 0 }, HOME),
      ),
    );
  await hit();
  await hit();
  expect(await scene.newEvents()).toEqual(['limit_hit']);
  const [event] = await scene.access.log.read(LOCAL, { kinds: ['limit_hit'], limit: 10 });
  if (key.kind !== 'key') throw new Error('a key was made');
  expect(event).toMatchObject({
    organizationId: key.organization.id,
    keyId: key.keyId,
    personId: null,
    address: HOME.address,
    detail: { limit: 'digests', of: 'organization', most: 5, windowSeconds: 86_400 },
  });
  // The window is over.
  await scene.database.query('UPDATE rate_limit SET resets_at = 0');
  await hit();
  expect(await scene.newEvents()).toEqual(['limit_hit']);
});

test('a changed limit takes effect at once', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { organization, owner } = await scene.organization();
  const now = () => access.authenticate({ kind: 'bearer', token: owner.tokens.accessToken }, HOME);
  const take = async () => access.limits.consumeDocuments(await now(), { digests: 1, bytes: 0 }, HOME);
  await access.organizations.update(LOCAL, organization.id, { limits: { digestsPerDay: 1 } }, HOME);
  await take();
  await refusalOf(take());
  await access.organizations.update(LOCAL, organization.id, { limits: { digestsPerDay: 3 } }, HOME);
  expect(brief(await take())).toEqual(['organization digests 1/3']);
  await access.organizations.update(LOCAL, organization.id, { limits: { digestsPerDay: null } }, HOME);
  expect(await take()).toEqual([]);
});

describe('the quota of a rejected submission', () => {
  /** An instance on which one submission was rejected while quota could not be returned. */
  async function rejectSubmission(scene: Scene, refund: RateLimits['refund']) {
    const log = createLog();
    const { background, failures } = createBackground(log);
    const rateLimits = { ...scene.store.rateLimits, refund };
    const access = await scene.another({ rateLimits, background, logger: log });
    const { key } = await limited(scene, { digestsPerDay: 10, bytesPerDay: 100 });
    const quota = access.limits.documentQuota(key, { digests: 4, bytes: 40 }, HOME);
    await quota.reserve();
    await quota.release();
    return { access, key, log, failures: () => failures.get('returning quota') };
  }

  test('is returned when the database is available again', async () => {
    await using scene = await createScene();
    let isAvailable = false;
    const { access, key, failures } = await rejectSubmission(scene, (refunds) =>
      isAvailable
        ? scene.store.rateLimits.refund(refunds)
        : Promise.reject(new StoreError('unavailable', 'the database is unavailable')),
    );
    expect(await access.limits.bytesLeft(key)).toBe(60);
    isAvailable = true;
    await until('the quota to be returned', () => access.limits.bytesLeft(key), 100);
    expect(failures()).toBe(1);
    await access.close();
  });

  test('is returned when the process stops', async () => {
    await using scene = await createScene();
    let calls = 0;
    const { access, key } = await rejectSubmission(scene, (refunds) =>
      ++calls === 1
        ? Promise.reject(new StoreError('unavailable', 'the database is unavailable'))
        : scene.store.rateLimits.refund(refunds),
    );
    await access.close();
    expect(await access.limits.bytesLeft(key)).toBe(100);
    expect(calls).toBe(2);
  });

  test('is logged with its keys and amounts when it is lost, and counted', async () => {
    await using scene = await createScene();
    const { access, key, log, failures } = await rejectSubmission(scene, () =>
      Promise.reject(new StoreError('unavailable', 'the database is unavailable')),
    );
    await access.close();
    expect(failures()).toBeGreaterThanOrEqual(2);
    if (key.kind !== 'key') throw new Error('a key was made');
    const { id } = key.organization;
    expect(log.lines.filter((line) => line.startsWith('returning quota stalled'))).toHaveLength(1);
    const [lost = ''] = log.lines.filter((line) => line.startsWith('quota of rejected submissions is lost'));
    expect(lost).toContain(`{"key":"digests:organization:${id}","tokens":4,`);
    expect(lost).toContain(`{"key":"bytes:organization:${id}","tokens":40,`);
  });
});
