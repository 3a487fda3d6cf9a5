import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { CertificateInput } from '../../src/certificate/facts.js';
import { certificateSigner } from '../../src/certificate/signature.js';
import { createFolder } from '../cli/invoke.js';
import { withOpenssl } from '../support/openssl.js';
import type { Wish } from '../vectors/make/chain.js';
import { certificateOf, logoPng, makeKey } from './support.js';

const LANGUAGES = ['en', 'ko', 'ko-en'] as const;
const ISSUER = {
  name: '법무법인 인감',
  contact: 'proof@ingam.example.co.kr',
  logo: logoPng(),
};
const VERIFIER = { address: 'https://ingam.example.co.kr/verifier.html', sha256: 'ab'.repeat(32) };

/** A file name for each. */
const KINDS: Readonly<Record<string, readonly [Wish, Partial<CertificateInput>]>> = {
  plain: [{}, {}],
  bare: [{ size: null }, { verifyPage: null }],
  issued: [
    {
      details: { name: '임대차계약서.pdf', title: 'Lease', reference: '2026-가-1' },
      account: 'account-7f3e',
    },
    { issuer: ISSUER, verifier: VERIFIER },
  ],
  cosigned: [{ cosigners: [1, 3], details: { name: 'Lease.pdf' } }, { verifier: VERIFIER }],
  scripts: [
    { details: { name: 'عقد الإيجار.pdf', title: 'חוזה שכירות', author: 'สัญญาเช่า पट्टा 賃貸借 契約 📄 𐎀' } },
    {},
  ],
  long: [{ details: { name: `${'긴 이름 '.repeat(300)}.pdf`, author: 'a'.repeat(800) } }, {}],
};

test('certificates of every kind and language are PDF/A-3a, signed ones too', async () => {
  const jar = process.env['INGAM_TEST_VERAPDF'] ?? expect.fail('INGAM_TEST_VERAPDF is not set');
  await using folder = await createFolder();
  const files: string[] = [];
  const save = async (name: string, pdf: Uint8Array) => {
    files.push(join(folder.path, name));
    await writeFile(folder.at(name), pdf);
  };
  for (const language of LANGUAGES) {
    for (const [kind, [wish, more]] of Object.entries(KINDS))
      await save(`${kind}.${language}.pdf`, await certificateOf(wish, { language, ...more }));
  }
  await withOpenssl(async (run) => {
    const { key, chain } = makeKey(run, 'p256');
    const signer = certificateSigner(key, chain, null);
    const signature = { name: signer.name, at: Date.UTC(2026, 10, 29, 12, 3, 2) };
    await save(
      'signed.ko-en.pdf',
      await signer.sign(await certificateOf({}, { language: 'ko-en', signature })),
    );
  });
  // It leaves with 1 if a file is not compliant, and says which.
  const { stdout } = await promisify(execFile)('java', [
    // Its main program is a window.
    ...['-cp', jar, 'org.verapdf.apps.GreenfieldCliWrapper', '-f', '3a', '--format', 'text'],
    ...files,
  ]).catch((error: unknown) => error as { readonly stdout: string });
  const lines = stdout.trim().split('\n');
  expect(lines.filter((line) => !line.startsWith('PASS '))).toEqual([]);
  expect(lines).toHaveLength(files.length);
});
