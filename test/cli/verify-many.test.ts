import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { downloadZip } from 'client-zip';
import { displayWidth } from '../../src/cli/io.js';
import { formatProof } from '../../src/proof/index.js';
import { loadHistories } from '../vectors/load.js';
import { makeProof } from '../vectors/make/chain.js';
import { QUORUM_TRUST, TRUST } from '../vectors/make/keys.js';
import { makePending } from '../vectors/make/pending.js';
import { createFolder, invoke, type InvokeOptions, type TestFolder } from './invoke.js';

let folder: TestFolder;
const text = (name: string) => Buffer.from(`the text of ${name}\n`);
const proofOf = (name: string) => formatProof(makeProof({ document: text(name) }));

beforeAll(async () => {
  folder = await createFolder();
  await writeFile(folder.at('policy'), TRUST);
  await writeFile(folder.at('quorum'), QUORUM_TRUST);
  await mkdir(folder.at('good', '계약'), { recursive: true });
  for (const name of ['good/a.txt', 'good/계약/임대차.txt', 'good/契約書.txt']) {
    await writeFile(folder.at(name), text(name));
    await writeFile(folder.at(`${name}.ingam.json`), proofOf(name));
  }
  await mkdir(folder.at('mixed'));
  await writeFile(folder.at('mixed/changed'), 'changed');
  await writeFile(folder.at('mixed/changed.ingam.json'), proofOf('changed'));
  await writeFile(folder.at('mixed/alone.ingam.json'), proofOf('alone'));
  await writeFile(folder.at('mixed/damaged'), 'x');
  await writeFile(folder.at('mixed/damaged.ingam.json'), '{');
  await writeFile(folder.at('mixed/unproven'), 'x');
  await writeFile(folder.at('mixed/waiting'), text('waiting'));
  await writeFile(
    folder.at('mixed/waiting.ingam.json'),
    formatProof(makePending({ document: text('waiting') })),
  );
});
afterAll(() => folder[Symbol.asyncDispose]());

const verify = (argv: string[], options: InvokeOptions = {}) =>
  invoke(['verify', ...argv, '--trust', 'policy'], { cwd: folder.path, ...options });

interface Summary {
  readonly files: readonly { readonly file: string; readonly verdict: string; readonly error?: unknown }[];
  readonly summary: Readonly<Record<string, number>>;
}
const verdictsOf = (stdout: string) =>
  Object.fromEntries((JSON.parse(stdout) as Summary).files.map(({ file, verdict }) => [file, verdict]));

