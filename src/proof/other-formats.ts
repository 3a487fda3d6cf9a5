import { concat, fromBase64, fromDecimal, toBase64, utf8 } from './bytes.js';
import { encodeEntry } from './entry.js';
import { ProofError } from './errors.js';
import { encodeHeader } from './header.js';
import { formatNote } from './note.js';
import { HASH_LENGTH, sha256 } from './hash.js';
import type { ProofFile } from './proof-file.js';
import { after } from './time/ots-tree.js';
import { formatOts, MAX_ATTESTATION, type OtsOperation } from './time/ots.js';

/** The inclusion proof of one entry of a log, whatever the entry means (c2sp.org/tlog-proof). */
export interface TlogProof {
  /** Opaque and unauthenticated; null: none. */
  readonly extra: Uint8Array | null;
  readonly index: number;
  readonly path: readonly Uint8Array[];
  /** The whole signed checkpoint. */
  readonly checkpoint: string;
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';

/**
 * The part of a proof that other C2SP tools can verify: its block's header, which is the extra data, is in
 * the log.
 */
export function tlogProofOf({ block, log }: ProofFile): TlogProof {
  return {
    extra: encodeHeader(block.header),
    index: block.header.height,
    path: log.path,
    checkpoint: formatNote(log.note),
  };
}

export function formatTlogProof({ extra, index, path, checkpoint }: TlogProof): string {
  const lines = [
    FIRST_LINE,
    ...(extra === null ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...path.map(toBase64),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** @throws {ProofError} unsupported_format, malformed_proof, malformed_number or malformed_base64 */
export function parseTlogProof(text: string): TlogProof {
  const end = text.indexOf('\n\n');
  const [first, ...lines] = text.slice(0, Math.max(0, end)).split('\n');
  if (first !== FIRST_LINE)
    throw new ProofError('unsupported_format', `not a tlog-proof: the first line must be "${FIRST_LINE}"`);
  const extra = lines[0]?.startsWith('extra ') === true ? lines.shift() : undefined;
  const index = lines.shift() ?? '';
  if (!index.startsWith('index '))
    throw new ProofError('malformed_proof', 'a tlog-proof must state "index" and a number');
  return {
    extra: extra === undefined ? null : fromBase64(extra.slice('extra '.length), 'the extra data'),
    index: fromDecimal(index.slice('index '.length), 'the index'),
    path: lines.map((line) => fromBase64(line, 'a hash of the path', HASH_LENGTH)),
    checkpoint: text.slice(end + 2),
  };
}

// OpenTimestamps: the computation from the document's digest to the root of the log, as operations that its
// tools can replay. It ends in an attestation of a type that only this project knows; other tools show it as
// unknown.

/** The type of the attestation: the first 8 bytes of the SHA-256 of its name. */
export const CHECKPOINT_ATTESTATION: Uint8Array = sha256(utf8('ingam/ots-checkpoint/v1')).slice(0, 8);

const SHA256: OtsOperation = { name: 'sha256' };
const LEAF = Uint8Array.of(0x00);
const NODE = Uint8Array.of(0x01);
/** Offsets of the digest in an entry and of the root in a header (docs/proof-format.md). */
const DIGEST_OFFSET = 2;
const ROOT_OFFSET = 41;

/**
 * @returns the bytes of an .ots file; the signed checkpoint is the attestation
 * @throws {RangeError} when the checkpoint has too many signatures to fit, or a path is too long
 */
export function otsOf({ entry, block, log }: ProofFile): Uint8Array {
  const payload = utf8(formatNote(log.note));
  if (payload.length > MAX_ATTESTATION)
    throw new RangeError(`the checkpoint has more than ${MAX_ATTESTATION} bytes`);
  const operations = [
    ...around(encodeEntry(entry), DIGEST_OFFSET),
    ...along(block.index, block.header.entryCount, block.path),
    ...around(encodeHeader(block.header), ROOT_OFFSET),
    ...along(block.header.height, log.checkpoint.size, log.path),
  ];
  const attestation = { type: 'unknown', tag: CHECKPOINT_ATTESTATION, payload } as const;
  return formatOts({
    digest: entry.digest,
    timestamp: after(operations, { attestations: [attestation], branches: [] }),
  });
}

/** From a hash to the leaf hash of the record that has it at `offset`. */
function around(record: Uint8Array, offset: number): OtsOperation[] {
  return [
    { name: 'prepend', argument: concat(LEAF, record.subarray(0, offset)) },
    { name: 'append', argument: record.subarray(offset + HASH_LENGTH) },
    SHA256,
  ];
}

/** From a leaf hash to the root (RFC 9162 §2.1.3.2). */
function along(index: number, size: number, path: readonly Uint8Array[]): OtsOperation[] {
  const operations: OtsOperation[] = [];
  let [position, last] = [index, size - 1];
  const up = () => {
    [position, last] = [Math.floor(position / 2), Math.floor(last / 2)];
  };
  for (const sibling of path) {
    while (position % 2 === 0 && position === last) up();
    if (position % 2 === 1) {
      operations.push({ name: 'prepend', argument: concat(NODE, sibling) }, SHA256);
    } else {
      operations.push({ name: 'append', argument: sibling }, { name: 'prepend', argument: NODE }, SHA256);
    }
    up();
  }
  return operations;
}
