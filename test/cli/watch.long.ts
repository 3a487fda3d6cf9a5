import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { forEachOf } from '../../src/cli/find-files.js';
import { parseProof, PROOF_FORMAT, toHex } from '../../src/proof/index.js';
import { MAIN } from '../support/built.js';
import { createSwitchboard } from '../support/switchboard.js';
import { until } from '../support/until.js';
import { folder, ingam, service, useService } from './service.js';

const FILES = 100_000;
const CHANGED = 10;
/** The most of a process was some 160 on a machine with little else to do, and 212 beside a whole test run at the lowest priority. */
const MAX_RESIDENT_MB = 256;
/** Milliseconds. Detects a hang. */
const LIMIT_MS = 2 * 60 * 60_000;

useService();

interface Watch {
  readonly stderr: () => string;
  /** The most memory that it has had at once. */
  readonly residentMb: () => Promise<number>;
  /** @returns the exit code */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
}

function startWatch(url: string): Watch {
  const argv = ['watch', 'in', '--proofs', 'proofs', '--interval', '1', '--quiet', '--server', url];
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...argv], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  onTestFinished(async () => void (await end('SIGKILL')));
  return {
    stderr: () => stderr,
    residentMb: async () => {
      const status = await readFile(`/proc/${child.pid ?? ''}/status`, 'utf8');
      return Number(/^VmHWM:\s+([0-9]+) kB$/m.exec(status)?.[1]) / 1000;
    },
    end,
  };
}

const accepted = async () => (await service.store.head()).nextPosition;
/** null: the database has too much to do to answer now. */
const acceptedNow = () => accepted().catch(() => null);

test.runIf(process.platform === 'linux')(
  'a hundred thousand files that appear at once, kill -9 and an outage: each is notarized once, in 256 MB',
  async () => {
    await using board = await createSwitchboard();
    board.connectTo(service.url);
    const at = (i: number) => folder.at('drop', `document ${i}.txt`);
    await mkdir(folder.at('in'));
    await mkdir(folder.at('drop'));
    const all = Array.from({ length: FILES }, (_, i) => i);
    await forEachOf(all, 16, (i) => writeFile(at(i), `content ${i}`));
    const before = await accepted();
    const some = (what: string, count: number) =>
      until(what, acceptedNow, (position) => position !== null && position >= before + count, LIMIT_MS);
    const resident: number[] = [];

    let watch = startWatch(board.url);
    await rename(folder.at('drop'), folder.at('in', 'drop'));
    for (const part of [0.25, 0.5]) {
      await some(`${part} of the files to be accepted`, FILES * part);
      resident.push(await watch.residentMb());
      expect(await watch.end('SIGKILL')).toBeNull();
      watch = startWatch(board.url);
    }
    await some('most of the files to be accepted', FILES * 0.75);
    board.connectTo(null);
    await until('the outage to be noticed', () => watch.stderr().includes('Trying again until it works'));
    board.connectTo(service.url);
    await some('all files to be accepted', FILES);
    for (let i = 0; i < CHANGED; i++)
      await writeFile(folder.at('in', 'drop', `document ${i}.txt`), `another ${i}`);
    await some('the changed files to be accepted', FILES + CHANGED);
    resident.push(await watch.residentMb());
    expect(await watch.end('SIGTERM')).toBe(0);

    const rest = await ingam('watch', 'in', '--proofs', 'proofs', '--once', '--quiet');
    expect({ code: rest.code, stderr: rest.stderr }).toMatchObject({ code: 0 });
    expect(await accepted()).toBe(before + FILES + CHANGED);
    const proofs = folder.at('proofs', 'in', 'drop');
    const names = await readdir(proofs);
    expect(names).toHaveLength(FILES + CHANGED);
    const digests = new Set<string>();
    await forEachOf(names, 16, async (name) => {
      const proof = parseProof(await readFile(folder.at('proofs', 'in', 'drop', name)));
      if (proof.format === PROOF_FORMAT) digests.add(toHex(proof.document.sha256));
    });
    expect(digests.size).toBe(FILES + CHANGED);
    console.log(`most memory of each process: ${resident.map(Math.round).join(', ')} MB`);
    for (const megabytes of resident) expect(megabytes).toBeLessThan(MAX_RESIDENT_MB);
  },
  LIMIT_MS,
);
