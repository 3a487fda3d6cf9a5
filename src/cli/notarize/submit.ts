import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import {
  decodeEntry,
  equal,
  fromBase64,
  isObject,
  ProofError,
  toHex,
  utf8,
  type Entry,
  type Json,
  type JsonObject,
} from '../../proof/index.js';
import { Failure } from '../failure.js';
import type { HashedDocument } from '../files.js';
import type { ServiceAnswer, ServiceClient } from '../service-client.js';

export interface Submitted {
  readonly id: string;
  readonly entry: Entry;
  /** The details as stored by the service, which may add the file name of an upload. */
  readonly details?: JsonObject;
}

export interface Submission {
  /** Absolute. */
  readonly path: string;
  readonly document: HashedDocument;
  readonly details: JsonObject | undefined;
}

/** Submits digests. The service accepts all of them or none. @throws {Failure} */
export async function submitDigests(
  service: ServiceClient,
  submissions: readonly Submission[],
): Promise<Submitted[]> {
  const body = JSON.stringify({
    documents: submissions.map(({ document, details }) => ({
      sha256: toHex(document.sha256),
      size: document.size,
      ...(details === undefined ? {} : { details }),
    })),
  });
  const answer = await service.request('v1/notarizations', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: () => body,
  });
  return readAccepted(service, answer, submissions);
}

/** Uploads a document, which the service hashes too; both digests must be equal. @throws {Failure} */
export async function uploadDocument(
  service: ServiceClient,
  submission: Submission,
  signal: AbortSignal,
): Promise<Submitted> {
  const boundary = `ingam-${randomUUID()}`;
  const details =
    submission.details === undefined
      ? ''
      : part(boundary, 'name="details"', JSON.stringify(submission.details));
  const name = escapeName(basename(submission.path));
  const head = utf8(
    `${details}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n` +
      'Content-Type: application/octet-stream\r\n\r\n',
  );
  const tail = utf8(`\r\n--${boundary}--\r\n`);
  const answer = await service.request('v1/notarizations', {
    method: 'POST',
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'idempotency-key': randomUUID(),
    },
    body: () =>
      Readable.toWeb(Readable.from(multipart(head, submission.path, tail, signal))) as NonNullable<
        RequestInit['body']
      >,
  });
  const [accepted] = readAccepted(service, answer, [submission]);
  if (accepted === undefined) throw service.unexpected('it returned no notarization');
  return accepted;
}

async function* multipart(
  head: Uint8Array,
  path: string,
  tail: Uint8Array,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  yield head;
  yield* createReadStream(path, { signal, highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>;
  yield tail;
}

function part(boundary: string, disposition: string, body: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${body}\r\n`;
}

/** As browsers encode it: HTML Living Standard, "Multipart form data". */
function escapeName(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}

/** One notarization for each submission, in the same order. */
function readAccepted(
  service: ServiceClient,
  answer: ServiceAnswer,
  submissions: readonly Submission[],
): Submitted[] {
  const list = service.object(answer)['notarizations'];
  if (!Array.isArray(list) || list.length !== submissions.length) {
    throw service.unexpected('it returned another number of notarizations than documents sent');
  }
  return submissions.map(({ document }, i) => {
    const accepted = readOne(service, (list as readonly Json[])[i]);
    if (!equal(accepted.entry.digest, document.sha256)) {
      throw new Failure(
        'refused',
        'the service received different bytes: the file changed during the upload, or the connection is faulty',
      );
    }
    return accepted;
  });
}

function readOne(service: ServiceClient, value: Json | undefined): Submitted {
  const id = isObject(value) ? value['id'] : undefined;
  const entry = isObject(value) ? value['entry'] : undefined;
  const details = isObject(value) ? value['details'] : undefined;
  if (typeof id !== 'string' || !/^[0-9a-z-]{1,64}$/.test(id) || typeof entry !== 'string') {
    throw service.unexpected('a notarization has no id or entry');
  }
  try {
    return {
      id,
      entry: decodeEntry(fromBase64(entry)),
      ...(isObject(details) ? { details } : {}),
    };
  } catch (error) {
    if (error instanceof ProofError) throw service.unexpected(error.message, error);
    throw error;
  }
}
