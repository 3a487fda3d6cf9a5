import { createHmac } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generateKey, parsePrivateKey } from '../../src/crypto/keys.js';
import { generateSecret, parseSecrets } from '../../src/crypto/secrets.js';
import { loadKeys } from '../../src/service/keys.js';
import { ED25519, formatVerifierKey, ProofError, toHex, verifyEd25519 } from '../../src/proof/index.js';
import { createDirectory } from '../support/parts.js';

const none = { origin: null, logKey: null, receiptKey: null, secret: null };
const FILES = ['log.key', 'receipt.key', 'service.secret'];

test('keys are created at the first start, readable by their owner only, and then kept', async () => {
  await using directory = await createDirectory();
  const dataDir = join(directory.path, 'data');
  const first = await loadKeys({ ...none, dataDir });
  expect((await readdir(join(dataDir, 'keys'))).sort()).toEqual(FILES);
  for (const name of FILES) {
    expect((await stat(join(dataDir, 'keys', name))).mode & 0o777).toBe(0o600);
  }
  const again = await loadKeys({ ...none, dataDir });
  expect(formatVerifierKey(again.log.key)).toBe(formatVerifierKey(first.log.key));
  expect(again.receiptKeys.map(formatVerifierKey)).toEqual(first.receiptKeys.map(formatVerifierKey));
  expect(first.receiptKeys.map(({ name }) => name)).toEqual([`${first.log.key.name}/receipt`]);
});

test('ten processes that start at once in one new directory use the same keys, which are on disk', async () => {
  for (let round = 0; round < 5; round++) {
    await using directory = await createDirectory();
    const all = await Promise.all(
      Array.from({ length: 10 }, () => loadKeys({ ...none, dataDir: directory.path })),
    );
    const names = all.map(
      ({ log, receiptKeys, rows: [row] }) =>
        `${formatVerifierKey(log.key)} ${receiptKeys.map(formatVerifierKey).join(' ')} ${toHex(row)}`,
    );
    const kept = await loadKeys({ ...none, dataDir: directory.path });
    expect(new Set(names)).toEqual(
      new Set([
        `${formatVerifierKey(kept.log.key)} ${kept.receiptKeys.map(formatVerifierKey).join(' ')} ${toHex(kept.rows[0])}`,
      ]),
    );
    expect((await readdir(join(directory.path, 'keys'))).sort()).toEqual(FILES);
  }
});

test('a key reads back as it was written, and signs for its verifier key', () => {
  const key = generateKey('a.example/log', ED25519, new Uint8Array(32).fill(7));
  const read = parsePrivateKey(`${key.text}\n`);
  expect(formatVerifierKey(read.key)).toBe(formatVerifierKey(key.key));
  const message = new Uint8Array([1, 2, 3]);
  expect(verifyEd25519(read.sign(message), message, key.key.publicKey)).toBe(true);
});

test('what vouches for rows and for access is derived from the secret, and stays when other keys change', async () => {
  await using directory = await createDirectory();
  const { path: dataDir } = directory;
  const bytes = new Uint8Array(32).fill(5);
  const secret = toHex(bytes);
  const given = await loadKeys({ ...none, dataDir, secret });
  // RFC 5869, written out.
  const hmac = (key: Uint8Array, data: Uint8Array) => createHmac('sha256', key).update(data).digest();
  const extracted = hmac(new Uint8Array(32), bytes);
  expect(Buffer.from(given.access)).toEqual(hmac(extracted, Buffer.from('ingam access v1\u0001')));
  expect(given.rows.map((key) => Buffer.from(key))).toEqual([
    hmac(extracted, Buffer.from('ingam rows v1\u0001')),
  ]);
  const made = await loadKeys({ ...none, dataDir });
  expect(made.access).toHaveLength(32);
  expect(made.access).not.toEqual(given.access);
  const receiptKey = generateKey('a.example/log/receipt').text;
  const changed = await loadKeys({ ...none, dataDir, receiptKey });
  expect([changed.access, changed.rows]).toEqual([made.access, made.rows]);
});

test('former secrets vouch for rows behind the present one, and for nothing else', async () => {
  await using directory = await createDirectory();
  const { path: dataDir } = directory;
  const [present, former] = [generateSecret(), generateSecret()];
  const of = (secret: string) => loadKeys({ ...none, dataDir, secret });
  const both = await of(`${present} ${former}`);
  expect(both.rows).toEqual([(await of(present)).rows[0], (await of(former)).rows[0]]);
  expect(both.access).toEqual((await of(present)).access);
});

test('a secret that is not 64 digits in lower case is refused, and not quoted', () => {
  const secret = generateSecret();
  for (const wrong of [
    '',
    secret.slice(1),
    `${secret}0`,
    `g${secret.slice(1)}`,
    `${secret} ${secret.slice(1)}`,
  ]) {
    expect(() => parseSecrets(wrong)).toThrow('64 hexadecimal digits in lower case');
    expect(() => parseSecrets(wrong)).not.toThrow(secret.slice(1, 13));
  }
  expect(parseSecrets(`${secret}\n`)).toHaveLength(1);
});

test('configured keys are used; a key of another log, or one key for both purposes, is refused', async () => {
  await using directory = await createDirectory();
  const log = generateKey('a.example/log');
  const receipt = generateKey('a.example/log/receipt');
  const options = {
    ...{ dataDir: directory.path, secret: generateSecret() },
    ...{ logKey: log.text, receiptKey: receipt.text },
  };
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
