import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** The built command, which runs in a process of its own. */
export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Of processes that live as long as a test. */
export const CHEAP_START =
  process.env['VITEST'] === undefined
    ? []
    : ['liftoff.cjs', 'short-lived.cjs'].flatMap((name) => [
        '--require',
        fileURLToPath(new URL(name, import.meta.url)),
      ]);

type Env = Readonly<Record<string, string>>;

export interface BuiltOptions {
  readonly cwd?: string;
  /** Only PATH is inherited. */
  readonly env?: Env;
  readonly stdin?: string;
  readonly nodeArgs?: readonly string[];
}

const environment = (env: Env) => ({ PATH: process.env['PATH'], HOME: '/nonexistent', ...env });

/** Runs a command to its end. */
export async function runBuilt(
  argv: readonly string[],
  { cwd, env = {}, stdin = '', nodeArgs = [] }: BuiltOptions = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [...CHEAP_START, ...nodeArgs, MAIN, ...argv], {
    cwd,
    env: environment(env),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined).end(stdin);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** A running service or member's node. */
export interface RunningNode {
  readonly url: string;
  /** The lines that it has printed so far. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Sends SIGTERM. @returns the exit code */
  stop(): Promise<number | null>;
  /** Sends SIGKILL and waits until the process has exited. */
  kill(): Promise<void>;
}

export interface BuiltNode extends RunningNode, AsyncDisposable {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Resolves with the exit code; null: a signal ended it. */
  readonly exited: Promise<number | null>;
}

/** Thrown when a node exits instead of printing its address. */
export class StartError extends Error {
  readonly code: number | null;
  readonly stderr: string;

  constructor(argv: readonly string[], code: number | null, stderr: string) {
    super(`ingam ${argv.join(' ')} did not start (exit code ${String(code)}):\n${stderr}`);
    this.code = code;
    this.stderr = stderr;
  }
}

/**
 * Starts `ingam serve` or `ingam member`, by default on any free port, and resolves once it has printed its address.
 * @param onSpawn called as soon as the process exists, also when the start fails
 * @throws {StartError}
 */
export async function startBuilt(
  argv: readonly string[],
  { cwd, env = {}, nodeArgs = [] }: Omit<BuiltOptions, 'stdin'> = {},
  onSpawn: (child: ChildProcess) => void = () => undefined,
): Promise<BuiltNode> {
  const child = spawn(process.execPath, [...CHEAP_START, ...nodeArgs, MAIN, ...argv], {
    cwd,
    env: environment({ PORT: '0', INGAM_LOG_LEVEL: 'warn', ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onSpawn(child);
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const stderr = linesOf(child.stderr);
  const { stdout, url } = await addressOf(child, argv, stderr);
  const end = (signal: NodeJS.Signals) => {
    // SIGKILL also ends a process that SIGSTOP has suspended.
    child.kill(signal);
    return exited;
  };
  const kill = async () => void (await end('SIGKILL'));
  return {
    child,
    pid: child.pid ?? 0,
    url,
    stdout,
    stderr,
    exited,
    stop: () => end('SIGTERM'),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

function linesOf(stream: Readable): string[] {
  const lines: string[] = [];
  createInterface({ input: stream }).on('line', (line) => lines.push(line));
  return lines;
}

async function addressOf(
  child: ChildProcessByStdio<null, Readable, Readable>,
  argv: readonly string[],
  stderr: readonly string[],
): Promise<{ readonly stdout: string[]; readonly url: string }> {
  const stdout: string[] = [];
  const reader = createInterface({ input: child.stdout });
  const url = await new Promise<string | null>((resolve) => {
    reader.on('line', (line) => {
      stdout.push(line);
      const [, found] = /running at (http:\S+)$/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once('close', () => {
      resolve(null);
    });
  });
  if (url === null) throw new StartError(argv, child.exitCode, stderr.join('\n'));
  return { stdout, url };
}

/** Whether a process exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
