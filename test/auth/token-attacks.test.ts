import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessErrorCode } from '../../src/auth/index.js';
import { es256, json, openForge, type Forge } from './forge.js';
import { codeOf } from './refusal.js';
import { createScene, HOME, type Scene } from './scene.js';
import { TOKEN_ATTACKS } from './token-attacks.js';

/** Each is refused with a code and nothing else, and the honest token after them is not. */

let scene: Scene;
let forge: Forge;

beforeAll(async () => {
  scene = await createScene();
  const { owner } = await scene.organization();
  forge = await openForge(scene, owner);
});

afterAll(() => scene[Symbol.asyncDispose]());

describe.each(Object.entries(TOKEN_ATTACKS))('%s', (_, make) => {
  test.each(['bearer', 'cookie'] as const)('as %s', async (kind) => {
    const token = make(forge);
    expect(await codeOf(scene.access.authenticate({ kind, token }, HOME))).toBe('invalid_token');
  });
});

test('no forged token works as a refresh token', async () => {
  for (const make of Object.values(TOKEN_ATTACKS)) {
    const token = make(forge);
    // That one is: but not for the one who holds an access token.
    if (token === forge.victim.tokens.refreshToken) continue;
    expect(await codeOf(scene.access.sessions.refresh(token, HOME))).toBe('invalid_token');
  }
});

test('an access token does not work as a refresh token, and trying it does not end the session', async () => {
  const { accessToken, csrfToken } = forge.victim.tokens;
  for (const token of [accessToken, csrfToken]) {
    expect(await codeOf(scene.access.sessions.refresh(token, HOME))).toBe('invalid_token');
  }
  await honest();
});

test('the genuine token still works after all attacks', honest);

async function honest(): Promise<void> {
  const { accessToken: token } = forge.victim.tokens;
  for (const kind of ['bearer', 'cookie'] as const) {
    expect(await scene.access.authenticate({ kind, token }, HOME)).toEqual(forge.victim.principal);
  }
  // The table's own signing is sound: its tokens are refused for what is wrong with them.
  const made = es256(forge.key.privateKey, json(forge.header), json(forge.claims));
  expect(await scene.access.authenticate({ kind: 'bearer', token: made }, HOME)).toEqual(
    forge.victim.principal,
  );
}

test('an expired token gets token_expired, so that clients refresh', async () => {
  const { now, key, header, claims } = forge;
  const codes: AccessErrorCode[] = [];
  for (const age of [900 + 11, 3600, 86_400 * 365]) {
    const over = { iat: now - age, nbf: now - age, exp: now - age + 900 };
    const token = es256(key.privateKey, json(header), json({ ...claims, ...over }));
    codes.push(await codeOf(scene.access.authenticate({ kind: 'bearer', token }, HOME)));
  }
  expect(codes).toEqual(['token_expired', 'token_expired', 'token_expired']);
});
