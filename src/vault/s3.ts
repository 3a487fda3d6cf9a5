import type { IncomingMessage } from 'node:http';
import { AwsClient } from 'aws4fetch';
import { STORAGE_LIMITS } from '../background/time-limits.js';
import { nodeSha256 } from '../crypto/primitives.js';
import { toHex } from '../proof/index.js';
import { bodyOf, exchange, Silence } from './exchange.js';
import { type ByteRange, type ObjectStorage, VaultError } from './storage.js';

/** A bucket of an S3 server. */
export interface S3Settings {
  /** http(s) address of the server, without a slash at its end. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Before each name: empty, or with a slash at its end. */
  readonly prefix: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** How long the server may show no sign of life. */
  readonly silenceMs?: number | undefined;
}

/** What is held at first: most documents are small. */
const FIRST_LENGTH = 256 * 1024;
/** S3 accepts parts of 5 MiB and more. */
const USUAL_PART = 16 * 1024 * 1024;
const MAX_PARTS = 10_000;
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 100;
/** More is no answer of S3 to what is asked here. */
const MAX_ANSWER = 4 * 1024 * 1024;

interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** null: of the bucket. */
  readonly name: string | null;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** What the answer may be. */
  readonly expected: readonly number[];
  /** How much longer than usual it may take. */
  readonly moreMs?: number;
}

/**
 * A vault in a bucket. aws4fetch signs the requests (Signature Version 4, with the SHA-256 of each body). What is longer than one part is written as a multipart upload: nobody sees an object before it is whole.
 */
export class S3Storage implements ObjectStorage {
  readonly #settings: S3Settings;
  readonly #signer: AwsClient;
  readonly #silenceMs: number;
  readonly #closing = new AbortController();

  constructor(settings: S3Settings) {
    this.#settings = settings;
    this.#silenceMs = settings.silenceMs ?? STORAGE_LIMITS.silenceMs;
    const { accessKey: accessKeyId, secretKey: secretAccessKey, region } = settings;
    this.#signer = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });
  }

