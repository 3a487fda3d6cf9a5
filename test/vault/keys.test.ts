import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { VaultKeys } from '../../src/vault/index.js';
import type { KeyUse } from '../../src/vault/keys.js';

const [FIRST, SECOND] = ['11'.repeat(32), '22'.repeat(32)];
const USE: KeyUse = { object: new Uint8Array(16), organization: 1, size: 5, sha256: new Uint8Array(32) };

test('a wrapped key opens for the same document only', () => {
  const keys = VaultKeys.parse(FIRST);
  const key = randomBytes(32);
  const wrapped = keys.wrap(key, USE);
  expect(Buffer.from(keys.unwrap(wrapped, USE)).equals(key)).toBe(true);
  const others: KeyUse[] = [
    { ...USE, object: new Uint8Array(16).fill(1) },
    { ...USE, organization: 2 },
    { ...USE, size: 6 },
    { ...USE, sha256: new Uint8Array(32).fill(1) },
  ];
  for (const other of others) {
    expect(() => keys.unwrap(wrapped, other)).toThrow(expect.objectContaining({ code: 'damaged' }));
  }
  const changed = Buffer.from(wrapped.text, 'base64');
  changed[20] = (changed[20] ?? 0) ^ 1;
  for (const text of [changed.toString('base64'), wrapped.text.slice(4), '']) {
    expect(() => keys.unwrap({ ...wrapped, text }, USE)).toThrow(
      expect.objectContaining({ code: 'damaged' }),
    );
  }
});

test('former keys unwrap, and only the first key wraps', () => {
  const wrapped = VaultKeys.parse(FIRST).wrap(randomBytes(32), USE);
  const rotated = VaultKeys.parse(`${SECOND} ${FIRST}`);
  expect(rotated.unwrap(wrapped, USE)).toHaveLength(32);
  expect(rotated.current).not.toBe(wrapped.by);
  expect(rotated.wrap(randomBytes(32), USE).by).toBe(rotated.current);
  expect(rotated.has(wrapped.by)).toBe(true);
  expect(() => VaultKeys.parse(SECOND).unwrap(wrapped, USE)).toThrow(
    expect.objectContaining({ code: 'key_missing', message: expect.stringContaining(wrapped.by) as string }),
  );
});

test('the same key wraps differently each time', () => {
  const keys = VaultKeys.parse(FIRST);
  const key = randomBytes(32);
  expect(keys.wrap(key, USE).text).not.toBe(keys.wrap(key, USE).text);
});
