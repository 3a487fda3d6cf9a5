import './browser.js';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  blockHash,
  decodeHeader,
  inclusionPath,
  leadingZeroBits,
  leafHash,
  merkleRoot,
  utf8,
} from '../../src/proof/index.js';
import {
  bitsOf,
  changedBits,
  changedNodes,
  digestOf,
  SHAPE,
  toyHeader,
  treeHashes,
  tryNonces,
} from '../../src/web/pages/how/model.js';
import { descent, type NodeHashes, nodeKey } from '../../src/web/components/tree.js';
import { messages } from '../../src/web/messages/how.js';

const DOCUMENTS = ['a', 'b', 'c', 'd'];
const LEAVES = DOCUMENTS.map((text) => leafHash(utf8(text)));
const ROOT = merkleRoot(LEAVES);

describe('the example service', () => {
  it('hashes like the real service', () => {
    const hashes = treeHashes(DOCUMENTS);
    expect(hashes.size).toBe(7);
    expect(hashes.get(nodeKey(SHAPE))).toEqual(ROOT);
  });

  it('marks the path from a changed document to the root', () => {
    const changed = changedNodes(treeHashes(DOCUMENTS), treeHashes(['a', 'B', 'c', 'd']));
    expect([...changed].sort()).toEqual(['0-2', '0-4', '1-2']);
    expect(changedNodes(treeHashes(DOCUMENTS), treeHashes(DOCUMENTS)).size).toBe(0);
  });

  it.each([0, 1, 2, 3])('proves document %i, and does not prove a changed one', (index) => {
    const siblings = (tree: NodeHashes) =>
      descent(SHAPE, index)
        .flatMap(({ sibling }) => (sibling === null ? [] : [tree.get(nodeKey(sibling))]))
        .reverse();
    const changed = treeHashes(DOCUMENTS.with(index, 'changed'));
    expect(siblings(treeHashes(DOCUMENTS))).toEqual(inclusionPath(index, LEAVES));
    expect(siblings(changed)).toEqual(inclusionPath(index, LEAVES));
    expect(changed.get(nodeKey(SHAPE))).not.toEqual(ROOT);
  });

  it('counts the bits that differ', () => {
    expect(bitsOf(Uint8Array.of(0b1000_0001))).toEqual([1, 0, 0, 0, 0, 0, 0, 1]);
    expect(changedBits(Uint8Array.of(3), Uint8Array.of(5))).toEqual(
      [0, 0, 0, 0, 0, 1, 1, 0].map((bit) => bit === 1),
    );
    expect(changedBits(digestOf('a'), digestOf('b')).filter(Boolean).length).toBeGreaterThan(80);
  });

  it('mines a header that the real code accepts', () => {
    const bytes = toyHeader(ROOT, 8, 1_700_000_000_000, 0n);
    const nonce = tryNonces(bytes, 8, 0, 100_000) ?? -1;
    const header = decodeHeader(toyHeader(ROOT, 8, 1_700_000_000_000, BigInt(nonce)));
    expect(header).toMatchObject({ nonce: BigInt(nonce), difficulty: 8, merkleRoot: ROOT });
    expect(bytes).toEqual(toyHeader(ROOT, 8, 1_700_000_000_000, BigInt(nonce)));
    expect(leadingZeroBits(blockHash(bytes))).toBeGreaterThanOrEqual(8);
    // The first that there is.
    expect(tryNonces(bytes, 8, 0, nonce)).toBeNull();
    expect(tryNonces(bytes, 0, 2 ** 40 + 7, 1)).toBe(2 ** 40 + 7);
    expect(decodeHeader(bytes).nonce).toBe(2n ** 40n + 7n);
  });
});

/** Rows of a table of the README, without its markup. */
function readmeRows(firstHead: string): string[][] {
  const lines = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${firstHead} |`));
  const end = lines.findIndex((line, i) => i > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map((line) =>
    line
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.replaceAll(/ \(\[.*?\]\(.*?\)\)|`/g, '').replaceAll("'", '’')),
  );
}

describe('the statement of what is proven', () => {
  it('is the same as in the README', () => {
    expect(messages().limits).toEqual(readmeRows('It proves'));
    expect(messages().trust).toEqual(readmeRows('who'));
  });
});
