import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScene, type Scene } from './scene.js';

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

test('prints a new link while there is no administrator, and afterwards says what to do instead', async () => {
  const env = { INGAM_PUBLIC_URL: 'https://example.com/notary' };
  const first = await scene.ingamWith({ env }, 'setup-link');
  expect(first.code).toBe(0);
  expect(first.stderr).toMatch(/^Set up the first administrator\. The link works once, until .+:\n$/);
  const pattern = /^https:\/\/example\.com\/notary\/account\.html#setup=[A-Za-z0-9_-]{43}\n$/;
  expect(first.stdout).toMatch(pattern);
  const second = await scene.ingamWith({ env }, 'setup-link');
  expect(second.stdout).toMatch(pattern);
  expect(second.stdout).not.toBe(first.stdout);
  const made = await scene.json<{ link: string; token: string; expiresAt: string }>('setup-link');
  expect(made.link.endsWith(`/account.html#setup=${made.token}`)).toBe(true);
  expect(Date.parse(made.expiresAt)).toBeGreaterThan(Date.now());

  await scene.line('user', 'operator', 'ops@example.com');
  const refused = await scene.ingam('setup-link');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('somebody was invited to be one');
  expect(refused.stderr).toContain('ingam user operator');
});
