import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatProof } from '../../src/proof/index.js';
import { Pdf } from '../certificate/pdf-reader.js';
import { signedParts } from '../certificate/support.js';
import { withOpenssl } from '../support/openssl.js';
import { ACCEPTED, DOCUMENT, makeProof } from '../vectors/make/chain.js';
import { LOG, RECEIPT, TRUST, vkey } from '../vectors/make/keys.js';
import { makePending } from '../vectors/make/pending.js';
import { loadVectors, proofBytes } from '../vectors/load.js';
import { createFolder, invoke, type InvokeOptions, type TestFolder } from './invoke.js';

const PROOF = 'contract.pdf.ingam.json';
const CERTIFICATE = 'contract.pdf.certificate.pdf';

let folder: TestFolder;
let certificate: Buffer;
beforeAll(async () => {
  folder = await createFolder();
  await writeFile(folder.at('contract.pdf'), DOCUMENT);
  await writeFile(folder.at(PROOF), formatProof(makeProof({ details: { name: '계약서.pdf' } })));
  await writeFile(folder.at('policy'), TRUST);
  const made = await ingam(['certificate', PROOF, '--trust', 'policy', '--tz', 'Asia/Seoul']);
  expect(made).toEqual({ code: 0, stdout: `${CERTIFICATE}\n`, stderr: '' });
  certificate = await readFile(folder.at(CERTIFICATE));
});
afterAll(() => folder[Symbol.asyncDispose]());

const ingam = (argv: string[], options: InvokeOptions = {}) => invoke(argv, { cwd: folder.path, ...options });
const textOf = async (name: string) =>
  new Pdf(await readFile(folder.at(name))).pages.flatMap(({ pieces }) => pieces.map(({ text }) => text));

describe('a certificate', () => {
  test('verifies its document', async () => {
    const { code, stdout } = await ingam(['verify', 'contract.pdf', CERTIFICATE, '--trust', 'policy']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^VERIFIED {2}contract\.pdf: sealed 2026-01-02 03:04:06\.789 UTC by log\.example\/vectors, no member has cosigned\n$/,
    );
  });

  test('is not said to be checked beyond its proof', async () => {
    const { stderr } = await ingam(['verify', 'contract.pdf', CERTIFICATE, '--trust', 'policy']);
    expect(stderr).toContain('What is printed on its pages was not checked.');
    const plain = await ingam(['verify', 'contract.pdf', PROOF, '--trust', 'policy']);
    expect(plain.stderr).not.toContain('printed on its pages');
  });

  test('does not verify another document', async () => {
    await writeFile(folder.at('other'), 'other');
    const { code, stdout } = await ingam(['verify', 'other', CERTIFICATE, '--trust', 'policy']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^NOT VERIFIED /);
  });

  test('brings no trusted key of its own', async () => {
    expect((await ingam(['verify', 'contract.pdf', CERTIFICATE])).code).toBe(1);
  });

  test('is inspected like a proof', async () => {
    const shown = await ingam(['inspect', CERTIFICATE, '--json']);
    const meant = await ingam(['inspect', PROOF, '--json']);
    expect(shown).toEqual(meant);
    expect(shown.code).toBe(0);
  });

  test('is read also when bytes were appended to it', async () => {
    await writeFile(
      folder.at('signed.pdf'),
      Buffer.concat([certificate, Buffer.from('\n1 0 obj\n<< >>\nendobj\n')]),
    );
    expect((await ingam(['verify', 'contract.pdf', 'signed.pdf', '--trust', 'policy'])).code).toBe(0);
  });

  test('is rejected wherever it was damaged', async () => {
    for (const at of [4, 9, 30, 300, 400, 900, 1200, 1350]) {
      const changed = Buffer.from(certificate);
      changed[at] = (changed[at] ?? 0) ^ 1;
      for (const bytes of [changed, certificate.subarray(0, at)]) {
        await writeFile(folder.at('damaged.pdf'), bytes);
        const { code, stdout, stderr } = await ingam([
          'verify',
          'contract.pdf',
          'damaged.pdf',
          '--trust',
          'policy',
        ]);
        expect([1, 2]).toContain(code);
        expect(code === 1 ? stdout : stderr).toMatch(
          code === 1 ? /^NOT VERIFIED/ : /^ingam: damaged\.pdf is not a valid proof/,
        );
      }
    }
  });

  test('differs from any other PDF', async () => {
    for (const text of ['%PDF-1.7\n', '%PDF-1.4\n1 0 obj\n<<>>\nendobj\n', `%PDF-${'x'.repeat(3_000_000)}`]) {
      await writeFile(folder.at('other.pdf'), text);
      const { code, stdout } = await ingam(['verify', 'contract.pdf', 'other.pdf', '--json']);
      expect(code).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'malformed_certificate' } });
    }
    expect((await ingam(['inspect', 'other.pdf'])).stderr).toContain(
      'save the attachment and use it instead',
    );
  });

  test('is not replaced by upgrade', async () => {
    await writeFile(folder.at('mine.pdf'), certificate);
    const { code } = await ingam(['upgrade', 'mine.pdf']);
    expect(code).not.toBe(0);
    expect(certificate.equals(await readFile(folder.at('mine.pdf')))).toBe(true);
  });
});

