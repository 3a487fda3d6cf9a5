import { createHash, randomBytes } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ANONYMOUS_LIMITS, ANONYMOUS_PRINCIPAL, type Client } from '../../src/auth/index.js';
import { Problem } from '../../src/http/schemas/resources.js';
import { startMember } from '../support/member.js';
import { bearer, createKey, createOrganization } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

const STRANGER = '203.0.113.7';
const ELSEWHERE = '198.51.100.7';
const CLIENT: Client = { address: STRANGER, agent: '' };

let service: TestService;
let id: string;
let key: string;
beforeAll(async () => {
  const now = Date.now();
  // A clock that stands still: no bucket is refilled while the tests run.
  service = await startService({ trustProxy: 1, clock: () => now });
  const sha256 = randomBytes(32).toString('hex');
  const res = await request(service.url)
    .post('/v1/notarizations?wait=sealed')
    .send({ documents: [{ sha256 }] })
    .expect(201);
  id = (res.body as { notarizations: { id: string }[] }).notarizations[0]?.id ?? '';
  const { secret } = await createKey(service, (await createOrganization(service)).id, ['notarize', 'read']);
  key = secret;
});
afterAll(() => service[Symbol.asyncDispose]());

const from = (address: string, apiKey?: string) => ({
  'X-Forwarded-For': address,
  ...(apiKey === undefined ? {} : bearer(apiKey)),
});

const verifyAt = (url: string, headers: Record<string, string>) =>
  request(url)
    .post('/v1/verify')
    .set(headers)
    .send({ sha256: randomBytes(32).toString('hex') });

function expectLimited(res: request.Response): void {
  expect([res.status, Problem.parse(res.body).code]).toEqual([429, 'limit_exceeded']);
  expect(Number(res.headers['retry-after'])).toBeGreaterThan(0);
}

test('an anonymous network that verifies too often gets 429 with Retry-After; other networks and API keys are not limited', async () => {
  const { anonymousLimits } = service.deps.access;
  for (let i = 0; i < ANONYMOUS_LIMITS.verificationsPerMinute; i++) {
    anonymousLimits.consumeVerification(ANONYMOUS_PRINCIPAL, CLIENT);
  }
  const verify = (headers: Record<string, string>) => verifyAt(service.url, headers);
  expectLimited(await verify(from(STRANGER)));
  const upload = request(service.url).post('/v1/verify').set(from(STRANGER));
  expectLimited(await upload.attach('file', randomBytes(100), 'a.bin'));
  expectLimited(await request(service.url).post('/v1/verify/history').set(from(STRANGER)).send({}));
  await verify(from(ELSEWHERE)).expect(200);
  await verify(from(STRANGER, key)).expect(200);
  await verify({}).expect(200);
  // Looking up a digest costs little, and is not limited.
  await request(service.url)
    .get(`/v1/verify/${randomBytes(32).toString('hex')}`)
    .set(from(STRANGER))
    .expect(200);
});

test('an upload is verified completely although its anonymous network has used up its bandwidth', async () => {
  const { anonymousLimits } = service.deps.access;
  async function* share() {
    yield await Promise.resolve({ length: ANONYMOUS_LIMITS.uploadBytesPerMinute } as Uint8Array);
  }
  const other: Client = { address: '192.0.2.7', agent: '' };
  for await (const chunk of anonymousLimits.pace(ANONYMOUS_PRINCIPAL, other, share())) {
    expect(chunk.length).toBe(ANONYMOUS_LIMITS.uploadBytesPerMinute);
  }
  const document = randomBytes(1 << 20);
  const res = await request(service.url)
    .post('/v1/verify')
    .set(from(other.address))
    .attach('file', document, 'a.bin')
    .expect(200);
  expect((res.body as { sha256: string }).sha256).toBe(createHash('sha256').update(document).digest('hex'));
});

