import { ConnectionError, ProblemError, problemOf } from './problem.js';

export interface ClientOptions {
  /** Address of the service, such as `https://ingam.example.com`. */
  readonly server: string | URL;
  /** API key, or access token. Without one, requests are anonymous. */
  readonly key?: string;
  /** How often a request is sent at most before its failure is thrown. Default: 5. */
  readonly attempts?: number;
  /** How long one attempt may take, in milliseconds. Default: two minutes. */
  readonly timeoutMs?: number;
  /** In place of the platform's own. */
  readonly fetch?: typeof fetch;
}

export interface Sent {
  readonly method: string;
  /** Below the address of the service, without a slash in front. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: BodyInit;
  readonly signal?: AbortSignal;
  /** It changes nothing, although it is no GET. */
  readonly reads?: boolean;
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 60_000;
/** Temporary failures: RFC 9110 §15.6, RFC 6585 §4. */
const RETRIED = new Set([408, 429, 502, 503, 504]);

/** Sends requests, and repeats those that do no harm when they come twice. */
export class Transport {
  readonly #options: ClientOptions;
  readonly #server: URL;

  /** @throws {TypeError} for an address that is no http or https URL, or has a name and password in it */
  constructor(options: ClientOptions) {
    const server = new URL(options.server);
    if (!['http:', 'https:'].includes(server.protocol))
      throw new TypeError('server must be an http or https address');
    if (server.username !== '' || server.password !== '')
      throw new TypeError('server must not contain a password: give the API key as `key`');
    // Relative paths are resolved against the last slash.
    if (!server.pathname.endsWith('/')) server.pathname += '/';
    this.#options = options;
    this.#server = server;
  }

  /**
   * The answer, if it is a success; its body is read.
   * @throws {ProblemError} the service refused
   * @throws {ConnectionError} no answer
   */
  async send(
    sent: Sent,
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly bytes: Uint8Array }> {
    const { attempts = 5 } = this.#options;
    const isSafe =
      sent.method === 'GET' || sent.reads === true || sent.headers?.['Idempotency-Key'] !== undefined;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(sent);
      } catch (error) {
        if (attempt >= attempts || !isSafe || sent.signal?.aborted === true || !mayPass(error)) throw error;
        const asked = error instanceof ProblemError ? (error.retryAfter ?? 0) * 1000 : 0;
        // Jitter: clients that were refused together should not return together.
        const delay = FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
        await pause(Math.max(asked, delay), sent.signal);
      }
    }
  }

  async #once({ method, path, query = {}, headers = {}, body, signal }: Sent) {
    const { key, timeoutMs = 120_000, fetch: send = fetch } = this.#options;
    const url = new URL(path, this.#server);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const given = Object.entries(headers).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    const patience = AbortSignal.timeout(timeoutMs);
    try {
      const res = await send(url, {
        method,
        headers: [
          ...given,
          ...(key === undefined ? [] : [['Authorization', `Bearer ${key}`] as [string, string]]),
        ],
        // A redirect would send the key to a server that nobody named.
        redirect: 'error',
        signal: signal === undefined ? patience : AbortSignal.any([signal, patience]),
        ...(body === undefined ? {} : { body }),
      });
      const bytes = new Uint8Array(await res.arrayBuffer());
      if (!res.ok) throw problemOf(res.status, res.headers, new TextDecoder().decode(bytes));
      return { status: res.status, headers: res.headers, bytes };
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      signal?.throwIfAborted();
      throw new ConnectionError(`${this.#server.href} did not answer`, { cause: error });
    }
  }
}

/** Whether the same request may succeed later. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return true;
  // A limit without Retry-After is one that this request can never meet; others last longer than anybody waits.
  if (error.status === 429) return error.retryAfter !== null && error.retryAfter * 1000 <= LONGEST_DELAY_MS;
  return RETRIED.has(error.status);
}

/** @throws the reason of `signal` */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      },
      Math.min(milliseconds, LONGEST_DELAY_MS),
    );
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}
