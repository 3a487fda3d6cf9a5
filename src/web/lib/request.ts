import { signal } from '@preact/signals';

/**
 * Whether the service can be reached, according to the page's requests, and how long to wait before a retry.
 */

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;

class Connection {
  readonly #away = signal(false);
  readonly #wakers = new Set<() => void>();

  /** A view that reads this is rendered again when it changes. */
  get offline(): boolean {
    return this.#away.value;
  }

  reached(): void {
    this.#set(false);
  }

  lost(): void {
    this.#set(true);
  }

  /** Ends every wait: on request of the user, or because another request has succeeded. */
  retryNow(): void {
    for (const wake of [...this.#wakers]) wake();
  }

  /**
   * Waits before retry number `attempt` (from 1): doubling from one second to fifteen, or Retry-After.
   * @throws the signal's reason if it aborts
   */
  async backOff(attempt: number, retryAfterSeconds: number | null, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const doubled = FIRST_PAUSE_MS * 2 ** Math.min(attempt - 1, 10);
    const milliseconds = retryAfterSeconds === null ? doubled : retryAfterSeconds * 1000;
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(milliseconds, LONGEST_PAUSE_MS));
      signal.addEventListener('abort', wake);
      this.#wakers.add(wake);
    });
    signal.throwIfAborted();
  }

  #set(away: boolean): void {
    if (this.#away.peek() === away) return;
    this.#away.value = away;
    if (!away) this.retryNow();
  }
}

export const connection = new Connection();

/** A longer Retry-After (a daily limit) is reported instead of waited for. */
const LONGEST_WAIT_SECONDS = 120;

/** A problem document (RFC 9457) with the service's own members. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;
}

/** The service responded with a problem document. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'RefusedError';
    this.problem = problem;
  }

  /** Whether the same request may succeed later. */
  get temporary(): boolean {
    const { status, code, retryAfterSeconds } = this.problem;
    // A limit without Retry-After is one that this request can never satisfy.
    const wait = retryAfterSeconds ?? (code === 'limit_exceeded' ? Infinity : 0);
    return [429, 502, 503, 504].includes(status) && wait <= LONGEST_WAIT_SECONDS;
  }
}

/** No response: the service or the network is unavailable. The request may or may not have arrived. */
export class UnreachableError extends Error {
  constructor(cause?: unknown) {
    super('the service cannot be reached', { cause });
    this.name = 'UnreachableError';
  }
}

/** @param body of a response whose status is not 2xx; a proxy may have written it, so it can be anything */
export function readProblem(status: number, body: string, retryAfter: string | null): Problem {
  const given = parseObject(body);
  const text = (key: string) => (typeof given[key] === 'string' ? given[key] : null);
  const seconds = retryAfter !== null && /^[0-9]{1,5}$/.test(retryAfter) ? Number(retryAfter) : null;
  return {
    status,
    code: text('code') ?? `http_${status}`,
    detail: text('detail') ?? text('title') ?? `HTTP ${status}`,
    requestId: text('requestId'),
    retryAfterSeconds: seconds,
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** A problem that the page itself detected. */
export function localProblem(code: string): ProblemError {
  return new ProblemError({ status: 0, code, detail: code, requestId: null, retryAfterSeconds: null });
}

/** The absolute address of a path of the service, which may be mounted below another path. */
export function address(path: string): string {
  return new URL(path, document.baseURI).href;
}

/**
 * One request, without session handling.
 * @throws ProblemError for a status that is not 2xx, UnreachableError without a response, or the signal's
 * reason
 */
export async function request(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address(path), { ...init, cache: 'no-store', credentials: 'same-origin' });
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    connection.lost();
    throw new UnreachableError(error);
  }
  connection.reached();
  if (response.ok) return response;
  const body = await response.text().catch(() => '');
  throw new ProblemError(readProblem(response.status, body, response.headers.get('Retry-After')));
}

/**
 * Code that is loaded when it is needed.
 * @throws UnreachableError, or ProblemError if the service is there without it: its version has changed
 */
export async function onDemand<T>(code: Promise<T>): Promise<T> {
  try {
    return await code;
  } catch {
    // Browsers do not say why.
    await request('v1/chain', {});
    throw localProblem('not_understood');
  }
}

/** Options of a request with a JSON body. */
export function jsonRequest(method: string, body: unknown) {
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

export async function readJson(response: Response): Promise<unknown> {
  return parseJson(await readBody(response.text()));
}

export function readBlob(response: Response): Promise<Blob> {
  return readBody(response.blob());
}

/** @throws UnreachableError if the connection breaks during the response */
export async function readBody<T>(body: Promise<T>): Promise<T> {
  try {
    return await body;
  } catch (error) {
    connection.lost();
    throw new UnreachableError(error);
  }
}

/**
 * Parses a response. Its shape is trusted, because the service also served this page; that it is JSON is not,
 * because a proxy may have responded.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw localProblem('not_understood');
  }
}

/**
 * Repeats an idempotent request while the service is unreachable or overloaded. Other errors are thrown.
 * @param onWaiting receives true when it starts to wait for the service, and false when it tries again
 */
export async function retryWhileUnavailable<T>(
  call: () => Promise<T>,
  signal: AbortSignal,
  onWaiting: (waiting: boolean) => void = () => undefined,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      const passing = error instanceof UnreachableError || (error instanceof ProblemError && error.temporary);
      if (!passing) throw error;
      onWaiting(true);
      const wanted = error instanceof ProblemError ? error.problem.retryAfterSeconds : null;
      await connection.backOff(attempt, wanted, signal);
      onWaiting(false);
    }
  }
}
