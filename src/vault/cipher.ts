import { createCipheriv, createDecipheriv } from 'node:crypto';
import { type ByteRange, VaultError } from './storage.js';

/*
 * How the bytes of a document are encrypted (docs/vault.md, "Format"): AES-256-GCM in chunks of 64 KiB, in the
 * construction STREAM (Hoang, Reyhanitabar, Rogaway and Vizár 2015), as age has it. The nonce is the number of the
 * chunk in 11 bytes and whether it is the last one in the 12th; no nonce is used twice, because each document has a
 * key of its own. Chunks that change places, or are missing at the end, are noticed as well as changed ones.
 */

/** Bytes of a document in one chunk. */
export const CHUNK_LENGTH = 64 * 1024;
const TAG_LENGTH = 16;
const SEALED_CHUNK_LENGTH = CHUNK_LENGTH + TAG_LENGTH;
const NONCE_LENGTH = 12;
const CIPHER = 'aes-256-gcm';

/** An empty document has one chunk, which is empty. */
const chunksOf = (size: number): number => Math.max(1, Math.ceil(size / CHUNK_LENGTH));

/** The length of the object of a document with `size` bytes. */
export function sealedLength(size: number): number {
  return size + TAG_LENGTH * chunksOf(size);
}

function nonceOf(index: number, isLast: boolean): Uint8Array {
  const nonce = Buffer.alloc(NONCE_LENGTH);
  nonce.writeUIntBE(index, 5, 6);
  nonce[NONCE_LENGTH - 1] = isLast ? 1 : 0;
  return nonce;
}

/**
 * Encrypts a document, one chunk in memory at a time.
 * @param key 32 bytes, for this document only
 */
export async function* sealDocument(
  key: Uint8Array,
  document: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(CHUNK_LENGTH);
  let filled = 0;
  let index = 0;
  for await (const bytes of document) {
    for (let at = 0; at < bytes.length;) {
      // Only what follows a full chunk tells that it is not the last one.
      if (filled === CHUNK_LENGTH) {
        yield sealChunk(key, index++, false, chunk);
        filled = 0;
      }
      const part = bytes.subarray(at, at + CHUNK_LENGTH - filled);
      chunk.set(part, filled);
      filled += part.length;
      at += part.length;
    }
  }
  yield sealChunk(key, index, true, chunk.subarray(0, filled));
}

function sealChunk(key: Uint8Array, index: number, isLast: boolean, chunk: Uint8Array): Uint8Array {
  const cipher = createCipheriv(CIPHER, key, nonceOf(index, isLast));
  return Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Decrypts a range of a document. Every byte that it yields has been authenticated.
 * @param size of the document, in bytes, from a source that is trusted
 * @param range within the document; not empty
 * @param read reads a range of the object
 * @throws {VaultError} damaged: the message names the chunk
 */
export async function* openDocument(
  key: Uint8Array,
  size: number,
  range: ByteRange,
  read: (range: ByteRange) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const last = chunksOf(size) - 1;
  let index = Math.floor(range.first / CHUNK_LENGTH);
  const end = Math.floor(range.last / CHUNK_LENGTH);
  const sealed = read({
    first: index * SEALED_CHUNK_LENGTH,
    last: Math.min((end + 1) * SEALED_CHUNK_LENGTH, sealedLength(size)) - 1,
  });
  const lengthOf = (chunk: number) =>
    chunk === last ? sealedLength(size) - last * SEALED_CHUNK_LENGTH : SEALED_CHUNK_LENGTH;
  for await (const chunk of piecesOf(sealed, () => lengthOf(index))) {
    if (index > end) return;
    const start = index * CHUNK_LENGTH;
    const isLast = index === last;
    const bytes = chunk.length === lengthOf(index) ? openChunk(key, index, isLast, chunk) : null;
    if (bytes === null) throw damaged(index, start, size);
    index++;
    yield bytes.subarray(Math.max(0, range.first - start), range.last - start + 1);
  }
  if (index <= end) throw damaged(index, index * CHUNK_LENGTH, size);
}

function damaged(index: number, start: number, size: number): VaultError {
  const end = Math.min(start + CHUNK_LENGTH, size);
  return new VaultError(
    'damaged',
    `chunk ${index} (bytes ${start} to ${Math.max(start, end - 1)}) is not what was kept: it was changed, moved or cut off`,
  );
}

/** null: not authentic. */
function openChunk(key: Uint8Array, index: number, isLast: boolean, chunk: Uint8Array): Uint8Array | null {
  const text = chunk.subarray(0, -TAG_LENGTH);
  const decipher = createDecipheriv(CIPHER, key, nonceOf(index, isLast)).setAuthTag(
    chunk.subarray(-TAG_LENGTH),
  );
  try {
    return Buffer.concat([decipher.update(text), decipher.final()]);
  } catch {
    return null;
  }
}

/** The same bytes in pieces of these lengths; what is left in the end comes as a shorter one. */
async function* piecesOf(source: AsyncIterable<Uint8Array>, next: () => number): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let have = 0;
  for await (const bytes of source) {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + next() - have);
      parts.push(part);
      have += part.length;
      at += part.length;
      if (have < next()) continue;
      const piece = Buffer.concat(parts);
      parts = [];
      have = 0;
      yield piece;
    }
  }
  if (have > 0) yield Buffer.concat(parts);
}
