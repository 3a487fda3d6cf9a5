import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFolder, invoke, type TestFolder } from '../cli/invoke.js';
import { startService, type TestService } from '../support/service.js';

const ROOT = join(import.meta.dirname, '../..');
const PAGES = join(ROOT, 'docs/examples');
const NO_NETWORK = join(ROOT, 'test/cli/no-network.mjs');
/** One process for all: a start takes longer than a verification. */
const VERIFY_ALL = join(ROOT, 'test/docs/scripts/verify-all.mjs');
const execute = promisify(execFile);

/** bash, in which `ingam` runs in this process: to start one for each command would take most of the time. */
const PRELUDE = `set -euo pipefail
ingam() {
  local reply
  reply=$(printf '%s\\0' "$PWD" "$@" | curl -s --data-binary @- "$COMMANDS"; echo .)
  reply=\${reply%.}
  printf '%s' "\${reply#*$'\\n'}"
  return "\${reply%%$'\\n'*}"
}
npx() { "$@"; }
`;

let service: TestService;
let folder: TestFolder;
let commands: Server;
/** What the commands wrote to standard error, by folder. */
const errors = new Map<string, string>();

beforeAll(async () => {
  service = await startService();
  folder = await createFolder();
  commands = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => void answer(Buffer.concat(chunks).toString()).then((text) => res.end(text)));
  });
  commands.listen(0, '127.0.0.1');
  await once(commands, 'listening');
});
afterAll(async () => {
  commands.close();
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function answer(request: string): Promise<string> {
  const [cwd = '', ...argv] = request.split('\0').slice(0, -1);
  const { code, stdout, stderr } = await invoke(argv, { cwd, env: { INGAM_SERVER: service.url } });
  errors.set(cwd, `${errors.get(cwd) ?? ''}$ ingam ${argv.join(' ')}\n${stderr}`);
  return `${code}\n${stdout}`;
}

/** The page's commands. A line that is to fail says so: "# exit code 1". */
function scriptOf(page: string): string {
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block).join('');
  return blocks.replaceAll(
    /^(.*?) *# exit code ([1-9]).*$/gm,
    (_, line: string, code: string) => `${line} && exit 99 || test $? = ${code}`,
  );
}

/** Runs the commands of a page in a folder of its own. @returns what they printed */
async function play(page: string): Promise<string> {
  const cwd = folder.at(page);
  await mkdir(cwd);
  return run(scriptOf(await readFile(join(PAGES, `${page}.md`), 'utf8')), cwd);
}

async function run(script: string, cwd: string): Promise<string> {
  const env = {
    PATH: process.env['PATH'],
    LC_ALL: 'C.UTF-8',
    COMMANDS: `http://127.0.0.1:${(commands.address() as AddressInfo).port}`,
  };
  const child = spawn('bash', ['-s'], { cwd, env });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stdin.end(PRELUDE + script);
  const [code] = (await once(child, 'close')) as [number | null];
  expect({ code, printed: code === 0 ? '' : `${printed}\n${errors.get(cwd) ?? ''}` }).toEqual({
    code: 0,
    printed: '',
  });
  return printed;
}

/** What each page's histories end with. */
const ENDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'car-lease': { lease: 'executed', car: 'held' },
  copyright: { song: 'claimed' },
  crowdfunding: { bell: 'executed', expired: 'expired' },
  'data-set': { data: 'claimed' },
  diamond: { stone: 'held' },
  'letter-of-credit': { bill: 'held', credit: 'executed' },
  power: { power: 'destroyed' },
};

/** The automatic events that they must show, by the history's name. */
const BY_ITSELF: Readonly<Record<string, string>> = {
  lease: 'contract.executed',
  car: 'item.transferred',
  song: 'work.licensed',
  bell: 'contract.executed',
  expired: 'contract.expired',
  data: 'work.licensed',
  bill: 'item.transferred',
  credit: 'contract.executed',
};

const HISTORY = '.ingam-history.json';

test.concurrent.each(Object.entries(ENDS))('%s is played to its end', async (page, ends) => {
  const printed = await play(page);
  expect(printed.match(/^VERIFIED {2}/gm)).toHaveLength(Object.keys(ends).length);
});

test.concurrent('the commands of the README make a record and verify its history', async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const section = readme.split(/^## /m).find((part) => part.startsWith('Records\n')) ?? '';
  const cwd = folder.at('readme');
  await mkdir(cwd);
  for (const file of ['README.md', 'CHANGELOG.md']) await copyFile(join(ROOT, file), join(cwd, file));
  const inline = /`(npx ingam verify README\.md [^`]*)`/.exec(section)?.[1] ?? '';
  const printed = await run(`ingam trust --out service.trust\n${scriptOf(section)}\n${inline}\n`, cwd);
  expect(printed).toMatch(
    /^VERIFIED {2}manual\.ingam-history\.json: record [0-9a-f]{64}, as of block \d+ \(sealed .*\): nothing later$/m,
  );
  expect(printed).toMatch(/^VERIFIED {2}README\.md: named by event 0 of record/m);
});

test('every history verifies in a process that has nothing but the histories and the policy', async () => {
  await using alone = await createFolder();
  const names = Object.entries(ENDS).flatMap(([page, ends]) => Object.keys(ends).map((name) => [page, name]));
  for (const [page = '', name = ''] of names)
    await copyFile(folder.at(page, name + HISTORY), alone.at(name + HISTORY));
  await copyFile(folder.at('car-lease', 'service.trust'), alone.at('service.trust'));
  const files = names.map(([, name = '']) => name + HISTORY);
  const argv = ['--import', NO_NETWORK, VERIFY_ALL, ...files];
  const { stdout } = await execute(process.execPath, argv, { cwd: alone.path, env: {} });
  const results = JSON.parse(stdout) as { verdict: string; history: string; state: { status: string } }[];
  expect(results.map(({ verdict }) => verdict)).toEqual(files.map(() => 'verified'));
  const found = results.map(({ history, state }) => [basename(history, HISTORY), state.status]);
  expect(Object.fromEntries(found)).toEqual(Object.assign({}, ...Object.values(ENDS)));
  for (const [name, type] of Object.entries(BY_ITSELF))
    expect(JSON.stringify(results.find(({ history }) => history === name + HISTORY))).toContain(`"${type}"`);
});

test('the list of examples names every page, and every page is played', async () => {
  const pages = (await readdir(PAGES))
    .map((file) => basename(file, '.md'))
    .filter((name) => name !== 'README');
  expect(pages.sort()).toEqual(Object.keys(ENDS).sort());
  const list = await readFile(join(PAGES, 'README.md'), 'utf8');
  for (const page of pages) expect(list).toContain(`[${page}.md](${page}.md)`);
});
