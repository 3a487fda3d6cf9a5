import { expect, test } from 'vitest';
import type { Credential, SignedIn } from '../../src/auth/index.js';
import { codeOf } from './refusal.js';
import { createScene, HOME, PASSWORD, turnOf } from './scene.js';

const bearer = ({ tokens }: SignedIn): Credential => ({ kind: 'bearer', token: tokens.accessToken });
const THIEF = { address: '203.0.113.66', agent: 'thief' };

test('each refresh brings the next token; the session, its end and its CSRF token stay', async () => {
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

test('a token that comes a second time ends the session for the thief and for the robbed, whoever was first', async () => {
  await using scene = await createScene();
  const access = await scene.another();
  const { owner } = await scene.organization();
  const thiefs = await access.sessions.refresh(owner.tokens.refreshToken, THIEF);
  const { principal } = await scene.access.sessions.signIn(
    { email: owner.principal.email ?? '', password: PASSWORD },
    HOME,
  );
  await scene.news();

  expect(await codeOf(scene.access.sessions.refresh(owner.tokens.refreshToken, HOME))).toBe('invalid_token');
  expect(await scene.news()).toEqual(['refresh_token_reused']);
  for (const stolen of [owner, thiefs]) {
    expect(await codeOf(access.authenticate(bearer(stolen), THIEF))).toBe('invalid_token');
    expect(await codeOf(access.sessions.refresh(stolen.tokens.refreshToken, THIEF))).toBe('invalid_token');
  }
  // The family alone: what the same person has signed in for elsewhere goes on, and a session that is over tells no more.
  expect(await access.sessions.list(principal)).toHaveLength(1);
  expect(await scene.news()).toEqual([]);
});

test('of many that come at once with one token, one goes on at most, and never two', async () => {
  await using scene = await createScene();
  const both = [scene.access, await scene.another()];
  for (let round = 0; round < 3; round++) {
    const { owner } = await scene.organization(`Company ${round}`);
    await scene.news();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => turnOf(both, i).sessions.refresh(owner.tokens.refreshToken, HOME)),
    );
    const won = outcomes.filter(({ status }) => status === 'fulfilled');
    expect(won.length).toBeLessThanOrEqual(1);
    // Somebody came second, so nobody knows who is who.
    expect(await codeOf(scene.access.authenticate(bearer(owner), HOME))).toBe('invalid_token');
    expect(await scene.news()).toEqual(['refresh_token_reused']);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'invalid_token' });
    }
  }
});

test('what is no refresh token, or one of another service, is refused', async () => {
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

test('signing in always opens a session of its own, with secrets of its own', async () => {
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

test('a CSRF token belongs to one session, whichever instance is asked', async () => {
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
