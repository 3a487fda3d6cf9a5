import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { S3Storage } from '../../src/vault/index.js';
import { createFolder, type TestFolder } from '../cli/invoke.js';
import { type S3Server, startS3 } from '../support/s3.js';

const MIB = 1024 * 1024;

let folder: TestFolder;
let server: S3Server;
let storage: S3Storage;
let name: string;
beforeAll(async () => {
  folder = await createFolder();
  server = await startS3(folder.path);
  storage = new S3Storage(server.settings);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});
beforeEach(() => {
  name = randomBytes(16).toString('hex');
});

async function* piecesOf(bytes: Uint8Array, length = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length)
    yield await Promise.resolve(bytes.subarray(at, at + length));
}

async function read(from: S3Storage, first: number, last: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of from.read(name, { first, last })) parts.push(part);
  return Buffer.concat(parts);
}

/** Files of the server with the object's name. */
const traces = async () =>
  (await readdir(folder.path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && join(entry.parentPath, entry.name).includes(name))
    .map((entry) => entry.name);

describe('a bucket', () => {
  // One part; exactly one; one and a byte; several.
  test.each([0, 1, 5 * MIB + 3, 16 * MIB, 16 * MIB + 1, 40 * MIB])(
    'keeps and gives back an object of %i bytes',
    async (size) => {
      const bytes = Buffer.alloc(size, createHash('sha512').update(name).digest());
      await storage.write(name, piecesOf(bytes), null);
      if (size > 0) {
        expect((await read(storage, 0, size - 1)).equals(bytes)).toBe(true);
        expect((await read(storage, size - 1, size + 9)).equals(bytes.subarray(size - 1))).toBe(true);
      }
      await storage.remove(name);
      await storage.remove(name);
      await expect(read(storage, 0, 0)).rejects.toMatchObject({ code: 'missing' });
      expect(await traces()).toEqual([]);
    },
  );

  test('has nothing of an object whose document breaks off', async () => {
    const broken = async function* () {
      yield* piecesOf(new Uint8Array(36 * MIB));
      throw new Error('the connection ended');
    };
    await expect(storage.write(name, broken(), null)).rejects.toThrow('the connection ended');
    await expect(read(storage, 0, 0)).rejects.toMatchObject({ code: 'missing' });
  });

  test('says what is wrong with the key or the name of the bucket', async () => {
    const wrongKey = new S3Storage({ ...server.settings, secretKey: 'other' });
    await expect(wrongKey.write(name, piecesOf(Buffer.of(1)), null)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('check INGAM_VAULT_S3_ACCESS_KEY') as string,
    });
    await expect(
      read(new S3Storage({ ...server.settings, bucket: 'no-such-bucket' }), 0, 0),
    ).rejects.toMatchObject({ code: 'unavailable' });
    const wrongBucket = new S3Storage({ ...server.settings, bucket: 'no-such-bucket' });
    await expect(wrongBucket.check()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('make the bucket') as string,
    });
    await storage.check();
  });
});

test('a server that is gone makes the vault unavailable, and not its documents missing, until it is back', async () => {
  const bytes = randomBytes(1000);
  await storage.write(name, piecesOf(bytes), bytes.length);
  await server.stop();
  const unavailable = { code: 'unavailable', message: expect.stringContaining('(ECONNREFUSED)') as string };
  await expect(read(storage, 0, 9)).rejects.toMatchObject(unavailable);
  await expect(storage.write('00'.repeat(16), piecesOf(bytes), null)).rejects.toMatchObject(unavailable);
  await expect(storage.remove(name)).rejects.toMatchObject(unavailable);
  // While a request is tried again.
  const reading = read(storage, 0, bytes.length - 1);
  await server.start();
  expect((await reading).equals(bytes)).toBe(true);
});
