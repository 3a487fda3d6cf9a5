import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { DocumentHasher, DocumentTooLarge } from '../../src/intake/index.js';
import { toHex } from '../../src/proof/index.js';
import { until } from '../support/until.js';

const MIB = 2 ** 20;
const FRAGILE = new URL('./fragile-hash-worker.mjs', import.meta.url);
const hasher = new DocumentHasher({ parallel: true, worker: FRAGILE });
afterAll(() => hasher.destroy());

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const hex = async (hashing: Promise<{ sha256: Uint8Array; size: number }>) => {
  const { sha256, size } = await hashing;
  return { sha256: toHex(sha256), size };
};

/** Chunks of the same memory, or each with its own, as Node reads them from a socket. */
function* chunks(bytes: Buffer, length: number, own: boolean): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) {
    const chunk = bytes.subarray(at, at + length);
    yield own ? new Uint8Array(chunk) : chunk;
  }
}
const source = (bytes: Buffer, length = 65_536, own = true) =>
  Readable.from(chunks(bytes, length, own), { objectMode: true });

test.each([
  [0, 65_536],
  [1, 65_536],
  [MIB, 65_536],
  [MIB + 1, 65_536],
  [5 * MIB + 7, 65_536],
  [5 * MIB + 7, 300_001],
  [5 * MIB + 7, 5 * MIB + 7],
  [20_000, 37],
])('%i bytes in chunks of %i', async (length, chunk) => {
  // Not all of its memory, so that nobody may take that away.
  const bytes = randomBytes(length + 1).subarray(1);
  const expected = { sha256: digest(bytes), size: length };
  expect(await hex(hasher.hash(source(bytes, chunk)))).toEqual(expected);
  // What others may still read stays as it is.
  expect(await hex(hasher.hash(source(bytes, chunk, false)))).toEqual(expected);
  expect(digest(bytes)).toBe(expected.sha256);
  expect(await hex(hasher.hash(source(bytes, chunk), { announced: length }))).toEqual(expected);
});

test('more at once than the thread takes', async () => {
  const documents = Array.from({ length: 12 }, (_, i) => randomBytes(3 * MIB + i));
  const hashed = await Promise.all(documents.map((bytes) => hex(hasher.hash(source(bytes)))));
  expect(hashed).toEqual(documents.map((bytes) => ({ sha256: digest(bytes), size: bytes.length })));
});

test('one that is too long, and one that breaks off, end at once and harm no other', async () => {
  const bytes = randomBytes(6 * MIB);
  const good = hex(hasher.hash(source(bytes), { maxBytes: bytes.length }));
  const long = source(bytes);
  await expect(hasher.hash(long, { maxBytes: bytes.length - 1 })).rejects.toThrow(DocumentTooLarge);
  expect(long.destroyed).toBe(true);
  const broken = Readable.from(
    (function* () {
      yield* chunks(bytes, 65_536, true);
      throw new Error('the client went away');
    })(),
  );
  await expect(hasher.hash(broken)).rejects.toThrow('the client went away');
  expect(await good).toEqual({ sha256: digest(bytes), size: bytes.length });
});

test('a thread that dies fails what it had in hand, and the next document has another', async () => {
  const deadly = Buffer.concat([Buffer.from('deadly'), randomBytes(6 * MIB)]);
  await expect(hasher.hash(source(deadly))).rejects.toThrow('the thread that hashes documents has ended');
  // At its last byte, too.
  const short = deadly.subarray(0, MIB + 1);
  await expect(hasher.hash(source(short))).rejects.toThrow('the thread that hashes documents has ended');
  const bytes = randomBytes(3 * MIB);
  expect(await hex(hasher.hash(source(bytes)))).toEqual({ sha256: digest(bytes), size: bytes.length });
});

test('a thread that cannot be started fails the document', async () => {
  const own = new DocumentHasher({
    parallel: true,
    worker: new URL('./missing-worker.mjs', import.meta.url),
  });
  for (let i = 0; i < 2; i++) {
    const hashing = own.hash(source(randomBytes(4 * MIB)));
    await expect(hashing).rejects.toThrow('the thread that hashes documents has ended');
  }
  await own.destroy();
});

test('a thread that is behind holds the source back, and its end is the end of what waits', async () => {
  const own = new DocumentHasher({ parallel: true, worker: FRAGILE });
  let read = 0;
  const endless = (function* () {
    for (;;) {
      const chunk = new Uint8Array(65_536);
      if (read === 0) chunk.set(Buffer.from('stopping'));
      read += chunk.length;
      yield chunk;
    }
  })();
  const hashing = own.hash(Readable.from(endless));
  const ended = hashing.catch((error: unknown) => error);
  await until(() => read > MIB);
  // At each turn more would be read, if nothing held it back.
  for (let turn = 0; turn < 500; turn++) await nextTurn();
  expect(read).toBeLessThan(2 * MIB);
  await own.destroy();
  expect(await ended).toMatchObject({ message: 'the thread that hashes documents has ended' });
});
