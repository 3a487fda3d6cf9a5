import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Binaries } from './binaries.js';
import { output } from './output.js';

const POLL_MS = 20;
// Together within the ten seconds that a service has to end; what a harder stop leaves undone, the next start recovers.
const FAST_STOP_MS = 6_000;
const IMMEDIATE_STOP_MS = 1_500;
const ORPHANS_MS = 3_000;

export interface PidFile {
  readonly pid: number;
  readonly port: number;
}

/** What postmaster.pid says; null when there is none, or when it is being written. */
export async function readPidFile(cluster: string): Promise<PidFile | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid > 0 && port > 0 ? { pid, port } : null;
}

/**
 * Whether the process is alive and works in this cluster. The number alone says nothing: after a restart of the machine or the
 * container it belongs to somebody else. A dead process that nobody waited for counts as dead.
 */
export async function isServerOf(cluster: string, pid: number): Promise<boolean> {
  const path = await realpath(cluster);
  if (process.platform === 'linux') {
    // Every process of a server has its data directory as working directory.
    return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === path;
  }
  if (process.platform === 'win32') return isAlive(pid);
  const { text } = await output(
    spawn('ps', ['-o', 'args=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  return text.includes(path);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Stops a server that may be ours or a predecessor's: fast first, then harder. Resolves when it is gone. */
export async function stopServer(binaries: Binaries, cluster: string, pid: number): Promise<void> {
  if (process.platform === 'win32') {
    const args = ['stop', '-D', cluster, '-m', 'fast', '-w', '-t', String(FAST_STOP_MS / 1000)];
    await output(spawn(binaries.pg_ctl, args, { stdio: 'ignore' }));
    return;
  }
  const steps: readonly [NodeJS.Signals, number][] = [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', IMMEDIATE_STOP_MS],
    ['SIGKILL', IMMEDIATE_STOP_MS],
  ];
  for (const [signal, patience] of steps) {
    if (!(await isServerOf(cluster, pid))) return;
    kill(pid, signal);
    if (await waitUntil(async () => !(await isServerOf(cluster, pid)), patience)) return;
  }
}

/**
 * Makes way for a new postmaster: ends one that a killed service left running, then processes that outlived a killed
 * postmaster (they would make the new one refuse: "pre-existing shared memory block is still in use"), then a stale
 * postmaster.pid. Only the owner of the directory may call this.
 */
export async function clearPredecessor(binaries: Binaries, cluster: string): Promise<void> {
  const left = await readPidFile(cluster);
  if (left !== null && (await isServerOf(cluster, left.pid))) await stopServer(binaries, cluster, left.pid);
  // They notice the postmaster's death by themselves, but for those in the middle of a long statement.
  if (!(await waitUntil(async () => (await serversOf(cluster)).length === 0, ORPHANS_MS))) {
    for (const pid of await serversOf(cluster)) kill(pid, 'SIGKILL');
    await waitUntil(async () => (await serversOf(cluster)).length === 0, ORPHANS_MS);
  }
  await rm(join(cluster, 'postmaster.pid'), { force: true });
}

/** Linux only; elsewhere the start is simply repeated until they are gone. */
async function serversOf(cluster: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name)).map(Number);
  const ours = await Promise.all(
    pids.map(async (pid) => pid !== process.pid && (await isServerOf(cluster, pid))),
  );
  return pids.filter((_, i) => ours[i]);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function waitUntil(condition: () => Promise<boolean>, patienceMs: number): Promise<boolean> {
  const deadline = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
