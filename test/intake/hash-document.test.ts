import { createHash, randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { DocumentTooLarge, hashDocument } from '../../src/intake/index.js';
import { sha256, toHex } from '../../src/proof/index.js';

test.each([0, 1, 63, 64, 65, 1000, 200_000])('hashes %i bytes in chunks of any size', async (length) => {
  const bytes = randomBytes(length);
  for (const chunk of [1 + Math.floor(length / 1000), 7919, length + 1]) {
    const chunks: Buffer[] = [];
    for (let at = 0; at < length; at += chunk) chunks.push(bytes.subarray(at, at + chunk));
    const hashed = await hashDocument(Readable.from(chunks));
    expect(hashed.size).toBe(length);
    expect(toHex(hashed.sha256)).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(toHex(hashed.sha256)).toBe(toHex(sha256(new Uint8Array(bytes))));
  }
});

test('accepts a document of the maximum length, and stops reading a longer one', async () => {
  const source = () => Readable.from([Buffer.alloc(60), Buffer.alloc(40)]);
  expect((await hashDocument(source(), { maxBytes: 100 })).size).toBe(100);
  expect((await hashDocument(source(), { maxBytes: null })).size).toBe(100);
  const long = source();
  const error: unknown = await hashDocument(long, { maxBytes: 99 }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DocumentTooLarge);
  expect(error).toMatchObject({ maxBytes: 99 });
  expect(long.destroyed).toBe(true);
});

test('rejects when the document breaks off', async () => {
  const source = new PassThrough();
  const hashing = hashDocument(source);
  source.write('half of it');
  setImmediate(() => source.destroy(new Error('the client went away')));
  await expect(hashing).rejects.toThrow('the client went away');
  const silent = new PassThrough();
  const other = hashDocument(silent);
  setImmediate(() => silent.destroy());
  await expect(other).rejects.toThrow();
});

test('applies back-pressure to its source', async () => {
  let produced = 0;
  const source = new Readable({
    highWaterMark: 1024,
    read() {
      produced++;
      this.push(produced > 2000 ? null : Buffer.alloc(1024));
    },
  });
  expect((await hashDocument(source)).size).toBe(2000 * 1024);
});
