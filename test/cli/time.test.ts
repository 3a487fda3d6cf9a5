import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pemOf } from '../support/openssl.js';
import { loadTokenVectors, tokenBytes } from '../vectors/load-tokens.js';
import { loadVectors, proofBytes } from '../vectors/load.js';
import { ca, certificate, crl, name, REASON, ROOT } from '../vectors/make/tokens/certificates.js';
import { ecKey } from '../vectors/make/tokens/keys.js';
import { runBuilt } from '../support/built.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

const PRELOAD = join(import.meta.dirname, 'no-network.mjs');

let folder: TestFolder;
beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

/** Files of a vector about time. @returns arguments of `ingam` that verify them */
async function filesOf(name: string): Promise<string[]> {
  const vector = loadVectors('time').find((each) => each.name === name) ?? expect.fail(name);
  await writeFile(folder.at('document'), Buffer.from(vector.document ?? '', 'hex'));
  await writeFile(folder.at('document.ingam.json'), proofBytes(vector));
  await writeFile(folder.at('trust'), vector.trust ?? '');
  return ['verify', 'document', '--trust', 'trust'];
}

/** Revocation lists of the authority of the vectors, and a token of it. */
async function writeLists(): Promise<void> {
  const plain = loadTokenVectors('counted').find(({ name }) => name === 'plain') ?? expect.fail('plain');
  const foreign = certificate({
    subject: name('Stranger'),
    key: ecKey('stranger'),
    issuer: null,
    extensions: [ca()],
  });
  const stolen = { serial: 77, at: '2026-01-01T00:00:00Z', reason: REASON.keyCompromise };
  const pem = (list: Uint8Array) => pemOf(list).replaceAll('CERTIFICATE', 'X509 CRL');
  const good = crl(ROOT, '2026-06-01T00:00:00Z', []);
  await writeFile(folder.at('good.crl'), good);
  await writeFile(folder.at('foreign.crl'), crl(foreign, '2026-06-01T00:00:00Z', []));
  await writeFile(
    folder.at('bundle.pem'),
    `A list:\n${pem(good)}\n${pem(crl(ROOT, '2026-06-02T00:00:00Z', [stolen]))}`,
  );
  await writeFile(folder.at('plain.tst'), tokenBytes(plain));
  await writeFile(folder.at('root.pem'), pemOf(ROOT.der));
}

const BETWEEN =
  'It was registered between 2023-09-15 11:00:03.000 UTC and 2026-01-02 03:05:01.000 UTC, by 1 of 3 independent time sources that you trust: seoul.';