describe('verify of several files', () => {
  test('gives a table of verdicts and a summary that says who vouches', async () => {
    const { code, stdout, stderr } = await verify(['good']);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatch(/^VERDICT +FILE +RESULT$/);
    for (const line of lines.slice(1, 4)) {
      expect(line).toMatch(
        /^VERIFIED {2}good\/.*\.txt +sealed [0-9-]+ [0-9:.]+ UTC by log\.example\/vectors, no member has cosigned$/,
      );
    }
    expect(lines[4]).toBe('3 files: 3 verified (3 by the service alone)');
    expect(stderr).toContain('By the service alone: no member has cosigned');
    expect(stderr).not.toContain('✓');
  });

  test('aligns Korean and Chinese names', async () => {
    const { stdout } = await verify(['good']);
    const places = stdout
      .split('\n')
      .slice(0, 4)
      .map((line) => displayWidth(line.slice(0, /RESULT|sealed /.exec(line)?.index)));
    expect(new Set(places).size).toBe(1);
  });

  test('exits by the worst verdict, and judges every file', async () => {
    const { code, stdout } = await verify(['mixed', 'good', 'missing']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^NOT VERIFIED +mixed\/changed +your document's fingerprint doesn't match/m);
    expect(stdout).toMatch(/^NO DOCUMENT +mixed\/alone\.ingam\.json +a proof without its document: sealed /m);
    expect(stdout).toMatch(/^UNREADABLE +mixed\/damaged +mixed\/damaged\.ingam\.json is not a valid proof/m);
    expect(stdout).toMatch(/^NO PROOF +mixed\/unproven /m);
    expect(stdout).toMatch(/^PENDING +mixed\/waiting +accepted, not yet sealed$/m);
    expect(stdout).toMatch(/^UNREADABLE +missing +missing: no such file$/m);
    expect(stdout).toMatch(
      /\n9 files: 3 verified \(3 by the service alone\), 1 NOT verified, 1 not yet sealed, 1 without a proof, 1 without a document, 2 unreadable\n$/,
    );
    expect((await verify(['mixed/waiting', 'mixed/waiting.ingam.json', 'good'])).code).toBe(3);
    expect((await verify(['mixed/unproven', 'good'])).code).toBe(2);
    expect((await verify(['mixed/waiting', 'mixed/alone.ingam.json', 'good'])).code).toBe(2);
  });

  test('gives one object per file and the summary as JSON, in English', async () => {
    const { code, stdout } = await verify(['mixed', '--json'], { env: { LANG: 'ko_KR.UTF-8' } });
    expect(code).toBe(1);
    expect(verdictsOf(stdout)).toEqual({
      'mixed/alone.ingam.json': 'no_document',
      'mixed/changed': 'invalid',
      'mixed/damaged': 'unreadable',
      'mixed/unproven': 'no_proof',
      'mixed/waiting': 'pending',
    });
    expect((JSON.parse(stdout) as Summary).summary).toEqual({
      ...{ files: 5, verified: 0, byServiceAlone: 0, notVerified: 1, pending: 1 },
      ...{ noProof: 1, noDocument: 1, unreadable: 1 },
    });
    expect(stdout).not.toMatch(/[\uac00-\ud7a3]/);
  });

  test('never verifies a folder that has no files, or without a key', async () => {
    await mkdir(folder.at('empty'));
    expect(await verify(['empty'])).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('nothing') as string,
    });
    const untrusted = await invoke(['verify', 'good'], { cwd: folder.path });
    expect(untrusted.code).toBe(1);
    expect(untrusted.stdout).toContain('3 files: 0 verified, 3 NOT verified');
    expect(untrusted.stderr.match(/You have not given a key that you trust/g)).toHaveLength(1);
  });

  test('does not count as "by the service alone" what members have cosigned', async () => {
    await mkdir(folder.at('cosigned'));
    await writeFile(folder.at('cosigned/a'), text('cosigned'));
    await writeFile(
      folder.at('cosigned/a.ingam.json'),
      formatProof(makeProof({ document: text('cosigned'), cosigners: [0, 1, 2] })),
    );
    const { code, stdout } = await invoke(['verify', 'cosigned', '--trust', 'quorum'], { cwd: folder.path });
    expect(code).toBe(0);
    expect(stdout).toMatch(/cosigned by .*\n1 file: 1 verified\n$/);
  });

  test('finds the proof in another folder by the digest of the document', async () => {
    await mkdir(folder.at('documents'));
    await mkdir(folder.at('proofs'));
    await writeFile(folder.at('documents/renamed.txt'), text('apart'));
    await writeFile(folder.at('proofs/apart.ingam.json'), proofOf('apart'));
    const { code, stdout } = await verify(['documents', 'proofs', '--json']);
    expect(code).toBe(0);
    expect(verdictsOf(stdout)).toEqual({ 'documents/renamed.txt': 'verified' });
  });

  test('judges histories among the files', async () => {
    const vector = loadHistories().find(({ expected }) => expected.verdict === 'verified');
    await mkdir(folder.at('histories'));
    await writeFile(folder.at('histories/a.ingam-history.json'), JSON.stringify(vector?.history));
    await writeFile(folder.at('history-trust'), vector?.trust ?? '');
    const argv = ['verify', 'histories', '--trust', 'history-trust'];
    const { code, stdout } = await invoke(argv, { cwd: folder.path });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^VERIFIED +histories\/a\.ingam-history\.json +record [0-9a-f]{64}, as of block/m);
  });

  test('takes two documents with proofs of their own for two, and FILE PROOF for one', async () => {
    const two = await verify(['good/a.txt', 'good/契約書.txt']);
    expect(two.stdout).toContain('2 files: 2 verified');
    const one = await verify(['good/a.txt', 'good/a.txt.ingam.json']);
    expect(one.stdout).toMatch(/^VERIFIED {2}good\/a\.txt: sealed/);
    const other = await verify(['good/a.txt', 'good/契約書.txt.ingam.json']);
    expect(other.code).toBe(1);
  });

  test('shows every step of every file with -v, and only what is not verified with -q', async () => {
    const verbose = await verify(['good', '-v']);
    expect(verbose.stderr.match(/^✓ 1\. /gm)).toHaveLength(3);
    const quiet = await verify(['good', 'mixed/waiting', '-q']);
    expect(quiet.stderr).toBe('');
    expect(quiet.stdout).not.toContain('good/a.txt');
    expect(quiet.stdout).toContain('4 files: 3 verified');
  });

  test('shows progress with the current file on a terminal', async () => {
    const { stderr } = await verify(['good'], { isTTY: true, columns: 60 });
    expect(stderr).toContain('Verifying ');
    for (const line of stderr.split(/[\r\n]/)) {
      if (line.includes('█')) expect(displayWidth(line.replace('\u001b[K', ''))).toBeLessThan(60);
    }
  });

  test('refuses options that are about one document', async () => {
    const { code, stderr } = await verify(['good', '--receipt', 'x']);
    expect(code).toBe(2);
    expect(stderr).toContain('--receipt is for one document');
  });
});

