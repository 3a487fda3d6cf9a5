import { setTimeout as sleep } from 'node:timers/promises';
import { isObject, type Json, type JsonObject, utf8Decode } from '../proof/index.js';
import { Failure, systemCode, usageError } from './failure.js';
import { throwIfStopped } from './files.js';
import { formatTime, type Io, printLine } from './io.js';

/** Which service a command talks to. */
export const SERVER_OPTIONS = {
  server: {
    type: 'string',
    value: 'URL',
    help: 'the service (default: $INGAM_SERVER, else http://127.0.0.1:8080)',
  },
} as const;

export const KEY_OPTION = {
  key: {
    type: 'string',
    value: 'API_KEY',
    help: 'your API key, where the service wants one (default: $INGAM_KEY)',
  },
} as const;

const DEFAULT_SERVER = 'http://127.0.0.1:8080';
const ATTEMPTS = 8;
const FIRST_DELAY_MS = 250;
/** Nobody should wait longer between two attempts, whatever Retry-After says. */
const LONGEST_DELAY_MS = 60_000;
/** What passes by itself: RFC 9110 §15.6, RFC 6585 §4. */
const RETRIED_STATUSES = new Set([408, 429, 502, 503, 504]);

export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

export interface ServiceRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** Called once for each attempt: a stream can be sent only once. */
  readonly body?: () => NonNullable<RequestInit['body']>;
}

/**
 * A service over HTTP. Requests are repeated after network errors and overload, so a POST must carry an Idempotency-Key.
 */
export class ServiceClient {
  readonly url: URL;
  readonly #key: string | null;
  readonly #signal: AbortSignal;
  /** Until something has answered, nobody being there is not a fault that passes: the address is likely wrong. */
  #answered = false;

  constructor(url: URL, key: string | null, signal: AbortSignal) {
    this.url = url;
    this.#key = key;
    this.#signal = signal;
  }

  /**
   * @param path relative to the service's URL, without a leading slash
   * @throws {Failure} unreachable, interrupted, or a ServiceRefusal
   */
  async request(path: string, request: ServiceRequest = {}): Promise<ServiceAnswer> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(path, request);
      if (outcome instanceof Failure) {
        if (attempt === ATTEMPTS || !this.#answered) throw outcome;
      } else if (attempt === ATTEMPTS || !passes(outcome)) {
        if (outcome.status >= 200 && outcome.status < 300) return outcome;
        throw refusalOf(outcome, this.#key !== null);
      }
      const asked = outcome instanceof Failure ? null : retryAfterMs(outcome.headers);
      // Half of the delay is random: clients that were sent away together do not come back together.
      const delay = FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
      await this.pause(Math.max(asked ?? 0, delay));
    }
  }

