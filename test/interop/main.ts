/**
 * `npm run test:interop`: what the service publishes, checked with stock code of others and cosigned by a stock witness, and stock
 * code's log cosigned by our member. Needs Go 1.24 or newer, which fetches that code by its module proxy.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { generateKey } from '../../src/crypto/keys.js';
import {
  checkSignature,
  COSIGNATURE,
  formatVerifierKey,
  fromBase64,
  parseNote,
  verifierKey,
  type VerifierKey,
} from '../../src/proof/index.js';
import { MAIN, startBuilt } from '../support/built.js';
import { serveFolder } from '../support/static-files.js';
import { until } from '../support/until.js';
import { freePort } from '../support/free-port.js';

const run = promisify(execFile);
const GO = fileURLToPath(new URL('go', import.meta.url));
/** Of a full tile (C2SP tlog-tiles). */
const TILE_WIDTH = 256;

const folder = await mkdtemp(join(tmpdir(), 'ingam-interop-'));
const children: ChildProcess[] = [];
const closing: (() => PromiseLike<void>)[] = [];
let failed = 0;
let passed = 0;

async function check(what: string, work: () => Promise<string>): Promise<void> {
  try {
    console.log(`passed  ${what}: ${await work()}`);
    passed++;
  } catch (error) {
    console.log(`FAILED  ${what}: ${error instanceof Error ? error.message : String(error)}`);
    failed++;
  }
}

async function start(name: string, argv: readonly string[], env: Record<string, string>): Promise<string> {
  const home = join(folder, name);
  await mkdir(home);
  const node = await startBuilt(argv, {
    cwd: home,
    env: { HOME: home, INGAM_DATA_DIR: 'data', ...env },
  });
  children.push(node.child);
  return node.url;
}

