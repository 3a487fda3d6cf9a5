import { fromBase64, fromDecimal, toBase64 } from './bytes.js';
import { ProofError } from './errors.js';
import { HASH_LENGTH } from './hash.js';
import { encodeHeader } from './header.js';
import { formatNote } from './note.js';
import type { ProofFile } from './proof-file.js';

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
