import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/proof/index.js';
import { readBody } from '../../src/cli/record/body.js';
import { createFolder, createIo, type TestFolder } from './invoke.js';

let folder: TestFolder;
beforeAll(async () => {
  folder = await createFolder();
  await writeFile(folder.at('lease.pdf'), 'lease');
  await writeFile(folder.at('body.json'), '\ufeff{"title":"Lease","parties":[{"name":"Alice"}]}\r\n');
  await writeFile(folder.at('list.json'), '[]');
  await writeFile(folder.at('twice.json'), '{"a":1,"a":2}');
});
afterAll(() => folder[Symbol.asyncDispose]());

const NONCE = '00112233445566778899aabbccddeeff';

/** The body without its nonce. */
async function bodyOf(field: string[], body?: string): Promise<JsonObject> {
  const whole = await readBody({ body, field }, createIo({ cwd: folder.path }).io);
  expect(whole['nonce']).toMatch(/^[0-9a-f]{32}$/);
  return Object.fromEntries(Object.entries(whole).filter(([name]) => name !== 'nonce'));
}

describe('what an event states', () => {
  test('is put together from a file and fields, into objects and lists', async () => {
    const fields = ['title=Lease of car 7', 'parties.0.order:=1', 'parties.1.name=Bob', 'parties.1.order:=1'];
    expect(await bodyOf(fields, 'body.json')).toEqual({
      title: 'Lease of car 7',
      parties: [
        { name: 'Alice', order: 1 },
        { name: 'Bob', order: 1 },
      ],
    });
  });

  test.each([
    ['name=2', '2'],
    ['name=a = b', 'a = b'],
    ['name=', ''],
    ['name:=2', 2],
    ['name:=null', null],
    ['name:="007"', '007'],
    ['name:={"all":[{"signed":0}]}', { all: [{ signed: 0 }] }],
    ['name:=2027-01-31T09:00:00+09:00', 1801353600000],
  ])('reads the value of %s', async (field, value) => {
    expect(await bodyOf([field])).toEqual({ name: value });
  });

  test('reads times from now, and documents', async () => {
    const { deadline, document } = await bodyOf(['deadline:=+2d', 'document=@lease.pdf']);
    expect(Math.abs(Number(deadline) - Date.now() - 2 * 86_400_000)).toBeLessThan(3_600_000);
    expect(document).toEqual({
      sha256: 'b544a7686d1186680a9d8f24ff542b00d8ae60da4dd2613a38f6292a8337cc37',
      size: 5,
      name: 'lease.pdf',
    });
  });

  test('has a nonce of its own each time, unless one is given', async () => {
    const io = createIo({ cwd: folder.path }).io;
    const [one, two] = await Promise.all([1, 2].map(() => readBody({ body: undefined, field: [] }, io)));
    expect(one?.['nonce']).not.toBe(two?.['nonce']);
    expect(await readBody({ body: undefined, field: [`nonce=${NONCE}`] }, io)).toEqual({ nonce: NONCE });
  });

  test.each([
    [['title'], undefined, '--field title must read NAME=TEXT'],
    [['a..b=1'], undefined, '--field a..b=1 must read NAME=TEXT'],
    [['parties.1.name=Bob'], undefined, 'the next element of this list is number 0'],
    [['parties.name=Bob'], 'body.json', 'the next element of this list is number 1'],
    [['a=1', 'a.b=2'], undefined, 'a value was given before where this name leads'],
    [['document=@none.pdf'], undefined, 'none.pdf: no such file'],
    [['at:=2027-02-31T00:00:00Z'], undefined, '2027-02-31T00:00:00Z is not a time'],
    [['quorum:=two'], undefined, 'what follows := must be JSON or a time'],
    [['value:=1.5'], undefined, 'what follows := must be JSON or a time'],
    [[], 'list.json', 'list.json must contain a JSON object'],
    [[], 'twice.json', 'twice.json is not a valid JSON file'],
  ])('rejects %j of %s', async (field, body, message) => {
    await expect(readBody({ body, field }, createIo({ cwd: folder.path }).io)).rejects.toThrow(message);
  });

  test('keeps names that JavaScript knows as names', async () => {
    const body = await bodyOf(['__proto__.x:=1', 'constructor=a']);
    expect(JSON.stringify(body)).toBe('{"__proto__":{"x":1},"constructor":"a"}');
  });
});
