import { expect, test } from 'vitest';
import type { Credential, SignedIn } from '../../src/auth/index.js';
import { codeOf } from './refusal.js';
import { createScene, HOME, PASSWORD, turnOf } from './scene.js';

const bearer = ({ tokens }: SignedIn): Credential => ({ kind: 'bearer', token: tokens.accessToken });
const THIEF = { address: '203.0.113.66', agent: 'thief' };

test('each refresh returns a new token; the session, its expiry and its CSRF token stay the same', async () => {
  await using scene = await createScene();
  const access = await scene.another();
  const { owner } = await scene.organization();
  let last = owner;
  for (let i = 0; i < 3; i++) {
    scene.clock.now += 10 * 60_000;
    const next = await (i % 2 === 0 ? access : scene.access).sessions.refresh(last.tokens.refreshToken, HOME);
    expect(next.principal).toEqual(owner.principal);
    expect(next.tokens.refreshToken).not.toBe(last.tokens.refreshToken);
    expect(next.tokens.accessToken).not.toBe(last.tokens.accessToken);
    expect(next.tokens.accessExpiresAt).toBeGreaterThan(scene.clock.now);
    expect(next.tokens.refreshExpiresAt).toBe(owner.tokens.refreshExpiresAt);
    expect(next.tokens.csrfToken).toBe(owner.tokens.csrfToken);
    expect(await access.authenticate(bearer(next), HOME)).toEqual(owner.principal);
    last = next;
  }
  expect(await codeOf(access.authenticate(bearer(owner), HOME))).toBe('token_expired');
});

/** Just outside the time in which a used token may be used again. */
const AFTER_GRACE_MS = 31_000;

test('a refresh repeated within 30 seconds returns the same refresh token, on every instance, without an event', async () => {
  await using scene = await createScene();
  const access = await scene.another();
  const { owner } = await scene.organization();
  await scene.newEvents();
  const first = await access.sessions.refresh(owner.tokens.refreshToken, HOME);
  scene.clock.now += 29_000;
  const again = await scene.access.sessions.refresh(owner.tokens.refreshToken, HOME);
  expect(again.tokens.refreshToken).toBe(first.tokens.refreshToken);
  expect(again.tokens.csrfToken).toBe(first.tokens.csrfToken);
  expect(again.principal).toEqual(owner.principal);
  for (const { tokens } of [first, again]) {
    const credential = { kind: 'bearer', token: tokens.accessToken } as const;
    expect(await access.authenticate(credential, HOME)).toEqual(owner.principal);
  }
  // The chain continues from the token that both received.
  const next = await access.sessions.refresh(again.tokens.refreshToken, HOME);
  expect(next.tokens.refreshToken).not.toBe(again.tokens.refreshToken);
  expect(await scene.newEvents()).toEqual([]);
});

test('repeating a refresh does not extend the time in which it may be repeated', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  await scene.newEvents();
  await scene.access.sessions.refresh(owner.tokens.refreshToken, HOME);
  scene.clock.now += 20_000;
  await scene.access.sessions.refresh(owner.tokens.refreshToken, HOME);
  scene.clock.now += 20_000;
  expect(await codeOf(scene.access.sessions.refresh(owner.tokens.refreshToken, HOME))).toBe('invalid_token');
  expect(await scene.newEvents()).toEqual(['refresh_token_reused']);
});

test('a refresh token that is reused later ends the session for the thief and for the owner, and is logged', async () => {
  await using scene = await createScene();
  const access = await scene.another();
  const { owner } = await scene.organization();
  const stolen = await access.sessions.refresh(owner.tokens.refreshToken, THIEF);
  const { principal } = await scene.access.sessions.signIn(
    { email: owner.principal.email ?? '', password: PASSWORD },
    HOME,
  );
  await scene.newEvents();

  scene.clock.now += AFTER_GRACE_MS;
  expect(await codeOf(scene.access.sessions.refresh(owner.tokens.refreshToken, HOME))).toBe('invalid_token');
  expect(await scene.newEvents()).toEqual(['refresh_token_reused']);
  for (const each of [owner, stolen]) {
    expect(await codeOf(access.authenticate(bearer(each), THIEF))).toBe('invalid_token');
    expect(await codeOf(access.sessions.refresh(each.tokens.refreshToken, THIEF))).toBe('invalid_token');
  }
  // Other sessions of the person continue, and an ended session causes no further events.
  expect(await access.sessions.list(principal)).toHaveLength(1);
  expect(await scene.newEvents()).toEqual([]);
});

