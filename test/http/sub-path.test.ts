import { createServer, request as httpRequest } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOrganization, createUser, PASSWORD } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

/** As nginx with "location /notary/ { proxy_pass http://…/; }" and Caddy's handle_path do it. */
const PREFIX = '/notary/';

let service: TestService;
let base: string;
const proxy = createServer((req, res) => {
  if (req.url?.startsWith(PREFIX) !== true) {
    res.writeHead(404, { 'content-type': 'text/plain' }).end('another program');
    return;
  }
  const target = new URL(`/${req.url.slice(PREFIX.length)}`, service.url);
  const upstream = httpRequest(target, { method: req.method, headers: req.headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  req.pipe(upstream);
});
beforeAll(async () => {
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  base = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${PREFIX}`;
  service = await startService({
    hosts: { publicUrl: new URL(base) },
    publicDir: join(import.meta.dirname, '../../dist/public'),
  });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  proxy.closeAllConnections();
  proxy.close();
});

/** What a page loads and leads to on this host, as a browser resolves it. */
function referencesIn(html: string, page: string): string[] {
  const found = [...html.matchAll(/\s(?:href|src)="([^"#]+)[^"]*"/g)].map(([, address = '']) => address);
  return [...new Set(found.map((address) => new URL(address, page)))]
    .filter(({ origin }) => origin === new URL(base).origin)
    .map(({ href }) => href);
}

test.each(['', 'verify.html', 'account.html', 'explorer.html', 'docs', 'nothing.html'])(
  'everything that the page "%s" names is below the path',
  async (name) => {
    const page = await fetch(base + name, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(name === 'nothing.html' ? 404 : 200);
    const references = referencesIn(await page.text(), page.url);
    expect(references.length).toBeGreaterThan(3);
    for (const address of references) {
      const answer = await fetch(address);
      expect([address.startsWith(base), answer.status], address).toEqual([true, 200]);
      await answer.arrayBuffer();
    }
  },
);

test('redirects and the servers of the API description stay below the path', async () => {
  const slash = await fetch(`${base}docs/`, { redirect: 'manual' });
  expect(new URL(slash.headers.get('location') ?? '', `${base}docs/`).href).toBe(`${base}docs`);
  const link = `${base}p/1-0000000000000000`;
  const proof = await fetch(link, { redirect: 'manual' });
  expect(new URL(proof.headers.get('location') ?? '', link).href).toBe(
    `${base}verify.html?id=1-0000000000000000`,
  );
  const { servers } = (await (await fetch(`${base}openapi.json`)).json()) as { servers: { url: string }[] };
  expect(servers.map(({ url }) => new URL(url, `${base}openapi.json`).href)).toEqual([base]);
});

test('cookies are sent to this path only, and change things there', async () => {
  const organization = await createOrganization(service);
  const { email } = await createUser(service, organization.id, 'owner');
  const signIn = async (url: string, headers: Record<string, string> = {}) =>
    fetch(`${url}v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ email, password: PASSWORD, cookies: true }),
    });
  const answer = await signIn(base);
  expect(answer.status).toBe(200);
  const cookies = answer.headers.getSetCookie();
  expect(cookies).toHaveLength(4);
  for (const cookie of cookies) expect(cookie).toContain(`; Path=${PREFIX};`);
  const pairs = cookies.map((cookie) => cookie.split(';')[0] ?? '');
  const csrf = pairs.find((pair) => pair.startsWith('ingam-csrf='))?.slice('ingam-csrf='.length) ?? '';
  const out = await fetch(`${base}v1/session`, {
    method: 'DELETE',
    headers: { cookie: pairs.join('; '), 'x-csrf-token': csrf },
  });
  expect(out.status).toBe(204);
  for (const cookie of out.headers.getSetCookie()) expect(cookie).toContain(`; Path=${PREFIX};`);

  await using secure = await startService({
    beside: service,
    sealing: false,
    hosts: { publicUrl: new URL('https://127.0.0.1/notary/') },
  });
  for (const cookie of (await signIn(`${secure.url}/`)).headers.getSetCookie())
    expect(cookie).toMatch(/^__Secure-ingam-\w+=.*; Path=\/notary\/;.*; Secure; SameSite=Strict$/);
});
