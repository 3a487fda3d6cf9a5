import { fork, type ChildProcess } from 'node:child_process';
import type { Logger } from 'pino';
import type { ProcessConfig } from './build.js';
import type { Door, Taker } from './balancer.js';
import { FigureSum } from './metrics-sum.js';
import { sentConfig, type ToPrimary, type ToWorker, type WorkerFailure } from './messages.js';

/** Under the tests' loader this file runs as TypeScript, which a process of its own cannot: the built one does the same. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/service/worker.js' : './worker.js',
  import.meta.url,
);
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;
/** In a row, of one worker, without an answer to a single caller: it will not do better the next time. */
const FAILED_STARTS = 4;
/** Of all workers within a minute: what kills them so often does it to everybody. */
const DEATHS_A_MINUTE = 20;
const MINUTE_MS = 60_000;
/** Later than a worker gives up a database that does not answer, and in time for all to end within ten seconds. */
const STOP_MS = 8500;

/** Thrown, and told, when there is no use in starting workers again. */
export class WorkersFailed extends Error {
  override readonly name = 'WorkersFailed';
  /** The system's, when it has one. */
  readonly code: string | null;
  /** Whether it lies in the operator that the configuration names. */
  readonly isOperator: boolean;

  constructor(message: string, failure: WorkerFailure | null) {
    super(message);
    this.code = failure?.code ?? null;
    this.isOperator = failure?.cure === 'operator';
  }
}

/** One of the workers, through all of its lives. */
interface Place {
  readonly number: number;
  worker: ChildProcess | null;
  /** It has loaded the program. */
  ready: boolean;
  /** null: it does not serve. */
  taker: Taker | null;
  failedStarts: number;
  failure: WorkerFailure | null;
  retry: NodeJS.Timeout | undefined;
}

/** What the workers serve; they load the program before it is known. */
interface Service {
  readonly config: ProcessConfig;
  readonly door: Door;
}

/** What one of them does once for all of them. */
interface Preparation {
  readonly config: ProcessConfig;
  readonly done: (setUpToken: string | null) => void;
}

/**
 * The accepting processes behind one port. One that ends is replaced; what it had acknowledged is in the database, what it had not was never
 * promised. The port is this process's, and goes with it; so do the workers.
 */
export class Workers {
  readonly #log: Logger;
  readonly #places: Place[];
  readonly #figures: FigureSum;
  #preparation: Preparation | null = null;
  #service: Service | null = null;
  #deaths: number[] = [];
  #stopping = false;
  /** Whether all of them have served at the same time. */
  #haveStarted = false;
  #started: (verifierKey: string) => void = () => undefined;
  #fail: (failure: WorkersFailed) => void = () => undefined;
  /** Resolves when the service cannot go on; it still has to be stopped. */
  readonly failed: Promise<WorkersFailed>;