test('a network that calls with links to sign too often gets 429, whatever the links are', async () => {
  const open = (headers: Record<string, string>) =>
    request(service.url)
      .post('/v1/signing/open')
      .set(headers)
      .send({ token: 'a'.repeat(43) });
  await open(from(STRANGER)).expect(400);
  for (let i = 1; i < ANONYMOUS_LIMITS.signingCallsPerMinute; i++) {
    service.deps.access.anonymousLimits.consumeSigningCall(CLIENT);
  }
  expectLimited(await open(from(STRANGER)));
  // The link says who it is, not a key.
  expectLimited(await open(from(STRANGER, key)));
  await open(from(ELSEWHERE)).expect(400);
});

test('a member limits verifications by network too', async () => {
  const now = Date.now();
  await using member = await startMember({ upstream: service.url, trustProxy: 1, clock: () => now });
  for (let i = 0; i < ANONYMOUS_LIMITS.verificationsPerMinute; i++) {
    member.anonymousLimits.consumeVerification(ANONYMOUS_PRINCIPAL, CLIENT);
  }
  const verify = (headers: Record<string, string>) => verifyAt(member.url, headers);
  expectLimited(await verify(from(STRANGER)));
  // Without a proof there is nothing to verify here.
  await verify(from(ELSEWHERE)).expect(400);
  await verify({}).expect(400);
});

test('an anonymous network that requests too many certificates gets 429 with Retry-After', async () => {
  const certificate = (headers: Record<string, string>) =>
    request(service.url).get(`/v1/notarizations/${id}/certificate.pdf`).set(headers);
  const first = await certificate(from(STRANGER)).expect(200);
  for (let i = 1; i < ANONYMOUS_LIMITS.certificatesPerMinute; i++) {
    service.deps.access.anonymousLimits.consumeCertificate(ANONYMOUS_PRINCIPAL, CLIENT);
  }
  expectLimited(await certificate(from(STRANGER)));
  await certificate(from(STRANGER, key)).expect(200);
  await certificate(from(ELSEWHERE)).expect(200);
  // A certificate that the caller has is not made again.
  await certificate({ ...from(STRANGER), 'If-None-Match': String(first.headers['etag']) }).expect(304);
});

test('an anonymous network can open a limited number of event streams, and another one once a stream is closed', async () => {
  const res = await request(service.url)
    .post('/v1/notarizations')
    .send({ documents: [{ sha256: randomBytes(32).toString('hex') }] })
    .expect(201);
  const accepted = (res.body as { notarizations: { id: string }[] }).notarizations[0]?.id ?? '';
  const { anonymousLimits } = service.deps.access;
  const open = Array.from({ length: ANONYMOUS_LIMITS.eventStreams }, () =>
    anonymousLimits.openEventStream(ANONYMOUS_PRINCIPAL, CLIENT),
  );
  const events = (headers: Record<string, string>) =>
    request(service.url).get(`/v1/notarizations/${accepted}/events`).set(headers);
  expectLimited(await events(from(STRANGER)));
  await events(from(ELSEWHERE)).expect(200);
  open.pop()?.();
  // Ends when the notarization is sealed, and gives its place back.
  for (let i = 0; i < 3; i++) await events(from(STRANGER)).expect(200);
  for (const close of open) close();
});

test('anonymous uploads are read no faster than the bandwidth of their network', async () => {
  const { anonymousLimits } = service.deps.access;
  const perSecond = ANONYMOUS_LIMITS.uploadBytesPerMinute / 60;
  const client: Client = { address: '100.64.0.7', agent: '' };
  async function* share() {
    yield await Promise.resolve({ length: ANONYMOUS_LIMITS.uploadBytesPerMinute + perSecond } as Uint8Array);
  }
  for await (const chunk of anonymousLimits.pace(ANONYMOUS_PRINCIPAL, client, share())) {
    expect(chunk.length).toBeGreaterThan(0);
  }
  const put = async (headers: Record<string, string>) => {
    const started = performance.now();
    await request(service.url).put('/v1/notarizations').set(headers).send(randomBytes(1000)).expect(201);
    return performance.now() - started;
  };
  // The clock stands still: the network owes a second.
  expect(await put(from(client.address))).toBeGreaterThan(900);
  const form = request(service.url).post('/v1/notarizations').set(from(client.address));
  const started = performance.now();
  await form.attach('file', randomBytes(1000), 'a.bin').expect(201);
  expect(performance.now() - started).toBeGreaterThan(900);
});
