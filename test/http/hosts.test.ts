import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isOwnHost } from '../../src/http/auth/origin.js';
import { Problem } from '../../src/http/schemas/resources.js';
import { parseResponse, sendRaw } from '../support/raw-http.js';
import { startService, type TestService } from '../support/service.js';

let onLoopback: TestService;
let published: TestService;
let open: TestService;
beforeAll(async () => {
  onLoopback = await startService({ sealing: false });
  const publicUrl = new URL('https://notary.example.com/');
  published = await startService({ sealing: false, hosts: { publicUrl, loopbackOnly: false } });
  open = await startService({ sealing: false, hosts: { loopbackOnly: false } });
});
afterAll(async () => {
  for (const service of [onLoopback, published, open]) await service[Symbol.asyncDispose]();
});

const get = (service: TestService, host: string, path = '/healthz') =>
  sendRaw(service.port, [`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`]);
const statusOf = (text: string) => Number(text.split(' ')[1]);

const LOOPBACK = [
  'localhost',
  'LOCALHOST:8080',
  '127.0.0.1',
  '127.0.0.1:1',
  '127.9.9.9',
  '[::1]',
  '[::1]:8080',
];
const NAMES = [
  'evil.example',
  'evil.example:8080',
  'notary.example.com.evil.example',
  'xlocalhost',
  'localhost.',
];
const NO_HOSTS = [
  '',
  'a b',
  'a/b',
  'a@localhost',
  'localhost:x',
  '[::1',
  'localhost:1:2',
  'evil.example#localhost',
];

describe('the host names of a service', () => {
  test.each([
    [
      'listening on loopback',
      { publicUrl: null, loopbackOnly: true },
      LOOPBACK,
      [...NAMES, ...NO_HOSTS, '10.0.0.1'],
    ],
    [
      'with a name of its own',
      { publicUrl: new URL('https://Notary.example.com:8443'), loopbackOnly: false },
      ['notary.example.com', 'NOTARY.example.com:443', '10.0.0.1:8080', '[2001:db8::1]', '127.0.0.1'],
      [...NAMES, ...NO_HOSTS, 'localhost'],
    ],
    [
      'with a name, behind a proxy on its own machine',
      { publicUrl: new URL('https://notary.example.com'), loopbackOnly: true },
      ['notary.example.com', ...LOOPBACK],
      [...NAMES, ...NO_HOSTS, '10.0.0.1'],
    ],
    [
      'without a configured name',
      { publicUrl: null, loopbackOnly: false },
      [...LOOPBACK, ...NAMES],
      NO_HOSTS,
    ],
  ])('%s', (_, policy, own, foreign) => {
    expect(own.filter((host) => !isOwnHost(host, policy))).toEqual([]);
    expect(foreign.filter((host) => isOwnHost(host, policy))).toEqual([]);
  });
});

test('requests from a rebound name are rejected everywhere, without repeating the name', async () => {
  for (const path of ['/', '/v1/chain', '/v1/session', '/v1/nothing', '/openapi.json', '/docs', '/metrics']) {
    const text = await get(onLoopback, 'rebound.evil.example', path);
    expect([path, statusOf(text)]).toEqual([path, 421]);
    expect(text).not.toContain('evil.example');
  }
  const { body } = parseResponse(await get(onLoopback, 'rebound.evil.example', '/v1/chain'));
  expect(Problem.parse(body)).toMatchObject({ code: 'unknown_host', status: 421 });
  expect(statusOf(await get(onLoopback, `localhost:${onLoopback.port}`))).toBe(200);
  // A good name remembered from the request before does not open the next.
  expect(statusOf(await get(onLoopback, 'evil.example'))).toBe(421);
});

test('only the configured name is accepted, whatever forwarding headers claim', async () => {
  const claimed = (lines: string) =>
    sendRaw(published.port, [`GET /healthz HTTP/1.1\r\n${lines}\r\nConnection: close\r\n\r\n`]);
  expect(statusOf(await get(published, 'notary.example.com'))).toBe(200);
  expect(statusOf(await claimed('Host: evil.example\r\nX-Forwarded-Host: notary.example.com'))).toBe(421);
  expect(statusOf(await claimed('Host: notary.example.com\r\nX-Forwarded-Host: evil.example'))).toBe(200);
  expect(statusOf(await claimed('Host: evil.example\r\nForwarded: host=notary.example.com'))).toBe(421);
  expect(statusOf(await claimed('Host: notary.example.com\r\nHost: evil.example'))).toBeLessThan(500);
});

test('no response contains anything of Host or forwarding headers', async () => {
  const body = `{"documents":[{"sha256":"${'a'.repeat(64)}"}]}`;
  const requests = [
    'GET / HTTP/1.1',
    'GET /docs HTTP/1.1',
    'GET /docs/ HTTP/1.1',
    'GET /openapi.json HTTP/1.1',
    'GET /nothing HTTP/1.1',
    'GET /v1/chain HTTP/1.1',
    'GET /v1/session HTTP/1.1',
    'GET /v1/keys HTTP/1.1',
    'GET http://evil.example/v1/chain HTTP/1.1',
    `POST /v1/notarizations HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`,
  ];
  for (const request of requests) {
    const text = await sendRaw(open.port, [
      `${request}\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\nX-Forwarded-Proto: evil\r\nX-Original-URL: /evil.example\r\nAccept: text/html\r\nConnection: close\r\n\r\n`,
      request.startsWith('POST') ? body : '',
    ]);
    expect(statusOf(text), request).toBeLessThan(500);
    expect(text, request).not.toContain('evil');
  }
});

test('HTTP/1.0 without a Host, as simple probes send it, is accepted', async () => {
  expect(statusOf(await sendRaw(onLoopback.port, ['GET /healthz HTTP/1.0\r\n\r\n']))).toBe(200);
});
