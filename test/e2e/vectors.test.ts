import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as Proof from '../../src/proof/index.js';
import { launchChromium } from '../support/chromium.js';
import { startService, type TestService } from '../support/service.js';
import { builtPages, openPage, textFile } from './support.js';

const VECTORS = join(import.meta.dirname, '../vectors/proof');

interface Vector {
  readonly proof: string;
  /** Hex. */
  readonly document: string | null;
  readonly trust: string | null;
  readonly receiptKeys?: readonly string[];
  readonly expected:
    | { readonly error: string }
    | {
        readonly verdict: string;
        readonly failed: readonly { readonly step: number; readonly code: string }[];
      };
}

let browser: Browser;
let service: TestService;
let folder: string;

beforeAll(async () => {
  browser = await launchChromium();
  service = await startService({ publicDir: builtPages(), sealing: false });
  folder = await mkdtemp(join(tmpdir(), 'ingam-e2e-'));
});
afterAll(async () => {
  await browser.close();
  await service[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function vectors(...kinds: readonly string[]): Promise<[string, Vector][]> {
  const names = await Promise.all(
    kinds.map(async (kind) => (await readdir(join(VECTORS, kind))).map((name) => `${kind}/${name}`)),
  );
  return Promise.all(
    names
      .flat()
      .map(
        async (name) =>
          [name, JSON.parse(await readFile(join(VECTORS, name), 'utf8')) as Vector] as [string, Vector],
      ),
  );
}

describe('the proof vectors in the browser', () => {
  it('give what they must, one and all, in the bundled code', async () => {
    // Built as the pages are; what is run is what a bundler makes of proof/, under the service's own policy.
    await build({
      configFile: false,
      logLevel: 'error',
      build: {
        outDir: folder,
        target: 'es2022',
        lib: {
          entry: join(import.meta.dirname, '../../src/proof/index.ts'),
          formats: ['es'],
          fileName: 'proof',
        },
      },
    });
    const bundle = await readFile(join(folder, 'proof.js'), 'utf8');
    await using opened = await openPage(browser, service.url);
    await opened.page.route('**/proof.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: bundle }),
    );
    const cases = await vectors('valid', 'invalid', 'pending', 'malformed');
    expect(cases.length).toBeGreaterThan(300);
    await opened.page.addScriptTag({ url: `${service.url}/proof.js` });
    const answers = await opened.page.evaluate((cases) => {
      const proof = (globalThis as unknown as { ingamProof: typeof Proof }).ingamProof;

      const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
      return cases.map(([name, vector]): [string, Vector['expected']] => {
        try {
          const document = vector.document === null ? null : bytes(vector.document);
          const { verdict, steps } = proof.verify({
            proof: proof.parseProof(vector.proof),
            document: document === null ? null : { sha256: proof.sha256(document), size: document.length },
            policy: vector.trust === null ? null : proof.parsePolicy(vector.trust),
            receiptKeys: (vector.receiptKeys ?? []).map(proof.parseVerifierKey),
          });
          const failed = steps.flatMap(({ number, code }) => (code === null ? [] : [{ step: number, code }]));
          return [name, { verdict, failed }];
        } catch (error) {
          return [name, { error: error instanceof proof.ProofError ? error.code : String(error) }];
        }
      });
    }, cases);
    expect(answers).toEqual(cases.map(([name, { expected }]) => [name, expected]));
    opened.assertClean();
  });

  it('give the same on the page, as a reader would drop them', async () => {
    await using opened = await openPage(browser, `${service.url}/verify.html`);
    const { page } = opened;
    await page.getByLabel('A key or policy that I was given').check();
    // Receipt keys cannot be pasted: those vectors are the business of the test above.
    const cases = (await vectors('valid', 'invalid', 'malformed')).filter(
      ([, { receiptKeys }], i) => receiptKeys === undefined && i % 4 === 0,
    );
    const field = page.getByLabel('Verifier key or trust policy');
    for (const [name, { proof, document: hex, trust, expected }] of cases) {
      const filled = page.locator('.slot .button');
      while ((await filled.count()) > 0) await filled.first().click();
      await field.fill(trust ?? '');
      if (hex !== null) {
        const given = { ...textFile('document', ''), buffer: Buffer.from(hex, 'hex') };
        await page.locator('#document-slot input').setInputFiles(given);
      }
      await page
        .locator('#proof-slot input')
        .setInputFiles(textFile(`${name.replace('/', '-')}.ingam.json`, proof));
      const shown = await page.waitForFunction(
        ([wanted, codes]) => {
          const result = document.querySelector('.result');
          const failed = [...document.querySelectorAll('.step[data-outcome=failed]')];
          const seen = failed.map((step) => step.getAttribute('data-code')).join(' ');
          const found = result?.getAttribute('data-statement') ?? '';
          return wanted.includes(found) && seen === codes ? found : false;
        },
        [
          statementsFor(expected),
          'error' in expected ? '' : expected.failed.map(({ code }) => code).join(' '),
        ] as const,
        { timeout: 10_000 },
      );
      expect([name, await shown.jsonValue()]).toEqual([name, expect.any(String)]);
    }
    opened.assertClean();
  });
});

function statementsFor(expected: Vector['expected']): string[] {
  if ('error' in expected) return ['unreadable'];
  switch (expected.verdict) {
    case 'verified':
      return ['verified', 'holds'];
    case 'invalid':
      return ['invalid', 'other_document'];
    default:
      return [expected.verdict];
  }
}
