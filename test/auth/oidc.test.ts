import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { decide, LOCAL, type Access, type Credential, type OidcConfig } from '../../src/auth/index.js';
import { loadConfig } from '../../src/service/config.js';
import { createIssuer, type Issuer, type Signing } from './issuer.js';
import { codeOf, refusalOf } from './refusal.js';
import { createScene, HOME, type Scene } from './scene.js';

const bearer = (token: string): Credential => ({ kind: 'bearer', token });

interface Company extends AsyncDisposable {
  readonly scene: Scene;
  readonly issuer: Issuer;
  readonly access: Access;
  readonly organizationId: string;
  readonly otherId: string;
}

async function createCompany(roleClaim?: OidcConfig['roleClaim']): Promise<Company> {
  const scene = await createScene();
  const [organization, other] = [
    await scene.access.organizations.create(LOCAL, { name: 'Company' }, HOME),
    await scene.access.organizations.create(LOCAL, { name: 'Other' }, HOME),
  ];
  const roles: OidcConfig['roles'] = [
    { claimValue: 'legal', role: 'owner', organizationId: organization.id },
    { claimValue: 'notaries', role: 'notary', organizationId: organization.id },
    { claimValue: 'notaries', role: 'auditor', organizationId: other.id },
    { claimValue: 'typo', role: 'owner', organizationId: 'no such organization' },
  ];
  const issuer = await createIssuer(roles, roleClaim, () => scene.clock.now);
  const access = await scene.another({ oidc: issuer.config });
  return {
    scene,
    issuer,
    access,
    organizationId: organization.id,
    otherId: other.id,
    [Symbol.asyncDispose]: async () => {
      await issuer[Symbol.asyncDispose]();
      await scene[Symbol.asyncDispose]();
    },
  };
}

test('a token of the issuer authenticates its person with the configured role', async () => {
  await using company = await createCompany();
  const { access, issuer, organizationId } = company;
  const organization = await access.organizations.get(LOCAL, organizationId);
  const jane = {
    kind: 'user',
    personId: 'oidc:248289761001',
    sessionId: null,
    email: 'jane@company.example',
    name: 'Jane Doe',
    organization,
    role: 'notary',
    operator: false,
    withPasskey: true,
    lacksPasskey: false,
  };
  const signings: Partial<Signing>[] = [
    {},
    { kid: 'any' },
    { kid: 'any', algorithm: 'PS256' },
    { kid: 'ec', algorithm: 'ES256' },
    { claims: { aud: ['other', 'ingam'] } },
    { header: { typ: 'at+jwt', x5t: 'thumbprint' } },
    { claims: { exp: Math.floor(company.scene.clock.now / 1000) + 100.5, amr: [0.5], nested: { a: 1 } } },
  ];
  for (const signing of signings) {
    expect(await access.authenticate(bearer(issuer.sign(signing)), HOME)).toEqual(jane);
  }
  // Instances that are not told of the issuer know nobody of it.
  expect(await codeOf(company.scene.access.authenticate(bearer(issuer.sign()), HOME))).toBe('invalid_token');
});

test('the first configured role in an active organization applies; without one the person belongs to no organization', async () => {
  await using company = await createCompany();
  const { access, issuer, organizationId, otherId } = company;
  const place = async (roles: unknown) => {
    const principal = await access.authenticate(bearer(issuer.sign({ claims: { roles } })), HOME);
    return principal.kind === 'user' ? [principal.organization?.id ?? null, principal.role] : null;
  };
  expect(await place(['notaries', 'legal'])).toEqual([organizationId, 'owner']);
  expect(await place('legal')).toEqual([organizationId, 'owner']);
  expect(await place({ legal: true, notaries: false })).toEqual([organizationId, 'owner']);
  const nobody = [null, null];
  for (const roles of [
    [],
    ['staff'],
    ['typo'],
    'LEGAL',
    ['legal '],
    undefined,
    null,
    7,
    { legal: false },
    { legal: null },
    { legal: 'yes' },
    { legal: ['yes'] },
    { nested: { legal: true } },
    [{ legal: true }],
    [['legal']],
  ]) {
    expect(await place(roles)).toEqual(nobody);
  }
  const stranger = await access.authenticate(bearer(issuer.sign({ claims: { roles: [] } })), HOME);
  for (const rule of ['notarize', 'read', 'users', 'organizations', 'submit'] as const) {
    expect(decide(rule, stranger, { anonymousSubmission: true, privateVerification: false })).toBe(
      'forbidden',
    );
  }
  await access.organizations.update(LOCAL, organizationId, { disabled: true }, HOME);
  expect(await place(['notaries'])).toEqual([otherId, 'auditor']);
  expect(await place(['legal'])).toEqual(nobody);
});

