import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/proof/index.js';
import type * as Proof from '../../src/proof/index.js';
import type * as Anchors from '../../src/proof/time/anchors.js';
import { stated } from '../vectors/judge.js';
import { loadVectors, proofBytes, type NamedVector, type Vector } from '../vectors/load.js';
import { give, openPage, trustOwn, useService } from './support.js';

const service = useService({ sealing: false });
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingam-e2e-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** proof/ as a bundler makes it for a browser, in one classic script. */
async function bundleOfProof(): Promise<string> {
  const proof = join(import.meta.dirname, '../../src/proof');
  const files = ['index.ts', 'time/anchors.ts'].map((name) => JSON.stringify(join(proof, name)));
  await writeFile(join(folder, 'entry.ts'), files.map((file) => `export * from ${file};\n`).join(''));
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    build: {
      outDir: join(folder, 'out'),
      target: 'es2022',
      lib: {
        entry: join(folder, 'entry.ts'),
        name: 'ingamProof',
        formats: ['iife'],
        fileName: () => 'proof.js',
      },
    },
  });
  return readFile(join(folder, 'out/proof.js'), 'utf8');
}

describe('the proof vectors in the browser', () => {
  it('have the expected results in the bundled code', async () => {
    const body = await bundleOfProof();
    await using opened = await openPage(service.url);
    const { page } = opened;
    // From the service's own address, and so under its content security policy.
    await page.route('**/proof.js', (route) => route.fulfill({ contentType: 'text/javascript', body }));
    await page.addScriptTag({ url: `${service.url}/proof.js` });
    const vectors = loadVectors().filter(each(4));
    const given = vectors.map((vector) => ({
      bytes: Buffer.from(proofBytes(vector)).toString('base64'),
      document: vector.document,
      trust: vector.trust,
      receiptKeys: vector.receiptKeys ?? [],
      now: vector.now === undefined ? null : Date.parse(vector.now),
      crls: vector.crls ?? [],
    }));
    const answers = await page.evaluate((vectors) => {
      const proof = (globalThis as unknown as { ingamProof: typeof Proof & typeof Anchors }).ingamProof;
      return vectors.map(({ bytes, document: hex, trust, receiptKeys, now, crls }) => {
        try {
          const document = hex === null ? null : proof.fromHex(hex, hex.length / 2);
          const { verdict, steps, time } = proof.verify({
            proof: proof.parseProof(proof.fromBase64(bytes)),
            document: document === null ? null : { sha256: proof.sha256(document), size: document.length },
            policy: trust === null ? null : proof.parsePolicy(trust),
            receiptKeys: receiptKeys.map(proof.parseVerifierKey),
            time: {
              judge: proof.judgeAnchors,
              ...(now === null ? {} : { now }),
              crls: crls.map((each) => proof.fromBase64(each)),
            },
          });
          const failed = steps.flatMap(({ number, code }) => (code === null ? [] : [{ step: number, code }]));
          return { verdict, failed, time };
        } catch (error) {
          return { error: error instanceof proof.ProofError ? error.code : String(error) };
        }
      });
    }, given);
    const written = answers.map((answer): Vector['expected'] => {
      if (answer.error !== undefined) return { error: answer.error };
      const { time, ...rest } = answer;
      return time === null || time.anchors.length === 0 ? rest : { ...rest, time: stated(time) };
    });
    expect(written.map((answer, i) => [vectors[i]?.name, answer])).toEqual(
      vectors.map(({ name, expected }) => [name, expected]),
    );
    opened.assertClean();
  });

  it('have the expected results on the page', async () => {
    await using opened = await openPage(`${service.url}/verify.html`);
    const { page } = opened;
    await trustOwn(page, '');
    const clear = page.getByRole('button', { name: 'Start over' });
    const vectors = loadVectors('valid', 'invalid', 'malformed', 'time').filter(each(40));
    for (const vector of vectors.filter(fitsThePage)) {
      if (await clear.isVisible()) await clear.click();
      await page.locator('.result').waitFor({ state: 'detached' });
      await trustOwn(page, vector.trust ?? '');
      const bytes = Buffer.from(proofBytes(vector));
      await give(
        page,
        ...(vector.document === null ? [] : [file('document', Buffer.from(vector.document, 'hex'))]),
        file(`${vector.name}.ingam.json`, bytes),
      );
      await expect
        .poll(
          () =>
            page.evaluate(() => [
              document.querySelector('.result')?.getAttribute('data-statement'),
              ...Array.from(document.querySelectorAll('.step[data-code]'), (step) =>
                step.getAttribute('data-code'),
              ),
            ]),
          { message: vector.name },
        )
        .toEqual(expectedOnPage(vector));
    }
    opened.assertClean();
  });
});

/** One of so many. The tests of the formats have all of them, in the same engine, and that of the package in a bundle. */
const each = (step: number) => (_: NamedVector, index: number) => index % step === 0;

/**
 * Receipt keys cannot be pasted, without trust the service's applies, and trust that cannot be read is the field's business,
 * not the proof's: the test above has them.
 */
function fitsThePage({ receiptKeys, expected, trust }: NamedVector): boolean {
  if (receiptKeys !== undefined || trust === null) return false;
  if (!('error' in expected)) return true;
  try {
    parsePolicy(trust);
    return true;
  } catch {
    return false;
  }
}

function expectedOnPage({ expected, document }: Vector): string[] {
  if ('error' in expected) return ['unreadable'];
  const codes = expected.failed.map(({ code }) => code);
  switch (expected.verdict) {
    case 'verified':
      // The policies of the vectors say themselves how much confirmation is enough.
      return [document === null ? 'holds' : 'verified'];
    case 'invalid':
      return [expected.failed[0]?.step === 1 ? 'other_document' : 'invalid', ...codes];
    case 'untrusted':
      if (codes.every((code) => code === 'time_missing')) return ['untimed', ...codes];
      return [codes.every((code) => code === 'quorum_missing') ? 'uncosigned' : 'untrusted', ...codes];
    default:
      return [expected.verdict, ...codes];
  }
}

function file(name: string, buffer: Buffer) {
  return { name, mimeType: 'application/octet-stream', buffer };
}
