import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  ANONYMOUS_PRINCIPAL,
  LOCAL,
  type Access,
  type Credential,
  type SignedIn,
} from '../../src/auth/index.js';
import { es256, json, openForge } from './forge.js';
import { codeOf } from './refusal.js';
import { createScene, DAY_MS, HOME, PASSWORD, turnOf } from './scene.js';

const bearer = (token: string): Credential => ({ kind: 'bearer', token });
const MINUTE_MS = 60_000;

function kidOf({ tokens }: SignedIn): unknown {
  const [header = ''] = tokens.accessToken.split('.');
  return (JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, unknown>)['kid'];
}

async function assertGood(instances: readonly Access[], signedIn: SignedIn): Promise<void> {
  for (const access of instances) {
    expect(await access.authenticate(bearer(signedIn.tokens.accessToken), HOME)).toEqual(signedIn.principal);
  }
}

test('a new signing key signs nobody out, on any instance', async () => {
  await using scene = await createScene();
  const both = [scene.access, await scene.another()];
  const { owner } = await scene.organization();
  const email = owner.principal.email ?? '';
  let last = owner;
  const kids = new Set<unknown>([kidOf(owner)]);
  for (let round = 0; round < 4; round++) {
    const [rotating, other] = round % 2 === 0 ? both : both.toReversed();
    await rotating?.signingKeys.rotate(LOCAL, HOME);
    await assertGood(both, last);
    // The instance that did not rotate signs with the new key from the very next token on, and everybody takes it.
    const refreshed = await other?.sessions.refresh(last.tokens.refreshToken, HOME);
    const signedIn = await rotating?.sessions.signIn({ email, password: PASSWORD }, HOME);
    if (refreshed === undefined || signedIn === undefined) throw new Error('there are two instances');
    await assertGood(both, refreshed);
    await assertGood(both, signedIn);
    expect(kidOf(refreshed)).toBe(kidOf(signedIn));
    kids.add(kidOf(signedIn));
    last = refreshed;
  }
  expect(kids.size).toBe(5);
});

test('concurrent rotations and refreshes sign nobody out', async () => {
  await using scene = await createScene();
  const both = [scene.access, await scene.another()] as const;
  const { organization } = await scene.organization();
  const users = await Promise.all(
    Array.from({ length: 6 }, (_, i) => scene.user(organization, 'notary', `user${i}@example.com`)),
  );
  const refreshing = users.map(async (user, i) => {
    let last = user;
    for (let round = 0; round < 5; round++) {
      last = await turnOf(both, i + round).sessions.refresh(last.tokens.refreshToken, HOME);
      await assertGood(both, last);
    }
  });
  const rotating = both.map(async (access) => {
    for (let round = 0; round < 4; round++) await access.signingKeys.rotate(LOCAL, HOME);
  });
  await Promise.all([...refreshing, ...rotating]);
});

test('a retired key verifies only tokens from before its retirement, until they expire', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  const forge = await openForge(scene, owner);
  const claim = (iatMs: number) => {
    const iat = Math.floor(iatMs / 1000);
    return es256(
      forge.key.privateKey,
      json(forge.header),
      json({ ...forge.claims, iat, nbf: iat, exp: iat + 900 }),
    );
  };
  await scene.access.signingKeys.rotate(LOCAL, HOME);
  const retiredAt = scene.clock.now;
  const before = claim(retiredAt);
  scene.clock.now += 2 * MINUTE_MS;
  const access = await scene.another();
  expect(await access.authenticate(bearer(before), HOME)).toEqual(owner.principal);
  // Whoever has got hold of it makes no new tokens with it.
  expect(await codeOf(access.authenticate(bearer(claim(scene.clock.now)), HOME))).toBe('invalid_token');
  scene.clock.now = retiredAt + 14 * MINUTE_MS;
  expect(await access.authenticate(bearer(before), HOME)).toEqual(owner.principal);
  scene.clock.now = retiredAt + 16 * MINUTE_MS;
  expect(await codeOf(access.authenticate(bearer(before), HOME))).toBe('invalid_token');
  // The next rotation takes it out of the database.
  await access.signingKeys.rotate(LOCAL, HOME);
  const rows = await scene.database.query<{ id: string }>('SELECT id FROM signing_key');
  expect(rows).toHaveLength(2);
  expect(rows.map(({ id }) => id)).not.toContain(forge.key.id);
  const fresh = await scene.another();
  scene.clock.now = retiredAt;
  expect(await codeOf(fresh.authenticate(bearer(before), HOME))).toBe('invalid_token');
});

