import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { generateKey } from '../../src/keys.js';
import { COSIGNATURE, formatVerifierKey } from '../../src/proof/index.js';
import { MAIN, runBuilt } from '../cli/built.js';
import { createFolder, type TestFolder } from '../cli/invoke.js';
import { createDatabase } from '../support/database.js';
import { stateOf } from '../support/member.js';
import { createSwitchboard, type Switchboard } from '../support/switchboard.js';
import { until } from '../support/until.js';

/** One operator and three members, each a process of its own as it is installed, with a quorum of two. */

const cleanUp: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
}

async function start(argv: readonly string[], cwd: string, env: Record<string, string>): Promise<Started> {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, PORT: '0', INGAM_LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  cleanUp.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const url = /running at (http:\S+)$/.exec(line.done === true ? '' : line.value)?.[1];
  if (url === undefined) throw new Error(`${argv.join(' ')} did not start: ${said}`);
  return { child, url };
}

/** A member's node at an address that stays, whatever becomes of the process behind it. */
class MemberProcess {
  readonly key = generateKey('member.example', COSIGNATURE);
  readonly board: Switchboard;
  readonly #folder: TestFolder;
  readonly #env: Record<string, string>;
  process: Started | null = null;

  private constructor(board: Switchboard, folder: TestFolder, env: Record<string, string>) {
    this.board = board;
    this.#folder = folder;
    this.#env = env;
  }

  static async create(env: Record<string, string>): Promise<MemberProcess> {
    const [database, folder, board] = await Promise.all([
      createDatabase({ empty: true }),
      createFolder(),
      createSwitchboard(),
    ]);
    cleanUp.push(
      () => database.drop(),
      () => folder[Symbol.asyncDispose](),
      () => board[Symbol.asyncDispose](),
    );
    return new MemberProcess(board, folder, { ...env, DATABASE_URL: database.url });
  }

  async start(upstream: string): Promise<void> {
    this.process = await start(['member', '--upstream', upstream], this.#folder.path, {
      ...this.#env,
      INGAM_MEMBER_KEY: this.key.text,
      INGAM_MEMBER_POLL_MS: '200',
    });
    this.board.connectTo(this.process.url);
  }

  get child(): ChildProcess {
    if (this.process === null) throw new Error('the member does not run');
    return this.process.child;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
    this.board.connectTo(null);
  }

  async blocks(): Promise<number> {
    return (await stateOf({ url: this.process?.url ?? '' })).blocks;
  }
}

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly block?: { readonly height: number };
}

async function notarize(url: string, text: string): Promise<Shown> {
  const response = await fetch(`${url}/v1/notarizations?wait=sealed`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: text,
  });
  expect(response.status).toBe(201);
  const [shown] = ((await response.json()) as { notarizations: Shown[] }).notarizations;
  if (shown === undefined) throw new Error('nothing was notarized');
  return shown;
}

const statusOf = async (url: string, id: string) =>
  ((await (await fetch(`${url}/v1/notarizations/${id}`)).json()) as Shown).status;

const cosigned = (url: string, id: string) => until(async () => (await statusOf(url, id)) === 'cosigned');

/** Notarizes without a pause until it is told to stop. */
function load(url: string): { stop: () => Promise<number> } {
  const stop = new AbortController();
  const running = (async () => {
    let count = 0;
    while (!stop.signal.aborted) await notarize(url, `load ${count++}`);
    return count;
  })();
  return {
    stop: () => {
      stop.abort();
      return running;
    },
  };
}

