import { readFile, truncate, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatProof, parseProofOrCertificate } from '../../src/proof/index.js';
import { Unpacked } from '../pack/support.js';
import { readZipBytes } from '../support/zip.js';
import { loadVectors, proofBytes } from '../vectors/load.js';
import { DOCUMENT, makeProof } from '../vectors/make/chain.js';
import { QUORUM_TRUST, TRUST } from '../vectors/make/keys.js';
import { makePending } from '../vectors/make/pending.js';
import { createFolder, invoke, type InvokeOptions, type TestFolder } from './invoke.js';

const PROOF = 'contract.pdf.ingam.json';
const ZIP = 'contract.pdf.evidence.zip';

let folder: TestFolder;
beforeAll(async () => {
  folder = await createFolder();
  await writeFile(folder.at('contract.pdf'), DOCUMENT);
  await writeFile(folder.at(PROOF), formatProof(makeProof({ cosigners: [1, 2] })));
  await writeFile(folder.at('policy'), QUORUM_TRUST);
});
afterAll(() => folder[Symbol.asyncDispose]());

const ingam = (argv: string[], options: InvokeOptions = {}) => invoke(argv, { cwd: folder.path, ...options });
const unpack = async (name: string) => new Unpacked(readZipBytes(await readFile(folder.at(name))));

