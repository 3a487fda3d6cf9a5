import { describe, expect, test } from 'vitest';
import { type Access, LOCAL, ProviderError } from '../../src/auth/index.js';
import { CLIENT_ID, CLIENT_SECRET, createProvider, type Provider, type Strange } from './provider.js';
import { codeOf } from './refusal.js';
import { createScene, HOME, type Scene } from './scene.js';

const PUBLIC_URL = 'https://notary.example.com/sub/';
const CALLBACK = 'https://notary.example.com/sub/sign-in/callback';

interface Company extends AsyncDisposable {
  readonly scene: Scene;
  readonly provider: Provider;
  readonly access: Access;
  readonly organizationId: string;
}

async function createCompany(
  change: { readonly clientSecret?: null; readonly sessionMinutes?: number } = {},
) {
  const scene = await createScene();
  const { id } = await scene.access.organizations.create(LOCAL, { name: 'Company' }, HOME);
  const provider = await createProvider([
    { claimValue: 'legal', role: 'owner', organizationId: id },
    { claimValue: 'notaries', role: 'notary', organizationId: id },
  ]);
  const access = await scene.another({ oidc: provider.config(PUBLIC_URL, change) });
  return {
    ...{ scene, provider, access, organizationId: id },
    [Symbol.asyncDispose]: async () => {
      await access.close();
      // None of it is in any log.
      for (const secret of [...provider.secrets, CLIENT_SECRET]) scene.secrets.add(secret);
      await provider[Symbol.asyncDispose]();
      await scene[Symbol.asyncDispose]();
    },
  } satisfies Company;
}

const partOf = ({ provider }: Access) => provider ?? expect.fail('there is no provider');

/** From the page to the provider and back. */
async function come({ access, provider }: Company, change: (back: URL) => void = () => undefined) {
  const { address, binding } = await partOf(access).begin();
  const back = provider.answer(address);
  change(back);
  return partOf(access).finish(back.search, binding, HOME);
}

async function problemOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => 'signed in',
    (reason: unknown) => reason,
  );
  return error instanceof ProviderError ? error.problem : String(error);
}

