import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { generateKey } from '../../../src/crypto/keys.js';
import { waitFor } from '../../faults/harness/wait.js';
import { track } from './child.js';
import type { HttpLoad } from './http-load.js';
import { freePort } from '../../support/free-port.js';

/** The modules whose go.mod and go.sum pin them. */
const TESSERA_MODULE = fileURLToPath(new URL('../../interop/go', import.meta.url));
const IMMUDB_MODULE = fileURLToPath(new URL('../immudb', import.meta.url));
const START_LIMIT_MS = 60_000;
/** Ticks of the processor, a hundredth of a second each, that a server may use in a second and still count as idle. */
const IDLE_TICKS = 5;

/** A server of others that takes digests, on this machine. */
export interface Peer {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** How it takes one digest. */
  readonly load: Pick<HttpLoad, 'work' | 'authorization' | 'refusals'>;
  /** How many it has. */
  entries(): Promise<number>;
  /** What its files take on the disk, in bytes. */
  bytes(): Promise<number>;
  stop(): Promise<void>;
}

/** @returns why peers cannot be built here, as a sentence; null: they can */
export async function whyNoPeers(): Promise<string | null> {
  try {
    await promisify(execFile)('go', ['version']);
    return null;
  } catch {
    return 'Go 1.25 or newer builds Tessera and immudb, and there is no "go" here: install it to compare with them.';
  }
}

/**
 * Tessera's own server over its POSIX storage (`cmd/conformance/posix`), as its authors measure it: it waits for 256 entries, or a
 * second.
 */
export async function startTessera(directory: string): Promise<Peer> {
  const program = await build(
    directory,
    TESSERA_MODULE,
    'github.com/transparency-dev/tessera/cmd/conformance/posix',
  );
  const storage = join(directory, 'tessera');
  await mkdir(storage);
  const listen = `127.0.0.1:${await freePort()}`;
  const url = `http://${listen}`;
  const server = await start(
    program,
    ['--storage_dir', storage, '--listen', listen],
    { LOG_PRIVATE_KEY: generateKey('bench.example/tessera').text },
    // The checkpoint of the empty log.
    () => fetch(`${url}/checkpoint`),
  );
  return {
    ...server,
    name: "Tessera's POSIX server",
    url,
    load: { work: 'add to Tessera' },
    entries: async () => Number((await (await fetch(`${url}/checkpoint`)).text()).split('\n')[1]),
    bytes: () => allocated(storage),
  };
}

/** immudb with its default settings, among them that a response comes when the disk has the entry; by its HTTP API. */
export async function startImmudb(directory: string): Promise<Peer> {
  const program = await build(directory, IMMUDB_MODULE, 'github.com/codenotary/immudb/cmd/immudb');
  const storage = join(directory, 'immudb');
  const [port, webPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${webPort}`;
  const user = Buffer.from('immudb').toString('base64');
  const logIn = () =>
    fetch(`${url}/api/login`, { method: 'POST', body: JSON.stringify({ user, password: user }) });
  const server = await start(
    program,
    [
      ...[
        '--dir',
        storage,
        '--address',
        '127.0.0.1',
        '--port',
        String(port),
        '--web-server-port',
        String(webPort),
      ],
      ...['--pgsql-server=false', '--metrics-server=false'],
    ],
    {},
    logIn,
  );
  const { token } = (await (await logIn()).json()) as { token: string };
  const state = async () =>
    (await (await fetch(`${url}/api/db/state`, { headers: { authorization: token } })).json()) as {
      txId: string;
    };
  return {
    ...server,
    name: 'immudb',
    url,
    // It takes so many writes at a time, and says "max concurrency limit exceeded" to others.
    load: { work: 'add to immudb', authorization: token, refusals: ['500'] },
    entries: async () => Number((await state()).txId),
    bytes: () => allocated(storage),
  };
}

/** Resolves when the process has finished what it does after its responses, such as an index. */
export async function untilIdle(pid: number): Promise<void> {
  for (let before = await ticksOf(pid); ;) {
    await sleep(1000);
    const now = await ticksOf(pid);
    if (now - before <= IDLE_TICKS) return;
    before = now;
  }
}

/** Processor time of a process so far. */
async function ticksOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // Behind the name: state, and ten others before the two times (proc_pid_stat(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** @returns the path of the program */
async function build(directory: string, module: string, command: string): Promise<string> {
  const program = join(directory, `peer-${basename(command)}`);
  await promisify(execFile)('go', ['build', '-o', program, command], { cwd: module });
  return program;
}

async function start(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  ask: () => Promise<Response>,
): Promise<Pick<Peer, 'pid' | 'stop'>> {
  const child = track(spawn(program, args, { env: { ...process.env, ...environment }, stdio: 'ignore' }));
  await waitFor(
    `${program} to answer`,
    () =>
      ask().then(
        ({ ok }) => ok,
        () => false,
      ),
    START_LIMIT_MS,
  );
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      const ended = once(child, 'exit');
      if (child.kill('SIGKILL')) await ended;
    },
  };
}

async function allocated(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    // Blocks of 512 bytes: small files take whole blocks of the file system.
    sum += entry.isDirectory() ? await allocated(path) : (await lstat(path)).blocks * 512;
  }
  return sum;
}
