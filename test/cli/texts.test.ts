import { readFileSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { MAX_HISTORY_LENGTH } from '../../src/proof/index.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFolder, invoke, type TestFolder } from './invoke.js';

let folder: TestFolder;
const vector = JSON.parse(
  readFileSync(new URL('../vectors/proof/valid/plain.json', import.meta.url), 'utf8'),
) as { proof: string; document: string; trust: string };
const DOCUMENT = Buffer.from(vector.document, 'hex');
const checkpoint = (JSON.parse(vector.proof) as { log: { checkpoint: string } }).log.checkpoint;
const MEBIBYTE = 1024 * 1024;

beforeEach(async () => {
  folder = await createFolder();
  await writeFile(folder.at('a'), DOCUMENT);
  await writeFile(folder.at('a.ingam.json'), vector.proof);
  await writeFile(folder.at('trust'), vector.trust);
});
afterEach(() => folder[Symbol.asyncDispose]());

const ingam = (...argv: string[]) => invoke(argv, { cwd: folder.path });
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const crlf = (text: string) => text.replaceAll('\n', '\r\n');

describe('a trust policy that an editor has saved', () => {
  test.each([
    ['with carriage returns', crlf(vector.trust)],
    ['with a byte order mark', `\ufeff${vector.trust}`],
    ['with both', `\ufeff${crlf(vector.trust)}`],
  ])('%s is read', async (_, text) => {
    await writeFile(folder.at('trust'), text);
    expect((await ingam('verify', 'a', '--trust', 'trust')).code).toBe(0);
    await writeFile(folder.at('checkpoint'), checkpoint);
    expect((await ingam('compare', 'checkpoint', 'a.ingam.json', '--trust', 'trust')).code).toBe(0);
  });

  test('in UTF-16 is named', async () => {
    await writeFile(folder.at('trust'), utf16(vector.trust));
    const { code, stderr } = await ingam('verify', 'a', '--trust', 'trust');
    expect(code).toBe(2);
    expect(stderr).toContain('the text is in UTF-16; it must be saved as UTF-8');
  });

  test('and a key with the carriage return of the file that it was read from', async () => {
    const [, key = ''] = /log (\S+)/.exec(vector.trust) ?? [];
    expect((await ingam('verify', 'a', '--key', `${key}\r`)).code).toBe(0);
  });
});

describe('a text of exact bytes that an editor has saved is refused for what it is', () => {
  test.each<[string, string, string | Uint8Array, string]>([
    ['a proof', 'a.ingam.json', utf16(vector.proof), 'the text is in UTF-16'],
    ['a proof', 'a.ingam.json', utf16(vector.proof).subarray(2), 'the text is in UTF-16'],
    ['a proof', 'a.ingam.json', `\ufeff${vector.proof}`, 'the text begins with a byte order mark'],
    ['a checkpoint', 'checkpoint', utf16(checkpoint), 'the text is in UTF-16'],
    ['a checkpoint', 'checkpoint', `\ufeff${checkpoint}`, 'the text begins with a byte order mark'],
    ['a checkpoint', 'checkpoint', crlf(checkpoint), 'the note has carriage returns'],
  ])('%s in %s', async (_, file, content, reason) => {
    await writeFile(folder.at(file), content);
    const { code, stderr } =
      file === 'checkpoint'
        ? await ingam('compare', 'checkpoint', 'a.ingam.json', '--trust', 'trust')
        : await ingam('verify', 'a', '--trust', 'trust');
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
  });
});

describe('a file that is longer than any of its kind', () => {
  const tail = 'THIS IS NOT A POLICY LINE\n';
  test.each([
    ['trust', `${vector.trust}${'#\n'.repeat(MEBIBYTE / 2)}${tail}`],
    ['a.ingam.json', `${vector.proof}${' '.repeat(MEBIBYTE)}`],
  ])('%s is refused, not cut', async (file, content) => {
    await writeFile(folder.at(file), content);
    const { code, stdout, stderr } = await ingam('verify', 'a', '--trust', 'trust');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(file);
    expect(stderr).toContain('1048576 bytes');
  });

  test.each(['compare', 'inspect', 'export', 'upgrade', 'certificate'])(
    'ingam %s refuses it as well',
    async (command) => {
      await writeFile(folder.at('long'), `${vector.proof}${' '.repeat(MEBIBYTE)}`);
      const { code, stderr } = await ingam(
        command,
        'long',
        ...(command === 'compare' ? ['a.ingam.json', '--trust', 'trust'] : []),
        ...(command === 'export' ? ['--format', 'ots'] : []),
      );
      expect(code).toBe(2);
      expect(stderr).toMatch(/1048576 bytes/);
    },
  );

  test('evidence, which may hold two whole histories, is refused beyond their length', async () => {
    const length = 2 * MAX_HISTORY_LENGTH;
    await writeFile(folder.at('long'), '');
    await truncate(folder.at('long'), length + 1);
    const { code, stderr } = await ingam('evidence', 'long');
    expect(code).toBe(2);
    expect(stderr).toContain(`long has more than ${length} bytes`);
  });

  test('of exactly the longest length is read', async () => {
    const content = vector.trust + '#'.repeat(MEBIBYTE - vector.trust.length);
    await writeFile(folder.at('trust'), content);
    expect((await ingam('verify', 'a', '--trust', 'trust')).code).toBe(0);
  });
});

describe('a digest that a person gives', () => {
  const hex = (JSON.parse(vector.proof) as { document: { sha256: string } }).document.sha256;
  test.each([
    hex,
    hex.toUpperCase(),
    `sha256:${hex}`,
    `SHA256: ${hex.toUpperCase()}`,
    `sha-256=${hex}`,
    ` ${hex}\r\n`,
    hex.match(/.{1,8}/g)?.join(' ') ?? '',
  ])('%j is read', async (text) => {
    const { code, stdout } = await ingam('verify', '--sha256', text, 'a.ingam.json', '--trust', 'trust');
    expect(code).toBe(0);
    expect(stdout).toContain(`sha256:${hex}: `);
  });

  test.each([hex.slice(1), `${hex}0`, `sha512:${hex}`, `sha256:sha256:${hex}`, hex.replace('a', 'g')])(
    '%j is refused',
    async (text) => {
      const { code, stderr } = await ingam('verify', '--sha256', text, 'a.ingam.json', '--trust', 'trust');
      expect(code).toBe(2);
      expect(stderr).toContain('the 64 hexadecimal digits of a SHA-256 digest');
    },
  );
});