test('the claim’s path may be nested, or one name with dots', async () => {
  await using nested = await createCompany('realm_access.roles');
  const signed = (claims: Record<string, unknown>) => bearer(nested.issuer.sign({ claims }));
  expect(
    await nested.access.authenticate(signed({ realm_access: { roles: ['legal'] } }), HOME),
  ).toMatchObject({
    role: 'owner',
  });
  for (const claims of [{ roles: ['legal'] }, { realm_access: null }, { realm_access: { roles: null } }]) {
    expect(await nested.access.authenticate(signed(claims), HOME)).toMatchObject({ role: null });
  }
  await using dotted = await createCompany('https://company.example/roles');
  const token = dotted.issuer.sign({ claims: { 'https://company.example/roles': 'legal' } });
  expect(await dotted.access.authenticate(bearer(token), HOME)).toMatchObject({ role: 'owner' });
});

// These three wait for time limits, beside each other.
test.concurrent('rejects tokens that are forged, for another audience, or not valid now', async () => {
  await using company = await createCompany();
  const { access, issuer } = company;
  issuer.addKey('short', 'RSA', 'RS256', 1024);
  await using stranger = await createIssuer([], 'roles', () => company.scene.clock.now);
  const now = Math.floor(company.scene.clock.now / 1000);
  const honest = issuer.sign();
  const [header = '', claims = '', signature = ''] = honest.split('.');
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const hs256 = (secret: string | Buffer) => {
    const input = `${encode({ alg: 'HS256', kid: 'rsa' })}.${claims}`;
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  };
  const attacks: Record<string, string> = {
    'alg none': `${encode({ alg: 'none', kid: 'rsa' })}.${claims}.`,
    'alg none, signature kept': `${encode({ alg: 'none', kid: 'rsa' })}.${claims}.${signature}`,
    'HS256 with the public key as PEM': hs256(
      issuer.publicKey('rsa').export({ type: 'spki', format: 'pem' }),
    ),
    'HS256 with the public key as DER': hs256(
      issuer.publicKey('rsa').export({ type: 'spki', format: 'der' }),
    ),
    'a stranger’s key under a known kid': stranger.sign(),
    'an algorithm that is not that key’s': issuer.sign({ algorithm: 'PS256' }),
    'an algorithm that is not taken': issuer.sign({ kid: 'any', algorithm: 'RS512' }),
    'an RSA key of 1,024 bits': issuer.sign({ kid: 'short' }),
    'another audience': issuer.sign({ claims: { aud: 'other' } }),
    'no audience': issuer.sign({ claims: { aud: undefined } }),
    'an audience that begins like ours': issuer.sign({ claims: { aud: 'ingam2' } }),
    'another issuer': issuer.sign({ claims: { iss: 'https://login.example.com/realms/other' } }),
    'no issuer': issuer.sign({ claims: { iss: undefined } }),
    'not yet valid': issuer.sign({ claims: { nbf: now + 60 } }),
    'issued in the future': issuer.sign({ claims: { iat: now + 60 } }),
    'issued at a text': issuer.sign({ claims: { iat: 'today' } }),
    'valid for longer than a day': issuer.sign({ claims: { exp: now + 86_460 } }),
    'valid for a hundred years': issuer.sign({ claims: { exp: now + 100 * 31_556_952 } }),
    'no end': issuer.sign({ claims: { exp: undefined } }),
    'an end that is text': issuer.sign({ claims: { exp: String(now + 60) } }),
    nobody: issuer.sign({ claims: { sub: undefined } }),
    'a subject that is no text': issuer.sign({ claims: { sub: 7 } }),
    'a subject with NUL': issuer.sign({ claims: { sub: 'a\u0000' } }),
    'an empty subject': issuer.sign({ claims: { sub: '' } }),
    'no kid': `${encode({ alg: 'RS256' })}.${claims}.${signature}`,
    jku: issuer.sign({ header: { jku: 'https://evil.example/keys' } }),
    jwk: issuer.sign({ header: { jwk: stranger.publicKey('rsa').export({ format: 'jwk' }) } }),
    x5u: issuer.sign({ header: { x5u: 'https://evil.example/cert' } }),
    crit: issuer.sign({ header: { crit: ['b64'] } }),
    'other claims under an honest signature': `${header}.${encode({ iss: 'x' })}.${signature}`,
    'a signature cut off': honest.slice(0, -10),
    'too long': issuer.sign({ claims: { groups: 'g'.repeat(20_000) } }),
  };
  for (const [name, token] of Object.entries(attacks)) {
    expect([name, await codeOf(access.authenticate(bearer(token), HOME))]).toEqual([name, 'invalid_token']);
  }
  const over = issuer.sign({ claims: { iat: now - 900, exp: now - 600 } });
  expect(await codeOf(access.authenticate(bearer(over), HOME))).toBe('token_expired');
  // The web page's cookies hold tokens of ours alone; and it is no refresh token.
  expect(await codeOf(access.authenticate({ kind: 'cookie', token: honest }, HOME))).toBe('invalid_token');
  expect(await codeOf(access.sessions.refresh(honest, HOME))).toBe('invalid_token');
  expect(await access.authenticate(bearer(honest), HOME)).toMatchObject({ role: 'notary' });
});

