import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatProof } from '../../src/proof/index.js';
import { createFolder, invoke } from '../cli/invoke.js';
import { Unpacked } from '../pack/support.js';
import { readZipBytes } from '../support/zip.js';
import { DOCUMENT, makeProof } from '../vectors/make/chain.js';
import { TRUST } from '../vectors/make/keys.js';

test('the commands of docs/evidence-pack.md make a pack and check it', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/evidence-pack.md'), 'utf8');
  const [make = '', ...checks] = [...page.matchAll(/^```sh\n(.*?)\n```$/gms)].map(([, lines = '']) => lines);
  await using folder = await createFolder();
  await writeFile(folder.at('contract.pdf'), DOCUMENT);
  await writeFile(folder.at('contract.pdf.ingam.json'), formatProof(makeProof()));
  await writeFile(folder.at('policy'), TRUST);
  const [program, ...argv] = make.split(' ');
  expect(program).toBe('ingam');
  const { stdout } = await invoke(argv, { cwd: folder.path });
  expect(page).toContain(`\`${stdout.trim()}\``);
  using pack = new Unpacked(readZipBytes(await readFile(folder.at(stdout.trim()))));
  expect(checks).toHaveLength(2);
  for (const lines of checks)
    for (const line of lines.split('\n')) expect([line, pack.sh(line).status]).toEqual([line, 0]);
});
