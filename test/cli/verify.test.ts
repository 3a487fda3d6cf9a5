import { createHash } from 'node:crypto';
import { copyFile, mkdir, open, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPdf, parseVerifierKey } from '../../src/proof/index.js';
import { loadVectors, proofBytes, type NamedVector } from '../vectors/load.js';
import { createFolder, invoke, type Invocation, type InvokeOptions, type TestFolder } from './invoke.js';

const EXIT_CODES: Readonly<Record<string, number>> = { verified: 0, invalid: 1, untrusted: 1, pending: 3 };

/** A proof over several blocks and entries, with nothing unusual. */
const GOOD = 'block-7-index-3';

let folder: TestFolder;
beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

/** Writes a vector to files and verifies it as a user would. */
async function verifyVector(vector: NamedVector, ...extra: string[]): Promise<Invocation> {
  const proof = folder.at(`${vector.folder}-${vector.name}.ingam.json`);
  await writeFile(proof, proofBytes(vector));
  const argv = ['verify', ...extra];
  if (vector.trust !== null) {
    await writeFile(folder.at('trust'), vector.trust);
    argv.push('--trust', folder.at('trust'));
  }
  for (const key of vector.receiptKeys ?? []) argv.push('--key', key);
  if (vector.document === null) {
    argv.push('--sha256', claimedDigest(vector), proof);
  } else {
    const file = folder.at('document');
    await writeFile(file, Buffer.from(vector.document, 'hex'));
    argv.push(file, proof);
  }
  return invoke(argv);
}

function claimedDigest(vector: NamedVector): string {
  const text = Buffer.from(proofBytes(vector)).toString('utf8');
  return /"sha256":\s*"([0-9a-f]{64})"/.exec(text)?.[1] ?? '0'.repeat(64);
}

function isWitnessKey(text: string): boolean {
  try {
    return parseVerifierKey(text).type !== 1;
  } catch {
    return false;
  }
}

/**
 * `--key` stands for logs and receipts alike, and refuses keys of witnesses: the vectors that tell these
 * apart are about the library, not the command.
 */
const vectors = loadVectors().filter(
  ({ name, receiptKeys }) => name !== 'receipt-key-is-no-log-key' && receiptKeys?.some(isWitnessKey) !== true,
);

describe('every vector', () => {
  test.each(vectors.map((vector) => [vector.folder, vector.name, vector] as const))(
    '%s: %s',
    async (_, __, vector) => {
      const { code, stdout } = await verifyVector(vector, '--json');
      const answer = JSON.parse(stdout) as {
        verdict?: string;
        steps?: { number: number; outcome: string; code: string | null }[];
        error?: { code: string };
      };
      if ('error' in vector.expected) {
        expect(code).toBe(2);
        // One of the malformed files is a PDF, and the command reads certificates too.
        const isCertificate = isPdf(proofBytes(vector));
        expect(answer.error?.code).toBe(isCertificate ? 'malformed_certificate' : vector.expected.error);
        return;
      }
      expect(answer.verdict).toBe(vector.expected.verdict);
      expect(code).toBe(EXIT_CODES[vector.expected.verdict]);
      const failed = (answer.steps ?? []).filter(({ outcome }) => outcome === 'failed');
      expect(failed.map(({ number, code: why }) => ({ step: number, code: why }))).toEqual(
        vector.expected.failed,
      );
    },
  );

  // One of those with the same outcome: what is printed follows from it.
  const outcomes = new Map(
    vectors.map((vector) => [JSON.stringify([vector.folder, vector.expected]), vector] as const),
  );
  test.each([...outcomes.values()].map((vector) => [vector.folder, vector.name, vector] as const))(
    '%s: %s is never answered with silence, nor with terminal codes',
    async (_, __, vector) => {
      const { code, stdout, stderr } = await verifyVector(vector);
      if (code === 2) expect(stderr).toMatch(/^ingam: /);
      else
        expect(stdout).toMatch(
          code === 0 ? /^VERIFIED {2}/ : code === 3 ? /^PENDING {2}/ : /^NOT VERIFIED {2}/,
        );
      expect(stdout + stderr).not.toMatch(
        /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/,
      );
    },
  );
});

