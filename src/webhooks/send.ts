import { lookup } from 'node:dns/promises';
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { performance } from 'node:perf_hooks';
import { WEBHOOK_MS } from '../background/time-limits.js';
import type { WebhookOutcome } from '../store/index.js';
import { type AddressRules, hostOf } from './address.js';

/** How a message was taken. Nothing of what the receiver says is kept but this. */
export interface Answer {
  readonly outcome: WebhookOutcome;
  /** Of HTTP; null: there was no answer. */
  readonly status: number | null;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** How long the receiver wants to be left alone, in milliseconds; 0: it does not say. */
  readonly retryAfterMs: number;
}

/** The addresses of a name. Rejects when it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface SenderOptions {
  readonly rules: AddressRules;
  /** By default as every program of this machine resolves names. */
  readonly resolve?: Resolve | undefined;
  readonly timeoutMs?: number | undefined;
}

const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000;
/** More of a body is not read, not even to throw it away: the connection is closed. */
const MAX_IGNORED_BYTES = 64 * 1024;
/** How long a connection stays open for the next message. */
const KEPT_OPEN_MS = 5000;

class AddressRefused extends Error {}
class TookTooLong extends Error {}

/** Posts messages to receivers, and connects to nothing but addresses that webhooks may reach. */
export class Sender {
  readonly #rules: AddressRules;
  readonly #resolve: Resolve;
  readonly #timeoutMs: number;
  readonly #agents = {
    'http:': new HttpAgent({ keepAlive: true, timeout: KEPT_OPEN_MS }),
    'https:': new HttpsAgent({ keepAlive: true, timeout: KEPT_OPEN_MS }),
  };

  constructor({ rules, resolve = resolveHere, timeoutMs = WEBHOOK_MS }: SenderOptions) {
    this.#rules = rules;
    this.#resolve = resolve;
    this.#timeoutMs = timeoutMs;
  }

  /** Never rejects. Redirects are answers that are not 2xx. @param stop ends it as a broken connection */
  async post(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
    stop: AbortSignal,
  ): Promise<Answer> {
    const start = performance.now();
    const answered = (answer: Omit<Answer, 'ms'>): Answer => ({
      ...answer,
      ms: Math.round(performance.now() - start),
    });
    try {
      const { status, retryAfter } = await this.#request(new URL(url), headers, body, stop);
      const isTaken = status >= 200 && status < 300;
      return answered({
        outcome: isTaken ? 'delivered' : 'status',
        status,
        retryAfterMs: retryAfterOf(retryAfter),
      });
    } catch (error) {
      return answered({ outcome: outcomeOf(error), status: null, retryAfterMs: 0 });
    }
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  #request(
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
    stop: AbortSignal,
  ): Promise<{ readonly status: number; readonly retryAfter: string | undefined }> {
    const isSecure = url.protocol === 'https:';
    const host = hostOf(url);
    // Node connects to an address that is in the URL without a look-up.
    if (isIP(host) !== 0) this.#assertReachable(host, isSecure);
    return new Promise((resolve, reject) => {
      const options = {
        method: 'POST',
        headers: { ...headers, 'content-length': String(body.length) },
        lookup: this.#lookup(isSecure),
        signal: stop,
      };
      const outgoing = isSecure
        ? httpsRequest(url, { ...options, agent: this.#agents['https:'] })
        : httpRequest(url, { ...options, agent: this.#agents['http:'] });
      // Of the whole exchange: a receiver that says a little again and again holds nothing up.
      const limit = setTimeout(() => {
        outgoing.destroy(new TookTooLong());
      }, this.#timeoutMs);
      outgoing.once('close', () => {
        clearTimeout(limit);
      });
      outgoing.once('error', reject);
      outgoing.once('response', (response) => {
        ignore(response);
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
      });
      outgoing.end(body);
    });
  }

  /**
   * The connection is made to the addresses that were judged, whatever the name has a moment later. A name with one
   * address that may not be reached is refused as a whole.
   */
  #lookup(isSecure: boolean): LookupFunction {
    return (host, { all = false }, callback) => {
      this.#resolve(host)
        .then((addresses) => {
          for (const address of addresses) this.#assertReachable(address, isSecure);
          const found = addresses.map((address) => ({ address, family: isIP(address) }));
          const [first] = found;
          if (first === undefined) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
          if (all) callback(null, found);
          else callback(null, first.address, first.family);
        })
        .catch((error: unknown) => {
          callback(error instanceof Error ? error : new Error(String(error)), []);
        });
    };
  }

  #assertReachable(address: string, isSecure: boolean): void {
    const may = isSecure ? this.#rules.mayReach(address) : this.#rules.isAllowedPrivate(address);
    if (!may) throw new AddressRefused(`webhooks may not reach ${address}`);
  }
}

const resolveHere: Resolve = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address);

function ignore(response: IncomingMessage): void {
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > MAX_IGNORED_BYTES) response.destroy();
  });
  response.on('error', () => undefined);
}

/** RFC 9110, §10.2.3: seconds, or a date. */
function retryAfterOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS);
}

function outcomeOf(error: unknown): WebhookOutcome {
  if (error instanceof AddressRefused) return 'address_refused';
  if (error instanceof TookTooLong) return 'timeout';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA' || code === 'ESERVFAIL')
    return 'unknown_host';
  if (/CERT|TLS|SSL|SIGNATURE|EPROTO|ISSUER|CRL/.test(code)) return 'tls';
  return 'connection';
}