describe('ingam verify', () => {
  test('prints the interval and the sources, in a process without any access to a network', async () => {
    const argv = await filesOf('interval');
    const options = { cwd: folder.path, nodeArgs: ['--import', PRELOAD] };
    const { code, stdout, stderr } = await runBuilt(argv, options);
    expect(stderr).not.toContain('NETWORK');
    expect({ code, verified: stdout.startsWith('VERIFIED') }).toEqual({ code: 0, verified: true });
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(BETWEEN);
    const json = JSON.parse((await runBuilt([...argv, '--json'], options)).stdout) as object;
    expect(json).toMatchObject({
      time: {
        notBefore: '2023-09-15T11:00:03.000Z',
        notAfter: '2026-01-02T03:05:01.000Z',
        sources: ['seoul'],
        of: 3,
        conflict: null,
        anchors: [
          { index: 0, type: 'beacon', counts: true, source: 'drand', notBefore: '2023-09-15T11:00:03.000Z' },
          { index: 1, type: 'rfc3161', counts: true, source: 'seoul', notAfter: '2026-01-02T03:05:01.000Z' },
        ],
      },
    });
  });

  test.each([
    ['token', ['It was registered no later than 2026-01-02 03:05:01.000 UTC, by 1 of 2 independent']],
    ['beacon-drand', ['It was registered after 2023-09-15', 'nobody else has confirmed them']],
    [
      'renewed-with-list',
      [
        'By the revocation lists at hand, no certificate of seoul was revoked as of 2028-05-31 00:00:00.000 UTC.',
      ],
    ],
    ['two-tokens', ['by 2 of 2 independent time sources that you trust: seoul, busan.']],
    [
      'path-wrong',
      ["Anchor 1 (rfc3161) does not count: its path doesn't lead from the block to its checkpoint."],
    ],
    ['one-good-among-bad', ['Anchor 1 (rfc3161) does not count:', 'Anchor 3 (sundial) does not count:']],
    [
      'no-authority-trusted',
      ['The proof has 1 anchor, but your trust policy names no time source of its type.'],
    ],
    ['sealed-too-late', ['The stated time of sealing is too late: the block existed before.']],
    ['sealed-too-early', ['The stated time of sealing is too early: the block was made later.']],
    ['sources-contradict', ['The time sources contradict each other']],
  ])('says in sentences what anchors show: %s', async (name, sentences) => {
    const { code, stderr } = await invoke(await filesOf(name), { cwd: folder.path });
    expect(code).toBe(0);
    const text = stderr.replaceAll(/\s+/g, ' ');
    for (const sentence of sentences) expect(text).toContain(sentence);
    expect(text).not.toContain('created between');
  });

  test.each([
    [
      'good.crl',
      'By the revocation lists at hand, no certificate of seoul was revoked as of 2026-06-01 00:00:00.000 UTC.',
    ],
    ['foreign.crl', 'No revocation list at hand says anything about all certificates of seoul.'],
    [
      'bundle.pem',
      'Anchor 1 (rfc3161) does not count: a certificate was revoked from 2026-01-01T00:00:00.000Z on, and its key may be stolen; the token is not known from before.',
    ],
  ])('judges time sources with the revocation lists that the verifier has: %s', async (file, sentence) => {
    await writeLists();
    const argv = [...(await filesOf('token')), '--crl', file];
    const { code, stdout, stderr } = await invoke(argv, { cwd: folder.path });
    expect([code, stdout.startsWith('VERIFIED')]).toEqual([0, true]);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(sentence);
    const stamp = ['verify', 'plain.tst', '--tsa-root', 'root.pem', '--crl', file];
    const judged = await invoke(stamp, { cwd: folder.path });
    expect(judged.code).toBe(file === 'bundle.pem' ? 1 : 0);
    if (file === 'bundle.pem') expect(judged.stdout).toContain('a certificate was revoked from 2026-01-01');
  });

  test('says what is wrong with a file of revocation lists', async () => {
    await writeLists();
    const argv = await filesOf('token');
    const given = async (...lists: string[]) =>
      invoke([...argv, ...lists.flatMap((list) => ['--crl', list])], { cwd: folder.path });
    const certificate = await given('root.pem');
    expect(certificate.code).toBe(2);
    expect(certificate.stderr).toContain(
      'root.pem is not a valid revocation list: it is not DER, and has no',
    );
    expect((await given('plain.tst')).stderr).toContain('plain.tst is not a valid revocation list');
    expect((await given('missing.crl')).code).toBe(2);
    const many = await given(...Array.from({ length: 17 }, () => 'good.crl'));
    expect([many.code, many.stderr]).toEqual([
      2,
      expect.stringContaining('at most 16 revocation lists, not 17'),
    ]);
  });

  test('says what a policy demands and the proof lacks', async () => {
    const argv = await filesOf('two-demanded-one-present');
    const { code, stdout, stderr } = await invoke(argv, { cwd: folder.path });
    expect(code).toBe(1);
    expect(stdout).toBe('NOT VERIFIED  document: too few independent time sources have confirmed the time\n');
    const text = stderr.replaceAll(/\s+/g, ' ');
    expect(text).toContain('by 1 of 2 independent time sources that you trust: seoul.');
    expect(text).toContain('requires more time sources than this copy of the proof has.');
  });
});