describe('a person of the provider', () => {
  test('gets a session here, with the role of their groups, that looks like a token of theirs', async () => {
    await using company = await createCompany();
    const { access, provider, scene, organizationId } = company;
    await scene.newEvents();
    const { address, binding } = await partOf(access).begin();
    expect(address.origin + address.pathname).toBe(`${provider.url}/authorize`);
    const given = Object.fromEntries(address.searchParams);
    expect(given).toMatchObject({
      ...{ client_id: CLIENT_ID, response_type: 'code', redirect_uri: CALLBACK },
      ...{ scope: 'openid profile email', code_challenge_method: 'S256' },
    });
    const opened = await partOf(access).finish(provider.answer(address).search, binding, HOME);
    const { authorization, body } = provider.tokenRequest ?? expect.fail('no tokens were asked for');
    expect(Object.fromEntries(body)).toMatchObject({
      redirect_uri: CALLBACK,
      grant_type: 'authorization_code',
    });
    // RFC 6749 §2.3.1: both are encoded as in a form.
    const credentials = Buffer.from(authorization?.slice('Basic '.length) ?? '', 'base64').toString();
    expect(credentials.split(':').map((text) => decodeURIComponent(text.replaceAll('+', ' ')))).toEqual([
      CLIENT_ID,
      CLIENT_SECRET,
    ]);
    const { tokens, principal } = opened;
    expect(principal).toMatchObject({
      ...{ kind: 'user', personId: 'oidc:248289761001', email: 'jane@company.example', name: 'Jane Doe' },
      ...{ role: 'notary', organization: { id: organizationId }, operator: false },
    });
    const credential = { kind: 'cookie', token: tokens.accessToken } as const;
    expect(await access.authenticate(credential, HOME)).toEqual(principal);
    const [event] = await access.log.read(LOCAL, { limit: 1 });
    expect(event).toMatchObject({
      ...{ kind: 'sign_in', personId: 'oidc:248289761001', organizationId, address: HOME.address },
      detail: { name: 'Jane Doe', email: 'jane@company.example' },
    });
    expect(await access.log.names(LOCAL, event === undefined ? [] : [event])).toEqual(
      new Map([
        ['oidc:248289761001', 'Jane Doe'],
        [organizationId, 'Company'],
      ]),
    );
    expect(scene.secrets.has(binding)).toBe(false);
  });

  test('lists and ends sessions, refreshes, signs out, and has nothing else here', async () => {
    await using company = await createCompany();
    const { access, organizationId } = company;
    const [here, there] = [await come(company), await come(company)];
    const jane = here.principal;
    expect((await access.sessions.list(jane)).map(({ id }) => id).sort()).toEqual(
      [jane.sessionId, there.principal.sessionId].sort(),
    );
    expect(
      (await access.sessions.memberships(jane)).map(({ organization, role }) => [organization.id, role]),
    ).toEqual([[organizationId, 'notary']]);
    expect(await access.sessions.chooseOrganization(jane, organizationId, HOME)).toEqual(jane);
    expect(await codeOf(access.sessions.chooseOrganization(jane, 'org_x', HOME))).toBe(
      'organization_not_found',
    );
    expect(await codeOf(access.users.leave(jane, organizationId, HOME))).toBe('forbidden');
    expect(await codeOf(access.sessions.changePassword(jane, { current: 'x', next: 'y' }, HOME))).toBe(
      'forbidden',
    );
    expect(await codeOf(access.passkeys.list(jane))).toBe('forbidden');
    expect(await access.sessions.end(jane, there.principal.sessionId ?? '', HOME)).toBe(true);
    expect(await codeOf(access.sessions.refresh(there.tokens.refreshToken, HOME))).toBe('invalid_token');
    const next = await access.sessions.refresh(here.tokens.refreshToken, HOME);
    expect(next.principal).toEqual(jane);
    await access.sessions.signOut(jane, HOME);
    expect(await codeOf(access.sessions.refresh(next.tokens.refreshToken, HOME))).toBe('invalid_token');
  });

  test('has roles of the userinfo endpoint, if the ID token names none', async () => {
    await using company = await createCompany();
    company.provider.strange = {
      idToken: { claims: { roles: undefined, name: undefined } },
      userInfo: { roles: ['legal'], name: 'Jane of userinfo' },
    };
    const { principal } = await come(company);
    expect([principal.role, principal.name]).toEqual(['owner', 'Jane of userinfo']);
    company.provider.strange = {
      idToken: { claims: { roles: undefined } },
      userInfo: { sub: 'somebody else', roles: ['legal'] },
    };
    expect(await problemOf(come(company))).toBe('invalid');
  });

  test('without a role does not get in, and the access log says who it was', async () => {
    await using company = await createCompany();
    const { access, organizationId } = company;
    company.provider.strange = { idToken: { claims: { roles: ['staff'] } }, userInfo: { roles: ['legal'] } };
    expect(await problemOf(come(company))).toBe('no_role');
    const [event] = await access.log.read(LOCAL, { limit: 1 });
    expect(event).toMatchObject({
      ...{ kind: 'sign_in_failed', personId: 'oidc:248289761001', organizationId: null },
      detail: { during: 'sign_in', reason: 'no_role' },
    });
    company.provider.strange = {};
    await access.organizations.update(LOCAL, organizationId, { disabled: true }, HOME);
    expect(await problemOf(come(company))).toBe('no_role');
  });

  test('keeps the session for the configured time at most, and not when organization or provider are gone', async () => {
    await using company = await createCompany({ sessionMinutes: 10 });
    const { access, scene, provider, organizationId } = company;
    const { tokens, principal } = await come(company);
    const credential = { kind: 'cookie', token: tokens.accessToken } as const;
    const moved = { ...provider.config(PUBLIC_URL), issuer: 'https://other.example.com' };
    for (const oidc of [moved, null]) {
      const other = await scene.another({ oidc });
      expect(await codeOf(other.authenticate(credential, HOME))).toBe('invalid_token');
    }
    await access.organizations.update(LOCAL, organizationId, { disabled: true }, HOME);
    expect(await codeOf(access.authenticate(credential, HOME))).toBe('invalid_token');
    await access.organizations.update(LOCAL, organizationId, { disabled: false }, HOME);
    expect(await access.authenticate(credential, HOME)).toEqual(principal);
    scene.clock.now += 10 * 60_000;
    expect(await codeOf(access.authenticate(credential, HOME))).toBe('invalid_token');
    expect(await codeOf(access.sessions.refresh(tokens.refreshToken, HOME))).toBe('invalid_token');
  });

  test('is nobody with an account here, also with the same e-mail address', async () => {
    await using company = await createCompany();
    const { scene, access } = company;
    const { organization, owner } = await scene.organization();
    company.provider.strange = {
      idToken: { claims: { sub: owner.principal.personId, email: owner.principal.email } },
    };
    const { principal } = await come(company);
    expect(principal.personId).toBe(`oidc:${owner.principal.personId}`);
    expect(principal.organization?.id).not.toBe(organization.id);
    expect(await access.sessions.list(owner.principal)).toHaveLength(1);
    const { invitation } = await access.users.add(
      LOCAL,
      company.organizationId,
      { email: owner.principal.email ?? '', name: 'x', role: 'owner' },
      HOME,
    );
    const redeeming = access.invitations.redeem(invitation?.token ?? '', {}, HOME, principal);
    expect(await codeOf(redeeming)).toBe('unauthenticated');
  });
});

