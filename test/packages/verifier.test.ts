import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type * as Verifier from '../../packages/verifier/src/index.js';
import { lendPage } from '../support/chromium.js';
import { startService, type TestService } from '../support/service.js';
import { loadHistories, loadVectors, proofBytes } from '../vectors/load.js';
import { blocksOf, installPackages, type Project, ROOT, run } from './installed.js';

const DOCUMENT = 'A contract of two pages.\n';

let service: TestService;
let project: Project;
let proof: string;
let policy: string;
beforeAll(async () => {
  [service, project] = await Promise.all([startService(), installPackages(['verifier'])]);
  const res = await fetch(`${service.url}/v1/notarizations?wait=sealed`, {
    method: 'PUT',
    body: Buffer.from(DOCUMENT),
  });
  const { notarizations } = (await res.json()) as { notarizations: [{ links: { proof: string } }] };
  proof = await (await fetch(service.url + notarizations[0].links.proof)).text();
  ({ policy } = (await (await fetch(`${service.url}/v1/chain`)).json()) as { policy: string });
  await writeFile(project.at('contract.pdf'), DOCUMENT);
  await writeFile(project.at('contract.pdf.ingam.json'), proof);
  await writeFile(project.at('service.trust'), policy);
  const [program = ''] = await blocksOf('packages/verifier/README.md', 'js');
  await writeFile(project.at('verify.mjs'), program);
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

const installed = () => join(project.path, 'node_modules/@ingam/verifier');
const load = async () => (await import(join(installed(), 'dist/index.js'))) as typeof Verifier;

test('is one package without dependencies and native code, of at most 300 kB', async () => {
  const manifest = JSON.parse(await readFile(join(installed(), 'package.json'), 'utf8')) as object;
  expect(manifest).not.toHaveProperty('dependencies');
  expect(await readdir(project.at('node_modules'))).toEqual(['.package-lock.json', '@ingam']);
  const archive = (await readdir(project.path)).find((name) => name.endsWith('.tgz')) ?? '';
  expect((await stat(project.at(archive))).size).toBeLessThan(300_000);
  const code = await readFile(join(installed(), 'dist/index.js'), 'utf8');
  const imported = [...code.matchAll(/^import .*from ["'](.*)["']|\bimport\(["'](.*?)["']\)/gm)];
  expect(imported).toEqual([]);
  for (const name of builtinModules) expect(code).not.toContain(`"node:${name}"`);
  const files = await readdir(installed(), { recursive: true });
  expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'dist/LICENSES.txt']));
  expect(files.filter((name) => /\.(node|wasm|ts)$/.test(name) && !name.endsWith('.d.ts'))).toEqual([]);
});

test('the program of its page verifies the document, and no other one', async () => {
  const [commands = ''] = await blocksOf('packages/verifier/README.md', 'sh');
  const args = /^node (.*)$/m.exec(commands)?.[1]?.split(' ') ?? [];
  expect(args).toHaveLength(4);
  const good = await project.node(...args);
  expect(good.output).toMatch(/^verified \d{4}-/);
  expect(good.code).toBe(0);
  await writeFile(project.at('contract.pdf'), `${DOCUMENT} `);
  const changed = await project.node(...args);
  await writeFile(project.at('contract.pdf'), DOCUMENT);
  expect(changed.code).toBe(1);
  expect(changed.output).toContain('1 document_digest_mismatch: ');
});

test('gives vectors the verdict that they have, one for each verdict', async () => {
  const { ProofError, verifyHistory, verifyProof } = await load();
  const judged = async (verdict: () => Promise<{ verdict: string }>) => {
    try {
      return (await verdict()).verdict;
    } catch (error) {
      if (error instanceof ProofError) return error.code;
      throw error;
    }
  };
  // Tests of `src/proof/`, from which it is bundled, judge every vector.
  const seen = new Set<string>();
  for (const vector of loadVectors()) {
    const { name, folder, expected, trust, document, crls = [], now } = vector;
    // As of an unknown time, and of a PDF that is no certificate: what these are made of judges them.
    if ((folder === 'time' && now === undefined) || name === 'not-json') continue;
    const wanted = `${folder} ${JSON.stringify(expected)}`;
    if (seen.has(wanted)) continue;
    seen.add(wanted);
    const verdict = await judged(() =>
      verifyProof({
        proof: proofBytes(vector),
        policy: trust,
        receiptKeys: vector.receiptKeys ?? [],
        ...(document === null ? {} : { document: Buffer.from(document, 'hex') }),
        ...(now === undefined ? {} : { now: Date.parse(now) }),
        revocationLists: crls.map((text) => Buffer.from(text, 'base64')),
      }),
    );
    expect(verdict, name).toBe('error' in expected ? expected.error : expected.verdict);
  }
  for (const { name, history, trust, expected } of loadHistories()) {
    const verdict = await judged(() => verifyHistory({ history: JSON.stringify(history), policy: trust }));
    expect(verdict, name).toBe(expected.verdict);
  }
});

test('takes bytes, blobs, streams and digests, and the key of the log for a policy', async () => {
  const { hashDocument, verifyProof } = await load();
  const bytes = Buffer.from(DOCUMENT);
  const facts = await hashDocument(bytes);
  for (const document of [bytes, new Blob([bytes]), [bytes.subarray(0, 5), bytes.subarray(5)], facts]) {
    const { verdict } = await verifyProof({ document, proof, policy: service.verifierKey });
    expect(verdict).toBe('verified');
  }
  expect((await verifyProof({ proof, policy: null })).verdict).toBe('untrusted');
  await expect(hashDocument([DOCUMENT] as never)).rejects.toThrow('as bytes');
});

test('its types are enough for a strict program', async () => {
  await writeFile(
    project.at('typed.ts'),
    `import { type ProofAnswer, verifyHistory, verifyProof } from '@ingam/verifier';
const answer: ProofAnswer = await verifyProof({ proof: '', policy: null });
const { state, namedByEvent } = await verifyHistory({ history: new Uint8Array(), policy: null });
export const results: readonly [string, string | undefined, number | null] = [answer.verdict, state?.kind, namedByEvent];
// @ts-expect-error a policy is needed
await verifyProof({ proof: '' });
`,
  );
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--types', ''];
  const tsc = [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, '--lib', 'es2023,dom', 'typed.ts'];
  expect(await run(process.execPath, tsc, project.path, {})).toEqual({ code: 0, output: '' });
});

test('runs in a browser', async () => {
  const { page, giveBack } = await lendPage({});
  const code = await readFile(join(installed(), 'dist/index.js'), 'utf8');
  await page.route('http://page.test/**', (route) =>
    route.request().url().endsWith('.js')
      ? route.fulfill({ contentType: 'text/javascript', body: code })
      : route.fulfill({ contentType: 'text/html', body: '<title>Verifier</title>' }),
  );
  await page.goto('http://page.test/');
  // As text: the test runner writes `import` in another way.
  const verdicts = await page.evaluate(`(async (proof, policy, content) => {
    const { verifyProof } = await import('/verifier.js');
    const verdict = async (document) => (await verifyProof({ document, proof, policy })).verdict;
    return [await verdict(new File([content], 'a')), await verdict(new File([content, '!'], 'a'))];
  })(${[proof, policy, DOCUMENT].map((text) => JSON.stringify(text)).join()})`);
  await giveBack();
  expect(verdicts).toEqual(['verified', 'invalid']);
});

test('has the version of the service', async () => {
  const versionOf = async (path: string) =>
    (JSON.parse(await readFile(path, 'utf8')) as { readonly version: string }).version;
  expect(await versionOf(join(installed(), 'package.json'))).toBe(
    await versionOf(join(ROOT, 'package.json')),
  );
});
