import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LimitsInput, LOCAL } from '../../src/auth/index.js';
import { Problem, ResultLine } from '../../src/http/schemas/resources.js';
import { bearer, createKey, createOrganization, createUser, HERE } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

/** After this long a request is authorized again, in milliseconds (routes/submit.ts). */
const REAUTHORIZE_AFTER_MS = 1000;

let service: TestService;
let now = Date.now();
let organizationId: string;
beforeAll(async () => {
  service = await startService({ clock: () => now });
  organizationId = (await createOrganization(service)).id;
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

interface Upload {
  readonly req: ClientRequest;
  finish(): Promise<{ status: number | undefined; code: string | null }>;
}

/** An upload that has sent something and been under way for long. */
async function upload(token: string): Promise<Upload> {
  const started = performance.now();
  const req = httpRequest(`${service.url}/v1/notarizations`, { method: 'PUT', headers: bearer(token) });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    req.on('response', resolve).on('error', reject);
  });
  req.write('first half, ');
  await until(
    'the time after which credentials are checked again',
    () => performance.now() - started,
    (seen) => seen > REAUTHORIZE_AFTER_MS + 100,
  );
  return {
    req,
    async finish() {
      req.end('second half');
      const res = await response;
      let body = '';
      for await (const chunk of res.setEncoding('utf8')) body += String(chunk);
      return {
        status: res.statusCode,
        code: res.statusCode === 201 ? null : Problem.parse(JSON.parse(body)).code,
      };
    },
  };
}

describe('a long upload', () => {
  const accepted = async () => (await service.store.head()).nextPosition;

  test.each([
    ['a key that was revoked during it', 'invalid_token'],
    ['a session that ended during it', 'invalid_token'],
    ['a user who became an auditor during it', 'forbidden'],
    ['an organization that was disabled during it', 'invalid_token'],
  ])('is rejected for %s', async (what, code) => {
    const { access } = service.deps;
    const own = await createOrganization(service);
    await createUser(service, own.id, 'owner');
    const notary = await createUser(service, own.id, 'notary');
    const key = await createKey(service, own.id);
    const byKey = what.startsWith('a key') || what.startsWith('an organization');
    const under = await upload(byKey ? key.secret : notary.accessToken);
    const before = await accepted();
    if (what.startsWith('a key')) await access.keys.revoke(LOCAL, own.id, key.id, HERE);
    if (what.startsWith('a session')) await access.people.setDisabled(LOCAL, notary.personId, true, HERE);
    if (what.startsWith('a user'))
      await access.users.setRole(LOCAL, own.id, notary.personId, 'auditor', HERE);
    if (what.startsWith('an organization'))
      await access.organizations.update(LOCAL, own.id, { disabled: true }, HERE);
    expect((await under.finish()).code).toBe(code);
    expect(await accepted()).toBe(before);
  });

  test('is accepted although its access token expires during it', async () => {
    const notary = await createUser(service, organizationId, 'notary');
    const under = await upload(notary.accessToken);
    now += 20 * 60_000;
    expect(await under.finish()).toEqual({ status: 201, code: null });
    const late = await fetch(`${service.url}/v1/keys`, { headers: bearer(notary.accessToken) });
    expect(late.status).toBe(401);
  });

  test('is limited by the limits at its end', async () => {
    const own = await createOrganization(service);
    const key = await createKey(service, own.id);
    const under = await upload(key.secret);
    const limits: LimitsInput = { bytesPerDay: 5 };
    await service.deps.access.organizations.update(LOCAL, own.id, { limits }, HERE);
    expect((await under.finish()).code).toBe('limit_exceeded');
  });
});

test('a stream stops when its key is revoked, and lines with a result stay accepted', async () => {
  const key = await createKey(service, organizationId);
  const req = httpRequest(`${service.url}/v1/notarizations`, {
    method: 'POST',
    headers: { ...bearer(key.secret), 'content-type': 'application/x-ndjson' },
  });
  req.on('error', () => undefined);
  const started = performance.now();
  const response = once(req, 'response');
  const line = (i: number) => `{"sha256":"${String(i).padStart(64, '0')}"}\n`;
  req.write(line(1));
  const [res] = (await response) as [IncomingMessage];
  const lines = createInterface({ input: res })[Symbol.asyncIterator]();
  const next = async () => ResultLine.parse(JSON.parse(String((await lines.next()).value)));
  expect(await next()).toMatchObject({ line: 1, status: 'accepted' });
  await until(
    'the time after which credentials are checked again',
    () => performance.now() - started,
    (seen) => seen > REAUTHORIZE_AFTER_MS + 100,
  );
  req.write(line(2));
  expect(await next()).toMatchObject({ line: 2, status: 'accepted' });
  await service.deps.access.keys.revoke(LOCAL, organizationId, key.id, HERE);
  req.write(line(3));
  expect(await next()).toMatchObject({ line: 3, error: { code: 'invalid_token' } });
  expect((await lines.next()).done).toBe(true);
  req.destroy();
});

test('an event stream ends when its key is revoked', async () => {
  await using idle = await startService({ sealing: false });
  const { id } = await createOrganization(idle);
  const key = await createKey(idle, id);
  const documents = [{ sha256: 'a'.repeat(64), details: { name: 'secret.pdf' } }];
  const submitted = await fetch(`${idle.url}/v1/notarizations`, {
    method: 'POST',
    headers: { ...bearer(key.secret), 'content-type': 'application/json' },
    body: JSON.stringify({ documents }),
  });
  const { notarizations } = (await submitted.json()) as { notarizations: { links: { events: string } }[] };
  const res = await fetch(idle.url + (notarizations[0]?.links.events ?? ''), { headers: bearer(key.secret) });
  const reader = (res.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  while (!text.includes('event: accepted')) {
    text += new TextDecoder().decode((await reader.read()).value);
  }
  await idle.deps.access.keys.revoke(LOCAL, id, key.id, HERE);
  idle.startSealing();
  let rest = '';
  await expect(
    (async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        rest += new TextDecoder().decode(part.value);
      }
      throw new Error('ended as if all was well');
    })(),
  ).rejects.toThrow(/terminated|aborted|socket/i);
  expect(rest).not.toContain('secret.pdf');
});
