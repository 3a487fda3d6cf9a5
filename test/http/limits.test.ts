import { createHash, randomBytes } from 'node:crypto';
import { request as send } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LimitsInput, LOCAL } from '../../src/auth/index.js';
import { Accepted, Problem, ResultLine } from '../../src/http/schemas/resources.js';
import { bearer, createKey, createOrganization, createUser, type Key } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let one: TestService;
let two: TestService;
beforeAll(async () => {
  one = await startService({ sealing: false });
  two = await startService({ sealing: false, beside: one });
});
afterAll(async () => {
  await two[Symbol.asyncDispose]();
  await one[Symbol.asyncDispose]();
});

async function limited(
  organization: LimitsInput,
  key: LimitsInput = {},
): Promise<Key & { organizationId: string }> {
  const { id: organizationId } = await createOrganization(one, 'Limited', organization);
  return { organizationId, ...(await createKey(one, organizationId, ['notarize', 'read'], { limits: key })) };
}

const digest = () => createHash('sha256').update(randomBytes(8)).digest('hex');
const documents = (count: number) => ({
  documents: Array.from({ length: count }, () => ({ sha256: digest() })),
});
const post = (service: TestService, key: Key, count: number, headers: Record<string, string> = {}) =>
  request(service.url)
    .post('/v1/notarizations')
    .set({ ...bearer(key.secret), ...headers })
    .send(documents(count));
const codeOf = (res: { readonly body: unknown }) => Problem.parse(res.body).code;

describe('requests', () => {
  test('are counted for the organization over all instances and keys, and a 429 has Retry-After', async () => {
    const key = await limited({ requestsPerMinute: 6 });
    const second = await createKey(one, key.organizationId);
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++) {
      const res = await request((i % 2 === 0 ? one : two).url)
        .get('/v1/session')
        .set(bearer((i % 3 === 0 ? key : second).secret));
      statuses.push(res.status);
      expect(res.headers['ratelimit-policy']).toBe('"requests-organization";q=6;w=60');
      expect(res.headers['ratelimit']).toMatch(/^"requests-organization";r=\d;t=\d+$/);
      if (res.status === 429) {
        expect(codeOf(res)).toBe('limit_exceeded');
        const wait = Number(res.headers['retry-after']);
        expect(wait).toBeGreaterThan(0);
        expect(wait).toBeLessThanOrEqual(60);
      }
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429, 429]);
    // It is logged once, however often it is hit.
    const logged = await one.deps.access.log.read(LOCAL, {
      organizationId: key.organizationId,
      kinds: ['limit_hit'],
      limit: 10,
    });
    expect(logged).toMatchObject([{ detail: { limit: 'requests', of: 'organization' } }]);
  });

  test('are limited exactly when they are concurrent on two instances', async () => {
    const key = await limited({ requestsPerMinute: 20 });
    const all = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        request((i % 2 === 0 ? one : two).url)
          .get('/v1/session')
          .set(bearer(key.secret))
          .then(({ status }) => status),
      ),
    );
    expect(all.filter((status) => status === 200)).toHaveLength(20);
  });

  test('are limited by the key and by its organization', async () => {
    const key = await limited({ requestsPerMinute: 100 }, { requestsPerMinute: 1 });
    const get = () => request(one.url).get('/v1/session').set(bearer(key.secret));
    const first = await get().expect(200);
    expect(first.headers['ratelimit-policy']).toBe(
      '"requests-key";q=1;w=60, "requests-organization";q=100;w=60',
    );
    await get().expect(429);
  });

  test('without limits have no RateLimit headers', async () => {
    const key = await limited({});
    for (const res of [
      await request(one.url).get('/v1/session').set(bearer(key.secret)),
      await request(one.url).get('/v1/session'),
      await request(one.url).get('/v1/chain'),
    ]) {
      expect([res.status, res.headers['ratelimit']]).toEqual([200, undefined]);
    }
  });
});