test.concurrent('loads keys once for concurrent tokens, finds a new key, and rejects an unknown one', async () => {
  await using company = await createCompany();
  const { access, issuer } = company;
  await Promise.all(Array.from({ length: 20 }, () => access.authenticate(bearer(issuer.sign()), HOME)));
  await access.authenticate(bearer(issuer.sign({ kid: 'ec', algorithm: 'ES256' })), HOME);
  expect(issuer.fetches).toBe(1);
  issuer.addKey('next', 'EC', 'ES256');
  issuer.addKey('unpublished', 'EC', 'ES256');
  const unknown = issuer.sign({ kid: 'unpublished', algorithm: 'ES256' });
  issuer.removeKey('unpublished');
  // They wait for one look together.
  const [next, ...refused] = await Promise.all([
    access.authenticate(bearer(issuer.sign({ kid: 'next', algorithm: 'ES256' })), HOME),
    ...Array.from({ length: 50 }, () => codeOf(access.authenticate(bearer(unknown), HOME))),
  ]);
  expect(next).toMatchObject({ role: 'notary' });
  expect(new Set(refused)).toEqual(new Set(['invalid_token']));
  expect(issuer.fetches).toBeLessThanOrEqual(3);
});

test.concurrent('an unavailable issuer affects only its own people', async () => {
  await using company = await createCompany();
  const { scene, issuer } = company;
  const { owner } = await scene.organization();
  const token = issuer.sign();
  const answers = [
    { status: 500, body: 'broken' },
    { status: 200, body: 'no JSON' },
    { status: 200, body: '{}' },
    { status: 200, body: '{"keys":[]}' },
    { status: 200, body: `{"keys":["${'a'.repeat(2 << 20)}"]}` },
    { status: 302, body: '', location: 'http://127.0.0.1:1/keys' },
    'silence',
    null,
  ] as const;
  for (const answer of answers) {
    issuer.answer = answer;
    const access = await scene.another({ oidc: issuer.config });
    if (answer === null) await issuer.stop();
    const refusal = await refusalOf(access.authenticate(bearer(token), HOME));
    expect([refusal.code, refusal.retryAfterSeconds]).toEqual(['issuer_unavailable', 5]);
    expect(await access.authenticate(bearer(owner.tokens.accessToken), HOME)).toEqual(owner.principal);
  }
  // Who had the keys goes on with them.
  await using other = await createCompany();
  await other.access.authenticate(bearer(other.issuer.sign()), HOME);
  await other.issuer.stop();
  expect(await other.access.authenticate(bearer(other.issuer.sign()), HOME)).toMatchObject({
    role: 'notary',
  });
});

