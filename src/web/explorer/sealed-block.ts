import { equal, fromBase64 } from '../../proof/bytes.js';
import { blockHash, decodeHeader, HEADER_LENGTH, type Header } from '../../proof/header.js';

/** A block as this browser knows it: its header's bytes, and what follows from them. Nothing else of an answer is read. */
export interface SealedBlock {
  readonly bytes: Uint8Array;
  readonly header: Header;
  /** Computed here. */
  readonly hash: Uint8Array;
}

/** @throws ProofError when it is not a header */
export function readBlock(base64: string): SealedBlock {
  const bytes = fromBase64(base64, 'header', HEADER_LENGTH);
  return { bytes, header: decodeHeader(bytes), hash: blockHash(bytes) };
}

/** Whether `block` names `previous` as the one before it. */
export function isLinked(previous: SealedBlock, block: SealedBlock): boolean {
  return (
    block.header.height === previous.header.height + 1 && equal(block.header.previousHash, previous.hash)
  );
}

/** Of two runs of blocks, highest first, one; the newer answer wins. */
export function mergeBlocks(
  newer: readonly SealedBlock[],
  older: readonly SealedBlock[],
  most: number,
): SealedBlock[] {
  const byHeight = new Map([...older, ...newer].map((block) => [block.header.height, block]));
  return [...byHeight.values()].sort((a, b) => b.header.height - a.header.height).slice(0, most);
}
