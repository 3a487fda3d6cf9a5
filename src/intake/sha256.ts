import { createHash } from 'node:crypto';

/** Thrown by `hashDocument` when the document goes beyond the limit it was given. */
export class DocumentTooLarge extends Error {
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(`the document has more than ${maxBytes} bytes`);
    this.name = 'DocumentTooLarge';
    this.maxBytes = maxBytes;
  }
}

export interface HashedDocument {
  readonly sha256: Uint8Array;
  readonly size: number;
}

export interface HashLimits {
  /** null: no limit. */
  readonly maxBytes?: number | null;
}

/**
 * Reads `source` to its end and gives the SHA-256 and the length of what came. Holds one chunk at a time, whatever the size.
 * Rejects with the stream's own error when it breaks off, and with DocumentTooLarge as soon as the limit is passed.
 */
export async function hashDocument(
  source: AsyncIterable<Uint8Array>,
  { maxBytes = null }: HashLimits = {},
): Promise<HashedDocument> {
  const running = createHash('sha256');
  let size = 0;
  for await (const chunk of source) {
    size = grown(size, chunk, maxBytes);
    running.update(chunk);
  }
  return { sha256: running.digest(), size };
}

/** The size with one more chunk. @throws {DocumentTooLarge} */
export function grown(size: number, chunk: Uint8Array, maxBytes: number | null): number {
  const sum = size + chunk.length;
  if (maxBytes !== null && sum > maxBytes) throw new DocumentTooLarge(maxBytes);
  return sum;
}
