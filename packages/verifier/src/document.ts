import { createSha256 } from '../../../src/proof/hash.js';

/** What a Blob or a File of a browser, and a Blob of Node have in common. */
export interface BlobLike {
  readonly size: number;
  arrayBuffer(): Promise<ArrayBuffer>;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** What a document is, as far as proofs say it. */
export interface DocumentDigest {
  /** SHA-256, 32 bytes. */
  readonly sha256: Uint8Array;
  /** In bytes; absent when only the digest is known. */
  readonly size?: number;
}

/** A document: its bytes, a file, its bytes piece by piece (as a stream of Node gives them), or its digest alone. */
export type DocumentSource =
  | Uint8Array
  | BlobLike
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>
  | DocumentDigest;

/** In bytes. */
const PIECE = 1024 * 1024;

/**
 * SHA-256 and length of a document, which is read piece by piece.
 * @throws {TypeError} for anything but a document; whatever reading it throws
 */
export async function hashDocument(source: DocumentSource): Promise<DocumentDigest> {
  if ('sha256' in source) return source;
  const hash = createSha256();
  let size = 0;
  for await (const piece of piecesOf(source)) {
    // A stream that decodes text gives strings, of which the bytes are not known.
    if (!((piece as unknown) instanceof Uint8Array))
      throw new TypeError('a document must be given as bytes: Uint8Array, Blob, or a stream of Uint8Array');
    hash.update(piece);
    size += piece.length;
  }
  return { sha256: hash.digest(), size };
}

function piecesOf(
  source: Exclude<DocumentSource, DocumentDigest>,
): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (source instanceof Uint8Array) return [source];
  return 'arrayBuffer' in source ? slicesOf(source) : source;
}

async function* slicesOf(blob: BlobLike): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < blob.size; start += PIECE) {
    yield new Uint8Array(await blob.slice(start, Math.min(start + PIECE, blob.size)).arrayBuffer());
  }
}
