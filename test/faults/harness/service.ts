import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Scene } from './scene.js';
import { WAIT_LIMIT_MS } from './wait.js';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const TAIL_LINES = 60;

export interface ServiceOptions {
  readonly dataDir: string;
  /** Absent: the service runs its own PostgreSQL. */
  readonly databaseUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Modules to load first (`node --import`). */
  readonly preload?: readonly string[];
}

export interface Readiness {
  readonly ready: boolean;
  readonly leading: boolean;
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

/** One run of the built service, in a process of its own. */
export interface Service {
  readonly url: string;
  readonly verifierKey: string;
  readonly pid: number;
  /** Process ids of its workers; none when it is one process. */
  workers(): number[];
  /** To the service's first process, which its workers do not outlive. */
  signal(signal: NodeJS.Signals): void;
  /** SIGSTOP to all of its processes, before this returns. */
  pause(): void;
  resume(): void;
  readiness(): Promise<Readiness>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, and waits until the process is gone. */
  kill(): Promise<void>;
}

export interface Refusal {
  readonly code: number | null;
  readonly stderr: string;
}

/** Small blocks, soon: many of them stand in the way of a fault. One process, where a scenario is not about several. */
const SETTINGS: Readonly<Record<string, string>> = {
  HOST: '127.0.0.1',
  PORT: '0',
  INGAM_MIN_DIFFICULTY: '4',
  INGAM_MINING_TARGET_MS: '5',
  INGAM_SEAL_INTERVAL_MS: '50',
  INGAM_WORKERS: process.env['INGAM_TEST_FAULTS_WORKERS'] ?? '1',
  INGAM_LOG_LEVEL: 'warn',
};

/** @throws when the service ends instead of telling its address, with what it said */
export async function startService(scene: Scene, options: ServiceOptions): Promise<Service> {
  const started = await launch(scene, options);
  if ('url' in started) return started;
  throw new Error(`the service did not start (exit code ${String(started.code)}):\n${started.stderr}`);
}

/** For a service that is expected to refuse to start. */
export async function refusedStart(scene: Scene, options: ServiceOptions): Promise<Refusal> {
  const started = await launch(scene, options);
  if (!('url' in started)) return started;
  throw new Error('the service started, though it must refuse to');
}

async function launch(scene: Scene, options: ServiceOptions): Promise<Service | Refusal> {
  const { child, tail } = run(scene, options);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const timer = setTimeout(() => child.kill('SIGKILL'), WAIT_LIMIT_MS);
  try {
    const url = wordAfter((await lines.next()).value, 'Ingam is running at ');
    const verifierKey = wordAfter(
      (await lines.next()).value,
      'Public key (give this to people who verify): ',
    );
    if (url === null || verifierKey === null || child.pid === undefined) {
      return { code: await exitOf(child), stderr: tail() };
    }
    scene.say(`service ${child.pid} runs at ${url}`);
    return serviceOf(scene, child, child.pid, url, verifierKey);
  } finally {
    clearTimeout(timer);
  }
}

function run(scene: Scene, { dataDir, databaseUrl, env, preload = [] }: ServiceOptions) {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !name.startsWith('INGAM_') &&
      !name.startsWith('PG') &&
      !['PORT', 'HOST', 'DATABASE_URL'].includes(name),
  );
  const child = spawn(process.execPath, [...preload.flatMap((file) => ['--import', file]), MAIN, 'serve'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(inherited),
      ...SETTINGS,
      INGAM_DATA_DIR: dataDir,
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
      ...env,
    },
  });
  const kept: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    kept.push(line);
    if (kept.length > TAIL_LINES) kept.shift();
  });
  const tail = (): string => kept.join('\n');
  scene.evidence(`the last lines of service ${child.pid ?? '?'}`, tail);
  scene.defer(async () => {
    // A stopped process takes SIGKILL too.
    child.kill('SIGKILL');
    await exitOf(child);
  });
  return { child, tail };
}

function serviceOf(
  scene: Scene,
  child: ChildProcess,
  pid: number,
  url: string,
  verifierKey: string,
): Service {
  const signal = (name: NodeJS.Signals): void => {
    scene.say(`${name} to service ${pid}`);
    child.kill(name);
  };
  return {
    url,
    verifierKey,
    pid,
    workers: () => workersOf(pid),
    signal,
    pause: () => {
      // The first one first, or it would replace the others.
      signal('SIGSTOP');
      for (const worker of workersOf(pid)) process.kill(worker, 'SIGSTOP');
    },
    resume: () => {
      for (const worker of workersOf(pid)) process.kill(worker, 'SIGCONT');
      signal('SIGCONT');
    },
    readiness: async () => {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(60_000) });
      return (await response.json()) as Readiness;
    },
    stop: async () => {
      signal('SIGTERM');
      return exitOf(child);
    },
    kill: async () => {
      signal('SIGKILL');
      await exitOf(child);
    },
  };
}

/** The threads of a worker are no processes, and PostgreSQL is another program. */
function workersOf(pid: number): number[] {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return listed.split('\n').flatMap((line) => {
    const [own, parent] = line.trim().split(/\s+/).map(Number);
    return parent === pid && own !== undefined && line.includes('service/worker.js') ? [own] : [];
  });
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

function wordAfter(line: unknown, prefix: string): string | null {
  return typeof line === 'string' && line.startsWith(prefix) ? line.slice(prefix.length) : null;
}
