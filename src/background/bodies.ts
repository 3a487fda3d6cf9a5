/** A body has more bytes than its reader takes. */
export class TooLongError extends Error {
  override readonly name = 'TooLongError';
}

/**
 * The whole body of a response, or of another stream. Nothing is read beyond the limit.
 * @param body    null: empty
 * @param limit   in bytes
 * @param onChunk called for each part that arrives
 * @throws {TooLongError}, and what the stream throws
 */
export async function readLimited(
  body: AsyncIterable<Uint8Array> | null,
  limit: number,
  onChunk: () => void = () => undefined,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    onChunk();
    length += chunk.length;
    if (length > limit) throw new TooLongError(`the response is longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