describe('digests', () => {
  test('a submission that exceeds the limit consumes nothing', async () => {
    const key = await limited({ digestsPerDay: 10 });
    const first = await post(one, key, 7).expect(201);
    expect(first.headers['ratelimit']).toMatch(/^"digests-organization";r=3;t=\d+$/);
    expect(first.headers['ratelimit-policy']).toBe('"digests-organization";q=10;w=86400;qu="digests"');
    const size = (await one.store.head()).nextPosition;
    expect(codeOf(await post(two, key, 4).expect(429))).toBe('limit_exceeded');
    expect((await one.store.head()).nextPosition).toBe(size);
    await post(two, key, 3).expect(201);
    await post(one, key, 1).expect(429);
    // More than a whole day's worth fits into no later day.
    const never = await post(one, await limited({ digestsPerDay: 2 }), 3).expect(429);
    expect(never.headers['retry-after']).toBeUndefined();
  });

  test('a repeated request gets its response when the limit is exhausted', async () => {
    const key = await limited({ digestsPerDay: 2, bytesPerDay: 10 });
    const body = documents(2);
    const repeat = () =>
      request(one.url)
        .post('/v1/notarizations')
        .set({ ...bearer(key.secret), 'Idempotency-Key': 'again' })
        .send(body);
    const first = Accepted.parse((await repeat().expect(201)).body);
    const again = Accepted.parse((await repeat().expect(201)).body);
    expect(again.notarizations.map(({ id }) => id)).toEqual(first.notarizations.map(({ id }) => id));
    await post(one, key, 1).expect(429);
    const upload = (bytes: string) =>
      request(two.url)
        .put('/v1/notarizations')
        .set({ ...bearer(other.secret), 'Idempotency-Key': 'file' })
        .send(Buffer.from(bytes));
    const other = await limited({ bytesPerDay: 10 });
    await upload('0123456789').expect(201);
    await upload('0123456789').expect(201);
    const changed = await upload('9876543210').expect(422);
    expect(codeOf(changed)).toBe('idempotency_mismatch');
  });

  test('a stream is limited by chunks, and earlier chunks stay accepted', async () => {
    // The look-up of the first chunk's key is slow: the second chunk must not be charged before the first.
    await using service = await startService({
      sealing: false,
      beside: one,
      wrapStore: (store) => ({
        ...store,
        idempotencyRecord: async (scope, key) => {
          if (key === 'chunks 0') await delay(100);
          return store.idempotencyRecord(scope, key);
        },
      }),
    });
    const key = await limited({ digestsPerDay: 1500 });
    const stream = (lines: number) =>
      fetch(`${service.url}/v1/notarizations`, {
        method: 'POST',
        headers: {
          ...bearer(key.secret),
          'content-type': 'application/x-ndjson',
          'idempotency-key': 'chunks',
        },
        body: Array.from(
          { length: lines },
          (_, i) => `{"sha256":"${i.toString(16).padStart(64, '0')}"}\n`,
        ).join(''),
      });
    const res = await stream(2000);
    expect(res.status).toBe(200);
    const lines = (await res.text())
      .trim()
      .split('\n')
      .map((line) => ResultLine.parse(JSON.parse(line)));
    expect(lines.slice(0, 1000).every((line) => !('error' in line))).toBe(true);
    expect(lines.slice(1000).map((line) => ('error' in line ? line.error.code : ''))).toEqual(
      Array(1000).fill('limit_exceeded'),
    );
    // Where nothing was accepted, the request as a whole fails.
    const none = await limited({ digestsPerDay: 1 });
    const refused = await fetch(`${one.url}/v1/notarizations`, {
      method: 'POST',
      headers: { ...bearer(none.secret), 'content-type': 'application/x-ndjson' },
      body: Array.from({ length: 2 }, () => `{"sha256":"${digest()}"}\n`).join(''),
    });
    expect([refused.status, codeOf({ body: await refused.json() })]).toEqual([429, 'limit_exceeded']);
  });
});

describe('bytes', () => {
  const upload = (key: Key, bytes: Buffer, service = one) =>
    request(service.url).put('/v1/notarizations').set(bearer(key.secret)).send(bytes);

  test('are consumed by uploads and not by digests', async () => {
    const key = await limited({ bytesPerDay: 100_000 });
    const first = await upload(key, Buffer.alloc(60_000)).expect(201);
    expect(first.headers['ratelimit-policy']).toContain('q=100000;w=86400;qu="content-bytes"');
    expect(codeOf(await upload(key, Buffer.alloc(60_000), two).expect(429))).toBe('limit_exceeded');
    await post(one, key, 5).expect(201);
    const form = await request(one.url)
      .post('/v1/notarizations')
      .set(bearer(key.secret))
      .attach('file', Buffer.alloc(20_000), 'a')
      .attach('file', Buffer.alloc(30_000), 'b');
    expect([form.status, codeOf(form)]).toEqual([429, 'limit_exceeded']);
    await upload(key, Buffer.alloc(30_000)).expect(201);
  });

  test('an upload whose Content-Length exceeds the limit is rejected before it is read', async () => {
    const key = await limited({ bytesPerDay: 1000 });
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const req = send(`${one.url}/v1/notarizations`, {
        method: 'PUT',
        headers: { ...bearer(key.secret), 'content-length': 5_000_000_000 },
      });
      req.on('response', (res) => {
        resolve(res.statusCode);
        req.destroy();
      });
      req.on('error', reject);
      req.flushHeaders();
    });
    expect(status).toBe(429);
  });

  test('a chunked upload is stopped when it exceeds the limit', async () => {
    const key = await limited({ bytesPerDay: 200_000 });
    for (const [path, headers, head] of [
      ['PUT', {}, ''],
      [
        'POST',
        { 'content-type': 'multipart/form-data; boundary=b' },
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n',
      ],
    ] as const) {
      const response = await new Promise<{ status: number | undefined; written: number }>((resolve) => {
        let written = 0;
        const req = send(`${one.url}/v1/notarizations`, {
          method: path,
          headers: { ...bearer(key.secret), ...headers, 'transfer-encoding': 'chunked' },
        });
        req.on('error', () => undefined);
        req.write(head);
        const chunk = Buffer.alloc(64 * 1024);
        const more = () => {
          written += chunk.length;
          if (req.destroyed || written > 50_000_000) return;
          req.write(chunk, () => setImmediate(more));
        };
        req.on('response', (res) => {
          resolve({ status: res.statusCode, written });
          req.destroy();
        });
        more();
      });
      expect([path, response.status]).toEqual([path, 429]);
      expect(response.written).toBeLessThan(50_000_000);
    }
    // Nothing of it counted.
    await upload(key, Buffer.alloc(200_000)).expect(201);
  });
});

test('users consume the limits of their organization', async () => {
  const { id } = await createOrganization(one, 'People', { digestsPerDay: 1 });
  const notary = await createUser(one, id, 'notary');
  const submit = () =>
    request(one.url).post('/v1/notarizations').set(bearer(notary.accessToken)).send(documents(1));
  await submit().expect(201);
  await submit().expect(429);
});
