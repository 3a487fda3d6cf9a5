import { randomBytes } from 'node:crypto';
import request from 'supertest';
import { afterEach, expect, test } from 'vitest';
import { type Store, StoreError } from '../../src/store/index.js';
import { bearer, createKey, createOrganization, type Key } from '../support/people.js';
import { type ServiceOptions, startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

let service: TestService;
let organizationId: string;
afterEach(async () => {
  await service[Symbol.asyncDispose]();
});

async function start(
  wrapStore: NonNullable<ServiceOptions['wrapStore']>,
  digestsPerDay: number,
): Promise<Key> {
  service = await startService({ sealing: false, wrapStore });
  organizationId = (await createOrganization(service, 'Limited', { digestsPerDay })).id;
  return createKey(service, organizationId);
}

const documents = (count: number) => ({
  documents: Array.from({ length: count }, () => ({ sha256: randomBytes(32).toString('hex') })),
});
const post = (key: Key, body: object, headers: Record<string, string> = {}) =>
  request(service.url)
    .post('/v1/notarizations')
    .set({ ...bearer(key.secret), ...headers })
    .send(body)
    .then((res) => res);
const remaining = () =>
  service.store.rateLimits.remaining(`digests:organization:${organizationId}`, {
    limit: 100,
    windowSeconds: 1,
  });

/** A store whose next `times` commits fail with `error`. */
function failing(error: StoreError, times: number) {
  return (store: Store): Store => ({
    ...store,
    accept: (group) => (times-- > 0 ? Promise.reject(error) : store.accept(group)),
  });
}

test('a submission that was not accepted costs no quota', async () => {
  const key = await start(failing(new StoreError('unavailable', 'away'), 3), 5);
  for (let attempt = 0; attempt < 3; attempt++) expect((await post(key, documents(5))).status).toBe(503);
  expect((await post(key, documents(5))).status).toBe(201);
  expect((await post(key, documents(1))).status).toBe(429);
});

test('quota is given back later when the database is unavailable for the refund too', async () => {
  let away = true;
  const key = await start(
    (store) => ({
      ...store,
      accept: (group) => (away ? Promise.reject(new StoreError('unavailable', 'away')) : store.accept(group)),
      rateLimits: {
        ...store.rateLimits,
        refund: (refunds) =>
          away ? Promise.reject(new StoreError('unavailable', 'away')) : store.rateLimits.refund(refunds),
      },
    }),
    5,
  );
  expect((await post(key, documents(5))).status).toBe(503);
  away = false;
  await until('the quota to be given back', remaining, 100);
  expect((await post(key, documents(5))).status).toBe(201);
});

test('of two concurrent requests with one Idempotency-Key, the replay costs no quota', async () => {
  let lookUps = 0;
  let release = (): void => undefined;
  const bothLookedUp = new Promise<void>((resolve) => (release = resolve));
  const key = await start(
    (store) => ({
      ...store,
      // Both requests look the key up before either is committed.
      idempotencyRecord: async (scope, own) => {
        const record = await store.idempotencyRecord(scope, own);
        if (++lookUps === 2) release();
        await bothLookedUp;
        return record;
      },
    }),
    100,
  );
  const body = documents(7);
  const responses = await Promise.all([1, 2].map(() => post(key, body, { 'Idempotency-Key': 'same' })));
  expect(responses.map(({ status }) => status)).toEqual([201, 201]);
  expect(responses.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(1);
  expect(await remaining()).toBe(93);
});
