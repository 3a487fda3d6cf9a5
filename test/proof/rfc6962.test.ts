import { describe, expect, it } from 'vitest';
import {
  consistencyPath,
  EMPTY_ROOT,
  equal,
  inclusionPath,
  leafHash,
  merkleRoot,
  nodeHash,
  ProofError,
  rootFromInclusionPath,
  type Sha256,
  splitPoint,
  TiledTree,
  verifyConsistency,
} from '../../src/proof/index.js';
import { bytesOf, fastSha256, hex, standard, tilesOf } from './support.js';

interface InclusionProbe {
  readonly file: string;
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly root: string;
  readonly leafHash: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}
interface ConsistencyProbe {
  readonly file: string;
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

/** Whether a check says yes; refusing the input as malformed is a no, anything else thrown is a defect. */
function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch (error) {
    if (error instanceof ProofError) return false;
    throw error;
  }
}

const base64 = (text: string) => bytesOf(text, 'base64');

describe('RFC 6962 hashing', () => {
  it('gives the published hashes', () => {
    const { vectors } = standard('rfc6962/hasher.json') as {
      vectors: {
        want: string;
        leafDataHex?: string;
        leafDataUtf8?: string;
        leftUtf8?: string;
        rightUtf8?: string;
      }[];
    };
    for (const { want, leafDataHex, leafDataUtf8, leftUtf8, rightUtf8 } of vectors) {
      const hash =
        leafDataHex !== undefined
          ? leafHash(bytesOf(leafDataHex, 'hex'))
          : leafDataUtf8 !== undefined
            ? leafHash(bytesOf(leafDataUtf8, 'utf8'))
            : leftUtf8 !== undefined && rightUtf8 !== undefined
              ? nodeHash(bytesOf(leftUtf8, 'utf8'), bytesOf(rightUtf8, 'utf8'))
              : EMPTY_ROOT;
      expect(hex(hash)).toBe(want);
    }
  });

  it('gives the roots and nodes of the reference tree', () => {
    const { leafInputsHex, nodeHashesByLevel, rootHashesBySize } = standard(
      'rfc6962/reference-8-leaves.json',
    ) as {
      leafInputsHex: string[];
      nodeHashesByLevel: string[][];
      rootHashesBySize: string[];
    };
    const leaves = leafInputsHex.map((leaf) => leafHash(bytesOf(leaf, 'hex')));
    expect(rootHashesBySize.map((_, size) => hex(merkleRoot(leaves.slice(0, size))))).toEqual(
      rootHashesBySize,
    );
    for (const [level, nodes] of nodeHashesByLevel.entries()) {
      const width = 2 ** level;
      expect(nodes.map((_, i) => hex(merkleRoot(leaves.slice(i * width, (i + 1) * width))))).toEqual(nodes);
    }
  });
});

describe('inclusion probes of transparency-dev/merkle', () => {
  const { probes } = standard('rfc6962/inclusion-probes.json') as { probes: InclusionProbe[] };
  it.each(probes.map((probe) => [probe.file.replace('testdata/inclusion/', ''), probe] as const))(
    '%s',
    (_, probe) => {
      const path = (probe.proof ?? []).map(base64);
      const held = holds(() => {
        const root = rootFromInclusionPath(base64(probe.leafHash), probe.leafIdx, probe.treeSize, path);
        return equal(root, base64(probe.root));
      });
      expect(held).toBe(!probe.wantErr);
    },
  );
});

describe('consistency probes of transparency-dev/merkle', () => {
  const { probes } = standard('rfc6962/consistency-probes.json') as { probes: ConsistencyProbe[] };
  it.each(probes.map((probe) => [probe.file.replace('testdata/consistency/', ''), probe] as const))(
    '%s',
    (_, probe) => {
      const path = (probe.proof ?? []).map(base64);
      const held = holds(() =>
        verifyConsistency(probe.size1, probe.size2, base64(probe.root1), base64(probe.root2), path),
      );
      expect(held).toBe(!probe.wantErr);
    },
  );
});

describe('sizes 1 to 20', () => {
  it('give every root, inclusion path and consistency path, also from tiles', async () => {
    const { leafHashes, sizes } = standard('rfc6962/generated-1-20.json') as {
      leafHashes: string[];
      sizes: {
        size: number;
        root: string;
        inclusion: string[][];
        consistencyFrom: { from: number; proof: string[] }[];
      }[];
    };
    const leaves = leafHashes.map((_, i) => leafHash(Uint8Array.of(i)));
    expect(leaves.map(hex)).toEqual(leafHashes);
    for (const { size, root, inclusion, consistencyFrom } of sizes) {
      const some = leaves.slice(0, size);
      const tiled = new TiledTree(size, tilesOf(some));
      expect(hex(merkleRoot(some))).toBe(root);
      expect(hex(await tiled.root())).toBe(root);
      for (const [index, path] of inclusion.entries()) {
        expect(inclusionPath(index, some).map(hex)).toEqual(path);
        expect((await tiled.inclusionPath(index)).map(hex)).toEqual(path);
      }
      for (const { from, proof } of consistencyFrom) {
        expect(consistencyPath(from, some).map(hex)).toEqual(proof);
        expect((await tiled.consistencyPath(from)).map(hex)).toEqual(proof);
      }
    }
  });
});