  /** Reads the answer to its end: a connection that is cut in the middle is a reason to ask again. */
  async #attempt(
    path: string,
    { method = 'GET', headers = {}, body }: ServiceRequest,
  ): Promise<ServiceAnswer | Failure> {
    throwIfStopped(this.#signal);
    try {
      const response = await fetch(new URL(path, this.url), {
        method,
        headers: { ...headers, ...(this.#key === null ? {} : { authorization: `Bearer ${this.#key}` }) },
        // A redirect would take a POST to somewhere nobody named.
        redirect: 'error',
        signal: this.#signal,
        ...(body === undefined ? {} : { body: body(), duplex: 'half' as const }),
      });
      this.#answered = true;
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, headers: response.headers, bytes };
    } catch (error) {
      throwIfStopped(this.#signal);
      if (error instanceof Failure) throw error;
      return unreachable(this.url, error);
    }
  }

  /** The text of an answer. */
  text({ bytes }: ServiceAnswer): string {
    try {
      return utf8Decode(bytes);
    } catch (error) {
      throw this.unexpected('it sent something that is not text', error);
    }
  }

  /** The object that an answer holds. */
  object(answer: ServiceAnswer): JsonObject {
    let value: Json = null;
    try {
      value = JSON.parse(this.text(answer)) as Json;
    } catch (error) {
      if (error instanceof Failure) throw error;
    }
    if (!isObject(value)) throw this.unexpected('it sent something that is not a JSON object');
    return value;
  }

  /** An answer that no Ingam service gives. */
  unexpected(what: string, cause?: unknown): Failure {
    return new Failure('refused', `${this.url.href} does not answer like an Ingam service: ${what}`, {
      cause,
    });
  }

  async pause(milliseconds: number): Promise<void> {
    try {
      await sleep(Math.min(milliseconds, LONGEST_DELAY_MS), undefined, { signal: this.#signal });
    } catch {
      throwIfStopped(this.#signal);
    }
  }
}

/** Whether waiting can help: a limit that counts by the day does not pass within the patience of a command. */
function passes(answer: ServiceAnswer): boolean {
  if (answer.status === 429) {
    const wait = retryAfterMs(answer.headers);
    // Without a time, a limit says that what was asked for is more than it ever allows at once.
    return wait === null ? refusalOf(answer, false).code !== 'limit_exceeded' : wait <= LONGEST_DELAY_MS;
  }
  return RETRIED_STATUSES.has(answer.status);
}

/**
 * @param values without `key`: none is sent, so that what anybody may ask is asked without showing the key to whatever server was named
 * @throws {Failure} usage
 */
export function openService(
  values: { readonly server: string | undefined; readonly key?: string | undefined },
  io: Io,
): ServiceClient {
  const fromEnv = (name: string) => (io.env[name] === '' ? undefined : io.env[name]);
  const url = parseServer(values.server ?? fromEnv('INGAM_SERVER') ?? DEFAULT_SERVER);
  const key = 'key' in values ? (values.key ?? fromEnv('INGAM_KEY') ?? null) : null;
  if (key !== null && url.protocol === 'http:' && !/^(localhost|127\.[0-9.]+|\[::1\])$/.test(url.hostname)) {
    printLine(io.stderr, `Note: the API key goes to ${url.host} unencrypted. Use https.`);
  }
  return new ServiceClient(url, key, io.signal);
}

export function parseServer(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '') {
    throw usageError(
      `${JSON.stringify(text)} is not the address of a service`,
      'It reads like: https://notary.example.com',
    );
  }
  // Relative paths are resolved against the last slash.
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function unreachable(url: URL, error: unknown): Failure {
  // fetch hides what happened in the cause of a general "fetch failed".
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = systemCode(cause);
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there',
    ENOTFOUND: 'there is no such host',
    EAI_AGAIN: 'the host name cannot be looked up at the moment',
    ECONNRESET: 'the connection was cut',
    UND_ERR_SOCKET: 'the connection was cut',
    ETIMEDOUT: 'it does not answer',
    UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
    UND_ERR_HEADERS_TIMEOUT: 'it does not answer',
  };
  const reason = reasons[code ?? ''] ?? (cause instanceof Error ? cause.message : 'the connection failed');
  return new Failure('unreachable', `cannot reach ${url.href}: ${reason}`, {
    cause: error,
    hint: 'Name the service with --server URL or INGAM_SERVER; start one here with: ingam serve',
  });
}

export interface Refused {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

export interface Fault {
  readonly path: string;
  readonly message: string;
}

/** The service has answered, and says no. */
export class ServiceRefusal extends Failure {
  readonly status: number;
  /** What is wrong in the body that was sent, and where. */
  readonly faults: readonly Fault[];

  constructor(
    status: number,
    code: string,
    detail: string,
    { faults = [], hint }: { readonly faults?: readonly Fault[]; readonly hint?: string | undefined } = {},
  ) {
    super('refused', `the service refuses: ${detail}`, { code, ...(hint === undefined ? {} : { hint }) });
    this.status = status;
    this.faults = faults;
  }
}

/** Whether it is about who asks or how much, and not about what was asked: anything else would be refused as well. */
export function isAboutCaller(failure: Failure): boolean {
  return failure instanceof ServiceRefusal && [401, 403, 421, 429].includes(failure.status);
}

/** RFC 9457 problem documents, of which `code`, `detail` and `errors` are of use here. */
export function refusalOf({ status, headers, bytes }: Refused, hasKey: boolean): ServiceRefusal {
  let problem: Json = null;
  try {
    problem = JSON.parse(utf8Decode(bytes)) as Json;
  } catch {
    // A proxy's page, or nothing: the status says what there is to say.
  }
  const members = isObject(problem) ? problem : {};
  const text = (name: string) => (typeof members[name] === 'string' ? members[name] : null);
  const errors = Array.isArray(members['errors']) ? (members['errors'] as readonly Json[]) : [];
  const faults = errors.flatMap((error) =>
    isObject(error) && typeof error['path'] === 'string' && typeof error['message'] === 'string'
      ? [{ path: error['path'], message: error['message'] }]
      : [],
  );
  const code = text('code') ?? `http_${status}`;
  const detail = text('detail') ?? text('title') ?? `HTTP status ${status}`;
  return new ServiceRefusal(status, code, detail, { faults, hint: hintFor(status, code, headers, hasKey) });
}

/** What the caller can do next. */
function hintFor(status: number, code: string, headers: Headers, hasKey: boolean): string | undefined {
  switch (status) {
    case 401:
      return hasKey
        ? 'The API key is wrong, or has expired or been revoked. Ask an owner of your organization for a new one (ingam key create).'
        : 'Give an API key with --key or INGAM_KEY. An owner of your organization makes one: ingam key create';
    case 403:
      return code === 'address_not_allowed'
        ? 'The API key is for other networks than the one that you come from: ingam key list shows which.'
        : 'The API key may not do this: "notarize" and "read" are scopes of their own. ingam key list shows what it has.';
    case 421:
      return 'Use the address under which the service is published (INGAM_PUBLIC_URL there).';
    case 429: {
      const wait = retryAfterMs(headers);
      if (code === 'limit_exceeded' && wait === null)
        return 'That is more at once than the limit ever allows.';
      return wait === null
        ? undefined
        : `There is room again after ${formatTime(Date.now() + wait)}; an owner sees the limits of the organization.`;
    }
    default:
      return undefined;
  }
}

/** RFC 9110 §10.2.3: seconds, or a date. */
export function retryAfterMs(headers: Headers): number | null {
  const value = headers.get('retry-after');
  if (value === null) return null;
  if (/^[0-9]+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}
