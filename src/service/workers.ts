import { type ChildProcess, fork } from 'node:child_process';
import type { Logger } from 'pino';
import { AggregatorRegistry, Counter, Registry } from 'prom-client';
import { childEnvironment } from '../postgres/index.js';
import type { BalancedWorker, Balancer } from './balancer.js';
import type { ProcessConfig, ReloadedConfig } from './config.js';
import {
  type ProcessMetrics,
  sentConfig,
  type ToPrimary,
  type ToWorker,
  type WorkerFailure,
} from './messages.js';

/** Longer than a worker waits for a database that does not respond. */
const TIMEOUT_MS = 6000;
/** Metrics of ended processes are kept separately up to this number, and then added up. */
const MAX_ENDED = 8;
/** Kinds of metrics that only ever grow: what an ended process has counted stays in the sums. */
const CUMULATIVE: ReadonlySet<string> = new Set(['counter', 'histogram']);

interface Collection {
  readonly missing: Set<number>;
  readonly complete: () => void;
}

/** Adds up the metrics of several processes. What a process had reported before it ended stays counted. */
export class MetricsSum {
  readonly #request: (worker: number, id: number) => void;
  /** What each living worker reported last. */
  readonly #latest = new Map<number, ProcessMetrics>();
  #ended: ProcessMetrics[] = [];
  #merging: Promise<void> | null = null;
  readonly #collections = new Map<number, Collection>();
  #nextId = 0;

  /** @param request requests the metrics of a worker, which then arrive at `add` with the same id */
  constructor(request: (worker: number, id: number) => void) {
    this.#request = request;
  }

