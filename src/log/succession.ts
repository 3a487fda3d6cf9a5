import {
  blockHash,
  decodeHeader,
  NO_PREVIOUS_HASH,
  toHex,
  type Header,
  type SuccessionFault,
} from '../proof/index.js';

export interface Predecessor {
  readonly header: Header;
  readonly hash: Uint8Array;
}

/** What the rule that `fault` names asks of a header, and what the header has instead. */
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
