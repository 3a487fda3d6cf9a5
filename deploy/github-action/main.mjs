/**
 * The script of the GitHub Action (action.yml): prepares this clone, runs `ingam notarize` on the files, and tells the runner
 * what came out of it. Reads INPUT_…, GITHUB_WORKSPACE, GITHUB_OUTPUT and GITHUB_STEP_SUMMARY.
 */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const { env } = process;
const input = (name) => (env[`INPUT_${name}`] ?? '').trim();
const workspace = resolve(env.GITHUB_WORKSPACE ?? '.');

/** Ends the job; the runner shows the message in its list of errors. */
function fail(message) {
  const text = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  process.stdout.write(`::error title=Ingam::${text}\n`);
  process.exit(1);
}

for (const name of ['FILES', 'SERVER']) {
  if (input(name) === '') fail(`The input "${name.toLowerCase()}" is missing.`);
}

const { setup } = await import('../../scripts/setup.mjs');
await setup({ without: ['pages'] });
const { default: picomatch } = await import('picomatch');

const files = [
  ...new Set(
    input('FILES')
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean)
      .flatMap(found),
  ),
];
if (files.length === 0) fail(`No file is named by:\n${input('FILES')}`);

/** The files that a line names: itself, if there is such a file, else by its pattern. */
function found(line) {
  if (existsSync(resolve(workspace, line))) return [line];
  const isWanted = picomatch(line.replace(/^\.\//, ''), { dot: false });
  const names = readdirSync(workspace, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      relative(workspace, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join('/'),
    );
  const matching = names.filter((name) => isWanted(name) && !name.endsWith('.ingam.json')).sort();
  if (matching.length === 0) fail(`No file is named by: ${line}`);
  return matching;
}

const own = mkdtempSync(join(tmpdir(), 'ingam-action-'));
const trust = join(own, 'trust');
if (input('TRUST') !== '') writeFileSync(trust, `${input('TRUST')}\n`);

function ingam(...argv) {
  const { INPUT_KEY: _, ...others } = env;
  return spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), ...argv], {
    cwd: workspace,
    encoding: 'utf8',
    maxBuffer: 1024 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...others,
      INGAM_SERVER: input('SERVER'),
      // Not among the arguments, which other programs on the machine can see.
      ...(input('KEY') === '' ? {} : { INGAM_KEY: input('KEY') }),
      ...(input('TRUST') === '' ? {} : { INGAM_TRUST: trust }),
    },
  });
}

const out = input('PROOFS') === '' ? [] : ['--out', input('PROOFS')];
const { status, stdout } = ingam(
  'notarize',
  '--json',
  '--names',
  '--timeout',
  input('TIMEOUT') || '300',
  ...out,
  '--',
  ...files,
);
const { documents = [], error } = stdout === '' ? {} : JSON.parse(stdout);
if (error !== undefined) fail(`${error.message}${error.hint === undefined ? '' : `\n${error.hint}`}`);
const shown = (path) => relative(workspace, path).split(sep).join('/');
const final = documents
  .filter((each) => ['sealed', 'present'].includes(each.status))
  .map((each) => ({ ...each, proof: shown(each.proof) }));

const delimiter = `ingam-${randomUUID()}`;
write(
  'GITHUB_OUTPUT',
  `count=${final.length}\nproofs<<${delimiter}\n${final.map(({ proof }) => `${proof}\n`).join('')}${delimiter}\n`,
);
const cell = (text) =>
  String(text ?? '')
    .replaceAll('|', '\\|')
    .replaceAll(/[<>`\n]/g, ' ');
write(
  'GITHUB_STEP_SUMMARY',
  [
    '### Notarized with Ingam',
    '',
    '| File | SHA-256 | Sealed | Block | Proof |',
    '| --- | --- | --- | --- | --- |',
    ...documents.map((each) => {
      const cells = [
        each.file,
        each.sha256,
        each.sealedAt ?? each.status,
        each.block,
        each.proof === undefined ? '' : shown(each.proof),
      ];
      return `| ${cells.map(cell).join(' | ')} |`;
    }),
    '',
  ].join('\n'),
);

/** Appends to a file of the runner. */
function write(name, text) {
  const path = env[name];
  if (path !== undefined && path !== '') appendFileSync(path, text);
}

if (status !== 0) {
  const failed = documents.filter((each) => !final.some(({ file }) => file === each.file));
  fail(failed.map((each) => `${each.file}: ${each.error?.message ?? 'not sealed in time'}`).join('\n'));
}
if (input('TRUST') !== '') {
  for (const { file, proof } of final) {
    if (ingam('verify', '--quiet', '--', file, proof).status !== 0)
      fail(`${file} does not verify with the trust policy.`);
  }
}
rmSync(own, { recursive: true });
