import { createHash, randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { HashingThread } from '../../src/intake/hashing-thread.js';
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

const MIB = 1024 * 1024;

function inChunks(bytes: Uint8Array, chunk: number): Readable {
  const count = Math.ceil(bytes.length / chunk);
  return Readable.from(Array.from({ length: count }, (_, i) => bytes.subarray(i * chunk, (i + 1) * chunk)));
}

test('hashes more documents of several mebibytes at a time than have a place in the thread', async () => {
  const lengths = [MIB / 2 - 1, MIB / 2, MIB / 2 + 1, 3 * MIB, 4 * MIB + 7, 2 * MIB, 5 * MIB];
  await Promise.all(
    lengths.map(async (length, i) => {
      const bytes = randomBytes(length);
      const hashed = await hashDocument(inChunks(bytes, i % 2 === 0 ? 65_536 : 999_983));
      expect(hashed.size).toBe(length);
      expect(toHex(hashed.sha256)).toBe(createHash('sha256').update(bytes).digest('hex'));
    }),
  );
});

test('keeps the bytes that whoever reads the document changes afterwards', async () => {
  const bytes = randomBytes(3 * MIB);
  const expected = createHash('sha256').update(bytes).digest('hex');
  const hashed = await hashDocument(inChunks(bytes, 65_536), {
    async consume(document) {
      let last: Uint8Array | null = null;
      for await (const chunk of document) {
        last?.fill(0);
        last = chunk;
      }
    },
  });
  expect(toHex(hashed.sha256)).toBe(expected);
});

test('leaves the place of a document that breaks off to another one', async () => {
  const thread = new HashingThread();
  const breaking = () =>
    Readable.from(
      (function* () {
        for (let i = 0; i < 3; i++) yield Buffer.alloc(MIB);
        throw new Error('the client went away');
      })(),
    );
  for (let i = 0; i < 5; i++) {
    await expect(hashDocument(breaking(), { thread })).rejects.toThrow('the client went away');
  }
  const places = Array.from({ length: 5 }, () => thread.begin());
  expect(places.map((place) => place !== null)).toEqual([true, true, true, true, false]);
  for (const place of places) place?.close();
});

test('rejects a document whose thread ends, says why, and starts another thread for the next one', async () => {
  const module = new URL(
    `data:text/javascript,${encodeURIComponent(
      `import { parentPort } from 'node:worker_threads';
     parentPort.once('message', () => { throw new Error('out of memory'); });`,
    )}`,
  );
  const failing = new HashingThread(module);
  for (let i = 0; i < 2; i++) {
    const hashing = hashDocument(inChunks(randomBytes(5 * MIB), 65_536), { thread: failing });
    await expect(hashing).rejects.toMatchObject({
      message: 'the thread that hashes documents has ended',
      cause: { message: 'out of memory' },
    });
  }
});
