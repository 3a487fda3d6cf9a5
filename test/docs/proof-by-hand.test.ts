import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseVerifierKey, parseWitnesses } from '../../src/proof/index.js';
import { startService, type TestService } from '../support/service.js';
import { startWitness, type TestWitness } from '../support/witness.js';
import { until } from '../support/until.js';

const DOCUMENT = 'Agreed: the lighthouse is sold for one silver coin.\n';
let service: TestService;
let witness: TestWitness;
let proof: string;
let policy: string;

beforeAll(async () => {
  witness = await startWitness('seoul', () => parseVerifierKey(service.verifierKey));
  service = await startService({ members: parseWitnesses(`${witness.line}\nquorum ${witness.name}\n`) });
  // More entries and blocks, so that the paths have hashes on both sides.
  for (let block = 0; block < 6; block++) {
    const form = new FormData();
    for (let i = 0; i < 5; i++)
      form.append('file', new Blob([i === 3 ? DOCUMENT : `${block} ${i}`]), `f${i}`);
    form.append(
      'details',
      JSON.stringify({ title: 'Lighthouse', tags: ['sale', '계약'], author: '"A" \\ ü' }),
    );
    const res = await fetch(`${service.url}/v1/notarizations?wait=sealed`, { method: 'POST', body: form });
    const { notarizations } = (await res.json()) as { notarizations: { id: string }[] };
    if (block !== 3) continue;
    proof = await until('the cosignature in the proof', async () => {
      const text = await (
        await fetch(`${service.url}/v1/notarizations/${notarizations[3]?.id ?? ''}/proof`)
      ).text();
      return text.includes(`${witness.name}.example/witness`) ? text : undefined;
    });
  }
  const chain = (await (await fetch(`${service.url}/v1/chain`)).json()) as { policy: string };
  policy = chain.policy;
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await witness[Symbol.asyncDispose]();
});

/** Runs the page's lines. @returns the exit code and the last line that was printed */
async function walk(document: string, proofText: string, trust: string) {
  const page = await readFile(join(import.meta.dirname, '../../docs/proof-by-hand.md'), 'utf8');
  const lines = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block).join('');
  const folder = await mkdtemp(join(tmpdir(), 'ingam-by-hand-'));
  await writeFile(join(folder, 'contract.pdf'), document);
  await writeFile(join(folder, 'contract.pdf.ingam.json'), proofText);
  await writeFile(join(folder, 'trust'), trust);
  const child = spawn('bash', ['-s'], { cwd: folder, env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' } });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  }
  child.stdin.end(lines);
  const [code] = (await once(child, 'close')) as [number | null];
  await rm(folder, { recursive: true });
  return { code, printed };
}

test('every line holds for a real proof', async () => {
  const { code, printed } = await walk(DOCUMENT, proof, policy);
  expect(printed).not.toContain(' is not ');
  expect({ code, printed }).toMatchObject({ code: 0 });
  expect(printed.match(/: ok$/gm)).toHaveLength(14);
  expect(printed.match(/Signature Verified Successfully/g)).toHaveLength(2);
  expect(printed).toMatch(/existed before 2\d{3}-/);
});

interface Raw {
  document: { sha256: string; size: number };
  entry: string;
  details: object;
  block: { header: string; index: number; path: string[] };
  log: { path: string[]; checkpoint: string };
}

/** `base64` with a bit of a byte flipped. */
function flip(base64: string, index: number): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index);
  return bytes.toString('base64');
}
const flipSignature = (note: string, line: number) =>
  note
    .split('\n')
    .map((text, i) =>
      i === 4 + line
        ? `${text.slice(0, text.lastIndexOf(' ') + 1)}${flip(text.split(' ').at(-1) ?? '', 40)}`
        : text,
    )
    .join('\n');

test.each<[string, (file: Raw) => void]>([
  [
    'document',
    (file) => (file.document.sha256 = file.document.sha256.replace(/^./, (c) => (c === '0' ? '1' : '0'))),
  ],
  ['size', (file) => file.document.size++],
  ['digest in the entry', (file) => (file.entry = flip(file.entry, 2))],
  ['size in the entry', (file) => (file.entry = flip(file.entry, 41))],
  ['details', (file) => (file.details = { ...file.details, title: 'Lighthouses' })],
  ['details', (file) => (file.entry = flip(file.entry, 50))],
  ['block', (file) => (file.entry = flip(file.entry, 70))],
  ['block', (file) => (file.block.path[0] = flip(file.block.path[0] ?? '', 0))],
  ['block', (file) => (file.block.header = flip(file.block.header, 41))],
  ['order', (file) => (file.block.header = early(file.block.header))],
  ['log', (file) => (file.log.path[0] = flip(file.log.path[0] ?? '', 31))],
  [
    'log',
    (file) =>
      (file.log.checkpoint = file.log.checkpoint.replace(
        /^([^\n]*\n)(\d+)/,
        (_, origin: string) => `${origin}999999`,
      )),
  ],
  ['Signature Verification Failure', (file) => (file.log.checkpoint = flipSignature(file.log.checkpoint, 0))],
  ['Signature Verification Failure', (file) => (file.log.checkpoint = flipSignature(file.log.checkpoint, 1))],
])('a changed %s ends it', async (step, change) => {
  const file = JSON.parse(proof) as Raw;
  change(file);
  const { code, printed } = await walk(DOCUMENT, JSON.stringify(file), policy);
  expect(code).not.toBe(0);
  expect(printed.trimEnd().split('\n').at(-1)).toMatch(new RegExp(`^(${step}: .* is not |${step}$)`));
});

/** A header with a time of sealing of 0, mined again. */
function early(header: string): string {
  const bytes = Buffer.from(header, 'base64');
  bytes.fill(0, 117, 125);
  bytes.writeUInt8(0, 125);
  return bytes.toString('base64');
}