  constructor(count: number, log: Logger) {
    this.#log = log;
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
    this.#figures = new FigureSum((pid, id) => {
      const asked = this.#places.find(({ worker }) => worker?.pid === pid);
      tell(asked?.worker, { kind: 'figures_wanted', id });
    });
    this.#places = Array.from({ length: count }, (_, i) => {
      const blank = { worker: null, ready: false, taker: null, failedStarts: 0, failure: null };
      return { ...blank, number: i + 1, retry: undefined };
    });
    for (const place of this.#places) this.#fork(place);
  }

  /**
   * Lets one of them prepare the database for all; see `prepare` in build.ts. Not by this process: it would have to load what workers are made of, at 90 MiB.
   * @returns what the first operator's link is made of; null: there is an operator
   * @throws {WorkersFailed} when it cannot be done
   */
  prepare(config: ProcessConfig): Promise<string | null> {
    const prepared = new Promise<string | null>((done) => {
      this.#preparation = { config, done };
    });
    for (const place of this.#places) this.#tellIfReady(place);
    return this.#unlessFailed(prepared);
  }

  /**
   * Resolves when all of them serve, with the log's verifier key as they know it.
   * @throws {WorkersFailed} when one cannot be started
   */
  async start(config: ProcessConfig, door: Door): Promise<string> {
    this.#service = { config, door };
    const started = new Promise<string>((resolve) => {
      this.#started = (verifierKey) => {
        this.#haveStarted = true;
        resolve(verifierKey);
      };
    });
    for (const place of this.#places) this.#tellIfReady(place);
    return this.#unlessFailed(started);
  }

  /** Resolves when all have answered their callers, ended their work and are gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#service?.door.close();
    for (const { retry } of this.#places) clearTimeout(retry);
    const living = this.#places.flatMap(({ worker }) => worker ?? []);
    const patience = setTimeout(() => {
      this.#log.warn('a worker does not end; it is killed');
      for (const worker of living) worker.kill('SIGKILL');
    }, STOP_MS);
    const ended = living.map((worker) => new Promise((resolve) => worker.once('close', resolve)));
    for (const worker of living) {
      // One that still loads the program has nothing to end.
      if (this.#service === null) worker.kill('SIGKILL');
      else tell(worker, { kind: 'stop' });
    }
    await Promise.all(ended);
    clearTimeout(patience);
  }

  async #unlessFailed<T>(done: Promise<T>): Promise<T> {
    const outcome = await Promise.race([done, this.failed]);
    if (outcome instanceof WorkersFailed) throw outcome;
    return outcome;
  }

  #tellIfReady({ worker, ready, number }: Place): void {
    if (!ready) return;
    if (this.#service !== null) {
      const { config, door } = this.#service;
      tell(worker, { kind: 'start', config: sentConfig(config), url: door.url });
    } else if (this.#preparation !== null && number === 1) {
      tell(worker, { kind: 'prepare', config: sentConfig(this.#preparation.config) });
    }
  }

  #fork(place: Place): void {
    // Figures have NaN among them, and the configuration has bytes and maps: JSON would lose both.
    const worker = fork(WORKER, [String(place.number)], { serialization: 'advanced' });
    Object.assign(place, { worker, ready: false, taker: null, failure: null } satisfies Partial<Place>);
    worker.on('message', (message) => {
      this.#hear(place, worker, message as ToPrimary);
    });
    worker.on('error', (error) => {
      // One that could not even be made has no end. Else it is of a channel whose other end has just died: that end follows.
      if (worker.pid === undefined && place.worker === worker) this.#buried(place, error.message);
    });
    // Not at its exit: its last words may come later.
    worker.once('close', (code, signal) => {
      if (place.worker !== worker) return;
      if (worker.pid !== undefined) this.#figures.forget(worker.pid);
      if (place.taker !== null) this.#service?.door.dismiss(place.taker);
      this.#buried(place, signal ?? `exit code ${code ?? '?'}`);
    });
  }

  #hear(place: Place, worker: ChildProcess, message: ToPrimary): void {
    switch (message.kind) {
      case 'ready':
        place.ready = true;
        this.#tellIfReady(place);
        return;
      case 'prepared':
        this.#preparation?.done(message.setUpToken);
        return;
      case 'running':
        place.failedStarts = 0;
        place.taker = takerOf(worker);
        this.#service?.door.admit(place.taker);
        if (this.#places.every(({ taker }) => taker !== null)) this.#started(message.verifierKey);
        return;
      case 'taken':
        this.#service?.door.taken(message.id);
        return;
      case 'failed':
        place.failure = message.failure;
        return;
      case 'figures':
        if (worker.pid !== undefined) this.#figures.answer(worker.pid, message.id, message.figures);
        return;
      case 'all_figures_wanted':
        void this.#figures.collect(this.#serving()).then((text) => {
          tell(worker, { kind: 'all_figures', id: message.id, text });
        });
    }
  }

  #serving(): number[] {
    return this.#places.flatMap(({ worker, taker }) => (taker === null ? [] : (worker?.pid ?? [])));
  }

  #buried(place: Place, how: string): void {
    const { number, failure } = place;
    const served = place.taker !== null;
    Object.assign(place, { worker: null, ready: false, taker: null } satisfies Partial<Place>);
    if (this.#stopping) return;
    const reason = failure?.message ?? how;
    const now = performance.now();
    this.#deaths = this.#deaths.filter((time) => now - time < MINUTE_MS);
    if (served) this.#deaths.push(now);
    else if (failure?.cure !== 'wait') place.failedStarts++;
    if (!this.#haveStarted) {
      this.#giveUp(reason, failure);
    } else if (place.failedStarts >= FAILED_STARTS) {
      this.#giveUp(
        `worker ${number} could not be started ${FAILED_STARTS} times in a row: ${reason}`,
        failure,
      );
    } else if (this.#deaths.length >= DEATHS_A_MINUTE) {
      this.#giveUp(
        `${DEATHS_A_MINUTE} workers have ended within a minute, the last one by ${reason}`,
        failure,
      );
    } else {
      const retryMs = Math.min(FIRST_RETRY_MS * 2 ** place.failedStarts, LAST_RETRY_MS);
      this.#log.error({ worker: number, how, reason, retryMs }, 'a worker has ended; it is started again');
      place.retry = setTimeout(() => {
        this.#fork(place);
      }, retryMs);
    }
  }

  #giveUp(message: string, failure: WorkerFailure | null): void {
    this.#fail(new WorkersFailed(message, failure));
  }
}

function takerOf(worker: ChildProcess): Taker {
  return {
    hand: (id, socket) => {
      if (!worker.connected) return;
      const message: ToWorker = { kind: 'connection', id };
      worker.send(message, socket, { keepOpen: true }, () => undefined);
    },
  };
}

function tell(worker: ChildProcess | null | undefined, message: ToWorker): void {
  if (worker?.connected === true) worker.send(message, () => undefined);
}
