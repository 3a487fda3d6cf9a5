import type { LogSource } from '../log/remote-audit.js';
import { indexPath, TILE_WIDTH, tilePath, utf8Decode, type TileId } from '../proof/index.js';
import { Unavailable } from './refusal.js';

/** What another node publishes: its log, and the trees of its blocks. */
export interface RemoteLog extends LogSource {
  readonly url: string;
  /** null: there is no such tile there. */
  blockTile(height: number, tile: TileId): Promise<Uint8Array | null>;
}

/** A bundle of 256 headers has 26,624 bytes, a tile 8,192: whoever sends more does not mean it. */
const MAX_ANSWER_LENGTH = 64 * 1024;

/**
 * Reads over HTTP. Everything that comes is to be checked by the caller.
 * Its methods reject with Unavailable, also when `timeoutMs` are over.
 */
export function remoteLog(url: string, timeoutMs: number, stop: AbortSignal): RemoteLog {
  const prefix = url.replace(/\/+$/, '');
  const read = (path: string) => request(`${prefix}/${path}`, timeoutMs, stop);
  return {
    url: prefix,
    checkpoint: async () => {
      const bytes = await read('checkpoint');
      return bytes === null ? null : utf8Decode(bytes);
    },
    tile: (tile) => read(tilePath(tile)),
    entryBundle: (index, width) =>
      read(`tile/entries/${indexPath(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`),
    blockTile: (height, tile) => read(`v1/blocks/${height}/${tilePath(tile)}`),
  };
}

async function request(url: string, timeoutMs: number, stop: AbortSignal): Promise<Uint8Array | null> {
  try {
    const response = await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
    });
    if (response.status === 404) {
      await response.body?.cancel();
      return null;
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new Unavailable(`${url} answers ${response.status}`);
    }
    return await readLimited(response);
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    const message = error instanceof Error ? error.message : String(error);
    throw new Unavailable(`${url}: ${message}${cause}`, { cause: error });
  }
}

async function readLimited(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MAX_ANSWER_LENGTH) throw new Unavailable(`${response.url} does not end`);
    chunks.push(chunk);
  }
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}
