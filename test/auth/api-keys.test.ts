import { expect, test } from 'vitest';
import { LOCAL, type Access, type Client, type Credential, type NewKey } from '../../src/auth/index.js';
import { StoreError } from '../../src/store/index.js';
import { createBackground, createLog } from '../support/parts.js';
import { until } from '../support/until.js';
import { codeOf, refusalOf } from './refusal.js';
import { createScene, DAY_MS, HOME, turnOf } from './scene.js';

const bearer = (token: string): Credential => ({ kind: 'bearer', token });
const from = (address: string): Client => ({ address, agent: 'test' });
const NOTARIZE: NewKey = { name: 'Ingest', scopes: ['notarize'] };

test('a key acts for its organization with its scopes, and its secret is not in the database', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { organization, owner } = await scene.organization();
  const { key, secret } = await access.keys.create(owner.principal, organization.id, NOTARIZE, HOME);
  expect(secret).toMatch(/^ingam_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/);
  expect(secret).toContain(`ingam_${key.id}_`);
  expect(await access.authenticate(bearer(secret), HOME)).toEqual({
    kind: 'key',
    keyId: key.id,
    organization,
    scopes: ['notarize'],
    limits: { requestsPerMinute: null, digestsPerDay: null, bytesPerDay: null },
  });
  const rows = await scene.database.query<{ row: string }>('SELECT api_key::text AS row FROM api_key');
  expect(rows).toHaveLength(1);
  const part = secret.split('_').slice(2).join('_');
  const inHex = Buffer.from(part, 'base64url').toString('hex');
  for (const { row } of rows) {
    expect(row).not.toContain(part);
    expect(row).not.toContain(inHex);
  }
});

test('rejects everything but the exact key, with one answer', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { organization, owner } = await scene.organization();
  const { key, secret } = await access.keys.create(owner.principal, organization.id, NOTARIZE, HOME);
  const other = await access.keys.create(owner.principal, organization.id, NOTARIZE, HOME);
  const text = secret.split('_').slice(2).join('_');
  const wrong = [
    'ingam_',
    `ingam_${key.id}`,
    `ingam_${key.id}_`,
    secret.slice(0, -1),
    `${secret}A`,
    `${secret}\n`,
    ` ${secret}`.trim() + '=',
    secret.toUpperCase().replace('INGAM_', 'ingam_'),
    `ingam_${other.key.id}_${text}`,
    `ingam_${'0'.repeat(16)}_${text}`,
    `ingam_${key.id.toUpperCase()}_${text}`,
    `ingam_${key.id}_${'A'.repeat(43)}`,
    `ingam_${key.id}_${text.slice(0, 42)}${text.endsWith('A') ? 'E' : 'A'}`,
    `ingam_${"' OR '1'='1".padEnd(16)}_${text}`,
    `ingam_${'a'.repeat(1 << 20)}`,
  ];
  const refusals = await Promise.all(
    wrong.map((token) => refusalOf(access.authenticate(bearer(token), HOME))),
  );
  expect(new Set(refusals.map(({ code, message }) => `${code} ${message}`)).size).toBe(1);
  expect(refusals[0]?.code).toBe('invalid_token');
  // Nor is it anything else than a bearer token.
  expect(await codeOf(access.authenticate({ kind: 'cookie', token: secret }, HOME))).toBe('invalid_token');
  expect(await codeOf(access.sessions.refresh(secret, HOME))).toBe('invalid_token');
  expect(await access.authenticate(bearer(secret), HOME)).toMatchObject({ keyId: key.id });
});

test('rejects a revoked or expired key, or one of a disabled organization, at once on every instance', async () => {
  await using scene = await createScene();
  const both: readonly Access[] = [scene.access, await scene.another()];
  const { organization, owner } = await scene.organization();
  const make = (change: Partial<NewKey> = {}) =>
    scene.access.keys.create(owner.principal, organization.id, { ...NOTARIZE, ...change }, HOME);
  const codes = (secret: string) =>
    Promise.all(both.map((access) => codeOf(access.authenticate(bearer(secret), HOME))));

  const revoked = await make();
  await turnOf(both, 1).keys.revoke(owner.principal, organization.id, revoked.key.id, HOME);
  expect(await codes(revoked.secret)).toEqual(['invalid_token', 'invalid_token']);
  expect(await codeOf(scene.access.keys.revoke(owner.principal, organization.id, revoked.key.id, HOME))).toBe(
    'key_not_found',
  );

  const expiring = await make({ expiresAt: scene.clock.now + DAY_MS });
  for (const access of both) await access.authenticate(bearer(expiring.secret), HOME);
  scene.clock.now += DAY_MS;
  expect(await codes(expiring.secret)).toEqual(['token_expired', 'token_expired']);
  // Only to whoever holds the secret.
  const guess = `${expiring.secret.slice(0, -43)}${'A'.repeat(43)}`;
  expect(await codes(guess)).toEqual(['invalid_token', 'invalid_token']);

  const last = await make();
  await scene.access.organizations.update(LOCAL, organization.id, { disabled: true }, HOME);
  expect(await codes(last.secret)).toEqual(['invalid_token', 'invalid_token']);
  await scene.access.organizations.update(LOCAL, organization.id, { disabled: false }, HOME);
  for (const access of both) expect(await access.authenticate(bearer(last.secret), HOME)).toBeDefined();
  expect((await scene.access.keys.list(owner.principal, organization.id)).map(({ id }) => id).sort()).toEqual(
    [revoked, expiring, last].map(({ key }) => key.id).sort(),
  );
});

