import { setMaxListeners } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { AwsClient } from 'aws4fetch';
import { STORAGE_LIMITS } from '../background/time-limits.js';
import { nodeSha256 } from '../crypto/primitives.js';
import { toHex } from '../proof/index.js';
import { bodyOf, exchange, Silence } from './exchange.js';
import { VaultError } from './storage.js';

/** A bucket of an S3 server, and a key for it. */
export interface S3ClientSettings {
  /** http(s) address of the server, without a slash at its end. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined;
  /** How long the server may show no sign of life. */
  readonly silenceMs?: number | undefined;
}

interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Key of the object; null: the bucket. */
  readonly key: string | null;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** What the answer may be. */
  readonly expected: readonly number[];
  /** How much longer than usual it may take. */
  readonly moreMs?: number;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Uint8Array;
}

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 100;
/** More is no answer of S3 to what is asked here. */
const MAX_ANSWER = 4 * 1024 * 1024;

/**
 * Requests to one bucket. aws4fetch signs them (Signature Version 4, with the SHA-256 of each body). Every failure is a
 * VaultError `unavailable`.
 */
export class S3Client {
  readonly #settings: S3ClientSettings;
  readonly #advice: (status: number) => string | null;
  readonly #signer: AwsClient;
  readonly #silenceMs: number;
  readonly #closing = new AbortController();

  /** @param advice what to do about an answer with this status, for the end of the message; null: nothing special */
  constructor(settings: S3ClientSettings, advice: (status: number) => string | null) {
    this.#settings = settings;
    this.#advice = advice;
    this.#silenceMs = settings.silenceMs ?? STORAGE_LIMITS.silenceMs;
    // Each running request listens.
    setMaxListeners(0, this.#closing.signal);
    const { accessKey: accessKeyId, secretKey: secretAccessKey, sessionToken, region } = settings;
    this.#signer = new AwsClient({
      ...{ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 },
      ...(sessionToken === undefined ? {} : { sessionToken }),
    });
  }

  /** Ends what is running: it rejects. */
  close(): void {
    this.#closing.abort();
  }

  async done(request: S3Request): Promise<void> {
    await this.text(request);
  }

  async text(request: S3Request): Promise<string> {
    return textOf((await this.whole(request)).bytes);
  }

  /** An answer with all of its body, which has `most` bytes at most. */
  async whole(request: S3Request, most = MAX_ANSWER): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.send(request);
      const { statusCode: status = 0, headers } = response;
      try {
        return { status, headers, bytes: await this.#bytesOf(response, most) };
      } catch (error) {
        const hangs = error instanceof VaultError && error.cause instanceof Silence;
        if (attempt === ATTEMPTS || hangs || this.#closing.signal.aborted) throw error;
      }
    }
  }

  /** A short body, as text. */
  async read(response: IncomingMessage): Promise<string> {
    return textOf(await this.#bytesOf(response, MAX_ANSWER));
  }

  async #bytesOf(response: IncomingMessage, most: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const bytes of this.#body(response)) {
      length += bytes.length;
      if (length > most) throw this.unexpected('its answer is too long');
      parts.push(bytes);
    }
    return new Uint8Array(Buffer.concat(parts));
  }

  async *#body(response: IncomingMessage): AsyncGenerator<Uint8Array> {
    try {
      yield* bodyOf(response, this.#silenceMs);
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  /**
   * The bytes of an object from one on. When the server stops in the middle, what is missing is asked for again, as long as
   * some of it comes.
   * @param begin asks for what begins at a byte; null: there is nothing more
   */
  async *resumed(
    first: number,
    begin: (from: number) => Promise<IncomingMessage | null>,
  ): AsyncGenerator<Uint8Array> {
    let at = first;
    for (let attempt = 1; ; attempt++) {
      const response = await begin(at);
      if (response === null) return;
      // A server may ignore the range, and begin anew.
      let known = response.statusCode === 206 ? 0 : at;
      try {
        for await (const bytes of this.#body(response)) {
          const more = bytes.subarray(known);
          known -= bytes.length - more.length;
          if (more.length === 0) continue;
          at += more.length;
          attempt = 1;
          yield more;
        }
        return;
      } catch (error) {
        if (attempt === ATTEMPTS || this.#closing.signal.aborted) throw error;
      }
    }
  }

  /** For requests that can be repeated. */
  async send(request: S3Request): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt === ATTEMPTS;
      try {
        const response = await this.#try(request);
        const { statusCode: status = 0 } = response;
        if (request.expected.includes(status)) return response;
        const text = await this.read(response);
        if (isLast || (status < 500 && status !== 429)) throw this.refused(status, elementOf(text, 'Code'));
      } catch (error) {
        if (error instanceof VaultError) throw error;
        // Whoever has waited for a server that hangs is not made to wait again.
        if (isLast || error instanceof Silence || this.#closing.signal.aborted)
          throw this.#unreachable(error);
      }
      await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 4 ** (attempt - 1)));
    }
  }

  async #try({ method, key, query = {}, headers, body, moreMs = 0 }: S3Request): Promise<IncomingMessage> {
    const { endpoint, bucket } = this.#settings;
    const url = new URL(`${endpoint}/${bucket}${key === null ? '' : `/${encodeKey(key)}`}`);
    url.search = Object.entries(query)
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .join('&');
    // Without the body, which would be copied: its hash is enough.
    const signed = await this.#signer.sign(url.href, {
      method,
      headers: { ...headers, 'x-amz-content-sha256': toHex(nodeSha256(body ?? new Uint8Array())) },
    });
    return exchange(url, {
      ...{ method, body, signal: this.#closing.signal, silenceMs: this.#silenceMs + moreMs },
      headers: Object.fromEntries(signed.headers),
    });
  }

  refused(status: number, code: string | null): VaultError {
    const { bucket, endpoint } = this.#settings;
    const advice = this.#advice(status);
    const what = `the S3 server ${endpoint} answered ${status}${code === null ? '' : ` (${code})`} for the bucket ${bucket}`;
    return new VaultError('unavailable', advice === null ? what : `${what}: ${advice}`);
  }

  unexpected(what: string): VaultError {
    return new VaultError('unavailable', `the S3 server ${this.#settings.endpoint} cannot be used: ${what}`);
  }

  #unreachable(error: unknown): VaultError {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
    const { endpoint } = this.#settings;
    const what =
      error instanceof Silence ? `does not answer: ${error.message}` : `cannot be reached (${why})`;
    return new VaultError('unavailable', `the S3 server ${endpoint} ${what}`, { cause: error });
  }
}

/** The text of an answer. */
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** All but the unreserved characters of RFC 3986 §2.3, as S3 wants it in what is signed. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const encodeKey = (key: string): string => key.split('/').map(encode).join('/');

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  '#34': '"',
  '#39': "'",
};

/** The text of an element without others inside; null: there is none. */
export function elementOf(xml: string, name: string): string | null {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replaceAll(/&(#?\w+);/g, (whole, entity: string) => ENTITIES[entity] ?? whole) ?? null;
}
