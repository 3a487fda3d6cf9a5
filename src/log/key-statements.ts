import { nodeSha256 } from '../crypto/primitives.js';
import {
  blockHash,
  decodeEntry,
  decodeHeader,
  encodeHeader,
  equal,
  formatProof,
  type Header,
  isObject,
  type Json,
  NO_PREVIOUS_HASH,
  parseProof,
  parseStrictJson,
  PENDING_FORMAT,
  PROOF_FORMAT,
  ProofError,
  type ProofFile,
  type SuccessionFault,
  toHex,
  utf8,
  verify,
} from '../proof/index.js';
import type { Store, StoredCheckpoint } from '../store/index.js';
import { prove } from './notarizations.js';

/** A key statement and the proof that it is in the chain. */
export interface ShownStatement {
  /** The signed note. */
  readonly note: string;
  readonly proof: ProofFile;
}

/**
 * Finds a checkpoint that covers the block of `height` and not that of `below` (null: no limit). It is signed
 * by the keys that a statement in the first block names. Returns null when there is none.
 */
export type FindCheckpoint = (
  height: number,
  below: number | null,
) => Promise<Pick<StoredCheckpoint, 'size' | 'note'> | null>;

/** The sealed key statements of the log, each with its proof, for nodes that follow the log. */
export async function showKeyStatements(store: Store, find: FindCheckpoint): Promise<ShownStatement[]> {
  const shown: ShownStatement[] = [];
  const statements = await store.logKeyStatements();
  for (const [i, { position, entry: bytes, note, height }] of statements.entries()) {
    const block = height === null ? null : await store.block(height);
    const checkpoint = height === null ? null : await find(height, statements[i + 1]?.height ?? null);
    if (block === null || checkpoint === null) break;
    const entry = decodeEntry(bytes);
    const document = { sha256: entry.digest, ...(entry.size === null ? {} : { size: entry.size }) };
    const parts = await prove(store, position, block, checkpoint);
    shown.push({ note, proof: { format: PROOF_FORMAT, document, entry, ...parts, anchors: [] } });
  }
  return shown;
}

/** The body of `GET /v1/log-keys`. */
export function keyStatementsJson(shown: readonly ShownStatement[]): string {
  const statements = shown.map(({ note, proof }) => ({
    note,
    proof: JSON.parse(formatProof(proof)) as unknown,
  }));
  return `${JSON.stringify({ statements })}\n`;
}

/**
 * Parses the body of `GET /v1/log-keys` and verifies that each statement is in the block of its proof. The
 * caller verifies that the block belongs to the log, and that each statement follows from those before it.
 * @throws {ProofError}
 */
export function parseKeyStatements(text: string): ShownStatement[] {
  const body = parseStrictJson(text);
  const list = isObject(body) ? body['statements'] : undefined;
  if (!Array.isArray(list)) throw new ProofError('malformed_json', 'this is not a list of key statements');
  return (list as readonly Json[]).map((item) => {
    const note = isObject(item) ? item['note'] : undefined;
    const given = isObject(item) ? item['proof'] : undefined;
    if (typeof note !== 'string' || !isObject(given))
      throw new ProofError('malformed_json', 'a key statement must have a note and a proof');
    const proof = parseProof(JSON.stringify(given));
    const bytes = utf8(note);
    const document = { sha256: nodeSha256(bytes), size: bytes.length };
    // Without a policy the best verdict is "untrusted".
    if (proof.format === PENDING_FORMAT || verify({ proof, document, policy: null }).verdict !== 'untrusted')
      throw new ProofError('malformed_proof', 'the proof of a key statement is invalid');
    return { note, proof };
  });
}

/** Whether `b` extends `a`: it begins with the same statements at the same positions. */
export function isExtendedBy(
  a: readonly { readonly position: number; readonly note: string }[],
  b: readonly ShownStatement[],
): boolean {
  return a.every(({ position, note }, i) => {
    const other = b[i];
    return other !== undefined && other.note === note && positionOf(other.proof) === position;
  });
}

/** Position of the entry that a proof is of. */
export function positionOf({ block }: ProofFile): number {
  return block.header.firstPosition + block.index;
}

/** Whether a proof is of a block with this header. */
export function isOfHeader({ block }: ProofFile, header: Uint8Array): boolean {
  return equal(encodeHeader(block.header), header);
}

export interface Predecessor {
  readonly header: Header;
  readonly hash: Uint8Array;
}

/** What the rule named by `fault` demands of a header, and what the header has instead. */
export function expectationOf(
  fault: SuccessionFault,
  headerBytes: Uint8Array,
  previous: Predecessor | null,
  minimumDifficulty: number,
): { readonly expected: string; readonly found: string } {
  const header = decodeHeader(headerBytes);
  const before = previous?.header ?? null;
  switch (fault) {
    case 'height':
      return { expected: String(before === null ? 0 : before.height + 1), found: String(header.height) };
    case 'previous_hash':
      return { expected: toHex(previous?.hash ?? NO_PREVIOUS_HASH), found: toHex(header.previousHash) };
    case 'first_position':
      return {
        expected: String(before === null ? 0 : before.firstPosition + before.entryCount),
        found: String(header.firstPosition),
      };
    case 'time':
      return { expected: `${before?.sealedAt ?? 0} or later`, found: String(header.sealedAt) };
    case 'difficulty_step':
      return {
        expected: `${Math.max(0, (before?.difficulty ?? 0) - 1)} to ${(before?.difficulty ?? 0) + 1}`,
        found: String(header.difficulty),
      };
    case 'difficulty_minimum':
      return { expected: `${minimumDifficulty} or more`, found: String(header.difficulty) };
    case 'proof_of_work':
      return { expected: `${header.difficulty} zero bits`, found: toHex(blockHash(headerBytes)) };
  }
}
