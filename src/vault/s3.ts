import type { IncomingMessage } from 'node:http';
import { STORAGE_LIMITS } from '../background/time-limits.js';
import { elementOf, S3Client, type S3ClientSettings } from './s3-client.js';
import { type ByteRange, type ObjectStorage, VaultError } from './storage.js';

/** A bucket of an S3 server. */
export interface S3Settings extends S3ClientSettings {
  /** Before each name: empty, or with a slash at its end. */
  readonly prefix: string;
}

/** What is held at first: most documents are small. */
const FIRST_LENGTH = 256 * 1024;
/** S3 accepts parts of 5 MiB and more. */
const USUAL_PART = 16 * 1024 * 1024;
const MAX_PARTS = 10_000;

/**
 * A vault in a bucket. What is longer than one part is written as a multipart upload: nobody sees an object before it is
 * whole. Every request can be repeated: a part replaces itself, and names are used once.
 */
export class S3Storage implements ObjectStorage {
  readonly #prefix: string;
  readonly #client: S3Client;

  constructor(settings: S3Settings) {
    this.#prefix = settings.prefix;
    this.#client = new S3Client(settings, adviceFor);
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
        await this.#client.done({ method: 'PUT', key: this.#keyOf(name), body: held, expected: [200] });
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

  read(name: string, { first, last }: ByteRange): AsyncGenerator<Uint8Array> {
    return this.#client.resumed(first, (from) => this.#range(name, from, last));
  }

  async #range(name: string, first: number, last: number): Promise<IncomingMessage | null> {
    const response = await this.#client.send({
      method: 'GET',
      key: this.#keyOf(name),
      headers: { range: `bytes=${first}-${last}` },
      expected: [206, 404, 416],
    });
    const { statusCode: status = 0 } = response;
    if (status === 206) return response;
    const code = elementOf(await this.#client.read(response), 'Code');
    // It is shorter than it was.
    if (status === 416) return null;
    // Else the bucket itself is not there.
    if (code !== 'NoSuchKey') throw this.#client.refused(status, code);
    throw new VaultError('missing', 'the bucket of the vault does not have the document');
  }

  async remove(name: string): Promise<void> {
    await this.#client.done({ method: 'DELETE', key: this.#keyOf(name), expected: [200, 204] });
    const key = this.#keyOf(name);
    const list = await this.#client.text({
      ...{ method: 'GET', key: null, query: { uploads: '', prefix: key }, expected: [200] },
    });
    for (const [, each = ''] of list.matchAll(/<Upload>(.*?)<\/Upload>/gs)) {
      const upload = elementOf(each, 'UploadId');
      if (elementOf(each, 'Key') === key && upload !== null) await this.#abort(name, upload);
    }
  }

  close(): void {
    this.#client.close();
  }

  async check(): Promise<void> {
    await this.#client.done({ method: 'HEAD', key: null, expected: [200] });
  }

  async #begin(name: string): Promise<string> {
    const text = await this.#client.text({
      method: 'POST',
      key: this.#keyOf(name),
      query: { uploads: '' },
      expected: [200],
    });
    const id = elementOf(text, 'UploadId');
    if (id === null) throw this.#client.unexpected('it began an upload and gave it no UploadId');
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
    const { headers } = await this.#client.whole({
      method: 'PUT',
      key: this.#keyOf(name),
      query,
      body,
      expected: [200],
    });
    const { etag: tag } = headers;
    if (tag === undefined) throw this.#client.unexpected('it took a part and gave it no ETag');
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
    const text = await this.#client.text({
      ...{ method: 'POST', key: this.#keyOf(name), query: { uploadId }, headers, body, expected: [200] },
      moreMs: tags.length * STORAGE_LIMITS.partMs,
    });
    // S3 may say so after it has sent 200.
    if (/<Error>/.test(text))
      throw this.#client.unexpected(elementOf(text, 'Code') ?? 'an error without a code');
  }

  #abort(name: string, uploadId: string): Promise<void> {
    return this.#client.done({
      method: 'DELETE',
      key: this.#keyOf(name),
      query: { uploadId },
      expected: [200, 204, 404],
    });
  }

  #keyOf(name: string): string {
    return this.#prefix + name;
  }
}

function adviceFor(status: number): string | null {
  switch (status) {
    case 401:
    case 403:
      return 'check INGAM_VAULT_S3_ACCESS_KEY, INGAM_VAULT_S3_SECRET_KEY and INGAM_VAULT_S3_REGION, and what the key may do';
    case 404:
      return 'make the bucket, or check INGAM_VAULT and INGAM_VAULT_S3_ENDPOINT';
    default:
      return null;
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

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