describe('accumulated vectors of draft-ietf-plants-merkle-tree-certs, trees of 0 to 130 leaves', () => {
  const { vectors } = standard('rfc6962/accumulated-130.json') as {
    vectors: Record<string, { sha256: string }>;
  };
  const leaves = Array.from({ length: 130 }, (_, i) => leafHash(Uint8Array.of(i)));
  const known = new Map<string, Uint8Array>();
  /** The trees have the same nodes again and again. */
  const hash: Sha256 = (data) => {
    const key = Buffer.from(data).toString('latin1');
    const found = known.get(key) ?? fastSha256(data);
    known.set(key, found);
    return found;
  };
  const roots = new Map<string, Uint8Array>();
  const rootOf = (start: number, end: number): Uint8Array => {
    const key = `${start}-${end}`;
    const root = roots.get(key) ?? merkleRoot(leaves.slice(start, end), hash);
    roots.set(key, root);
    return root;
  };

  /** A subtree of the draft: empty, or beginning at a multiple of the power of two that holds it. */
  function* subtrees(largestEnd: number): Generator<[start: number, end: number]> {
    for (let end = 0; end <= largestEnd; end++) {
      for (let start = 0; start <= end; start++) {
        let power = 1;
        while (power < end - start) power *= 2;
        if (start === end || start % power === 0) yield [start, end];
      }
    }
  }

  const accumulated = (lines: Iterable<string>) => {
    const text = [...lines].map((line) => `${line}\n`).join('');
    return hex(fastSha256(Buffer.from(text)));
  };
  const row = (...parts: string[]) => parts.join(' ');

  it('agree with the hashes of all subtrees', () => {
    const lines = [...subtrees(130)].map(([start, end]) =>
      row(`[${start}, ${end})`, hex(rootOf(start, end))),
    );
    expect(accumulated(lines)).toBe(vectors['subtreeHash']?.sha256);
  });

  it('agree with the inclusion paths in all subtrees', async () => {
    const lines: string[] = [];
    const wrong: string[] = [];
    for (const [start, end] of subtrees(130)) {
      const subtree = leaves.slice(start, end);
      const tiled = new TiledTree(subtree.length, tilesOf(subtree), hash);
      for (let index = start; index < end; index++) {
        const path = await tiled.inclusionPath(index - start);
        lines.push(row(`${index} [${start}, ${end})`, ...path.map(hex)));
        const root = rootFromInclusionPath(
          subtree[index - start] ?? EMPTY_ROOT,
          index - start,
          end - start,
          path,
          hash,
        );
        if (!equal(root, rootOf(start, end))) wrong.push(`${index} [${start}, ${end})`);
      }
    }
    expect(wrong).toEqual([]);
    expect(accumulated(lines)).toBe(vectors['subtreeInclusion']?.sha256);
  });

  it('agree with the consistency paths of all subtrees, which from leaf 0 are those of RFC 6962', async () => {
    /** The draft's SUBTREE_SUBPROOF over D[low:high]. */
    const proof = (start: number, end: number, low: number, high: number, known: boolean): Uint8Array[] => {
      if (start === low && end === high) return known ? [] : [rootOf(low, high)];
      const middle = low + splitPoint(high - low);
      if (end <= middle) return [...proof(start, end, low, middle, known), rootOf(middle, high)];
      return start >= middle
        ? [...proof(start, end, middle, high, known), rootOf(low, middle)]
        : [...proof(middle, end, middle, high, false), rootOf(low, middle)];
    };
    const lines: string[] = [];
    for (let size = 0; size <= 130; size++) {
      const tiled = new TiledTree(size, tilesOf(leaves.slice(0, size)), hash);
      for (const [start, end] of subtrees(size)) {
        let path = start === end ? [] : proof(start, end, 0, size, true);
        if (start === 0 && end > 0) path = await tiled.consistencyPath(end);
        lines.push(row(`[${start}, ${end}) ${size}`, ...path.map(hex)));
      }
    }
    expect(accumulated(lines)).toBe(vectors['subtreeConsistency']?.sha256);
  });
});