test('a signing key is replaced after thirty days', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  const email = owner.principal.email ?? '';
  const signIn = () => scene.access.sessions.signIn({ email, password: PASSWORD }, HOME);
  scene.clock.now += 30 * DAY_MS - 1;
  expect(kidOf(await signIn())).toBe(kidOf(owner));
  const last = await signIn();
  await scene.newEvents();
  scene.clock.now += 1;
  const next = await signIn();
  expect(kidOf(next)).not.toBe(kidOf(owner));
  expect(await scene.newEvents()).toEqual(['sign_in', 'signing_key_rotated']);
  await assertGood([scene.access], last);
  scene.clock.now += 30 * DAY_MS;
  await scene.another();
  expect(await scene.newEvents()).toEqual(['signing_key_rotated']);
});

test('another secret creates a new key and signs nobody out', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  await scene.newEvents();
  const access = await scene.another({ secret: new Uint8Array(32).fill(8) });
  expect(await scene.newEvents()).toEqual(['signing_key_rotated']);
  await assertGood([access, scene.access], owner);
  const next = await access.sessions.refresh(owner.tokens.refreshToken, HOME);
  expect(kidOf(next)).not.toBe(kidOf(owner));
  await assertGood([access, scene.access], next);
});

test('the private key is encrypted for its row, and concurrent starts create one key', async () => {
  await using scene = await createScene();
  await scene.database.query('DELETE FROM signing_key');
  await Promise.all(Array.from({ length: 5 }, () => scene.another()));
  const rows = await scene.database.query<{ id: string; private_key: Buffer }>(
    'SELECT id, private_key FROM signing_key',
  );
  expect(rows).toHaveLength(1);
  for (const { private_key: key } of rows) {
    expect(() => createPrivateKey({ key, type: 'pkcs8', format: 'der' })).toThrow();
  }
  // One row's encrypted key under another's name decrypts to nothing.
  await scene.newEvents();
  await scene.access.signingKeys.rotate(LOCAL, HOME);
  await scene.database.query(`UPDATE signing_key SET private_key = $1 WHERE retired_at IS NULL`, [
    rows[0]?.private_key,
  ]);
  await scene.another();
  expect(await scene.newEvents()).toEqual(['signing_key_rotated', 'signing_key_rotated']);
});

test('only an operator can rotate the signing key', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { owner } = await scene.organization();
  const operator = await scene.operator();
  expect(await codeOf(access.signingKeys.rotate(owner.principal, HOME))).toBe('forbidden');
  expect(await codeOf(access.signingKeys.rotate(ANONYMOUS_PRINCIPAL, HOME))).toBe('unauthenticated');
  await access.signingKeys.rotate(operator.principal, HOME);
});

test('rejects tokens of another service with the same secret and people', async () => {
  await using scene = await createScene();
  const other = await scene.another({ origin: 'other.example/log' });
  const { owner } = await scene.organization();
  const theirs = await other.sessions.signIn(
    { email: owner.principal.email ?? '', password: PASSWORD },
    HOME,
  );
  await assertGood([other], theirs);
  expect(await codeOf(scene.access.authenticate(bearer(theirs.tokens.accessToken), HOME))).toBe(
    'invalid_token',
  );
  expect(await codeOf(other.authenticate(bearer(owner.tokens.accessToken), HOME))).toBe('invalid_token');
});