describe('what leads back from the provider', () => {
  const now = Math.floor(Date.now() / 1000);
  const token = (claims: Record<string, unknown>): Strange => ({ idToken: { claims } });
  const answers: readonly (readonly [string, Strange, string])[] = [
    ['an error', { answer: { code: null, error: 'access_denied' } }, 'refused'],
    ['another issuer’s answer', { answer: { iss: 'https://evil.example' } }, 'invalid'],
    ['no issuer, which the provider promises', { answer: { iss: null } }, 'invalid'],
    ['no code', { answer: { code: null } }, 'invalid'],
    ['a code of nobody', { answer: { code: 'x' } }, 'invalid'],
    ['a token for another audience', token({ aud: 'another' }), 'invalid'],
    ['a token for several audiences', token({ aud: [CLIENT_ID, 'another'], azp: 'another' }), 'invalid'],
    ['a token of another issuer', token({ iss: 'https://evil.example' }), 'invalid'],
    ['a token for another sign-in', token({ nonce: 'another' }), 'invalid'],
    ['a token without nonce', token({ nonce: undefined }), 'invalid'],
    ['an expired token', token({ iat: now - 900, exp: now - 600 }), 'invalid'],
    ['a token without end', token({ exp: undefined }), 'invalid'],
    ['a token of nobody', token({ sub: undefined }), 'invalid'],
    ['a token of a strange name', token({ sub: 'a\u0000b' }), 'invalid'],
    ['a token signed by an unknown key', { idToken: { header: { kid: 'unknown' } } }, 'invalid'],
    [
      'a token signed with an algorithm that is not announced',
      { idToken: { kid: 'any', algorithm: 'PS256' } },
      'invalid',
    ],
    ['no ID token', { tokens: { id_token: undefined } }, 'invalid'],
    ['tokens of another type', { tokens: { token_type: 'mac' } }, 'invalid'],
    ['no JSON', { responses: { '/token': { status: 200, body: '<html>' } } }, 'invalid'],
    ['a redirect', { responses: { '/token': { status: 302, body: '' } } }, 'invalid'],
    ['a failure', { responses: { '/token': { status: 503, body: '{}' } } }, 'unavailable'],
    ['too much', { responses: { '/token': { status: 200, body: 'x'.repeat(2 << 20) } } }, 'unavailable'],
  ];
  test('is refused, whatever is wrong with it', async () => {
    await using company = await createCompany();
    const { provider, scene } = company;
    // What the provider says of itself is read once, while it is honest.
    await come(company);
    for (const [name, strange, problem] of answers) {
      await scene.database.query('DELETE FROM throttle');
      provider.strange = strange;
      expect([name, await problemOf(come(company))]).toEqual([name, problem]);
    }
    provider.strange = {};
    await come(company);
    const sessions = await scene.database.query('SELECT FROM session WHERE provider_subject IS NOT NULL');
    expect(sessions).toHaveLength(2);
  });

  test('is refused when it was not begun here, was finished before, or comes late', async () => {
    await using company = await createCompany();
    const { access, provider, scene } = company;
    const part = partOf(access);
    const [mine, other] = [await part.begin(), await part.begin()];
    const back = provider.answer(mine.address);
    const query = (change: (parameters: URLSearchParams) => void) => {
      const { searchParams } = new URL(back);
      change(searchParams);
      return `?${searchParams.toString()}`;
    };
    const state = back.searchParams.get('state') ?? '';
    const challenge = access.passkeys.challenge();
    const tries: readonly (readonly [string, string | null])[] = [
      [back.search, null],
      [back.search, ''],
      [back.search, other.binding],
      [
        query((all) => {
          all.delete('state');
        }),
        mine.binding,
      ],
      [
        query((all) => {
          all.set('state', other.address.searchParams.get('state') ?? '');
        }),
        mine.binding,
      ],
      [
        query((all) => {
          all.append('state', state);
        }),
        mine.binding,
      ],
      [
        query((all) => {
          all.set('state', challenge);
        }),
        mine.binding,
      ],
      [
        query((all) => {
          all.set('state', `${state}A`);
        }),
        mine.binding,
      ],
      ['', mine.binding],
    ];
    for (const [search, binding] of tries) {
      expect(await problemOf(part.finish(search, binding, HOME))).toBe('not_begun');
    }
    // Nothing of that was asked of the provider, and the sign-in can still be finished, once.
    expect(provider.asked).toEqual(['/.well-known/openid-configuration']);
    const results = await Promise.all(
      Array.from({ length: 4 }, () => problemOf(part.finish(back.search, mine.binding, HOME))),
    );
    expect(results.sort()).toEqual(['not_begun', 'not_begun', 'not_begun', 'signed in']);
    // Its code is of no use again.
    expect(
      await problemOf(
        come(company, ({ searchParams }) => {
          searchParams.set('code', back.searchParams.get('code') ?? '');
        }),
      ),
    ).toBe('invalid');
    const late = provider.answer(other.address);
    scene.clock.now += 15 * 60_000;
    expect(await problemOf(part.finish(late.search, other.binding, HOME))).toBe('not_begun');
    // The code of one sign-in is of no use in another: its verifier is.
    const [third, fourth] = [await part.begin(), await part.begin()];
    const stolen = provider.answer(third.address).searchParams.get('code') ?? '';
    const own = provider.answer(fourth.address);
    own.searchParams.set('code', stolen);
    expect(await problemOf(part.finish(own.search, fourth.binding, HOME))).toBe('invalid');
  });

  test('is slowed down when it is wrong too often', async () => {
    await using company = await createCompany();
    company.provider.strange = { answer: { code: 'x' } };
    for (let i = 0; i < 21; i++) expect(await problemOf(come(company))).toBe('invalid');
    const asked = company.provider.asked.length;
    expect(await problemOf(come(company))).toBe('blocked');
    expect(company.provider.asked).toHaveLength(asked);
    const events = await company.access.log.read(LOCAL, { limit: 100, kinds: ['sign_in_failed'] });
    expect(events).toHaveLength(21);
    expect(events[0]).toMatchObject({ personId: null, detail: { reason: 'provider_answer' } });
  });
});

