import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { join, resolve } from 'node:path';
import { elementOf, type S3Client, VaultError } from '../../vault/index.js';
import { objectsBelow, openBucket } from '../bucket.js';
import { Failure, usageError } from '../failure.js';
import { PROOF_SUFFIX, throwIfStopped } from '../files.js';
import type { Io } from '../io.js';
import { failureMessages } from '../messages/failures.js';
import { watchMessages } from '../messages/watch.js';
import { withSuffix } from '../paths.js';
import type { Listed, Source, WatchedDocument } from './source.js';

interface BucketOptions {
  /** Folder that mirrors the bucket, with the proofs. */
  readonly proofs: string | null;
  readonly isSkipped: (inside: string) => boolean;
}

/** @throws {Failure} usage */
export function bucketSource(shown: string, { proofs, isSkipped }: BucketOptions, io: Io): Source {
  const t = watchMessages();
  if (proofs === null) throw usageError(t.needsProofs, t.bucketIsRead);
  const { bucket, prefix, client } = openBucket(shown, io);
  const root = join(resolve(io.cwd, proofs), bucket, ...fileNames(prefix));

  const documentOf = (object: string, key: string): WatchedDocument => {
    const inside = fileNames(key.slice(prefix.length)).join('/');
    const size = Number(elementOf(object, 'Size') ?? 0);
    const tag = elementOf(object, 'ETag') ?? '';
    return {
      ...{ path: key, shown: `s3://${bucket}/${key}`, size, inside, isSettled: true },
      proofPath: withSuffix(join(root, inside), PROOF_SUFFIX),
      version: `${tag} ${size} ${elementOf(object, 'LastModified') ?? ''}`,
    };
  };

  async function* listed(): AsyncGenerator<Listed> {
    for await (const { key, object } of objectsBelow(client, prefix, io.signal)) {
      // Programs mark folders so.
      if (key.endsWith('/')) continue;
      const parts = key.slice(prefix.length).split('/');
      // No address has such parts, and no file such a name.
      if (parts.some((part) => part === '.' || part === '..') || key.includes('\0')) {
        const found = `s3://${bucket}/${key}`;
        yield { shown: found, failure: new Failure('unreadable', t.strangeKey(found)) };
      } else if (!parts.some((_, i) => isSkipped(parts.slice(0, i + 1).join('/')))) {
        yield documentOf(object, key);
      }
    }
  }

  return {
    shown,
    root,
    shownOf: (inside) => `s3://${bucket}/${prefix}${inside}`,
    list: () => asFailures(listed()),
    hash: (object, signal, onBytes) => asFailure(() => hashObject(client, object, signal, onBytes)),
  };
}

/** The parts of a key as names of files: never empty, and those of different keys differ. */
function fileNames(key: string): string[] {
  const parts = key.split('/');
  if (parts.at(-1) === '') parts.pop();
  return parts.map((part) => (part === '' || part.startsWith('%') ? `%${part}` : part));
}

async function hashObject(
  client: S3Client,
  object: WatchedDocument,
  signal: AbortSignal,
  onBytes: (count: number) => void,
) {
  const [tag = ''] = object.version.split(' ');
  const hash = createHash('sha256');
  let size = 0;
  const content = client.resumed(0, async (from) => {
    throwIfStopped(signal);
    const response = await client.send({
      method: 'GET',
      key: object.path,
      headers: { 'if-match': tag, ...(from === 0 ? {} : { range: `bytes=${from}-` }) },
      expected: [200, 206, 403, 404, 412, 416],
    });
    await assertSame(client, object, tag, response);
    return response;
  });
  for await (const bytes of content) {
    throwIfStopped(signal);
    hash.update(bytes);
    size += bytes.length;
    onBytes(bytes.length);
  }
  if (size !== object.size) throw changed(object.shown);
  return { sha256: new Uint8Array(hash.digest()), size };
}

/** @throws {Failure} changed, also when it is gone: the next listing shows what there is; unreadable */
async function assertSame(
  client: S3Client,
  { shown }: WatchedDocument,
  tag: string,
  response: IncomingMessage,
): Promise<void> {
  const { statusCode: status = 0, headers } = response;
  if (status === 403) {
    const code = elementOf(await client.read(response), 'Code') ?? '403';
    throw new Failure('unreadable', watchMessages().objectRefused(shown, code));
  }
  if ((status === 200 || status === 206) && headers.etag === tag) return;
  response.destroy();
  throw changed(shown);
}

const changed = (shown: string) =>
  new Failure('changed', failureMessages().changed(shown), { hint: failureMessages().changedHint });

/** @throws {Failure} unreachable, in place of a VaultError */
async function asFailure<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failureOfBucket(error);
  }
}

async function* asFailures<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw failureOfBucket(error);
  }
}

const failureOfBucket = (error: unknown) =>
  error instanceof VaultError
    ? new Failure('unreachable', watchMessages().bucketFailed(error.message), { cause: error })
    : error;
