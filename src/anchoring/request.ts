import { TimeError } from '../proof/time/time-error.js';
import { readLimited, TooLongError } from '../background/bodies.js';
import { TIME_SOURCE_MS, timeLimit } from '../background/time-limits.js';

/** Why a time source gives nothing. A closed set: metrics and scripts depend on it. */
export type SourceProblem =
  | 'unreachable' // no connection, or silence
  | 'busy' // it may answer later
  | 'refused' // it does not want this request
  | 'wrong_answer'; // what it answers does not count

export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly code: SourceProblem;
  /** How long it asks us to wait, in milliseconds. */
  readonly retryAfterMs: number;

  constructor(code: SourceProblem, message: string, retryAfterMs = 0) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface SourceRequest {
  readonly body?: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the response, in bytes. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Absent: `TIME_SOURCE_MS`. */
  readonly timeoutMs?: number | undefined;
}

export type Limits = Pick<SourceRequest, 'signal' | 'timeoutMs'>;

export interface SourceResponse {
  readonly status: number;
  readonly body: Uint8Array;
}

const LONGEST_RETRY_AFTER_MS = 3_600_000;

/**
 * Sends one request, a POST when it has a body. Everything in the response is untrusted.
 * @throws {SourceError} unreachable, busy (429 and 5xx that are not in `expected`), wrong_answer: too long
 */
export async function requestFrom(
  url: string,
  { body, headers = {}, limit, signal, timeoutMs = TIME_SOURCE_MS }: SourceRequest,
  expected: readonly number[] = [200],
): Promise<SourceResponse> {
  let response: Response;
  let read: Uint8Array;
  try {
    response = await fetch(url, {
      ...(body === undefined
        ? {}
        : { method: 'POST', body: typeof body === 'string' ? body : Buffer.from(body) }),
      headers,
      // A redirect would lead to a server that the operator has not named.
      redirect: 'error',
      signal: timeLimit(timeoutMs, signal),
    });
    read = await readLimited(response.body, limit);
  } catch (error) {
    if (error instanceof TooLongError) throw new SourceError('wrong_answer', error.message);
    throw new SourceError('unreachable', reasonOf(error));
  }
  const { status } = response;
  if (expected.includes(status)) return { status, body: read };
  if (status === 429 || status >= 500)
    throw new SourceError('busy', `it responds with status ${status}`, retryAfterMs(response.headers));
  throw new SourceError('refused', `it responds with status ${status}${textOf(read)}`);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** The beginning of a text that explains a refusal. */
function textOf(body: Uint8Array): string {
  const text = new TextDecoder('latin1')
    .decode(body.subarray(0, 200))
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim();
  return text === '' ? '' : `: ${text}`;
}

/** RFC 9110 §10.2.3, as seconds; dates are ignored. */
function retryAfterMs(headers: Headers): number {
  const value = headers.get('retry-after') ?? '';
  return /^[0-9]{1,6}$/.test(value) ? Math.min(Number(value) * 1000, LONGEST_RETRY_AFTER_MS) : 0;
}

/**
 * Reads what a source has answered.
 * @throws {SourceError} wrong_answer
 */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TimeError) throw new SourceError('wrong_answer', error.message);
    throw error;
  }
}
