import { setTimeout as sleep } from 'node:timers/promises';
import { readLimited, TooLongError } from '../background/bodies.js';
import { SERVICE_SILENCE_MS } from '../background/time-limits.js';
import { isObject, type Json, type JsonObject, utf8Decode } from '../proof/index.js';
import { readConfig } from './config.js';
import { Failure, systemCode, usageError } from './failure.js';
import { throwIfStopped } from './files.js';
import { formatTime, type Io, printLine } from './io.js';
import { failureMessages } from './messages/failures.js';
import { refusalMessages } from './messages/refusals.js';

/** The service that a command calls. */
export const SERVER_OPTIONS = {
  server: {
    type: 'string',
    value: 'URL',
    help: {
      en: 'address of the service\n(default: $INGAM_SERVER, else that of "ingam login", else http://127.0.0.1:8080)',
      ko: '서비스의 주소\n(기본값: $INGAM_SERVER, 없으면 "ingam login"의 것, 없으면 http://127.0.0.1:8080)',
    },
  },
} as const;

export const KEY_OPTION = {
  key: {
    type: 'string',
    value: 'API_KEY',
    help: {
      en: 'API key, if the service requires one\n(default: $INGAM_KEY, else that of "ingam login")',
      ko: 'API 키, 서비스가 요구한다면\n(기본값: $INGAM_KEY, 없으면 "ingam login"의 것)',
    },
  },
} as const;

const DEFAULT_SERVER = 'http://127.0.0.1:8080';
const ATTEMPTS = 8;
const FIRST_DELAY_MS = 250;
/** The longest pause between two attempts, whatever Retry-After says. */
const LONGEST_DELAY_MS = 60_000;
/** The results of a chunk of 10,000 documents have some megabytes. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Temporary failures: RFC 9110 §15.6, RFC 6585 §4. */
const RETRIED_STATUSES = new Set([408, 429, 502, 503, 504]);

export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

interface ServiceRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Called for each attempt: a stream can be sent only once.
   * @param sent to be called for each part that is sent, which is a sign of life
   * @param signal ends the stream with the request: fetch would read the rest of it
   */
  readonly body?: (sent: () => void, signal: AbortSignal) => NonNullable<RequestInit['body']>;
}

/**
 * HTTP client of a service. It retries after network errors and overload, so a POST needs an Idempotency-Key, or
 * must do no harm when it is repeated.
 */
export class ServiceClient {
  readonly url: URL;
  /** Milliseconds after which a pending proof is asked for again at the latest. */
  readonly longestPollMs: number;
  readonly #key: string | null;
  readonly #signal: AbortSignal;
  readonly #silenceMs: number;
  /** Network errors are retried only after a first answer: before it, the address is probably wrong. */
  #answered = false;