describe('verify of a zip', () => {
  const zip = async (name: string, files: Readonly<Record<string, string | Buffer>>) => {
    const entries = Object.entries(files).map(([entry, input]) => ({
      name: entry,
      input: new Uint8Array(Buffer.from(input)),
    }));
    await writeFile(folder.at(name), Buffer.from(await downloadZip(entries).arrayBuffer()));
  };

  test('judges documents and proofs in it, and beside it', async () => {
    await zip('all.zip', {
      '가.txt': text('가'),
      '가.txt.ingam.json': proofOf('가'),
      'deep/b.ingam.json': proofOf('b'),
      'deep/c': 'c',
    });
    await writeFile(folder.at('b'), text('b'));
    const { code, stdout } = await verify(['all.zip', 'b', '--json']);
    expect(code).toBe(2);
    expect(verdictsOf(stdout)).toEqual({
      'all.zip/가.txt': 'verified',
      'all.zip/deep/c': 'no_proof',
      b: 'verified',
    });
  });

  test('of an evidence pack, judges document, proof and certificate', async () => {
    await writeFile(folder.at('packed'), text('packed'));
    await writeFile(folder.at('packed.ingam.json'), proofOf('packed'));
    await invoke(['evidence-pack', 'packed', '--trust', 'policy'], { cwd: folder.path });
    const { code, stdout, stderr } = await verify(['packed.evidence.zip']);
    expect(stderr).toContain('is an evidence pack');
    expect(stdout).toMatch(/^VERIFIED +packed\.evidence\.zip\/document\/packed /m);
    expect(stdout).toMatch(/^VERIFIED +packed\.evidence\.zip\/proof-1\/certificate\.pdf +of /m);
    expect(code).toBe(0);
  });

  test('takes a zip that has a proof itself for a document', async () => {
    await zip('whole.zip', { a: 'a' });
    const bytes = await readFile(folder.at('whole.zip'));
    await writeFile(folder.at('whole.zip.ingam.json'), formatProof(makeProof({ document: bytes })));
    expect((await verify(['whole.zip'])).stdout).toMatch(/^VERIFIED {2}whole\.zip: /);
    await rm(folder.at('whole.zip.ingam.json'));
  });

  test('refuses one that is damaged, or that tools may read in two ways', async () => {
    await zip('d.zip', { a: text('d'), 'a.ingam.json': proofOf('d') });
    const bytes = await readFile(folder.at('d.zip'));
    const at = bytes.indexOf('text of d');
    await writeFile(folder.at('flipped.zip'), bytes.fill('T', at, at + 1));
    expect((await verify(['flipped.zip'])).stdout).toMatch(/^UNREADABLE +flipped\.zip\/a .* a is damaged$/m);
    await writeFile(folder.at('cut.zip'), bytes.subarray(0, 60));
    expect(await verify(['cut.zip'])).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('is not a valid zip') as string,
    });
    await zip('twice.zip', { a: 'a', b: 'b' });
    const twice = await readFile(folder.at('twice.zip'));
    const last = twice.lastIndexOf('b');
    await writeFile(folder.at('twice.zip'), twice.fill('a', last, last + 1));
    expect((await verify(['twice.zip'])).stdout).toContain('it contains a twice');
  });
});