test('a key with networks works only from them', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { organization } = await scene.organization();
  const networks = ['192.0.2.0/24', '2001:db8:1::/48', '198.51.100.7'];
  const { key, secret } = await access.keys.create(LOCAL, organization.id, { ...NOTARIZE, networks }, HOME);
  expect(key.networks).toEqual(['192.0.2.0/24', '2001:db8:1::/48', '198.51.100.7/32']);
  for (const address of ['192.0.2.1', '192.0.2.255', '2001:db8:1:ffff::1', '198.51.100.7']) {
    expect(await access.authenticate(bearer(secret), from(address))).toMatchObject({ keyId: key.id });
  }
  const outside = ['192.0.3.1', '2001:db8:2::1', '198.51.100.8', '::1', '', 'unknown', '192.0.2.1, 10.0.0.1'];
  for (const address of outside) {
    expect(await codeOf(access.authenticate(bearer(secret), from(address)))).toBe('address_not_allowed');
  }
  // A guess is not told that it would have come from the wrong place.
  const guess = `${secret.slice(0, -43)}${'A'.repeat(43)}`;
  expect(await codeOf(access.authenticate(bearer(guess), from('192.0.3.1')))).toBe('invalid_token');
});

test('records the last use to the minute', async () => {
  await using scene = await createScene();
  const access = await scene.another();
  const { organization } = await scene.organization();
  const { secret } = await access.keys.create(LOCAL, organization.id, NOTARIZE, HOME);
  const lastUse = async () => (await scene.access.keys.list(LOCAL, organization.id))[0]?.lastUsedAt ?? null;
  expect(await lastUse()).toBe(null);
  for (let i = 0; i < 5; i++) await access.authenticate(bearer(secret), HOME);
  await access.close();
  const first = await until('the time of the last use to be stored', lastUse);
  expect(Math.abs(first - scene.clock.now)).toBeLessThan(60_000);
  scene.clock.now += 10 * 60_000;
  await access.authenticate(bearer(secret), HOME);
  await access.close();
  expect((await lastUse()) ?? 0).toBeGreaterThan(first);
});

test('counts failures to record the use of keys, and logs the cause once', async () => {
  await using scene = await createScene();
  const { organization } = await scene.organization();
  const { secret } = await scene.access.keys.create(LOCAL, organization.id, NOTARIZE, HOME);
  const log = createLog();
  const { background, failures } = createBackground(log);
  const recordKeyUse = () => Promise.reject(new StoreError('unavailable', 'the database is unavailable'));
  const access = await scene.another({ store: { ...scene.store.access, recordKeyUse }, background });
  for (const count of [1, 2]) {
    await access.authenticate(bearer(secret), HOME);
    await access.close();
    expect(failures.get('recording the use of API keys')).toBe(count);
  }
  expect(log.lines).toEqual([expect.stringContaining('recording the use of API keys stalled')]);
});

test('rejects invalid properties of a new key', async () => {
  await using scene = await createScene();
  const { organization } = await scene.organization();
  const make = (change: Partial<NewKey>) =>
    codeOf(scene.access.keys.create(LOCAL, organization.id, { ...NOTARIZE, ...change }, HOME));
  expect(await make({ name: ' ' })).toBe('invalid_value');
  expect(await make({ name: 'a\nb' })).toBe('invalid_value');
  expect(await make({ name: 'a\u0000' })).toBe('invalid_value');
  expect(await make({ name: 'a'.repeat(201) })).toBe('invalid_value');
  expect(await make({ scopes: [] })).toBe('invalid_value');
  expect(await make({ scopes: ['notarize', 'users'] })).toBe('invalid_value');
  expect(await make({ expiresAt: scene.clock.now })).toBe('invalid_value');
  expect(await make({ expiresAt: Number.NaN })).toBe('invalid_value');
  expect(await make({ limits: { digestsPerDay: -1 } })).toBe('invalid_value');
  expect(await make({ limits: { bytesPerDay: 1.5 } })).toBe('invalid_value');
  expect(await make({ limits: { requestsPerMinute: 2 ** 31 } })).toBe('invalid_value');
  const networks = ['', 'example.com', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/08', '10.0.0/8', '::/129'];
  for (const network of [
    ...networks,
    'fe80::1%eth0/64',
    '::ffff:10.0.0.0/104',
    '10.0.0.0/8/8',
    '10.0.0.0/',
  ]) {
    expect(await make({ networks: [network] })).toBe('invalid_network');
  }
  expect(await make({ networks: Array.from({ length: 65 }, (_, i) => `10.0.0.${i}`) })).toBe(
    'invalid_network',
  );
  expect(await codeOf(scene.access.keys.create(LOCAL, 'org_aaaaaaaaaaaaaaaaaaaa', NOTARIZE, HOME))).toBe(
    'organization_not_found',
  );
  expect(await scene.access.keys.list(LOCAL, organization.id)).toEqual([]);
});
