import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  checkSignature,
  leafHash,
  parseCheckpoint,
  parseNote,
  parseTlogProof,
  rootFromInclusionPath,
  parsePolicy,
} from '../../src/proof/index.js';
import { loadVectors, proofBytes } from '../vectors/load.js';
import { createFolder, invoke } from './invoke.js';

const valid = loadVectors('valid').find(({ trust }) => trust !== null);
const pending = loadVectors('pending')[0];

test('writes a proof in other formats, and overwrites nothing', async () => {
  if (valid === undefined || pending === undefined) throw new Error('no vectors');
  await using folder = await createFolder();
  await writeFile(folder.at('a.txt.ingam.json'), proofBytes(valid));
  await writeFile(folder.at('b.ingam.json'), proofBytes(pending));
  const ingam = (...argv: string[]) => invoke(['export', ...argv], { cwd: folder.path });
  expect(await ingam('a.txt.ingam.json', '--format', 'tlog-proof')).toMatchObject({
    code: 0,
    stdout: 'a.txt.tlog-proof\n',
  });
  expect((await ingam('a.txt.ingam.json', '--format', 'tlog-proof')).code).toBe(2);
  expect((await ingam('a.txt.ingam.json', '--format', 'ots')).stdout).toBe('a.txt.ots\n');
  expect((await readFile(folder.at('a.txt.ots'))).subarray(1, 15).toString()).toBe('OpenTimestamps');
  const { extra, index, path, checkpoint } = parseTlogProof(
    await readFile(folder.at('a.txt.tlog-proof'), 'utf8'),
  );
  const note = parseNote(checkpoint);
  const { size, root } = parseCheckpoint(note.text);
  expect(rootFromInclusionPath(leafHash(extra ?? new Uint8Array()), index, size, path)).toEqual(root);
  const [key] = parsePolicy(valid.trust ?? '').logs;
  expect(key && checkSignature(note, key).state).toBe('good');
  expect((await ingam('b.ingam.json', '--format', 'ots')).code).toBe(3);
  expect((await ingam('a.txt.ingam.json', '--format', 'pdf')).code).toBe(2);
  expect((await ingam('a.txt.ingam.json')).code).toBe(2);
  expect((await ingam('missing', '--format', 'ots')).code).toBe(2);
});