  /** @param silenceMs how long the service may show no sign of life */
  constructor(
    url: URL,
    key: string | null,
    signal: AbortSignal,
    {
      silenceMs,
      longestPollMs,
    }: { readonly silenceMs?: number; readonly longestPollMs?: number | undefined } = {},
  ) {
    this.#silenceMs = silenceMs ?? SERVICE_SILENCE_MS;
    this.longestPollMs = longestPollMs ?? Number.POSITIVE_INFINITY;
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
      // Jitter: clients that were rejected together should not retry together.
      const delay = FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
      await this.pause(Math.max(asked ?? 0, delay));
    }
  }

  /** Reads the whole response: a connection that breaks in the middle, or goes silent, is retried. */
  async #attempt(
    path: string,
    { method = 'GET', headers = {}, body }: ServiceRequest,
  ): Promise<ServiceAnswer | Failure> {
    throwIfStopped(this.#signal);
    const silence = new AbortController();
    const patience = setTimeout(() => {
      silence.abort(new Error('no answer'));
    }, this.#silenceMs);
    const signal = AbortSignal.any([this.#signal, silence.signal]);
    try {
      const response = await fetch(new URL(path, this.url), {
        method,
        headers: { ...headers, ...(this.#key === null ? {} : { authorization: `Bearer ${this.#key}` }) },
        // A redirect would send a POST to a server that the user did not name.
        redirect: 'error',
        signal,
        ...(body === undefined
          ? {}
          : { body: body(patience.refresh.bind(patience), signal), duplex: 'half' as const }),
      });
      this.#answered = true;
      const bytes = await readLimited(response.body, MAX_ANSWER_BYTES, () => patience.refresh());
      return { status: response.status, headers: response.headers, bytes };
    } catch (error) {
      throwIfStopped(this.#signal);
      if (error instanceof Failure) throw error;
      if (error instanceof TooLongError) throw this.unexpected(error.message, error);
      // The body could not be read.
      if (error instanceof Error && error.cause instanceof Failure) throw error.cause;
      return unreachable(this.url, error);
    } finally {
      clearTimeout(patience);
    }
  }

  /**
   * The bytes of a file, however large. When the connection breaks, it is asked for the rest of the same file.
   * @param path as for `request`
   * @throws {Failure} unreachable, interrupted, or a ServiceRefusal
   */
  async *download(path: string): AsyncGenerator<Uint8Array> {
    let at = 0;
    let tag: string | null = null;
    for (let attempt = 1; ; attempt++) {
      throwIfStopped(this.#signal);
      const silence = new AbortController();
      const patience = setTimeout(() => {
        silence.abort(new Error('no answer'));
      }, this.#silenceMs);
      const rest: Readonly<Record<string, string>> =
        at === 0 ? {} : { range: `bytes=${at}-`, ...(tag === null ? {} : { 'if-range': tag }) };
      let answer: ServiceAnswer | null = null;
      let failure: Failure | null = null;
      try {
        const response = await fetch(new URL(path, this.url), {
          headers: { ...rest, ...(this.#key === null ? {} : { authorization: `Bearer ${this.#key}` }) },
          redirect: 'error',
          signal: AbortSignal.any([this.#signal, silence.signal]),
        });
        this.#answered = true;
        const { status, headers, body } = response;
        if (status !== (at === 0 ? 200 : 206) || body === null) {
          const bytes = await readLimited(body, MAX_ANSWER_BYTES, () => patience.refresh());
          if (status < 300) throw this.unexpected('the file has changed while it was downloaded');
          answer = { status, headers, bytes };
        } else {
          tag = headers.get('etag');
          for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
            patience.refresh();
            at += bytes.length;
            attempt = 1;
            yield bytes;
            patience.refresh();
          }
          return;
        }
      } catch (error) {
        throwIfStopped(this.#signal);
        if (error instanceof Failure) throw error;
        failure = unreachable(this.url, error);
      } finally {
        clearTimeout(patience);
        silence.abort();
      }
      if (answer !== null && (attempt === ATTEMPTS || !passes(answer)))
        throw refusalOf(answer, this.#key !== null);
      if (failure !== null && (attempt === ATTEMPTS || !this.#answered)) throw failure;
      const asked = answer === null ? null : retryAfterMs(answer.headers);
      await this.pause(Math.max(asked ?? 0, FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2)));
    }
  }

  /** The response body as text. */
  text({ bytes }: ServiceAnswer): string {
    try {
      return utf8Decode(bytes);
    } catch (error) {
      throw this.unexpected('the response is not text', error);
    }
  }

  /** The response body as a JSON object. */
  object(answer: ServiceAnswer): JsonObject {
    let value: Json = null;
    try {
      value = JSON.parse(this.text(answer)) as Json;
    } catch (error) {
      if (error instanceof Failure) throw error;
    }
    if (!isObject(value)) throw this.unexpected('the response is not a JSON object');
    return value;
  }

  /** The failure for a response that no Ingam service sends. */
  unexpected(what: string, cause?: unknown): Failure {
    return new Failure('refused', failureMessages().notAService(this.url.href, what), {
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

/** Whether to retry: a daily limit does not reset while a command waits. */
function passes(answer: ServiceAnswer): boolean {
  if (answer.status === 429) {
    const wait = retryAfterMs(answer.headers);
    // A limit without Retry-After means that the request exceeds what the limit ever allows at once.
    return wait === null ? refusalOf(answer, false).code !== 'limit_exceeded' : wait <= LONGEST_DELAY_MS;
  }
  return RETRIED_STATUSES.has(answer.status);
}

interface ServiceValues {
  readonly server: string | undefined;
  readonly key?: string | undefined;
}

type Source = 'option' | 'environment' | 'saved' | 'default';

/**
 * Where the service is, and the API key for it: options take precedence over the environment, and that over
 * what `ingam login` has saved.
 * @param values without `key`: no API key is sent, so that public requests do not reveal it to any server
 * @throws {Failure} usage; malformed, for what was saved
 */
export async function serviceSettings(values: ServiceValues, io: Io) {
  const saved = await readConfig(io);
  const fromEnv = (name: string) => (io.env[name] === '' ? undefined : io.env[name]);
  const first = (...found: readonly (readonly [Source, string | null | undefined])[]) =>
    found.find(([, value]) => value != null) ?? (['default', null] as const);
  const [serverSource, server] = first(
    ['option', values.server],
    ['environment', fromEnv('INGAM_SERVER')],
    ['saved', saved.server],
  );
  const url = parseServer(server ?? DEFAULT_SERVER);
  // A saved key is for the saved server: another one must not learn it.
  const isSavedServer = saved.server !== null && parseServer(saved.server).href === url.href;
  const [keySource, key] =
    'key' in values
      ? first(
          ['option', values.key],
          ['environment', fromEnv('INGAM_KEY')],
          ['saved', isSavedServer ? saved.key : null],
        )
      : (['default', null] as const);
  return { url, key: key ?? null, sources: { server: serverSource, key: keySource } };
}

/**
 * @param values as for `serviceSettings`
 * @throws {Failure} as `serviceSettings`
 */
export async function openService(values: ServiceValues, io: Io): Promise<ServiceClient> {
  const { url, key } = await serviceSettings(values, io);
  if (key !== null && url.protocol === 'http:' && !/^(localhost|127\.[0-9.]+|\[::1\])$/.test(url.hostname)) {
    printLine(io.stderr, failureMessages().unencrypted(url.host));
  }
  return new ServiceClient(url, key, io.signal, { longestPollMs: io.longestPollMs });
}

export function parseServer(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && url.username + url.password !== '') {
    throw usageError(failureMessages().passwordInAddress, failureMessages().howToGiveKey);
  }
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '') {
    throw usageError(failureMessages().notAnAddress(JSON.stringify(text)), failureMessages().addressExample);
  }
  // Relative paths are resolved against the last slash.
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function unreachable(url: URL, error: unknown): Failure {
  // fetch reports "fetch failed"; the reason is in its cause.
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = systemCode(cause);
  const t = failureMessages();
  const reason =
    t.connections[code ?? ''] ?? t.connectionFailed(cause instanceof Error ? cause.message : null);
  return new Failure('unreachable', t.unreachable(url.href, reason), {
    cause: error,
    hint: t.unreachableHint,
  });
}

interface Fault {
  readonly path: string;
  readonly message: string;
}

/** The service rejected the request. */
export class ServiceRefusal extends Failure {
  readonly status: number;
  /** What is wrong in the request body, and where. */
  readonly faults: readonly Fault[];

  constructor(
    status: number,
    code: string,
    detail: string,
    { faults = [], hint }: { readonly faults?: readonly Fault[]; readonly hint?: string | undefined } = {},
  ) {
    super('refused', refusalMessages().request(code, detail), {
      code,
      ...(hint === undefined ? {} : { hint }),
    });
    this.status = status;
    this.faults = faults;
  }
}

/** Whether the rejection concerns the caller or its limits: any other request would be rejected too. */
export function isAboutCaller(failure: Failure): boolean {
  return failure instanceof ServiceRefusal && [401, 403, 421, 429].includes(failure.status);
}

/** Reads `code`, `detail` and `errors` of an RFC 9457 problem document. */
function refusalOf({ status, headers, bytes }: ServiceAnswer, hasKey: boolean): ServiceRefusal {
  let problem: Json = null;
  try {
    problem = JSON.parse(utf8Decode(bytes)) as Json;
  } catch {
    // An error page of a proxy, or an empty body: only the status is known.
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

/** What the user can do next. */
function hintFor(status: number, code: string, headers: Headers, hasKey: boolean): string | undefined {
  switch (status) {
    case 401:
      return hasKey ? failureMessages().wrongKey : failureMessages().missingKey;
    case 403:
      switch (code) {
        case 'address_not_allowed':
          return failureMessages().addressNotAllowed;
        case 'forbidden':
          return failureMessages().scopeMissing;
        default:
          return undefined;
      }
    case 421:
      return failureMessages().publicAddress;
    case 429: {
      const wait = retryAfterMs(headers);
      if (code === 'limit_exceeded' && wait === null) return failureMessages().exceedsLimit;
      return wait === null ? undefined : failureMessages().tryAfter(formatTime(Date.now() + wait));
    }
    case 413:
      // A service says how much it accepts.
      return code === 'http_413' ? failureMessages().proxyLimit : undefined;
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