describe.concurrent('a provider', () => {
  test('that is away, or says of itself what cannot be, signs nobody in', async () => {
    await using company = await createCompany();
    const { provider, scene } = company;
    const description = '/.well-known/openid-configuration';
    const cases: readonly (readonly [Strange, string])[] = [
      [{ metadata: { issuer: 'https://evil.example' } }, 'invalid'],
      [{ responses: { [description]: { status: 404, body: '{}' } } }, 'invalid'],
      [{ responses: { [description]: { status: 200, body: '[]' } } }, 'invalid'],
      [{ responses: { [description]: { status: 500, body: '{}' } } }, 'unavailable'],
      [{ responses: { [description]: 'silence' } }, 'unavailable'],
    ];
    for (const [strange, problem] of cases) {
      provider.strange = strange;
      const access = await scene.another({ oidc: provider.config(PUBLIC_URL) });
      const part = partOf(access);
      expect([strange, await problemOf(part.begin())]).toEqual([strange, problem]);
      const asked = provider.asked.length;
      // It is not asked again at once.
      expect(await problemOf(part.signOutAddress())).toBe(problem);
      expect(provider.asked).toHaveLength(asked);
    }
    provider.strange = {};
    await provider.stop();
    const access = await scene.another({ oidc: provider.config(PUBLIC_URL) });
    expect(await problemOf(partOf(access).begin())).toBe('unavailable');
  });

  test('takes the secret in the body, or needs none, if it says so', async () => {
    await using company = await createCompany();
    company.provider.strange = {
      metadata: { token_endpoint_auth_methods_supported: ['client_secret_post'] },
    };
    await come(company);
    expect(company.provider.tokenRequest?.authorization).toBeNull();
    expect(company.provider.tokenRequest?.body.get('client_secret')).toBe(CLIENT_SECRET);
    await using open = await createCompany({ clientSecret: null });
    await come(open);
    expect(open.provider.tokenRequest?.authorization).toBeNull();
    expect(open.provider.tokenRequest?.body.has('client_secret')).toBe(false);
  });

  test('signs people out on its own page, if it has one', async () => {
    await using company = await createCompany();
    const address = await partOf(company.access).signOutAddress();
    expect(address?.pathname).toBe('/logout');
    expect(Object.fromEntries(address?.searchParams ?? [])).toEqual({
      client_id: CLIENT_ID,
      post_logout_redirect_uri: `${PUBLIC_URL}account.html`,
    });
    company.provider.strange = { metadata: { end_session_endpoint: undefined } };
    const other = await company.scene.another({ oidc: company.provider.config(PUBLIC_URL) });
    expect(await partOf(other).signOutAddress()).toBeNull();
  });
});
