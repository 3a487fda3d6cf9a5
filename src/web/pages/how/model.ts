import { computed, signal } from '@preact/signals';
import { utf8 } from '../../../proof/bytes.js';
import { leafHash, nodeHash, sha256 } from '../../../proof/hash.js';
import {
  encodeHeader,
  hasProofOfWork,
  type Header,
  NO_PREVIOUS_HASH,
  NO_STATE,
} from '../../../proof/header.js';
import { type NodeHashes, nodeKey, type TreeNode, wholeTree } from '../../components/tree.js';
import { announce } from '../../lib/announce.js';
import { messages } from '../../messages/how.js';

/**
 * The example of the page: four documents, one tree, one block. Everything is computed by the code that
 * verifies proofs.
 */

export const SHAPE: TreeNode = wholeTree(4);

/** The hashes of all nodes of the RFC 6962 tree over these documents. */
export function treeHashes(documents: readonly string[], shape: TreeNode = SHAPE): NodeHashes {
  const found = new Map<string, Uint8Array>();
  const visit = (node: TreeNode): Uint8Array => {
    const hash =
      node.children === null
        ? leafHash(utf8(documents[node.start] ?? ''))
        : nodeHash(visit(node.children[0]), visit(node.children[1]));
    found.set(nodeKey(node), hash);
    return hash;
  };
  visit(shape);
  return found;
}

/** Keys of the nodes that differ. */
export function changedNodes(before: NodeHashes, now: NodeHashes): ReadonlySet<string> {
  const text = (hash: Uint8Array | undefined) => hash?.join(' ');
  return new Set([...now.keys()].filter((key) => text(before.get(key)) !== text(now.get(key))));
}

/** Which of the 256 bits differ. */
export function changedBits(before: Uint8Array, now: Uint8Array): boolean[] {
  return bitsOf(now).map((bit, i) => bit !== bitsOf(before)[i]);
}

export function bitsOf(hash: Uint8Array): number[] {
  return [...hash].flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >> (7 - i)) & 1));
}

export const digestOf = (text: string): Uint8Array => sha256(utf8(text));

/** The header of a block over the documents. */
export function toyHeader(root: Uint8Array, difficulty: number, sealedAt: number, nonce: bigint): Uint8Array {
  const header: Header = {
    height: 0,
    previousHash: NO_PREVIOUS_HASH,
    merkleRoot: root,
    state: NO_STATE,
    firstPosition: 0,
    entryCount: SHAPE.end,
    sealedAt,
    difficulty,
    nonce,
  };
  return encodeHeader(header);
}

/**
 * Tries `count` nonces from `from` on. Changes the header's bytes.
 * @returns the first nonce whose hash has the zeros, or null
 */
export function tryNonces(
  header: Uint8Array,
  difficulty: number,
  from: number,
  count: number,
): number | null {
  // The nonce is the last field; the last six bytes are enough here.
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  for (let nonce = from; nonce < from + count; nonce++) {
    view.setUint16(header.length - 6, Math.floor(nonce / 2 ** 32));
    view.setUint32(header.length - 4, nonce % 2 ** 32);
    if (hasProofOfWork(sha256(header), difficulty)) return nonce;
  }
  return null;
}

/** What the reader has typed instead of each sample document; null: nothing. */
export const edits = signal<readonly (string | null)[]>([null, null, null, null]);
export const documents = computed(() => messages().samples.map((sample, i) => edits.value[i] ?? sample));
export const hashes = computed(() => treeHashes(documents.value));
export const root = computed(() => hashes.value.get(nodeKey(SHAPE)) ?? new Uint8Array(32));
/** Keys of the nodes that differ from those of the samples. */
export const changed = computed(() => changedNodes(treeHashes(messages().samples), hashes.value));

/** Changes are announced once, this long after the last keystroke. */
const SPEAK_AFTER_MS = 1200;
let speaking: ReturnType<typeof setTimeout> | undefined;

export function announceSoon(sentence: () => string): void {
  clearTimeout(speaking);
  speaking = setTimeout(() => {
    announce(sentence());
  }, SPEAK_AFTER_MS);
}

/** The page stays responsive if no stretch of work takes longer. */
const STRETCH_MS = 12;
const REPORT_EVERY_MS = 100;
const BATCH = 64;

/**
 * Mines in short stretches, between which the page stays responsive.
 * @param header its nonce's last six bytes are tried from 0 on
 * @param onTries receives the number of tries now and then
 * @returns the nonce, or null if it was stopped
 */
export async function mine(
  header: Uint8Array,
  difficulty: number,
  onTries: (tries: number) => void,
  stop: AbortSignal,
): Promise<number | null> {
  let reportedAt = performance.now();
  for (let from = 0; !stop.aborted;) {
    const until = performance.now() + STRETCH_MS;
    while (performance.now() < until) {
      const found = tryNonces(header, difficulty, from, BATCH);
      if (found !== null) return found;
      from += BATCH;
    }
    if (performance.now() - reportedAt >= REPORT_EVERY_MS) {
      reportedAt = performance.now();
      onTries(from);
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return null;
}