describe('ingam verify', () => {
  const good = vectors.find(({ folder: kind, name }) => kind === 'valid' && name === GOOD);

  beforeAll(async () => {
    if (good?.document == null || good.trust === null) throw new Error(`vector ${GOOD} is gone`);
    await writeFile(folder.at('contract.pdf'), Buffer.from(good.document, 'hex'));
    await writeFile(folder.at('contract.pdf.ingam.json'), proofBytes(good));
    await writeFile(folder.at('policy'), good.trust);
  });

  const verify = (argv: string[], options: InvokeOptions = {}) =>
    invoke(['verify', ...argv], { cwd: folder.path, ...options });
  const trusting = ['--trust', 'policy'];

  test('explains the verdict with times and numbered steps', async () => {
    const { code, stdout, stderr } = await verify(['contract.pdf', '-v', ...trusting]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^VERIFIED {2}contract\.pdf: sealed \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC by log\.example\/vectors, .*\n$/,
    );
    expect(stderr).toMatch(/^Exactly this document \([0-9,]+ bytes\) was sealed by log\.example/);
    expect(stderr).toMatch(/\n✓ 1\. .*\n[^]*\n[✓–] 9\. /);
    // Without -v, only the steps that failed.
    const short = await verify(['contract.pdf', ...trusting]);
    expect(short.stdout).toBe(stdout);
    expect(short.stderr).not.toMatch(/^[✓–] /m);
    expect((await verify(['contract.pdf', '--quiet', ...trusting])).stderr).toBe('');
  });

  test('shows the failed step and what was found without -v', async () => {
    const { stderr } = await verify(['policy', 'contract.pdf.ingam.json', ...trusting]);
    expect(stderr).toMatch(/^✗ 1\. .*\n {5}expected [0-9a-f]{64}\n {5}found {4}[0-9a-f]{64}\n/);
    expect(stderr).not.toMatch(/^[✓–] /m);
  });

  test('verifies a proof from standard input', async () => {
    const stdin = good === undefined ? [] : [proofBytes(good)];
    expect((await verify(['contract.pdf', '-', ...trusting], { stdin })).code).toBe(0);
    expect((await verify(['policy', '-', ...trusting], { stdin })).code).toBe(1);
    const empty = await verify(['contract.pdf', '-', ...trusting]);
    expect(empty.code).toBe(2);
    expect(empty.stderr).toContain('standard input is not a valid proof');
  });

  test('speaks Korean by the locale or by --lang, and never to programs', async () => {
    const korean = { env: { LANG: 'ko_KR.UTF-8' } };
    const { code, stdout, stderr } = await verify(['contract.pdf', '-v', ...trusting], korean);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^확인됨 {2}contract\.pdf: .* 봉인\(log\.example\/vectors\), 공동 서명한 참여 기관 없음\n$/,
    );
    expect(stderr).toMatch(/\n✓ 1\. 문서의 해시값이 증명 파일의 대상과 일치합니다\.\n/);
    const named = await verify(['policy', 'contract.pdf.ingam.json', '--lang', 'ko', ...trusting]);
    expect(named.stdout).toBe('확인 안 됨  policy: 문서의 해시값이 증명 파일의 대상과 다릅니다\n');
    expect((await verify(['contract.pdf', '--lang', 'en', ...trusting], korean)).stdout).toMatch(/^VERIFIED/);
    expect(
      (await verify(['contract.pdf', ...trusting], { env: { ...korean.env, LC_ALL: 'C' } })).stdout,
    ).toMatch(/^VERIFIED/);
    const json = await verify(['contract.pdf', '--json', '--lang', 'ko', ...trusting], korean);
    expect(json.stdout).not.toMatch(/[\uac00-\ud7a3]/);
  });

  test('verifies standard input', async () => {
    const bytes = Buffer.from(good?.document ?? '', 'hex');
    const stdin = [bytes.subarray(0, 10), bytes.subarray(10)];
    expect((await verify(['-', 'contract.pdf.ingam.json', ...trusting], { stdin })).code).toBe(0);
    expect(
      (await verify(['-', 'contract.pdf.ingam.json', ...trusting], { stdin: [bytes, bytes] })).code,
    ).toBe(1);
  });

  test('verifies a digest without the file', async () => {
    const digest = createHash('sha256')
      .update(Buffer.from(good?.document ?? '', 'hex'))
      .digest('hex');
    const { code, stdout } = await verify(['--sha256', digest, 'contract.pdf.ingam.json', ...trusting]);
    expect(code).toBe(0);
    expect(stdout).toContain(`VERIFIED  sha256:${digest}`);
    expect((await verify(['--sha256', '0'.repeat(64), 'contract.pdf.ingam.json', ...trusting])).code).toBe(1);
  });

  test('never says "verified" without a key, and says what to do', async () => {
    const { code, stdout, stderr } = await verify(['contract.pdf']);
    expect(code).toBe(1);
    expect(stdout).toBe('NOT VERIFIED  contract.pdf: not signed by a key that you trust\n');
    expect(stderr).toContain('You have not given a key that you trust.');
    expect(stderr).toContain('--key VKEY');
  });

  test('takes trust from the command line, else from INGAM_TRUST, else from the saved policy', async () => {
    await mkdir(folder.at('config', 'ingam'), { recursive: true });
    await copyFile(folder.at('policy'), folder.at('config', 'ingam', 'trust'));
    const kept = { XDG_CONFIG_HOME: folder.at('config') };
    expect((await verify(['contract.pdf'], { env: kept })).code).toBe(0);
    expect((await verify(['contract.pdf'], { env: { INGAM_TRUST: 'policy' } })).code).toBe(0);
    await writeFile(folder.at('nobody'), 'quorum none\n');
    expect((await verify(['contract.pdf'], { env: { ...kept, INGAM_TRUST: 'nobody' } })).code).toBe(1);
    expect(
      (await verify(['contract.pdf', '--trust', 'nobody'], { env: { INGAM_TRUST: 'policy' } })).code,
    ).toBe(1);
    // A named policy that does not exist must not fall back to another one.
    expect((await verify(['contract.pdf'], { env: { ...kept, INGAM_TRUST: 'missing' } })).code).toBe(2);
    expect((await verify(['contract.pdf', '--trust', 'missing'], { env: kept })).code).toBe(2);
  });

  test('names missing files, with a hint', async () => {
    const slip = await verify(['contract.pdf.ingam.json']);
    expect(slip.code).toBe(2);
    expect(slip.stderr).toContain('Give the document instead: ingam verify contract.pdf\n');
    await writeFile(folder.at('lonely'), '');
    const lonely = await verify(['lonely']);
    expect(lonely.stderr).toContain('no proof next to the document: lonely.ingam.json: no such file');
    expect((await verify(['missing', 'contract.pdf.ingam.json'])).stderr).toContain('missing: no such file');
  });

  test('rejects a document with one flipped byte', async () => {
    const bytes = Buffer.from(good?.document ?? '', 'hex');
    for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await writeFile(folder.at('changed'), changed);
      const { code, stdout, stderr } = await verify(['changed', 'contract.pdf.ingam.json', ...trusting]);
      expect({ code, stdout }).toEqual({
        code: 1,
        stdout: "NOT VERIFIED  changed: your document's fingerprint doesn't match the proof\n",
      });
      expect(stderr).toContain('or this is the proof of another file.');
    }
  });

  test('never verifies a proof with a changed or missing byte', async () => {
    const bytes = Buffer.from(good === undefined ? [] : proofBytes(good));
    for (let at = 0; at < bytes.length - 2; at += 7) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      for (const proof of [changed, bytes.subarray(0, at)]) {
        await writeFile(folder.at('tampered'), proof);
        const { code } = await verify(['contract.pdf', 'tampered', ...trusting]);
        // Only white space between JSON tokens has no meaning; a flipped one is never white space.
        expect([1, 2]).toContain(code);
      }
    }
  });

  test('rejects an endless proof without reading it to its end', async () => {
    await writeFile(folder.at('huge'), Buffer.alloc(3 * 1024 * 1024, 0x20));
    const { code, stderr } = await verify(['contract.pdf', 'huge']);
    expect(code).toBe(2);
    expect(stderr).toContain('at most 1048576 bytes');
  });

  test('shows control characters of file names in printable form', async () => {
    const name = 'evil\u001b]0;owned\u0007\u202efdp';
    await copyFile(folder.at('contract.pdf'), folder.at(name));
    const { code, stdout } = await verify([name, 'contract.pdf.ingam.json', ...trusting], { isTTY: false });
    expect(code).toBe(0);
    expect(stdout).toContain('evil\\u{1b}]0;owned\\u{7}\\u{202e}fdp');
  });

  test('uses colours only on a terminal, and respects NO_COLOR', async () => {
    const argv = ['contract.pdf', ...trusting];
    expect((await verify(argv, { isTTY: true })).stdout).toContain('\u001b[32mVERIFIED\u001b[0m');
    expect((await verify(argv, { isTTY: true, env: { NO_COLOR: '1' } })).stdout).not.toContain('\u001b');
  });

  test('shows a progress bar for a large file on a terminal', async () => {
    const file = await open(folder.at('large'), 'w');
    await file.truncate(160 * 1024 * 1024);
    await file.close();
    const { stderr } = await verify(['large', 'contract.pdf.ingam.json'], { isTTY: true });
    expect(stderr).toContain('Hashing large █');
    expect(stderr).toContain(' 100 % 160.0 MiB');
  });

  test('can be interrupted', async () => {
    const stopped = await verify(['large', 'contract.pdf.ingam.json'], { signal: AbortSignal.abort() });
    expect(stopped).toEqual({ code: 130, stdout: '', stderr: 'ingam: interrupted\n' });
  });
});
