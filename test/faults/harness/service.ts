import { execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { startBuilt, StartError, type BuiltNode } from '../../support/built.js';
import { prepareData } from '../../support/postgres.js';
import { until, WAIT_LIMIT_MS } from '../../support/until.js';
import type { Scene } from './scene.js';

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
  /** To the service's primary process, which its workers do not outlive. */
  signal(signal: NodeJS.Signals): void;
  /** SIGSTOP to all of its processes, before this returns. */
  pause(): void;
  resume(): void;
  readiness(): Promise<Readiness>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, and waits for the end of the process. */
  kill(): Promise<void>;
}

/** Small blocks, often: faults are to meet many of them. One process, unless a scenario is about several. */
const SETTINGS: Readonly<Record<string, string>> = {
  HOST: '127.0.0.1',
  PORT: '0',
  INGAM_MIN_DIFFICULTY: '4',
  INGAM_MINING_TARGET_MS: '5',
  INGAM_SEAL_INTERVAL_MS: '50',
  INGAM_WORKERS: process.env['INGAM_TEST_FAULTS_WORKERS'] ?? '1',
  INGAM_LOG_LEVEL: 'warn',
};

/** @throws {StartError} */
export async function startService(
  scene: Scene,
  { dataDir, databaseUrl, env, preload = [] }: ServiceOptions,
): Promise<Service> {
  if (databaseUrl === undefined) await prepareData(dataDir);
  let child: ChildProcess | null = null;
  const limit = setTimeout(() => child?.kill('SIGKILL'), WAIT_LIMIT_MS);
  try {
    const node = await startBuilt(
      ['serve'],
      {
        nodeArgs: preload.flatMap((file) => ['--import', file]),
        env: {
          ...SETTINGS,
          INGAM_DATA_DIR: dataDir,
          ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
          ...env,
        },
      },
      (spawned) => {
        child = spawned;
        scene.defer(() => end(spawned));
      },
    );
    scene.evidence(`the last lines of service ${node.pid}`, () => node.stderr.slice(-TAIL_LINES).join('\n'));
    scene.say(`service ${node.pid} runs at ${node.url}`);
    const verifierKey = await until(
      'the public key that the service prints',
      () => /^Public key .*: (\S+)$/.exec(node.stdout[1] ?? '')?.[1],
    );
    return serviceOf(scene, node, verifierKey);
  } finally {
    clearTimeout(limit);
  }
}

/** For a service that is expected to refuse to start. */
export async function refusedStart(scene: Scene, options: ServiceOptions): Promise<StartError> {
  try {
    await startService(scene, options);
  } catch (error) {
    if (error instanceof StartError) return error;
    throw error;
  }
  throw new Error('the service started, though it must refuse to');
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function serviceOf(scene: Scene, node: BuiltNode, verifierKey: string): Service {
  const { pid, url, child } = node;
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
      // The primary first, or it would replace the others.
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
    stop: () => {
      scene.say(`SIGTERM to service ${pid}`);
      return node.stop();
    },
    kill: () => {
      scene.say(`SIGKILL to service ${pid}`);
      return node.kill();
    },
  };
}

/** Threads of a worker are no processes, and PostgreSQL is another program. */
function workersOf(pid: number): number[] {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return listed.split('\n').flatMap((line) => {
    const [own, parent] = line.trim().split(/\s+/).map(Number);
    return parent === pid && own !== undefined && line.includes('service/worker.js') ? [own] : [];
  });
}
