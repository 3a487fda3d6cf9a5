import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { runScript, type ScriptProcess } from '../../support/process.js';
import { Spoiled } from './statistics.js';

const LIMIT_MS = 600_000;
const LOOK_MS = 50;

const running = new Set<ChildProcess>();

// However this process comes to its end, nothing that it started goes on.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function track<T extends ChildProcess>(child: T): T {
  running.add(child);
  return child.once('exit', () => running.delete(child));
}

/** Starts a script of test/bench/processes in a process of its own. */
export function startJob(name: string, input: object = {}): ScriptProcess {
  const script = runScript(`bench/processes/${name}`, JSON.stringify(input));
  track(script.child);
  return script;
}

/** Runs a script of test/bench/processes in a process of its own and reads the one line of JSON that it prints. */
export async function runJob<T>(name: string, input: object): Promise<T> {
  const script = startJob(name, input);
  const timer = setTimeout(() => script.child.kill('SIGKILL'), LIMIT_MS);
  try {
    const line = await script.line();
    const { code, stderr } = await script.ended;
    if (code !== 0) throw new Spoiled(`${name} ended with ${String(code)}: ${stderr}`);
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
  /** From before the process was started until it was gone. */
  readonly seconds: number;
  /** The most memory that was seen in use, in MiB; looked at often only when asked for. */
  readonly peakMiB: number;
}

export interface RunOptions {
  readonly watchMemory?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end. @throws {Spoiled} unless it ends with 0 */
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
      throw new Spoiled(`${file} ${args.join(' ')} ended with ${String(code)}: ${stderr}${stdout}`);
    return { code, stdout, stderr, seconds, peakMiB: watch?.() ?? 0 };
  } finally {
    clearTimeout(timer);
    watch?.();
  }
}

/** Memory in use by a process, in MiB, or null once it is gone. */
export async function residentMiB(pid: number): Promise<number | null> {
  try {
    // Where there is /proc, no process has to be started for a look, which would take time from what is measured.
    const kilobytes =
      process.platform === 'linux'
        ? /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
        : (await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)])).stdout;
    return kilobytes === undefined ? null : Number(kilobytes) / 1024;
  } catch {
    return null;
  }
}

/** Looks at a process's memory until the returned function is called, which answers the most that was seen, in MiB. */
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
