import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { formatVerifierKey, toBase64 } from '../../src/proof/index.js';
import { FORGER_KEY, ForgedChain, serveChain } from '../support/forger.js';
import { createFolder, invoke } from './invoke.js';

const KEY = ['--key', formatVerifierKey(FORGER_KEY.key)];
const chain = new ForgedChain().grown(5);

describe('ingam compare', () => {
  test('reports two addresses with one history as consistent', async () => {
    await using a = await serveChain({ chain });
    await using b = await serveChain({ chain: chain.first(3) });
    for (const places of [
      [a.url, b.url],
      [b.url, a.url],
      [a.url, a.url],
    ]) {
      const { code, stdout } = await invoke(['compare', ...places, ...KEY]);
      expect([code, stdout]).toEqual([
        0,
        expect.stringMatching(/^CONSISTENT {2}forger\.example\/log/) as string,
      ]);
    }
  });

  test('writes evidence of two histories that anyone can check and nobody can change', async () => {
    await using folder = await createFolder();
    await using a = await serveChain({ chain });
    await using b = await serveChain({ chain: chain.first(2).grown(2) });
    const { code, stdout } = await invoke(['compare', a.url, b.url, '--out', 'e.json', ...KEY], {
      cwd: folder.path,
    });
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^FORK /) as string]);
    const check = await invoke(['evidence', 'e.json', ...KEY], { cwd: folder.path });
    expect([check.code, check.stdout]).toEqual([
      0,
      expect.stringMatching(/^VALID .*4 and 5 blocks/) as string,
    ]);
    const text = await readFile(folder.at('e.json'), 'utf8');
    const honest = JSON.parse(text) as { prefix: { root: string }; first: string };
    await writeFile(folder.at('f.json'), JSON.stringify({ ...honest, first: chain.first(4).checkpoint() }));
    const innocent = await invoke(['evidence', 'f.json', ...KEY], { cwd: folder.path });
    expect([innocent.code, innocent.stdout]).toEqual([1, expect.stringMatching(/^PROVES NOTHING/) as string]);
    await writeFile(
      folder.at('g.json'),
      JSON.stringify({ ...honest, prefix: { ...honest.prefix, root: toBase64(new Uint8Array(32)) } }),
    );
    expect((await invoke(['evidence', 'g.json', ...KEY], { cwd: folder.path })).code).toBe(1);
    const nobody = await invoke(['evidence', 'e.json'], { cwd: folder.path });
    expect([nobody.code, nobody.stderr]).toEqual([
      2,
      expect.stringMatching(/missing the public key/) as string,
    ]);
  });

  test('compares files with addresses and with each other', async () => {
    await using folder = await createFolder();
    await using a = await serveChain({ chain });
    await writeFile(folder.at('old'), chain.first(2).checkpoint());
    await writeFile(folder.at('same'), chain.checkpoint());
    await writeFile(folder.at('other'), chain.first(1).with().checkpoint());
    const code = async (...places: string[]) =>
      (await invoke(['compare', ...places, ...KEY], { cwd: folder.path })).code;
    expect(await code('old', a.url)).toBe(0);
    expect(await code(a.url, 'same')).toBe(0);
    expect(await code('other', a.url)).toBe(1);
    expect(await code('other', 'old')).toBe(1);
    expect(await code('old', 'old')).toBe(0);
    const undecided = await invoke(['compare', 'old', 'same', ...KEY], { cwd: folder.path });
    expect([undecided.code, undecided.stderr]).toEqual([
      2,
      expect.stringMatching(/cannot be decided/) as string,
    ]);
  });

  test('reports what it cannot decide', async () => {
    await using folder = await createFolder();
    await using a = await serveChain({ chain });
    await using empty = await serveChain({ chain, checkpoint: null });
    await using foreign = await serveChain({
      chain,
      checkpoint: chain.checkpoint(FORGER_KEY, 'other.example'),
    });
    await writeFile(folder.at('none'), 'hello\n');
    for (const place of [empty.url, foreign.url, 'http://127.0.0.1:1', 'none', 'missing']) {
      expect([place, (await invoke(['compare', a.url, place, ...KEY], { cwd: folder.path })).code]).toEqual([
        place,
        2,
      ]);
    }
  });
});