test('people of the issuer have neither a session nor a password here', async () => {
  await using company = await createCompany();
  const { access, issuer, organizationId, otherId } = company;
  const credential = bearer(issuer.sign({ claims: { roles: 'legal' } }));
  const jane = await access.authenticate(credential, HOME);
  if (jane.kind !== 'user') throw new Error('a person was expected');
  await access.sessions.signOut(jane, HOME);
  expect(await access.sessions.list(jane)).toEqual([]);
  expect(
    (await access.sessions.memberships(jane)).map(({ organization, role }) => [organization.id, role]),
  ).toEqual([[organizationId, 'owner']]);
  expect(await access.sessions.chooseOrganization(jane, organizationId, HOME)).toEqual(jane);
  expect(await codeOf(access.sessions.chooseOrganization(jane, otherId, HOME))).toBe(
    'organization_not_found',
  );
  expect(await codeOf(access.sessions.changePassword(jane, { current: 'x', next: 'y' }, HOME))).toBe(
    'forbidden',
  );
  expect(access.sessions.isCsrfToken(jane, '')).toBe(false);
  // What they do is theirs in the log.
  const { key } = await access.keys.create(jane, organizationId, { name: 'K', scopes: ['read'] }, HOME);
  expect(key.createdBy).toBe('oidc:248289761001');
  const [event] = await access.log.read(jane, { limit: 1 });
  expect(event).toMatchObject({ kind: 'key_created', personId: 'oidc:248289761001', organizationId });
});

test('accepts a token for up to a day', async () => {
  await using company = await createCompany();
  const { access, issuer } = company;
  const now = Math.floor(company.scene.clock.now / 1000);
  const token = issuer.sign({ claims: { exp: now + 86_400, iat: undefined } });
  expect(await access.authenticate(bearer(token), HOME)).toMatchObject({ role: 'notary' });
});

test('rejects a token in which a name occurs twice, of which different programs would read different ones', async () => {
  await using company = await createCompany();
  const { access, issuer } = company;
  const header = '{"alg":"RS256","kid":"rsa"}';
  const { iss, aud } = { iss: issuer.config.issuer, aud: issuer.config.tokens.audience };
  const exp = Math.floor(company.scene.clock.now / 1000) + 300;
  const claims = `"iss":"${iss}","aud":"${aud}","sub":"a","exp":${exp}`;
  const tokens: Record<string, string> = {
    'two roles': issuer.signTexts(header, `{${claims},"roles":["staff"],"roles":["legal"]}`),
    'two roles, one escaped': issuer.signTexts(
      header,
      `{${claims},"roles":["staff"],"r\\u006fles":["legal"]}`,
    ),
    'two subjects': issuer.signTexts(header, `{${claims},"sub":"b"}`),
    'two issuers': issuer.signTexts(header, `{"iss":"https://evil.example",${claims}}`),
    'two algorithms': issuer.signTexts('{"alg":"none","alg":"RS256","kid":"rsa"}', `{${claims}}`),
    'two names in an object': issuer.signTexts(header, `{${claims},"a":{"b":1,"b":2}}`),
    'an array': issuer.signTexts(header, `[${JSON.stringify(claims)}]`),
  };
  for (const [name, token] of Object.entries(tokens)) {
    expect([name, await codeOf(access.authenticate(bearer(token), HOME))]).toEqual([name, 'invalid_token']);
  }
  const honest = issuer.signTexts(header, `{${claims},"roles":["legal"]}`);
  expect(await access.authenticate(bearer(honest), HOME)).toMatchObject({ role: 'owner' });
});

test('takes ID tokens of its audience, unless it is told to take access tokens only', async () => {
  await using company = await createCompany();
  const { scene, access, issuer } = company;
  const idToken = issuer.sign({ claims: { nonce: 'n-0S6_WzA2Mj', at_hash: 'MTIzNDU2Nzg5MDEyMzQ1Ng' } });
  expect(await access.authenticate(bearer(idToken), HOME)).toMatchObject({ role: 'notary' });
  const strict = await scene.another({
    oidc: { ...issuer.config, tokens: { ...issuer.config.tokens, accessTokensOnly: true } },
  });
  for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt']) {
    const token = issuer.sign({ header: { typ } });
    expect(await strict.authenticate(bearer(token), HOME)).toMatchObject({ role: 'notary' });
  }
  for (const typ of [undefined, 'JWT', 'id_token+jwt', 'at+jwt2', ['at+jwt']]) {
    const token = issuer.sign({ header: typ === undefined ? {} : { typ } });
    expect(await codeOf(strict.authenticate(bearer(token), HOME))).toBe('invalid_token');
  }
});

/** Access tokens as the providers' documentation shows them (Google: ID tokens, because its access tokens are opaque). */
const PROVIDERS: Readonly<
  Record<string, { readonly roleClaim: string; readonly roles: string; readonly claims: object }>