describe('ingam certificate', () => {
  test('uses the language of --lang, else that of the environment', async () => {
    const key = ['--key', vkey(LOG)];
    for (const [name, options, env] of [
      ['asked.pdf', ['--lang', 'ko'], { LANG: 'en_US.UTF-8' }],
      ['korean.pdf', [], { LANG: 'ko_KR.UTF-8' }],
    ] as const) {
      expect((await ingam(['certificate', PROOF, '--out', name, ...key, ...options], { env })).code).toBe(0);
      expect(await textOf(name)).toContain('문서 등록 증명서');
    }
    const english = await ingam(['certificate', PROOF, '--out', 'english.pdf', ...key], {
      env: { LC_ALL: 'C', LANG: 'ko_KR.UTF-8' },
    });
    expect(english.code).toBe(0);
    expect(await textOf('english.pdf')).toContain('Certificate of notarization');
  });

  test('creates the same file from a certificate as from its proof', async () => {
    const again = [
      'certificate',
      CERTIFICATE,
      '--trust',
      'policy',
      '--tz',
      'Asia/Seoul',
      '--out',
      'again.pdf',
    ];
    expect((await ingam(again)).code).toBe(0);
    expect(certificate.equals(await readFile(folder.at('again.pdf')))).toBe(true);
  });

  test('checks the given document, and prints its name if the proof discloses none', async () => {
    await writeFile(folder.at('bare.ingam.json'), formatProof(makeProof()));
    const argv = [
      'certificate',
      'bare.ingam.json',
      '--trust',
      'policy',
      '--verify-page',
      'https://example.com/verify',
    ];
    expect((await ingam([...argv, '--document', 'contract.pdf'])).stdout).toBe('bare.certificate.pdf\n');
    expect(await textOf('bare.certificate.pdf')).toEqual(
      expect.arrayContaining(['contract.pdf', 'https://example.com/verify']),
    );
    await writeFile(folder.at('other'), 'other');
    const wrong = await ingam([...argv, '--document', 'other', '--out', 'wrong.pdf']);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("Your document's fingerprint doesn't match the proof.");
    expect((await ingam([...argv, '--document', 'missing', '--out', 'wrong.pdf'])).stderr).toContain(
      'missing: no such file',
    );
  });

  test('does not replace an existing file', async () => {
    const { code, stderr } = await ingam(['certificate', PROOF, '--trust', 'policy']);
    expect(code).toBe(2);
    expect(stderr).toContain(`${CERTIFICATE} already exists; it was not changed`);
    expect(certificate.equals(await readFile(folder.at(CERTIFICATE)))).toBe(true);
  });

  test('creates no certificate for a proof that is not verified or not sealed', async () => {
    const nobody = await ingam(['certificate', PROOF, '--out', 'none.pdf']);
    expect(nobody.code).toBe(1);
    expect(nobody.stderr).toContain('--key VKEY');
    const [pending] = loadVectors('pending');
    await writeFile(folder.at('pending.ingam.json'), pending === undefined ? '' : proofBytes(pending));
    const unsealed = await ingam(['certificate', 'pending.ingam.json', '--trust', 'policy']);
    expect(unsealed.code).toBe(3);
    expect(unsealed.stderr).toContain('ingam upgrade pending.ingam.json');
  });

  test.each([
    [['--lang', 'fr'], '--lang must be one of en, ko, ko-en'],
    [['--organization', 'x'], `--organization: ${PROOF} does not disclose an organization`],
    [['--tz', 'Mars/Olympus'], 'the time zone is not known'],
    [['--verify-page', 'ftp://x'], 'must be http or https URLs'],
    [['--verifier', 'ftp://x'], 'must be http or https URLs'],
    [['--contact', '02-123'], '--contact and --logo need --issuer'],
    [['--issuer', 'x', '--logo', 'policy'], 'the logo must be a PNG'],
    [['--issuer', 'x', '--logo', 'none'], 'none'],
    [['--sign-key', 'policy'], '--sign-key and --sign-chain go together'],
    [['--sign-key', 'policy', '--sign-chain', 'policy'], 'the private key must be PEM and not encrypted'],
  ])('reports what is wrong with %j', async (options, message) => {
    const { code, stderr } = await ingam([
      'certificate',
      PROOF,
      '--trust',
      'policy',
      '--out',
      'x.pdf',
      ...options,
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

test('a certificate can be signed, and name its issuer', async () => {
  await withOpenssl(async ({ run, read }) => {
    const { passed, output } = run(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-subj', '/CN=Notary', '-days', '9', '-keyout', 'key.pem', '-out', 'chain.pem'],
    );
    expect(output).toSatisfy(() => passed);
    await writeFile(folder.at('key.pem'), read('key.pem'));
    await writeFile(folder.at('chain.pem'), read('chain.pem'));
    const made = await ingam([
      ...['certificate', PROOF, '--trust', 'policy', '--out', 'issued.pdf'],
      ...['--issuer', '법무법인 가나다', '--contact', '02-123-4567'],
      ...['--sign-key', 'key.pem', '--sign-chain', 'chain.pem'],
    ]);
    expect(made).toEqual({ code: 0, stdout: 'issued.pdf\n', stderr: '' });
    expect(await textOf('issued.pdf')).toEqual(
      expect.arrayContaining(['Issued by 법무법인 가나다', 'Contact: 02-123-4567']),
    );
    const { cms } = signedParts(await readFile(folder.at('issued.pdf')));
    expect(cms.length).toBeGreaterThan(500);
    const verified = await ingam(['verify', 'contract.pdf', 'issued.pdf', '--trust', 'policy']);
    expect(verified.code).toBe(0);
  });
});

test('a certificate says whether the promise of a kept receipt was kept, if a trusted key signed it', async () => {
  await writeFile(folder.at('plain.ingam.json'), formatProof(makeProof()));
  await writeFile(folder.at('kept'), formatProof(makePending({}, { deadline: ACCEPTED + 100 })));
  const argv = [
    'certificate',
    'plain.ingam.json',
    '--trust',
    'policy',
    '--receipt',
    'kept',
    '--out',
    'kept.pdf',
  ];
  const unsigned = await ingam(argv);
  expect(unsigned.code).toBe(1);
  expect(unsigned.stderr).toContain('No certificate was created:');
  expect(unsigned.stderr).toContain('no key that you trust has signed kept');
  const made = await ingam([...argv, '--key', vkey(RECEIPT)]);
  expect(made).toEqual({ code: 0, stdout: 'kept.pdf\n', stderr: '' });
  expect((await textOf('kept.pdf')).join(' ')).toContain('it came 1 s later.');
  await writeFile(folder.at('kept'), formatProof(makePending({ acceptedAt: ACCEPTED - 1 })));
  const changed = await ingam([...argv.slice(0, -1), 'changed.pdf', '--key', vkey(RECEIPT)]);
  expect(changed.code).toBe(1);
  expect(changed.stderr).toContain('the promise was broken');
});

test('verify says in plain words that a seal came late, and when members have signed', async () => {
  const late = makeProof({ acceptedAt: ACCEPTED - 3_600_000, cosigners: [1] });
  await writeFile(folder.at('late.ingam.json'), formatProof(late));
  const { stdout, stderr } = await ingam(['verify', 'contract.pdf', 'late.ingam.json', '--trust', 'policy']);
  expect(stdout).toContain(
    'VERIFIED  contract.pdf: sealed 2026-01-02 03:04:06.789 UTC by log.example/vectors',
  );
  expect(stderr).toContain(
    'states that it accepted it at 2026-01-02 02:04:05.678 UTC, 3,601 seconds before the seal.',
  );
  expect(stderr).toContain('for this time there is only its word');
});
