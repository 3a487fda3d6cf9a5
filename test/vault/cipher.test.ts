import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { CHUNK_LENGTH, openDocument, sealDocument, sealedLength } from '../../src/vault/cipher.js';
import type { ByteRange } from '../../src/vault/index.js';

const KEY = randomBytes(32);
const SEALED_CHUNK = CHUNK_LENGTH + 16;

/** A document whose bytes differ from place to place. */
function documentOf(size: number): Buffer {
  const block = createHash('sha512').update(String(size)).digest();
  return Buffer.alloc(size, block);
}

async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length)
    yield await Promise.resolve(bytes.subarray(at, at + length));
}

async function all(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

const seal = (document: Uint8Array, piece = 50_000) => all(sealDocument(KEY, inPieces(document, piece)));

const open = (sealed: Uint8Array, size: number, range?: ByteRange, key: Uint8Array = KEY) =>
  all(
    openDocument(key, size, range ?? { first: 0, last: size - 1 }, ({ first, last }) =>
      inPieces(sealed.subarray(first, last + 1), 70_001),
    ),
  );

describe('the encryption of kept documents', () => {
  test.each([
    1,
    100,
    CHUNK_LENGTH - 1,
    CHUNK_LENGTH,
    CHUNK_LENGTH + 1,
    3 * CHUNK_LENGTH,
    3 * CHUNK_LENGTH + 7,
  ])('gives back a document of %i bytes, and adds 16 bytes for each chunk', async (size) => {
    const document = documentOf(size);
    const sealed = await seal(document);
    expect(sealed.length).toBe(sealedLength(size));
    expect(sealed.length - size).toBe(16 * Math.ceil(size / CHUNK_LENGTH));
    expect((await open(sealed, size)).equals(document)).toBe(true);
  });

  test('gives the same bytes in whatever pieces a document arrives', async () => {
    const document = documentOf(200_000);
    const whole = await seal(document, document.length);
    expect((await seal(document, 1000)).equals(whole)).toBe(true);
    expect((await seal(document, CHUNK_LENGTH)).equals(whole)).toBe(true);
  });

  test.each([
    [0, 0],
    [0, CHUNK_LENGTH - 1],
    [CHUNK_LENGTH - 1, CHUNK_LENGTH],
    [CHUNK_LENGTH, 2 * CHUNK_LENGTH - 1],
    [70_000, 70_010],
    [199_999, 199_999],
    [1, 199_998],
  ])('gives bytes %i to %i, and reads only their chunks', async (first, last) => {
    const document = documentOf(200_000);
    const sealed = await seal(document);
    const read: ByteRange[] = [];
    const range = openDocument(KEY, document.length, { first, last }, (asked) => {
      read.push(asked);
      return inPieces(sealed.subarray(asked.first, asked.last + 1), 10_000);
    });
    expect((await all(range)).equals(document.subarray(first, last + 1))).toBe(true);
    expect(read).toEqual([
      {
        first: Math.floor(first / CHUNK_LENGTH) * SEALED_CHUNK,
        last: Math.min((Math.floor(last / CHUNK_LENGTH) + 1) * SEALED_CHUNK, sealed.length) - 1,
      },
    ]);
  });

  test('names the chunk that was changed, and gives what is before it', async () => {
    const size = 3 * CHUNK_LENGTH + 7;
    const document = documentOf(size);
    for (const [at, chunk] of [
      [0, 0],
      [SEALED_CHUNK - 1, 0],
      [SEALED_CHUNK, 1],
      [2 * SEALED_CHUNK + 5, 2],
      [sealedLength(size) - 1, 3],
    ] as const) {
      const sealed = await seal(document);
      sealed[at] = (sealed[at] ?? 0) ^ 1;
      const parts: Uint8Array[] = [];
      const reading = (async () => {
        for await (const part of openDocument(KEY, size, { first: 0, last: size - 1 }, () =>
          inPieces(sealed, 9999),
        ))
          parts.push(part);
      })();
      await expect(reading).rejects.toMatchObject({
        code: 'damaged',
        message: expect.stringContaining(`chunk ${chunk} (bytes ${chunk * CHUNK_LENGTH} to`) as string,
      });
      expect(Buffer.concat(parts).equals(document.subarray(0, chunk * CHUNK_LENGTH))).toBe(true);
    }
  });

  test('refuses chunks that have changed places, are missing at the end, or are of another document', async () => {
    const size = 3 * CHUNK_LENGTH;
    const sealed = await seal(documentOf(size));
    const chunk = (i: number) => sealed.subarray(i * SEALED_CHUNK, (i + 1) * SEALED_CHUNK);
    const swapped = Buffer.concat([chunk(1), chunk(0), chunk(2)]);
    await expect(open(swapped, size)).rejects.toThrow(/^chunk 0 /);
    await expect(open(sealed.subarray(0, -1), size)).rejects.toThrow(/^chunk 2 /);
    await expect(open(sealed.subarray(0, 2 * SEALED_CHUNK), size)).rejects.toThrow(/^chunk 2 /);
    // Cut off at a chunk, and with a size that fits: the chunk is not marked as the last one.
    await expect(open(sealed.subarray(0, 2 * SEALED_CHUNK), 2 * CHUNK_LENGTH)).rejects.toThrow(/^chunk 1 /);
    await expect(open(sealed, size, undefined, randomBytes(32))).rejects.toThrow(/^chunk 0 /);
  });
});