test('a session that has ended cannot be refreshed with a token that was just used', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  const { principal } = await scene.access.sessions.refresh(owner.tokens.refreshToken, HOME);
  await scene.access.sessions.signOut(principal, HOME);
  await scene.newEvents();
  expect(await codeOf(scene.access.sessions.refresh(owner.tokens.refreshToken, HOME))).toBe('invalid_token');
  expect(await scene.newEvents()).toEqual([]);
});

test('concurrent refreshes with one token all return the same refresh token', async () => {
  await using scene = await createScene();
  const both = [scene.access, await scene.another()];
  const { owner } = await scene.organization();
  await scene.newEvents();
  const refreshed = await Promise.all(
    Array.from({ length: 8 }, (_, i) => turnOf(both, i).sessions.refresh(owner.tokens.refreshToken, HOME)),
  );
  expect(new Set(refreshed.map(({ tokens }) => tokens.refreshToken)).size).toBe(1);
  for (const each of refreshed) {
    expect(await scene.access.authenticate(bearer(each), HOME)).toEqual(owner.principal);
  }
  expect(await scene.newEvents()).toEqual([]);
});

test('the database holds no refresh token in clear, neither used nor current', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  const { tokens } = await scene.access.sessions.refresh(owner.tokens.refreshToken, HOME);
  const rows = await scene.database.query<{ row: string }>(
    'SELECT refresh_token::text AS row FROM refresh_token',
  );
  const text = rows.map(({ row }) => row).join(' ');
  for (const token of [owner.tokens.refreshToken, tokens.refreshToken]) {
    expect(text).not.toContain(token);
    expect(text).not.toContain(Buffer.from(token).toString('hex'));
    expect(text).not.toContain(Buffer.from(token, 'base64url').toString('hex'));
  }
});

test('rejects what is not a refresh token, and the tokens of another service', async () => {
  await using scene = await createScene();
  await using elsewhere = await createScene();
  const { owner } = await scene.organization();
  const { owner: theirs } = await elsewhere.organization();
  const { refreshToken } = owner.tokens;
  const wrong = [
    '',
    'x',
    refreshToken.slice(0, -1),
    `${refreshToken}=`,
    `${refreshToken}A`,
    'A'.repeat(43),
    'A'.repeat(1 << 20),
    "' OR '1'='1",
    '\u0000'.repeat(43),
    theirs.tokens.refreshToken,
  ];
  for (const token of wrong)
    expect(await codeOf(scene.access.sessions.refresh(token, HOME))).toBe('invalid_token');
  expect(await scene.access.authenticate(bearer(owner), HOME)).toEqual(owner.principal);
});

test('each sign-in opens a new session with new secrets', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  const again = await scene.access.sessions.signIn(
    { email: owner.principal.email ?? '', password: PASSWORD },
    HOME,
  );
  expect(again.principal.sessionId).not.toBe(owner.principal.sessionId);
  for (const name of ['accessToken', 'refreshToken', 'csrfToken'] as const) {
    expect(again.tokens[name]).not.toBe(owner.tokens[name]);
  }
});

test('a CSRF token is valid for one session only, on every instance', async () => {
  await using scene = await createScene();
  const access = await scene.another();
  const { owner } = await scene.organization();
  const { owner: other } = await scene.organization('Another company');
  const { csrfToken } = owner.tokens;
  expect(access.sessions.isCsrfToken(owner.principal, csrfToken)).toBe(true);
  const wrong = ['', csrfToken.slice(1), `${csrfToken}A`, other.tokens.csrfToken, owner.tokens.refreshToken];
  for (const token of wrong) expect(access.sessions.isCsrfToken(owner.principal, token)).toBe(false);
  expect(access.sessions.isCsrfToken({ kind: 'anonymous' }, csrfToken)).toBe(false);
  expect(access.sessions.isCsrfToken({ ...owner.principal, sessionId: null }, csrfToken)).toBe(false);
});