  /**
   * Prometheus text over these workers, and over `own`, the metrics of this process. For a worker that does
   * not reply in time, its latest metrics count.
   */
  async collect(workers: readonly number[], own: ProcessMetrics = []): Promise<string> {
    const id = this.#nextId++;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, TIMEOUT_MS);
      const complete = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#collections.set(id, { missing: new Set(workers), complete });
      if (workers.length === 0) complete();
      for (const worker of workers) this.#request(worker, id);
    });
    this.#collections.delete(id);
    return AggregatorRegistry.aggregate([own, ...this.#ended, ...this.#latest.values()]).metrics();
  }

  add(worker: number, id: number, metrics: ProcessMetrics): void {
    this.#latest.set(worker, metrics);
    this.#settle(worker, id);
  }

  /** The worker has ended: nothing waits for it, and only its cumulative metrics remain in the sums. */
  remove(worker: number): void {
    const latest = this.#latest.get(worker);
    this.#latest.delete(worker);
    if (latest !== undefined) this.#ended.push(latest.filter(({ type }) => CUMULATIVE.has(String(type))));
    if (this.#ended.length > MAX_ENDED) this.#merging ??= this.#merge();
    for (const id of this.#collections.keys()) this.#settle(worker, id);
  }

  async #merge(): Promise<void> {
    const merged = [...this.#ended];
    const sum = await AggregatorRegistry.aggregate(merged).getMetricsAsJSON();
    this.#ended.splice(0, merged.length, sum);
    this.#merging = null;
  }

  #settle(worker: number, id: number): void {
    const collection = this.#collections.get(id);
    if (collection?.missing.delete(worker) === true && collection.missing.size === 0) collection.complete();
  }
}

/** The bundle of this process's module, two folders up from src/service/ and from dist/shared/ alike. */
const WORKER = new URL('../../dist/service/worker.js', import.meta.url);
/**
 * In MiB, twice V8's default: what hundreds of requests hold until their commit is then copied half as often (docs/performance.md).
 * Memory is only used under such load.
 */
const YOUNG_GENERATION = '--max-semi-space-size=32';
/**
 * In bytes: how much free memory at the end of its heap glibc keeps at most. Left alone it keeps more the larger the blocks were that a
 * process has freed, for good: a fifth of what an idle service needs (docs/performance.md).
 */
const GIVE_BACK = { MALLOC_TRIM_THRESHOLD_: String(128 * 1024) };
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;
/** In a row, of one worker, without serving: another attempt would not help. */
const MAX_FAILED_STARTS = 4;
/** Of all workers within a minute: whatever kills them so often affects everybody. */
const MAX_EXITS_A_MINUTE = 20;
const MINUTE_MS = 60_000;
/**
 * Longer than a worker waits for a database that does not respond, and short enough for all to end within ten
 * seconds.
 */
const STOP_MS = 8500;
const PING_MS = 1000;
/** Unanswered pings after which a worker gets no new connections. */
const SUSPEND_AFTER = 3;
/**
 * Unanswered pings after which a worker is killed. Not sooner: on a busy machine it may only be slow, and its
 * clients lose their connections.
 */
const KILL_AFTER = 30;
/** The same for one that has not loaded the program yet, which takes long on a busy machine. */
const KILL_LOADING_AFTER = 60;

/** Thrown, and reported, when there is no use in starting workers again. */
export class WorkersFailed extends Error {
  override readonly name = 'WorkersFailed';
  /** The system's error code, if there is one. */
  readonly code: string | null;
  /** Whether the cause is the operator that the configuration names. */
  readonly isOperator: boolean;

  constructor(message: string, failure: WorkerFailure | null) {
    super(message);
    this.code = failure?.code ?? null;
    this.isOperator = failure?.remedy === 'operator';
  }
}

/** One of the workers, across all processes that take its place one after the other. */
interface Slot {
  readonly number: number;
  process: ChildProcess | null;
  /** Whether it has loaded the program. */
  isReady: boolean;
  /** null: it does not serve yet. */
  balanced: BalancedWorker | null;
  /** Pings since its last sign of life. */
  unanswered: number;
  failedStarts: number;
  failure: WorkerFailure | null;
  retry: NodeJS.Timeout | undefined;
}

const FRESH = { isReady: false, balanced: null, unanswered: 0 } as const;

/** What the workers serve; they load the program before it is known. */
interface Served {
  readonly config: ProcessConfig;
  readonly balancer: Balancer;
}

/** What one worker does once for all of them. */
interface Preparation {
  readonly config: ProcessConfig;
  readonly done: (setUpToken: string | null) => void;
}

/**
 * The processes that serve one port. One that ends, or stops responding, is replaced: what it had
 * acknowledged is in the database, and nothing else was promised. The port belongs to this process and is
 * closed with it; so are the workers.
 */
export class Workers {
  readonly #log: Logger;
  readonly #slots: Slot[];
  readonly #metrics: MetricsSum;
  readonly #registry = new Registry();
  readonly #restarts = new Counter({
    name: 'ingam_worker_restarts_total',
    help: 'Worker processes that were replaced, by reason: exited by themselves, or killed as unresponsive.',
    labelNames: ['reason'],
    registers: [this.#registry],
  });
  readonly #heartbeat: NodeJS.Timeout;
  #preparation: Preparation | null = null;
  #served: Served | null = null;
  /** When workers that had served exited, within the last minute. */
  #exits: number[] = [];
  #isStopping = false;
  /** Whether all of them have served at the same time. */
  #haveStarted = false;
  #started: (verifierKey: string) => void = () => undefined;
  #fail: (failure: WorkersFailed) => void = () => undefined;
  /** Resolves when the service cannot continue; it still has to be stopped. */
  readonly failed: Promise<WorkersFailed>;

  constructor(count: number, log: Logger) {
    this.#log = log;
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
    this.#metrics = new MetricsSum((pid, id) => {
      send(this.#slots.find((slot) => slot.process?.pid === pid)?.process, { kind: 'metrics_request', id });
    });
    for (const reason of ['exited', 'unresponsive']) this.#restarts.inc({ reason }, 0);
    this.#slots = Array.from({ length: count }, (_, i) => ({
      ...FRESH,
      number: i + 1,
      process: null,
      failedStarts: 0,
      failure: null,
      retry: undefined,
    }));
    for (const slot of this.#slots) this.#fork(slot);
    this.#heartbeat = setInterval(() => {
      for (const slot of this.#slots) this.#ping(slot);
    }, PING_MS);
  }

  /**
   * Lets one worker prepare the database for all: see `prepare` in build.ts. This process stays small because
   * it does not load what workers are made of.
   * @returns the token of the first operator's set-up link; null: there is an operator
   * @throws {WorkersFailed}
   */
  prepare(config: ProcessConfig): Promise<string | null> {
    const prepared = new Promise<string | null>((done) => {
      this.#preparation = { config, done };
    });
    for (const slot of this.#slots) this.#instruct(slot);
    return this.#unlessFailed(prepared);
  }

  /**
   * Resolves when all of them serve, with the log's verifier keys.
   * @throws {WorkersFailed} when one cannot be started
   */
  start(config: ProcessConfig, balancer: Balancer): Promise<string> {
    this.#served = { config, balancer };
    const started = new Promise<string>((resolve) => {
      this.#started = (verifierKey) => {
        this.#haveStarted = true;
        resolve(verifierKey);
      };
    });
    for (const slot of this.#slots) this.#instruct(slot);
    return this.#unlessFailed(started);
  }

  /** All workers, also those that replace them, go on with these settings. */
  reload({ logLevel, metricsToken, logKey }: ReloadedConfig): void {
    const reloaded = { logLevel, metricsToken, logKey };
    if (this.#served !== null)
      this.#served = { ...this.#served, config: { ...this.#served.config, ...reloaded } };
    for (const { process: worker } of this.#slots) send(worker, { kind: 'reload', reloaded });
  }

  /** Resolves when all have responded to their clients, completed their work and exited. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#served?.balancer.close();
    clearInterval(this.#heartbeat);
    for (const { retry } of this.#slots) clearTimeout(retry);
    const running = this.#slots.flatMap((slot) => slot.process ?? []);
    const deadline = setTimeout(() => {
      this.#log.warn('workers did not exit in time; killing them');
      for (const worker of running) worker.kill('SIGKILL');
    }, STOP_MS);
    const ended = running.map((worker) => new Promise((resolve) => worker.once('close', resolve)));
    for (const worker of running) {
      // One that still loads the program has nothing to complete.
      if (this.#served === null) worker.kill('SIGKILL');
      else send(worker, { kind: 'stop' });
    }
    await Promise.all(ended);
    clearTimeout(deadline);
  }

  async #unlessFailed<T>(done: Promise<T>): Promise<T> {
    const outcome = await Promise.race([done, this.failed]);
    if (outcome instanceof WorkersFailed) throw outcome;
    return outcome;
  }

  /** Tells a worker that has loaded the program what to do, if that is known. */
  #instruct({ process: worker, isReady, number }: Slot): void {
    if (!isReady) return;
    if (this.#served !== null) {
      const { config, balancer } = this.#served;
      send(worker, { kind: 'start', config: sentConfig(config), url: balancer.url });
    } else if (this.#preparation !== null && number === 1) {
      send(worker, { kind: 'prepare', config: sentConfig(this.#preparation.config) });
    }
  }

  /**
   * Counts unanswered pings by this process's own timer: when the whole machine is suspended, the timer is
   * too, and no worker is blamed for it.
   */
  #ping(slot: Slot): void {
    const { process: worker, number, balanced } = slot;
    if (worker === null) return;
    if (slot.unanswered === SUSPEND_AFTER && balanced !== null) {
      this.#log.warn({ worker: number }, 'worker does not respond; it gets no new connections');
      this.#served?.balancer.suspend(balanced);
    }
    const limit = patienceWith(slot);
    if (slot.unanswered === limit) {
      const seconds = (limit * PING_MS) / 1000;
      this.#log.error({ worker: number }, `worker has not responded for ${seconds} s; killing it`);
      // Works on a stopped process too. Its `close` event then dispatches what it had not received, and
      // replaces it.
      worker.kill('SIGKILL');
    }
    slot.unanswered++;
    send(worker, { kind: 'ping' });
  }

  #isAlive(slot: Slot): void {
    const wasSuspended = slot.unanswered > SUSPEND_AFTER;
    slot.unanswered = 0;
    if (!wasSuspended || slot.balanced === null) return;
    this.#log.info({ worker: slot.number }, 'worker responds again');
    this.#served?.balancer.add(slot.balanced);
  }

  #fork(slot: Slot): void {
    // Metrics contain NaN, and the configuration has bytes and maps: JSON would lose both.
    const worker = fork(WORKER, [String(slot.number)], {
      serialization: 'advanced',
      env: { ...GIVE_BACK, ...childEnvironment(true) },
      execArgv: [YOUNG_GENERATION, ...process.execArgv],
    });
    Object.assign(slot, { ...FRESH, process: worker, failure: null } satisfies Partial<Slot>);
    worker.on('message', (message) => {
      this.#receive(slot, worker, message as ToPrimary);
    });
    worker.on('error', (error) => {
      // A process that could not be created has no `close` event. Any other error is of a channel whose
      // process is about to close.
      if (worker.pid === undefined && slot.process === worker) this.#ended(slot, error.message);
    });
    // Not on `exit`: its last messages may arrive later.
    worker.once('close', (code, signal) => {
      if (slot.process !== worker) return;
      if (worker.pid !== undefined) this.#metrics.remove(worker.pid);
      if (slot.balanced !== null) this.#served?.balancer.remove(slot.balanced);
      this.#ended(slot, signal ?? `exit code ${code ?? '?'}`);
    });
  }

  #receive(slot: Slot, worker: ChildProcess, message: ToPrimary): void {
    switch (message.kind) {
      case 'ready':
        slot.isReady = true;
        slot.unanswered = 0;
        this.#instruct(slot);
        return;
      case 'prepared':
        this.#preparation?.done(message.setUpToken);
        return;
      case 'running':
        slot.failedStarts = 0;
        slot.unanswered = 0;
        slot.balanced = balancedWorker(worker);
        this.#served?.balancer.add(slot.balanced);
        if (this.#slots.every(({ balanced }) => balanced !== null)) this.#started(message.verifierKey);
        return;
      case 'received':
        if (slot.balanced !== null) this.#served?.balancer.received(slot.balanced);
        return;
      case 'pong':
        this.#isAlive(slot);
        return;
      case 'failed':
        slot.failure = message.failure;
        return;
      case 'metrics':
        if (worker.pid !== undefined) this.#metrics.add(worker.pid, message.id, message.metrics);
        return;
      case 'all_metrics_request':
        void this.#allMetrics().then((text) => {
          send(worker, { kind: 'all_metrics', id: message.id, text });
        });
    }
  }

  async #allMetrics(): Promise<string> {
    // One that does not respond would only delay the others: its latest metrics count.
    const responding = this.#slots.filter(
      ({ balanced, unanswered }) => balanced !== null && unanswered <= SUSPEND_AFTER,
    );
    return this.#metrics.collect(
      responding.flatMap((slot) => slot.process?.pid ?? []),
      await this.#registry.getMetricsAsJSON(),
    );
  }

  #ended(slot: Slot, how: string): void {
    const { number, failure, balanced } = slot;
    const isUnresponsive = slot.unanswered > patienceWith(slot);
    const hasServed = balanced !== null;
    Object.assign(slot, { ...FRESH, process: null } satisfies Partial<Slot>);
    if (this.#isStopping) return;
    const reason = failure?.message ?? how;
    const now = performance.now();
    this.#exits = this.#exits.filter((time) => now - time < MINUTE_MS);
    if (hasServed) this.#exits.push(now);
    else if (failure?.remedy !== 'wait') slot.failedStarts++;
    if (!this.#haveStarted) {
      this.#giveUp(reason, failure);
    } else if (slot.failedStarts >= MAX_FAILED_STARTS) {
      this.#giveUp(
        `worker ${number} could not be started ${MAX_FAILED_STARTS} times in a row: ${reason}`,
        failure,
      );
    } else if (this.#exits.length >= MAX_EXITS_A_MINUTE) {
      this.#giveUp(
        `${MAX_EXITS_A_MINUTE} workers exited within a minute, the last one by ${reason}`,
        failure,
      );
    } else {
      this.#restarts.inc({ reason: isUnresponsive ? 'unresponsive' : 'exited' });
      const retryMs = Math.min(FIRST_RETRY_MS * 2 ** slot.failedStarts, LAST_RETRY_MS);
      this.#log.error({ worker: number, how, reason, retryMs }, 'worker exited; restarting it');
      slot.retry = setTimeout(() => {
        this.#fork(slot);
      }, retryMs);
    }
  }

  #giveUp(message: string, failure: WorkerFailure | null): void {
    this.#fail(new WorkersFailed(message, failure));
  }
}

/** Unanswered pings after which it is killed. */
function patienceWith({ isReady }: Slot): number {
  return isReady ? KILL_AFTER : KILL_LOADING_AFTER;
}

function balancedWorker(worker: ChildProcess): BalancedWorker {
  return {
    dispatch: (socket, others) => {
      if (!worker.connected) return;
      const message: ToWorker = { kind: 'connection', others };
      worker.send(message, socket, { keepOpen: true }, () => undefined);
    },
  };
}

function send(worker: ChildProcess | null | undefined, message: ToWorker): void {
  if (worker?.connected === true) worker.send(message, () => undefined);
}
