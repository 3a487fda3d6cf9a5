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

/**
 * Reads `source` to its end and gives the SHA-256 and the length of what came. Holds one chunk at a time, whatever the size.
 * Rejects with the stream's own error when it breaks off, and with DocumentTooLarge as soon as the limit is passed.
 */
export async function hashDocument(
  source: AsyncIterable<Uint8Array>,
  options: { readonly maxBytes?: number | null } = {},
): Promise<{ sha256: Uint8Array; size: number }> {
  const running = createHash('sha256');
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (options.maxBytes != null && size > options.maxBytes) throw new DocumentTooLarge(options.maxBytes);
    running.update(chunk);
  }
  return { sha256: running.digest(), size };
}