> = {
  'Keycloak, realm roles': {
    roleClaim: 'realm_access.roles',
    roles: 'legal=owner@ORGANIZATION',
    claims: {
      typ: 'Bearer',
      azp: 'web',
      acr: '1',
      realm_access: { roles: ['offline_access', 'default-roles-main', 'legal'] },
      resource_access: { account: { roles: ['view-profile'] } },
      scope: 'openid profile email',
      preferred_username: 'jane',
    },
  },
  'Keycloak, roles of a client with dots in its name': {
    roleClaim: '["resource_access", "notary.example.com", "roles"]',
    roles: '[{"value": "Legal team, Seoul", "role": "owner", "organization": "ORGANIZATION"}]',
    claims: {
      typ: 'Bearer',
      realm_access: { roles: ['offline_access'] },
      resource_access: { 'notary.example.com': { roles: ['Legal team, Seoul'] }, notary: { roles: [] } },
    },
  },
  'Keycloak, group paths': {
    roleClaim: 'groups',
    roles: '[{"value": "/Legal team/Contracts = all", "role": "owner", "organization": "ORGANIZATION"}]',
    claims: { groups: ['/Staff', '/Legal team/Contracts = all'] },
  },
  'Entra ID, app roles': {
    roleClaim: 'roles',
    roles: 'Notary.Owner=owner@ORGANIZATION',
    claims: {
      aio: 'E2ZgYNB6fXU=',
      oid: '6c7a5a6e-1f6b-4f4e-9c5e-1a2b3c4d5e6f',
      tid: 'aaaabbbb-0000-cccc-1111-dddd2222eeee',
      roles: ['Notary.Owner'],
      ver: '2.0',
      uti: 'NbK0jUmLnU6S4ZkE_xkCAA',
    },
  },
  'Entra ID, groups': {
    roleClaim: 'groups',
    roles: '3f2e8c52-90ab-4d7f-8d3a-0a1b2c3d4e5f=owner@ORGANIZATION',
    claims: { groups: ['11111111-2222-3333-4444-555555555555', '3f2e8c52-90ab-4d7f-8d3a-0a1b2c3d4e5f'] },
  },
  'Zitadel, roles as an object': {
    roleClaim: 'urn:zitadel:iam:org:project:roles',
    roles: 'legal=owner@ORGANIZATION',
    claims: {
      'urn:zitadel:iam:org:project:roles': {
        staff: { '170086824411201793': 'company.zitadel.cloud' },
        legal: { '170086824411201793': 'company.zitadel.cloud' },
      },
    },
  },
  'Auth0, a claim with a namespace': {
    roleClaim: 'https://notary.example.com/roles',
    roles: '[{"value": "Legal Counsel", "role": "owner", "organization": "ORGANIZATION"}]',
    claims: {
      azp: 'my_client_id',
      scope: 'openid profile',
      permissions: ['read:contracts'],
      'https://notary.example.com/roles': ['Legal Counsel'],
    },
  },
  'Google, the domain of the company': {
    roleClaim: 'hd',
    roles: 'company.example=owner@ORGANIZATION',
    claims: {
      azp: '1234987819200.apps.googleusercontent.com',
      sub: '10769150350006150715113082367',
      at_hash: 'HK6E_P6Dh8Y93mRNtsDB1Q',
      hd: 'company.example',
      email_verified: true,
      nonce: '0394852-3190485-2490358',
      picture: 'https://lh3.googleusercontent.com/a/x',
    },
  },
};

test.each(Object.keys(PROVIDERS))('reads the roles in tokens of %s', async (name) => {
  const provider = PROVIDERS[name];
  if (provider === undefined) throw new Error('an unknown provider');
  await using company = await createCompany();
  const { scene, issuer, organizationId } = company;
  const { access: configured } = loadConfig({
    INGAM_OIDC_ISSUER: issuer.config.issuer,
    INGAM_OIDC_AUDIENCE: issuer.config.tokens.audience,
    INGAM_OIDC_JWKS_URL: issuer.config.tokens.jwksUrl.href,
    INGAM_OIDC_ROLE_CLAIM: provider.roleClaim,
    INGAM_OIDC_ROLES: provider.roles.replace('ORGANIZATION', organizationId),
  });
  const access = await scene.another({ oidc: configured.oidc });
  const token = issuer.sign({ claims: { roles: undefined, ...provider.claims } });
  expect(await access.authenticate(bearer(token), HOME)).toMatchObject({
    role: 'owner',
    organization: { id: organizationId },
  });
  const without = issuer.sign({ claims: { roles: undefined } });
  expect(await access.authenticate(bearer(without), HOME)).toMatchObject({ role: null, organization: null });
});