/** A stock witness with a key of its own, which knows this log. */
async function startLitewitness(interop: string, vkey: string): Promise<{ url: string; key: VerifierKey }> {
  const name = 'interop.example/litewitness';
  const [socket, database] = [join(folder, 'agent'), join(folder, 'litewitness.db')];
  const agent = spawn(interop, ['ssh-agent', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(agent);
  const said = await createInterface({ input: agent.stdout })[Symbol.asyncIterator]().next();
  const [fingerprint = '', publicKey = ''] = (said.done === true ? '' : said.value).split(' ');
  const listen = `127.0.0.1:${await freePort()}`;
  const argv = ['-name', name, '-key', fingerprint, '-ssh-agent', socket, '-db', database, '-listen', listen];
  children.push(spawn(join(folder, 'litewitness'), argv, { stdio: ['ignore', 'ignore', 'ignore'] }));
  await until('litewitness to answer', () =>
    fetch(`http://${listen}/`).then(
      () => true,
      () => null,
    ),
  );
  await run(interop, ['add-log', database, vkey]);
  return { url: `http://${listen}`, key: verifierKey(name, COSIGNATURE, fromBase64(publicKey, 'its key')) };
}

/** @returns its id */
async function notarize(service: string, sha256: string): Promise<string> {
  const { notarizations } = await json<{ notarizations: { id: string }[] }>(`${service}/v1/notarizations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ documents: [{ sha256 }] }),
  });
  return notarizations[0]?.id ?? '';
}

/** Number of blocks of the log's checkpoint. */
async function sizeOf(log: string): Promise<number> {
  const [, size] = (await (await fetch(`${log}/checkpoint`)).text()).split('\n');
  return Number(size);
}

async function json<T>(url: string, init?: RequestInit): Promise<T> {
  return (await (await fetch(url, init)).json()) as T;
}

try {
  console.log('building the stock tools');
  await run('go', ['build', '-o', join(folder, 'interop'), '.'], { cwd: GO });
  await run('go', ['build', '-o', join(folder, 'fsck'), 'github.com/transparency-dev/tessera/cmd/fsck'], {
    cwd: GO,
  });
  await run('go', ['build', '-o', join(folder, 'litewitness'), 'filippo.io/torchwood/cmd/litewitness'], {
    cwd: GO,
  });
  const interop = join(folder, 'interop');
  const stock = JSON.parse((await run(interop, ['make-log', 'stock.example/log'])).stdout) as {
    verifierKey: string;
    requests: string[];
  };

  const logKey = generateKey('interop.example/log');
  const nextKey = generateKey('interop.example/log');
  const vkey = formatVerifierKey(logKey.key);
  const memberKey = generateKey('interop.example/member', COSIGNATURE);
  const port = await freePort();
  const lite = await startLitewitness(interop, vkey);
  const witnesses = [
    `witness ours ${formatVerifierKey(memberKey.key)} http://127.0.0.1:${port}`,
    `witness lite ${formatVerifierKey(lite.key)} ${lite.url}`,
    'group both all ours lite',
    'quorum both',
    '',
  ].join('\n');
  const keys = { INGAM_LOG_KEY: `${logKey.text} ${nextKey.text}` };
  const service = await start('service', ['serve'], {
    ...keys,
    INGAM_WORKERS: '1',
    INGAM_MEMBERS: witnesses,
    INGAM_MAX_BLOCK_ENTRIES: '1',
    INGAM_SEAL_INTERVAL_MS: '10',
    INGAM_MINING_TARGET_MS: '1',
    INGAM_MIN_DIFFICULTY: '4',
  });
  const member = await start('member', ['member', '--upstream', service, '--key', vkey], {
    PORT: String(port),
    INGAM_MEMBER_KEY: memberKey.text,
    INGAM_MEMBER_LOGS: stock.verifierKey,
  });

  // One after the other: what is accepted together gets into one block.
  const ids: string[] = [];
  for (let i = 0; i < 300; i++) ids.push(await notarize(service, i.toString(16).padStart(64, '0')));
  const [first = '', last = ''] = [ids[0], ids.at(-1)];
  await until('the quorum to cosign', async () => {
    const { status } = await json<{ status: string }>(`${service}/v1/notarizations/${last}`);
    return status === 'cosigned' ? status : null;
  });
  await writeFile(join(folder, 'vkey'), vkey);

  const site = join(folder, 'site');
  await run(process.execPath, [MAIN, 'publish', '--to', site, '--server', service, '--key', vkey]);
  // The loader of this program knows no `using`.
  const files = await serveFolder(site);
  closing.push(() => files[Symbol.asyncDispose]());
  for (const [name, url] of [
    ['the service', service],
    ['the member', member],
    ['published files', files.url],
  ] as const) {
    await check(`tessera fsck re-derives the log of ${name}`, async () => {
      await run(join(folder, 'fsck'), [
        `--storage_url=${url}/`,
        `--public_key=${join(folder, 'vkey')}`,
        '--ui=false',
      ]);
      const size = await sizeOf(url);
      if (!(size > TILE_WIDTH)) throw new Error(`no tile is full: the log has ${size} blocks`);
      return `${size} blocks`;
    });
  }
  for (const [name, id] of [
    ['the first', first],
    ['the last', last],
  ] as const) {
    await check(
      `torchwood verifies the tlog-proof of ${name} document, with the cosignatures of our member and of litewitness`,
      async () => {
        const file = join(folder, `${id}.ingam.json`);
        await writeFile(file, await (await fetch(`${service}/v1/notarizations/${id}/proof`)).text());
        const { policy } = await json<{ policy: string }>(`${service}/v1/chain`);
        await writeFile(join(folder, 'policy'), policy);
        await run(process.execPath, [
          MAIN,
          'export',
          file,
          '--format',
          'tlog-proof',
          '--out',
          `${file}.tlog-proof`,
        ]);
        return (
          await run(interop, ['verify-proof', join(folder, 'policy'), `${file}.tlog-proof`])
        ).stdout.trim();
      },
    );
  }
  await check('our member cosigns a log made by sumdb/tlog and sumdb/note', async () => {
    for (const body of stock.requests) {
      const response = await fetch(`${member}/add-checkpoint`, { method: 'POST', body });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`status ${response.status}: ${text}`);
      const note = parseNote(body.slice(body.indexOf('\n\n') + 2));
      const { state } = checkSignature(parseNote(`${note.text}\n${text}`), memberKey.key);
      if (state !== 'good') throw new Error(`the cosignature is ${state}`);
    }
    return `${stock.requests.length} checkpoints`;
  });
  await check('litewitness and tessera take a log whose key is being changed', async () => {
    const env = {
      PATH: process.env['PATH'],
      HOME: folder,
      INGAM_DATA_DIR: join(folder, 'service', 'data'),
      ...keys,
    };
    await run(process.execPath, [MAIN, 'log-key', 'announce'], { env });
    const more = await notarize(service, 'f'.repeat(64));
    await until('the quorum to cosign', async () => {
      const { status } = await json<{ status: string }>(`${service}/v1/notarizations/${more}`);
      return status === 'cosigned' ? status : null;
    });
    const note = parseNote(await (await fetch(`${service}/checkpoint`)).text());
    const states = [logKey.key, nextKey.key, lite.key, memberKey.key].map(
      (key) => checkSignature(note, key).state,
    );
    if (states.some((state) => state !== 'good')) throw new Error(`signatures are ${states.join(', ')}`);
    await run(join(folder, 'fsck'), [
      `--storage_url=${service}/`,
      `--public_key=${join(folder, 'vkey')}`,
      '--ui=false',
    ]);
    return 'two log signatures, two cosignatures';
  });
} finally {
  for (const close of closing) await close();
  for (const child of children.reverse()) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