test(
  'members come and go under load; what two of three have cosigned is final, and nothing less is',
  { timeout: 180_000 },
  async () => {
    const folder = await createFolder();
    const database = await createDatabase({ empty: true });
    cleanUp.push(
      () => database.drop(),
      () => folder[Symbol.asyncDispose](),
    );
    const logKey = generateKey('consortium.example/log');
    const env = { INGAM_MEMBER_UPSTREAM_KEY: formatVerifierKey(logKey.key) };
    const members = [
      await MemberProcess.create(env),
      await MemberProcess.create(env),
      await MemberProcess.create(env),
    ] as const;
    const [first, second, third] = members;
    const policy = [
      ...members.map(({ key, board }, i) => `witness m${i + 1} ${formatVerifierKey(key.key)} ${board.url}`),
      'group members 2 m1 m2 m3',
      'quorum members',
      '',
    ].join('\n');
    await writeFile(folder.at('witnesses'), policy);
    const { url } = await start(['serve'], folder.path, {
      DATABASE_URL: database.url,
      INGAM_LOG_KEY: logKey.text,
      INGAM_WITNESSES: 'witnesses',
      INGAM_SEAL_INTERVAL_MS: '50',
      INGAM_MINING_TARGET_MS: '1',
      INGAM_MIN_DIFFICULTY: '4',
    });
    const ingam = (...argv: string[]) =>
      runBuilt(argv, { cwd: folder.path, env: { HOME: folder.path, INGAM_SERVER: url } });

    // Nobody is there yet: everything goes on, and nothing is final.
    const early = await notarize(url, 'early');
    expect(early.status).toBe('sealed');
    for (const member of members) await member.start(url);
    await cosigned(url, early.id);

    const running = load(url);
    await first.kill();
    await cosigned(url, (await notarize(url, 'one is killed')).id);
    await first.start(url);
    second.child.kill('SIGSTOP');
    await cosigned(url, (await notarize(url, 'another is paused')).id);
    second.child.kill('SIGCONT');
    third.board.connectTo(null);
    await cosigned(url, (await notarize(url, 'the third is cut off')).id);
    third.board.connectTo(third.process?.url ?? null);
    expect(await running.stop()).toBeGreaterThan(0);

    await writeFile(folder.at('final.txt'), 'final');
    const final = await notarize(url, 'final');
    await cosigned(url, final.id);
    const height = final.block?.height ?? 0;
    for (const member of members) await until(async () => (await member.blocks()) > height);
    expect((await ingam('trust')).code).toBe(0);
    await fetchProof(url, final.id, folder.at('final.txt.ingam.json'));
    const verdict = await ingam('verify', 'final.txt');
    expect([verdict.code, verdict.stdout]).toEqual([0, expect.stringMatching(/^VERIFIED/) as string]);
    expect(verdict.stdout + verdict.stderr).toMatch(/m[123] .*m[123] /);

    // A member's copy answers for the operator.
    const proof = JSON.parse(
      await (await fetch(`${url}/v1/notarizations/${final.id}/proof`)).text(),
    ) as unknown;
    const judged = (await (
      await fetch(`${third.process?.url ?? ''}/v1/verify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ proof }),
      })
    ).json()) as { verdict: string; copy: string };
    expect(judged).toMatchObject({ verdict: 'verified', copy: 'same' });
    expect((await ingam('compare', url, third.process?.url ?? '')).code).toBe(0);

    // With two of three gone, the service takes documents in as ever, and the policy of those who verify demands what is missing.
    await first.kill();
    await second.kill('SIGTERM');
    await writeFile(folder.at('late.txt'), 'late');
    const late = await notarize(url, 'late');
    expect(await statusOf(url, late.id)).toBe('sealed');
    await fetchProof(url, late.id, folder.at('late.txt.ingam.json'));
    expect((await ingam('verify', 'late.txt')).code).toBe(1);
    expect((await ingam('verify', 'final.txt')).code).toBe(0);
    await first.start(url);
    await cosigned(url, late.id);
    await fetchProof(url, late.id, folder.at('late.txt.ingam.json'));
    expect((await ingam('verify', 'late.txt')).code).toBe(0);
    await third.kill('SIGTERM');
    expect(third.child.exitCode).toBe(0);
  },
);

async function fetchProof(url: string, id: string, file: string): Promise<void> {
  await writeFile(file, await (await fetch(`${url}/v1/notarizations/${id}/proof`)).text());
}