describe('ingam evidence-pack', () => {
  test('makes a zip whose every claim holds, with certificate and verifier, and the same one again', async () => {
    const made = await ingam(['evidence-pack', 'contract.pdf', '--trust', 'policy']);
    expect(made).toEqual({ code: 0, stdout: `${ZIP}\n`, stderr: '' });
    using pack = await unpack(ZIP);
    expect(pack.files.get('document/contract.pdf')).toEqual(DOCUMENT);
    expect(pack.text('verify.html')).toContain('<script');
    const certificate = pack.files.get('proof-1/certificate.pdf') ?? new Uint8Array(0);
    expect(formatProof(parseProofOrCertificate(certificate))).toBe(pack.text('proof-1/proof.ingam.json'));
    const { status, output } = pack.sh('sh check.sh');
    expect(output).not.toContain('DOES NOT HOLD');
    expect(output).toContain('holds  proof-1/certificate:');
    expect(status).toBe(0);
    await ingam(['evidence-pack', 'contract.pdf', PROOF, '--trust', 'policy', '--out', 'again.zip']);
    expect((await readFile(folder.at('again.zip'))).equals(await readFile(folder.at(ZIP)))).toBe(true);
  });

  test('takes several proofs, also out of certificates, in the order in which they are given', async () => {
    await ingam(['certificate', PROOF, '--trust', 'policy', '--out', 'one.pdf']);
    await writeFile(folder.at('other.json'), formatProof(makeProof({ index: 4, cosigners: [2, 3] })));
    const argv = [
      'evidence-pack',
      'contract.pdf',
      'other.json',
      'one.pdf',
      '--trust',
      'policy',
      '--lang',
      'ko',
    ];
    expect((await ingam([...argv, '--out', 'two.zip'])).code).toBe(0);
    using pack = await unpack('two.zip');
    expect(pack.claims.proofs.map(({ verdict }) => verdict)).toEqual(['verified', 'verified']);
    expect(pack.text('proof-1/proof.ingam.json')).toBe(await readFile(folder.at('other.json'), 'utf8'));
    expect(pack.sh('sh check.sh').status).toBe(0);
  });

  test('leaves the document out on request', async () => {
    const argv = [
      'evidence-pack',
      'contract.pdf',
      '--trust',
      'policy',
      '--without-document',
      '--out',
      'w.zip',
    ];
    expect((await ingam(argv)).code).toBe(0);
    using pack = await unpack('w.zip');
    expect([...pack.files.keys()].filter((name) => name.startsWith('document/'))).toEqual([]);
    expect(pack.sh('sh check.sh').status).toBe(0);
  });

  test('packs the anchors of a proof', async () => {
    const vector = loadVectors('time').find(({ name }) => name === 'bitcoin-and-token');
    if (vector === undefined) throw new Error('no such vector');
    await writeFile(folder.at('anchored.json'), proofBytes(vector));
    await writeFile(folder.at('anchored.policy'), vector.trust ?? '');
    const argv = ['evidence-pack', 'contract.pdf', 'anchored.json', '--trust', 'anchored.policy'];
    expect((await ingam([...argv, '--out', 'anchored.zip'])).code).toBe(0);
    using pack = await unpack('anchored.zip');
    expect([...pack.files.keys()].some((name) => name.endsWith('/token.tst'))).toBe(true);
    expect([...pack.files.keys()].some((name) => name.endsWith('/note.txt.ots'))).toBe(true);
    expect(pack.sh('sh check.sh').status).toBe(0);
  });

  test('packs what is not verified, says so, and exits with 1', async () => {
    await writeFile(folder.at('changed.pdf'), 'Agreed: the lighthouse is sold for two silver coins.\n');
    const argv = ['evidence-pack', 'changed.pdf', PROOF, '--trust', 'policy', '--out', 'changed.zip'];
    const { code, stderr } = await ingam(argv);
    expect(code).toBe(1);
    expect(stderr).toContain("is not verified: Your document's fingerprint doesn't match the proof.");
    using pack = await unpack('changed.zip');
    expect(pack.text('README.md')).toContain('NOT VERIFIED');
    expect([...pack.files.keys()].some((name) => name.endsWith('.pdf') && name.startsWith('proof-'))).toBe(
      false,
    );
    expect(pack.sh('sh check.sh').status).toBe(1);
  });

  test('says how to give a key when none is trusted', async () => {
    const { code, stderr } = await ingam(['evidence-pack', 'contract.pdf', '--out', 'nobody.zip']);
    expect(code).toBe(1);
    expect(stderr).toContain('--trust FILE or --key VKEY');
  });

  test('never replaces a file', async () => {
    await writeFile(folder.at('mine.zip'), 'mine');
    const { code, stderr } = await ingam([
      'evidence-pack',
      'contract.pdf',
      '--trust',
      'policy',
      '--out',
      'mine.zip',
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('mine.zip already exists');
    expect(await readFile(folder.at('mine.zip'), 'utf8')).toBe('mine');
  });

  test('refuses a pending proof, and says what to do', async () => {
    await writeFile(folder.at('pending.json'), formatProof(makePending()));
    const { code, stderr } = await ingam([
      'evidence-pack',
      'contract.pdf',
      'pending.json',
      '--trust',
      'policy',
    ]);
    expect(code).toBe(3);
    expect(stderr).toContain('ingam upgrade pending.json');
  });

  test('refuses to pack a document of more than 256 MiB, and says what to do', async () => {
    await writeFile(folder.at('huge'), '');
    await truncate(folder.at('huge'), 256 * 1024 * 1024 + 1);
    const { code, stderr } = await ingam(['evidence-pack', 'huge', PROOF, '--trust', 'policy']);
    expect(code).toBe(2);
    expect(stderr).toContain('huge has more than 256.0 MiB');
    expect(stderr).toContain('--without-document');
  });

  test.each<[string[], string]>([
    [[], 'missing FILE'],
    [['absent.pdf'], 'absent.pdf.ingam.json: no such file'],
    [['absent.pdf', PROOF], 'absent.pdf: no such file'],
    [['contract.pdf', 'policy'], 'policy is not a valid proof'],
    [['contract.pdf', '--lang', 'fr'], '--lang must be one of en, ko, ko-en'],
    [['contract.pdf', '--tz', 'Moon/Sea'], 'the time zone is not known'],
    [['contract.pdf', '--withoutdocument'], 'unknown option --withoutdocument'],
    [['contract.pdf', '--out', 'no/such/folder.zip'], 'the folder does not exist'],
  ])('%j is refused: %s', async (argv, message) => {
    const { code, stderr } = await ingam(['evidence-pack', ...argv, '--trust', 'policy']);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

test('a policy without the members trusts less, and the pack says how many have vouched', async () => {
  await writeFile(folder.at('plain.policy'), TRUST);
  const argv = ['evidence-pack', 'contract.pdf', '--trust', 'plain.policy', '--out', 'plain.zip'];
  expect((await ingam(argv)).code).toBe(0);
  using pack = await unpack('plain.zip');
  expect(pack.text('README.md')).not.toContain('have cosigned');
  expect(pack.text('README.md')).toContain('No outside time source that counts has confirmed a time.');
});
