import { setTimeout as delay } from 'node:timers/promises';

/** Why background work fails at the moment. */
export interface Problem<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
  /** When it began, in milliseconds since the Unix epoch. */
  readonly since: number;
}

/** The part of a pino logger that background work uses. */
export interface BackgroundLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;

const NO_LOG: BackgroundLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The background work of one process. Every failure of any of it is counted and shows in the log. */
export class Background {
  readonly #log: BackgroundLog;
  readonly #count: (task: string, failures: number) => void;

  /**
   * @param count adds failures to the metric of a task; called with 0 for each task, so that the metric exists
   * before it fails
   */
  constructor(
    log: BackgroundLog = NO_LOG,
    count: (task: string, failures: number) => void = () => undefined,
  ) {
    this.#log = log;
    this.#count = count;
  }

  /**
   * @param name of the work, as a noun: 'sealing'. Also the label of the metric.
   * @param codeOf classifies errors; by default an Error's own code, or 'unexpected'
   * @param fields for each line in the log
   */
  task(name: string, options?: { readonly fields: object }): BackgroundTask;
  task<Code extends string>(
    name: string,
    options: { readonly codeOf: (error: unknown) => Code; readonly fields?: object },
  ): BackgroundTask<Code>;
  task(
    name: string,
    { codeOf = codeOfError, fields = {} }: { codeOf?: (error: unknown) => string; fields?: object } = {},
  ): BackgroundTask {
    this.#count(name, 0);
    return new BackgroundTask(name, codeOf, fields, this.#log, () => {
      this.#count(name, 1);
    });
  }
}

/**
 * Work that runs repeatedly or occasionally, and must not end the process when it fails. Each failure is
 * counted. The log gets a line when the work begins to fail, when it fails for another reason, and when it
 * succeeds again.
 */
export class BackgroundTask<Code extends string = string> {
  readonly #name: string;
  readonly #codeOf: (error: unknown) => Code;
  readonly #fields: object;
  readonly #log: BackgroundLog;
  readonly #count: () => void;
  #problem: Problem<Code> | null = null;
  /** Since the last success. */
  #failures = 0;
  #endPause = new AbortController();

  constructor(
    name: string,
    codeOf: (error: unknown) => Code,
    fields: object,
    log: BackgroundLog,
    count: () => void,
  ) {
    this.#name = name;
    this.#codeOf = codeOf;
    this.#fields = fields;
    this.#log = log;
    this.#count = count;
  }

  /** null: the work succeeded last, or has not run yet. */
  get problem(): Problem<Code> | null {
    return this.#problem;
  }

  /** Runs the work once. Never rejects. @returns whether it succeeded */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      this.succeeded();
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    }
  }

  failed(error: unknown): void {
    const code = this.#codeOf(error);
    const message = error instanceof Error ? error.message : String(error);
    const before = this.#problem;
    this.#count();
    this.#failures++;
    this.#problem = { code, message, since: before?.code === code ? before.since : Date.now() };
    // Messages about one cause may differ each time, such as the delay of a clock. Each unexpected error is a
    // cause of its own.
    if (before?.code === code && (code !== 'unexpected' || before.message === message)) return;
    const level = code === 'unavailable' ? 'warn' : 'error';
    this.#log[level](
      { ...this.#fields, task: this.#name, code, err: error },
      `${this.#name} stalled: ${message}`,
    );
  }

  succeeded(): void {
    const { problem } = this;
    this.#failures = 0;
    this.#problem = null;
    if (problem === null) return;
    const seconds = Math.round((Date.now() - problem.since) / 1000);
    this.#log.info(
      { ...this.#fields, task: this.#name, code: problem.code, seconds },
      `${this.#name} resumed`,
    );
  }

  /** How long to wait before the work is tried again; 0 after a success. Doubles with each failure. */
  get retryMs(): number {
    return this.#failures === 0
      ? 0
      : Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures - 1, 10));
  }

  /** Resolves after `retryMs`, when `signal` aborts, or when `retryNow` is called. */
  async pause(signal: AbortSignal): Promise<void> {
    this.#endPause = new AbortController();
    const ends = AbortSignal.any([signal, this.#endPause.signal]);
    await delay(this.retryMs, undefined, { signal: ends }).catch(() => undefined);
  }

  /** Ends a pause: something has changed. */
  retryNow(): void {
    this.#endPause.abort();
  }
}

function codeOfError(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'unexpected';
}
