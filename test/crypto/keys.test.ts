import { createHmac } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generateKey, parsePrivateKey } from '../../src/crypto/keys.js';
import { loadKeys } from '../../src/service/keys.js';
import { ED25519, formatVerifierKey, ProofError, verifyEd25519 } from '../../src/proof/index.js';
import { createDirectory } from '../support/parts.js';

const none = { origin: null, logKey: null, receiptKey: null };

test('keys are created at the first start, readable by their owner only, and then kept', async () => {
  await using directory = await createDirectory();
  const dataDir = join(directory.path, 'data');
  const first = await loadKeys({ ...none, dataDir });
  expect((await readdir(join(dataDir, 'keys'))).sort()).toEqual(['log.key', 'receipt.key']);
  for (const name of ['log.key', 'receipt.key']) {
    expect((await stat(join(dataDir, 'keys', name))).mode & 0o777).toBe(0o600);
  }
  const again = await loadKeys({ ...none, dataDir });
  expect(formatVerifierKey(again.log.key)).toBe(formatVerifierKey(first.log.key));
  expect(formatVerifierKey(again.receipt.key)).toBe(formatVerifierKey(first.receipt.key));
  expect(first.receipt.key.name).toBe(`${first.log.key.name}/receipt`);
});

test('ten processes that start at once in one new directory use the same pair of keys, which is on disk', async () => {
  for (let round = 0; round < 5; round++) {
    await using directory = await createDirectory();
    const all = await Promise.all(
      Array.from({ length: 10 }, () => loadKeys({ ...none, dataDir: directory.path })),
    );
    const names = all.map(
      ({ log, receipt }) => `${formatVerifierKey(log.key)} ${formatVerifierKey(receipt.key)}`,
    );
    const kept = await loadKeys({ ...none, dataDir: directory.path });
    expect(new Set(names)).toEqual(
      new Set([`${formatVerifierKey(kept.log.key)} ${formatVerifierKey(kept.receipt.key)}`]),
    );
    expect((await readdir(join(directory.path, 'keys'))).sort()).toEqual(['log.key', 'receipt.key']);
  }
});

test('a key reads back as it was written, and signs for its verifier key', () => {
  const key = generateKey('a.example/log', ED25519, new Uint8Array(32).fill(7));
  const read = parsePrivateKey(`${key.text}\n`);
  expect(formatVerifierKey(read.key)).toBe(formatVerifierKey(key.key));
  const message = new Uint8Array([1, 2, 3]);
  expect(verifyEd25519(read.sign(message), message, key.key.publicKey)).toBe(true);
});

test('the secret for access is derived from the receipt key, and changes with it', async () => {
  await using directory = await createDirectory();
  const seed = new Uint8Array(32).fill(5);
  const receiptKey = generateKey('a.example/log/receipt', ED25519, seed).text;
  const given = await loadKeys({ ...none, dataDir: directory.path, receiptKey });
  // RFC 5869, written out.
  const hmac = (key: Uint8Array, data: Uint8Array) => createHmac('sha256', key).update(data).digest();
  const extracted = hmac(new Uint8Array(32), seed);
  expect(Buffer.from(given.access)).toEqual(hmac(extracted, Buffer.from('ingam access v1\u0001')));
  const made = await loadKeys({ ...none, dataDir: directory.path });
  expect(made.access).toHaveLength(32);
  expect(made.access).not.toEqual(given.access);
  expect((await loadKeys({ ...none, dataDir: directory.path })).access).toEqual(made.access);
});

test('configured keys are used; a key of another log, or one key for both purposes, is refused', async () => {
  await using directory = await createDirectory();
  const log = generateKey('a.example/log');
  const receipt = generateKey('a.example/log/receipt');
  const options = { dataDir: directory.path, logKey: log.text, receiptKey: receipt.text };
  const keys = await loadKeys({ ...options, origin: 'a.example/log' });
  expect(formatVerifierKey(keys.log.key)).toBe(formatVerifierKey(log.key));
  expect(await readdir(directory.path)).toEqual([]);
  await expect(loadKeys({ ...options, origin: 'b.example/log' })).rejects.toThrow(
    'a log keeps its name for life',
  );
  await expect(loadKeys({ ...options, origin: null, receiptKey: log.text })).rejects.toThrow(
    'must not be the log key',
  );
});

test('no error message shows a private key', async () => {
  await using directory = await createDirectory();
  const { text } = generateKey('a.example/log');
  const secret = text.split('+').slice(4).join('+');
  const broken = [
    text.slice(0, -1),
    `${text}A`,
    text.replace('PRIVATE', 'PUBLIC'),
    text.replace(/\+([0-9a-f]{8})\+/, '+00000000+'),
  ];
  for (const wrong of broken) {
    await writeFile(join(directory.path, 'x'), wrong);
    let message = '';
    try {
      parsePrivateKey(await readFile(join(directory.path, 'x'), 'utf8'));
    } catch (error) {
      expect(error).toBeInstanceOf(ProofError);
      message = String(error);
    }
    expect(message).not.toBe('');
    expect(message).not.toContain(secret.slice(0, 12));
  }
});
