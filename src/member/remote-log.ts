import type { LogSource } from '../log/remote-audit.js';
import { HASH_LENGTH, indexPath, TILE_WIDTH, tilePath, utf8Decode } from '../proof/index.js';
import { Unavailable } from './refusal.js';

/** What another node publishes: its log, and the leaf hashes of its blocks. */
export interface RemoteLog extends Required<LogSource> {
  readonly url: string;
  /** The leaf hashes at these positions, one after the other; null: not all of them are in blocks there. */
  leaves(first: number, count: number): Promise<Uint8Array | null>;
}

/** A bundle of 256 headers has 26,624 bytes, a tile 8,192: whoever sends more does not mean it. */
const MAX_ANSWER_LENGTH = 64 * 1024;
/** Some 4 KiB for each time that a key was changed. */
const MAX_STATEMENTS_LENGTH = 1024 * 1024;

/**
 * Reads over HTTP. Everything that comes is to be checked by the caller.
 * Its methods reject with Unavailable, also when `timeoutMs` are over.
 */
export function remoteLog(url: string, timeoutMs: number, stop: AbortSignal): RemoteLog {
  const prefix = url.replace(/\/+$/, '');
  const read = (path: string, limit = MAX_ANSWER_LENGTH) =>
    request(`${prefix}/${path}`, limit, AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]));
  return {
    url: prefix,
    checkpoint: async () => {
      const bytes = await read('checkpoint');
      return bytes === null ? null : utf8Decode(bytes);
    },
    keyStatements: async () => {
      const bytes = await read('v1/log-keys', MAX_STATEMENTS_LENGTH);
      return bytes === null ? null : utf8Decode(bytes);
    },
    tile: (tile) => read(tilePath(tile)),
    entryBundle: (index, width) =>
      read(`tile/entries/${indexPath(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`),
    leaves: (first, count) => read(`v1/leaves?first=${first}&count=${count}`, count * HASH_LENGTH + 1),
  };
}

async function request(url: string, limit: number, signal: AbortSignal): Promise<Uint8Array | null> {
  try {
    const response = await fetch(url, {
      redirect: 'error',
      signal,
    });
    if (response.status === 404) {
      await response.body?.cancel();
      return null;
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new Unavailable(`${url} answers ${response.status}`);
    }
    return await readLimited(response, limit);
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    const message = error instanceof Error ? error.message : String(error);
    throw new Unavailable(`${url}: ${message}${cause}`, { cause: error });
  }
}

async function readLimited(response: Response, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > limit) throw new Unavailable(`${response.url} does not end`);
    chunks.push(chunk);
  }
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}