  async write(name: string, content: AsyncIterable<Uint8Array>, expectedBytes: number | null): Promise<void> {
    const partLength = Math.max(USUAL_PART, Math.ceil((expectedBytes ?? 0) / (MAX_PARTS - 1)));
    let upload: string | null = null;
    const tags: string[] = [];
    try {
      let held: Uint8Array<ArrayBuffer> | null = null;
      // One behind: a single part needs no multipart upload.
      for await (const part of partsOf(content, partLength)) {
        if (held !== null) {
          upload ??= await this.#begin(name);
          tags.push(await this.#putPart(name, upload, tags.length + 1, held));
        }
        held = part;
      }
      held ??= new Uint8Array();
      if (upload === null) {
        await this.#done({ method: 'PUT', name, body: held, expected: [200] });
        return;
      }
      tags.push(await this.#putPart(name, upload, tags.length + 1, held));
      await this.#complete(name, upload, tags);
    } catch (error) {
      // When the server fails, whoever removes the object later ends its upload.
      if (upload !== null && !(error instanceof VaultError))
        await this.#abort(name, upload).catch(() => undefined);
      throw error;
    }
  }

  async *read(name: string, { first, last }: ByteRange): AsyncGenerator<Uint8Array> {
    const response = await this.#send({
      ...{ method: 'GET', name, headers: { range: `bytes=${first}-${last}` }, expected: [206, 404, 416] },
    });
    const { statusCode: status = 0 } = response;
    if (status === 206) {
      yield* this.#body(response);
      return;
    }
    const code = elementOf(await this.#read(response), 'Code');
    // It is shorter than it was.
    if (status === 416) return;
    // Else the bucket itself is not there.
    if (code !== 'NoSuchKey') throw this.#refused(status, code);
    throw new VaultError('missing', 'the bucket of the vault does not have the document');
  }

  async remove(name: string): Promise<void> {
    await this.#done({ method: 'DELETE', name, expected: [200, 204] });
    const key = this.#keyOf(name);
    const list = await this.#text({
      ...{ method: 'GET', name: null, query: { uploads: '', prefix: key }, expected: [200] },
    });
    for (const [, each = ''] of list.matchAll(/<Upload>(.*?)<\/Upload>/gs)) {
      const upload = elementOf(each, 'UploadId');
      if (elementOf(each, 'Key') === key && upload !== null) await this.#abort(name, upload);
    }
  }

  close(): void {
    this.#closing.abort();
  }

  async check(): Promise<void> {
    await this.#done({ method: 'HEAD', name: null, expected: [200] });
  }

  async #begin(name: string): Promise<string> {
    const text = await this.#text({ method: 'POST', name, query: { uploads: '' }, expected: [200] });
    const id = elementOf(text, 'UploadId');
    if (id === null) throw this.#unexpected('it began an upload and gave it no UploadId');
    return id;
  }

  async #putPart(
    name: string,
    uploadId: string,
    number: number,
    body: Uint8Array<ArrayBuffer>,
  ): Promise<string> {
    if (number > MAX_PARTS) {
      throw new VaultError(
        'unavailable',
        `S3 takes at most ${MAX_PARTS} parts of a document whose length is not announced: send it with Content-Length`,
      );
    }
    const query = { partNumber: String(number), uploadId };
    const response = await this.#send({ method: 'PUT', name, query, body, expected: [200] });
    await this.#read(response);
    const { etag: tag } = response.headers;
    if (tag === undefined) throw this.#unexpected('it took a part and gave it no ETag');
    return tag;
  }

  async #complete(name: string, uploadId: string, tags: readonly string[]): Promise<void> {
    const parts = tags.map(
      (tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${escapeXml(tag)}</ETag></Part>`,
    );
    const body = new TextEncoder().encode(
      `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`,
    );
    const headers = { 'content-type': 'application/xml' };
    const text = await this.#text({
      ...{ method: 'POST', name, query: { uploadId }, headers, body, expected: [200] },
      moreMs: tags.length * STORAGE_LIMITS.partMs,
    });
    // S3 may say so after it has sent 200.
    if (/<Error>/.test(text)) throw this.#unexpected(elementOf(text, 'Code') ?? 'an error without a code');
  }

  #abort(name: string, uploadId: string): Promise<void> {
    return this.#done({ method: 'DELETE', name, query: { uploadId }, expected: [200, 204, 404] });
  }

  async #done(request: S3Request): Promise<void> {
    await this.#text(request);
  }

  async #text(request: S3Request): Promise<string> {
    return this.#read(await this.#send(request));
  }

  async #read(response: IncomingMessage): Promise<string> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const bytes of this.#body(response)) {
      text += decoder.decode(bytes, { stream: true });
      if (text.length > MAX_ANSWER) throw this.#unexpected('its answer is too long');
    }
    return text;
  }

  async *#body(response: IncomingMessage): AsyncGenerator<Uint8Array> {
    try {
      yield* bodyOf(response, this.#silenceMs);
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  /** Every request can be repeated: a part replaces itself, and names are used once. */
  async #send(request: S3Request): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt === ATTEMPTS;
      try {
        const response = await this.#try(request);
        const { statusCode: status = 0 } = response;
        if (request.expected.includes(status)) return response;
        const text = await this.#read(response);
        if (isLast || (status < 500 && status !== 429)) throw this.#refused(status, elementOf(text, 'Code'));
      } catch (error) {
        if (error instanceof VaultError) throw error;
        // Whoever has waited for a server that hangs is not made to wait again.
        if (isLast || error instanceof Silence || this.#closing.signal.aborted)
          throw this.#unreachable(error);
      }
      await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 4 ** (attempt - 1)));
    }
  }

  async #try({ method, name, query = {}, headers, body, moreMs = 0 }: S3Request): Promise<IncomingMessage> {
    const { endpoint, bucket } = this.#settings;
    const url = new URL(`${endpoint}/${bucket}${name === null ? '' : `/${this.#keyOf(name)}`}`);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
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

  #keyOf(name: string): string {
    return this.#settings.prefix + name;
  }

  #refused(status: number, code: string | null): VaultError {
    const { bucket, endpoint } = this.#settings;
    const what = `the S3 server ${endpoint} answered ${status}${code === null ? '' : ` (${code})`} for the bucket ${bucket}`;
    if (status === 403 || status === 401)
      return new VaultError(
        'unavailable',
        `${what}: check INGAM_VAULT_S3_ACCESS_KEY, INGAM_VAULT_S3_SECRET_KEY and INGAM_VAULT_S3_REGION, and what the key may do`,
      );
    if (status === 404)
      return new VaultError(
        'unavailable',
        `${what}: make the bucket, or check INGAM_VAULT and INGAM_VAULT_S3_ENDPOINT`,
      );
    return new VaultError('unavailable', what);
  }

  #unexpected(what: string): VaultError {
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

/**
 * The same bytes in parts of this length; only the last is shorter. No part is empty. A part is valid until the next but
 * one: two buffers take turns, because the garbage collector lets many of their size wait.
 */
async function* partsOf(
  content: AsyncIterable<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let part = new Uint8Array(FIRST_LENGTH);
  let other: Uint8Array<ArrayBuffer> | null = null;
  let filled = 0;
  for await (const bytes of content) {
    for (let at = 0; at < bytes.length;) {
      if (filled === length) {
        yield part;
        [part, other] = [other ?? new Uint8Array(length), part];
        filled = 0;
      }
      if (filled === part.length) {
        const larger = new Uint8Array(Math.min(length, 4 * part.length));
        larger.set(part);
        part = larger;
      }
      const piece = bytes.subarray(at, at + part.length - filled);
      part.set(piece, filled);
      filled += piece.length;
      at += piece.length;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}

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
function elementOf(xml: string, name: string): string | null {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replaceAll(/&(#?\w+);/g, (whole, entity: string) => ENTITIES[entity] ?? whole) ?? null;
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
