import { readFile, stat, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parsePrivateKey } from '../../src/crypto/keys.js';
import { COSIGNATURE, ED25519, formatVerifierKey, ML_DSA_44, ML_DSA_44_TEXT } from '../../src/proof/index.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

let folder: TestFolder;
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const keygen = (...argv: string[]) => invoke(['keygen', ...argv], { cwd: folder.path });

describe('keygen', () => {
  test.each([
    ['log', ED25519],
    ['receipt', ED25519],
    ['holder', ED25519],
    ['cosigner', COSIGNATURE],
  ])('generates a %s key that only its owner can read', async (kind, type) => {
    const { code, stdout, stderr } = await keygen('--name', 'notary.example.com/main', '--kind', kind);
    expect(code).toBe(0);
    expect((await stat(folder.at(`${kind}.key`))).mode & 0o777).toBe(0o600);
    const text = await readFile(folder.at(`${kind}.key`), 'utf8');
    const { key } = parsePrivateKey(text);
    expect(key.type).toBe(type);
    expect(stdout).toBe(`${formatVerifierKey(key)}\n`);
    expect(stdout + stderr).not.toContain(text.trim());
  });

  test.each([
    ['log', ML_DSA_44],
    ['receipt', ML_DSA_44_TEXT],
    ['holder', ML_DSA_44_TEXT],
    ['member', ML_DSA_44],
  ])('generates an ML-DSA-44 %s key that only its owner can read', async (kind, type) => {
    const argv = ['--name', 'notary.example.com/main', '--kind', kind, '--algorithm', 'ml-dsa-44', '--json'];
    const { code, stdout, stderr } = await keygen(...argv);
    expect(code).toBe(0);
    expect((await stat(folder.at(`${kind}.key`))).mode & 0o777).toBe(0o600);
    const text = await readFile(folder.at(`${kind}.key`), 'utf8');
    const { key } = parsePrivateKey(text);
    expect(key.type).toBe(type);
    expect(JSON.parse(stdout)).toEqual({
      kind,
      algorithm: 'ml-dsa-44',
      verifierKey: formatVerifierKey(key),
      privateKeyFile: `${kind}.key`,
    });
    expect(stdout + stderr).not.toContain(text.trim());
  });

  test('names the algorithms that it knows', async () => {
    const { code, stderr } = await keygen('--name', 'a', '--algorithm', 'rsa');
    expect(code).toBe(2);
    expect(stderr).toContain('--algorithm must be one of ed25519, ml-dsa-44');
  });

  test('generates a different log key each time by default', async () => {
    const one = await keygen('--name', 'a', '--out', 'one', '--json');
    const two = await keygen('--name', 'a', '--out', 'two', '--json');
    expect(JSON.parse(one.stdout)).toMatchObject({ kind: 'log', privateKeyFile: 'one' });
    expect(one.stdout).not.toBe(two.stdout.replace('two', 'one'));
  });

  test('does not overwrite a file', async () => {
    await writeFile(folder.at('log.key'), 'precious');
    const { code, stderr, stdout } = await keygen('--name', 'a');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('log.key already exists');
    expect(await readFile(folder.at('log.key'), 'utf8')).toBe('precious');
  });

  test('reports a folder that does not exist', async () => {
    const { code, stderr } = await keygen('--name', 'a', '--out', 'no/where');
    expect(code).toBe(2);
    expect(stderr).toContain('no/where: the folder does not exist');
  });
});
