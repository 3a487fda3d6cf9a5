import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { runScript, type ScriptProcess } from '../../support/process.js';
import { Spoiled } from './statistics.js';

const LIMIT_MS = 600_000;
const LOOK_MS = 50;

const running = new Set<ChildProcess>();

// However this process ends, nothing that it started outlives it.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function track<T extends ChildProcess>(child: T): T {
  running.add(child);
  return child.once('exit', () => running.delete(child));
}

/** Starts a script of test/bench/processes in its own process. */
export function startJob(name: string, input: object = {}): ScriptProcess {
  const script = runScript(`bench/processes/${name}`, JSON.stringify(input));
  track(script.child);
  return script;
}

/** Runs a script of test/bench/processes in its own process, and reads the line of JSON that it prints. */
export async function runJob<T>(name: string, input: object, limitMs = LIMIT_MS): Promise<T> {
  const script = startJob(name, input);
  const timer = setTimeout(() => script.child.kill('SIGKILL'), limitMs);
  try {
    const line = await script.line();
    const { code, stderr } = await script.ended;
    if (code !== 0) throw new Spoiled(`${name} exited with ${String(code)}: ${stderr}`);
    return JSON.parse(line) as T;
  } finally {
    clearTimeout(timer);
    script.child.kill('SIGKILL');
  }
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From before the process starts until it has exited. */
  readonly seconds: number;
  /** Peak memory in MiB; 0 unless `watchMemory` is set. */
  readonly peakMiB: number;
}

export interface RunOptions {
  readonly watchMemory?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end. @throws {Spoiled} unless it exits with 0 */
export async function run(
  file: string,
  args: readonly string[],
  { watchMemory = false, env = {} }: RunOptions = {},
): Promise<Ran> {
  const started = performance.now();
  const child = track(
    spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } }),
  );
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const watch = watchMemory && child.pid !== undefined ? watchResidentSize(child.pid) : null;
  let seconds = NaN;
  child.once('exit', () => {
    seconds = (performance.now() - started) / 1000;
  });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0)
      throw new Spoiled(`${file} ${args.join(' ')} exited with ${String(code)}: ${stderr}${stdout}`);
    return { code, stdout, stderr, seconds, peakMiB: watch?.() ?? 0 };
  } finally {
    clearTimeout(timer);
    watch?.();
  }
}

/** Memory in use by a process, in MiB; null: it has exited. */
export async function residentMiB(pid: number): Promise<number | null> {
  try {
    // Reading /proc starts no process, which would take time from what is measured.
    const kilobytes =
      process.platform === 'linux'
        ? /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
        : (await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)])).stdout;
    return kilobytes === undefined ? null : Number(kilobytes) / 1024;
  } catch {
    return null;
  }
}

/** Samples a process's memory until the returned function is called, which returns the peak in MiB. */
export function watchResidentSize(pid: number): () => number {
  let peak = 0;
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void residentMiB(pid).then((size) => {
      busy = false;
      peak = Math.max(peak, size ?? 0);
    });
  }, LOOK_MS);
  return () => {
    clearInterval(timer);
    return peak;
  };
}
