import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decide, type Principal } from '../../src/auth/index.js';
import type { Route } from '../../src/http/route.js';
import { accessTable, everyRoute } from '../support/access-table.js';
import {
  createKey,
  createOperator,
  createOrganization,
  createUser,
  HERE,
  PASSWORD,
} from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

/** Somebody to try the calls as: who they are, and a token of theirs; null: without any. */
interface Caller {
  readonly name: string;
  readonly token: string | null;
  readonly principal: Principal;
  /** For people, so that signing out is tried on a session of its own. */
  readonly email: string | null;
}

let service: TestService;
let closed: TestService;
const callers: Caller[] = [];
beforeAll(async () => {
  service = await startService({ sealing: false });
  closed = await startService({
    sealing: false,
    beside: service,
    policy: { anonymousSubmission: false, privateVerification: true },
  });
  const [own, other] = [await createOrganization(service, 'Own'), await createOrganization(service, 'Other')];
  const add = async (name: string, token: string | null, email: string | null = null) => {
    const credential = token === null ? null : ({ kind: 'bearer', token } as const);
    callers.push({ name, token, email, principal: await service.deps.access.authenticate(credential, HERE) });
  };
  await add('nobody', null);
  await add('key notarize', (await createKey(service, own.id, ['notarize'])).secret);
  await add('key read', (await createKey(service, own.id, ['read'])).secret);
  for (const role of ['auditor', 'notary', 'owner'] as const) {
    const user = await createUser(service, own.id, role);
    await add(role, user.accessToken, user.email);
  }
  const operator = await createOperator(service);
  await add('operator', operator.accessToken, operator.email);
  const outsider = await createUser(service, other.id, 'owner');
  await add('owner of another organization', outsider.accessToken, outsider.email);
});
afterAll(async () => {
  await closed[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

/** Requests without a body, for resources that do not exist: only authorization is tested. */
async function attempt({ url }: TestService, { method, path }: Route, token: string | null) {
  const address = path.replaceAll(/\{\+?\w+\}/g, 'x');
  const res = await fetch(url + address, {
    method: method.toUpperCase(),
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  });
  const text = await res.text();
  const isProblem = res.headers.get('content-type') === 'application/problem+json';
  return { status: res.status, code: isProblem ? (JSON.parse(text) as { code: string }).code : null };
}

const routes = everyRoute();

describe.each(routes.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const))(
  '%s',
  (_, route) => {
    test.each([
      ['as on one’s own machine', () => service],
      ['as closed as it can be', () => closed],
    ])('%s', async (__, where) => {
      const target = where();
      const seen: Record<string, unknown> = {};
      const expected: Record<string, unknown> = {};
      for (const { name, token, email, principal } of callers) {
        const decision = decide(route.access, principal, target.deps.access.policy);
        // Where the policy changes nothing, the first instance shows it; strangers try both.
        const isSame = decision === decide(route.access, principal, service.deps.access.policy);
        if (target !== service && isSame && token !== null) continue;
        const endsSession = route.operation.id === 'signOut' && email !== null;
        const used = endsSession
          ? (await target.deps.access.sessions.signIn({ email, password: PASSWORD }, HERE)).tokens.accessToken
          : token;
        const { status, code } = await attempt(target, route, used);
        const outcome = decision === 'allowed' ? 'allowed' : `${status} ${code ?? ''}`;
        const refused = status === 401 || code === 'forbidden';
        seen[name] = decision === 'allowed' && refused ? `${status} ${code ?? ''}` : outcome;
        expected[name] = {
          allowed: 'allowed',
          unauthenticated: '401 unauthenticated',
          forbidden: '403 forbidden',
        }[decision];
        expect(status, name).toBeLessThan(500);
      }
      expect(seen).toEqual(expected);
    });
  },
);

test('docs/access.md contains this table', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/access.md'), 'utf8');
  const [, table] = /<!-- access table -->\n\n?([^]*?)\n?<!-- \/access table -->/.exec(page) ?? [];
  expect(table).toBe(accessTable(routes));
});

test('only routes for everyone are open', () => {
  const open = routes
    .filter(({ access }) => access === 'open')
    .map(({ path }) => path.replace(/\{.*$/, '{…}'));
  expect([...new Set(open)].sort()).toEqual([
    '/checkpoint',
    '/healthz',
    '/metrics',
    '/readyz',
    '/tile/entries/{…}',
    '/tile/{…}',
    '/tsa/certificates',
    '/tsa/policy',
    '/v1/blocks',
    '/v1/blocks/{…}',
    '/v1/chain',
    '/v1/connection',
    '/v1/invitations/inspect',
    '/v1/leaves',
    '/v1/log-keys',
    '/v1/map/{…}',
    '/v1/password-resets',
    '/v1/password-resets/redeem',
    '/v1/session',
    '/v1/session/passkey',
    '/v1/session/passkey/challenge',
    '/v1/session/refresh',
    '/v1/signing/decline',
    '/v1/signing/delegation',
    '/v1/signing/document',
    '/v1/signing/event',
    '/v1/signing/history',
    '/v1/signing/key',
    '/v1/signing/open',
    '/v1/states',
    '/v1/tile/leaves/{…}',
    '/v1/tile/states/{…}',
    '/v1/version',
  ]);
});
