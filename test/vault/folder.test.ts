import { chmod, readdir, rename, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { FolderStorage } from '../../src/vault/index.js';
import { createFolder } from '../cli/invoke.js';
import { runScript } from '../support/process.js';

const NAME = 'ab'.repeat(16);

async function* content(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(Buffer.from(part));
}

async function text(source: AsyncIterable<Uint8Array>): Promise<string> {
  let found = '';
  for await (const part of source) found += Buffer.from(part).toString();
  return found;
}

test('an object is written for this user alone, read in ranges, and removed', async () => {
  await using folder = await createFolder();
  const storage = new FolderStorage(folder.path);
  await storage.write(NAME, content('abc', 'def'));
  expect((await stat(folder.at('ab', NAME))).mode & 0o777).toBe(0o600);
  expect(await text(storage.read(NAME, { first: 1, last: 3 }))).toBe('bcd');
  expect(await text(storage.read(NAME, { first: 4, last: 100 }))).toBe('ef');
  await storage.remove(NAME);
  await storage.remove(NAME);
  await expect(text(storage.read(NAME, { first: 0, last: 1 }))).rejects.toMatchObject({ code: 'missing' });
});

test('an object that could not be written whole leaves nothing', async () => {
  await using folder = await createFolder();
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield* content('abc');
    throw new Error('the connection ended');
  };
  await expect(new FolderStorage(folder.path).write(NAME, broken())).rejects.toThrow('the connection ended');
  expect(await readdir(folder.path)).toEqual([]);
});

test('a process killed with -9 while it writes leaves no object, and what it leaves can be removed', async () => {
  await using folder = await createFolder();
  const writer = runScript('vault/scripts/write-without-end.ts', folder.path, NAME);
  expect(await writer.line()).toBe('writing');
  writer.child.kill('SIGKILL');
  expect(await writer.ended).toMatchObject({ signal: 'SIGKILL' });
  expect(await readdir(folder.path)).toEqual([`${NAME}.unfinished`]);
  const storage = new FolderStorage(folder.path);
  await expect(text(storage.read(NAME, { first: 0, last: 1 }))).rejects.toMatchObject({ code: 'missing' });
  await storage.remove(NAME);
  expect(await readdir(folder.path)).toEqual([]);
});

test('a folder that is away makes the vault unavailable, and does not make its documents missing', async () => {
  await using folder = await createFolder();
  await using elsewhere = await createFolder();
  const storage = new FolderStorage(folder.path);
  await storage.write(NAME, content('abc'));
  await rename(folder.path, elsewhere.at('away'));
  const unavailable = { code: 'unavailable', message: expect.stringContaining('(ENOENT)') as string };
  await expect(storage.check()).rejects.toMatchObject(unavailable);
  await expect(text(storage.read(NAME, { first: 0, last: 1 }))).rejects.toMatchObject(unavailable);
  await expect(storage.write('cd'.repeat(16), content('x'))).rejects.toMatchObject(unavailable);
  await rename(elsewhere.at('away'), folder.path);
  await chmod(folder.path, 0o700);
  expect(await text(storage.read(NAME, { first: 0, last: 2 }))).toBe('abc');
});
