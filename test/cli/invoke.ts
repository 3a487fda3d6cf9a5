import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Io } from '../../src/cli/io.js';
import { run } from '../../src/cli/run.js';

export interface Invocation {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface InvokeOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: readonly Uint8Array[];
  readonly isTTY?: boolean;
  readonly isOutputTTY?: boolean;
  readonly columns?: number;
  readonly ask?: Io['ask'];
  readonly askSecret?: Io['askSecret'];
  readonly signal?: AbortSignal;
}

/** The environment of a command, and its output. HOME does not exist unless `env` sets it. */
export function createIo(options: InvokeOptions = {}): {
  io: Io;
  written: { stdout: string; stderr: string };
} {
  const written = { stdout: '', stderr: '' };
  const io: Io = {
    stdin: toAsync(options.stdin ?? []),
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
    isTTY: options.isTTY ?? false,
    isOutputTTY: options.isOutputTTY ?? false,
    columns: options.columns,
    ask: options.ask,
    askSecret: options.askSecret,
    env: { HOME: '/nonexistent', ...options.env },
    cwd: options.cwd ?? '/nonexistent',
    signal: options.signal ?? new AbortController().signal,
    longestPollMs: 100,
  };
  return { io, written };
}

/** Runs one command line in this process. */
export async function invoke(argv: readonly string[], options: InvokeOptions = {}): Promise<Invocation> {
  const { io, written } = createIo(options);
  const code = await run(argv, io);
  return { code, ...written };
}

async function* toAsync(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

export interface TestFolder extends AsyncDisposable {
  readonly path: string;
  at(...names: string[]): string;
}

export async function createFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'ingam-cli-'));
  return {
    path,
    at: (...names) => join(path, ...names),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
