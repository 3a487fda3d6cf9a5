import { describe, expect, it } from 'vitest';
import {
  checkSignature,
  consistencyPath,
  indexPath,
  inclusionPath,
  leafHash,
  levelWidth,
  merkleRoot,
  nodeHash,
  parseCheckpoint,
  parseNote,
  parseTilePath,
  parseVerifierKey,
  ProofError,
  rootFromInclusionPath,
  splitHashes,
  TiledTree,
  tileAt,
  tilePath,
  verifyConsistency,
  type TileId,
} from '../../src/proof/index.js';
import { bytesOf, fastSha256, hex, standard, tilesOf } from './support.js';

const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, i) => leafHash(bytesOf(`record ${i}`, 'utf8'), fastSha256));

describe('tile paths of other implementations', () => {
  const vectors = standard('tlog-tiles/paths.json') as {
    tilePath: { level: number; index: number; partial: number; path: string }[];
    entriesPathForIndex: { index: number; treeSize: number; path: string }[];
    parse: {
      ok: { l: string; i: string; level: number; index: string; partial: number }[];
      bad: [string, string][];
    };
    tileSetForSize: {
      size: number;
      level0Full: number;
      level0Partial: number;
      level1Full?: number;
      level1Partial: number;
      level2Partial?: number;
    }[];
  };

  it('are written the same way', () => {
    for (const { level, index, partial, path } of vectors.tilePath) {
      expect(tilePath({ level, index, width: partial === 0 ? 256 : partial })).toBe(path);
    }
    for (const { index, treeSize, path } of vectors.entriesPathForIndex) {
      const { index: bundle, width } = tileAt(0, index, treeSize);
      expect(`tile/entries/${indexPath(bundle)}${width === 256 ? '' : `.p/${width}`}`).toBe(path);
    }
  });

  it('are read the same way, up to the largest exact index', () => {
    for (const { l, i, level, index, partial } of vectors.parse.ok) {
      if (Number.isSafeInteger(Number(index))) {
        const tile = { level, index: Number(index), width: partial === 0 ? 256 : partial };
        expect(parseTilePath(l, i)).toEqual(tile);
        expect(tilePath(tile)).toBe(`tile/${l}/${i}`);
      } else {
        // Stricter on purpose: no tree of fewer than 2^53 leaves has such a tile.
        expect(() => parseTilePath(l, i)).toThrow(ProofError);
      }
    }
  });

  it.each(vectors.parse.bad)('are refused: %s %s', (level, rest) => {
    expect(() => parseTilePath(level, rest)).toThrow(ProofError);
  });

  it.each([
    ['00', '000'],
    ['0', 'x000/001'],
    ['0', '000.p/0'],
    ['0', '000.p/01'],
    ['0', '000.p/255 '],
    ['0', '１23'],
    ['0', ''],
    ['', '000'],
    ['0', '000\n'],
  ])('are refused in any other spelling: %s %s', (level, rest) => {
    expect(() => parseTilePath(level, rest)).toThrow(ProofError);
  });

  it('give as many tiles as the standard requires', () => {
    for (const set of vectors.tileSetForSize) {
      expect(Math.floor(levelWidth(set.size, 0) / 256)).toBe(set.level0Full);
      expect(levelWidth(set.size, 0) % 256).toBe(set.level0Partial);
      expect(Math.floor(levelWidth(set.size, 1) / 256)).toBe(set.level1Full ?? 0);
      expect(levelWidth(set.size, 1) % 256).toBe(set.level1Partial);
      expect(levelWidth(set.size, 2)).toBe(set.level2Partial ?? 0);
    }
  });
});

describe('the test log of tessera', () => {
  const log = standard('tlog-tiles/tessera-testdata-log.json') as Record<string, string> & {
    entriesUtf8: string[];
    checkpoints: string[];
  };
  const leaves = log.entriesUtf8.map((entry) => leafHash(bytesOf(entry, 'utf8')));
  const key = parseVerifierKey(log['vkey'] ?? '');
  const stored = splitHashes(bytesOf(log['tile/0/000.p/15 hex'] ?? '', 'hex'));

  it('has the same leaf hashes in its tile', () => {
    expect(stored.map(hex)).toEqual(leaves.map(hex));
  });

  it.each(log.checkpoints.map((text, size) => [size, text] as const))(
    'has the same root at size %i',
    async (size, text) => {
      const note = parseNote(text);
      const checkpoint = parseCheckpoint(note.text);
      expect(checkpoint).toMatchObject({ origin: log['origin'], size });
      expect(checkSignature(note, key)).toEqual({ state: 'good', time: null });
      expect(hex(checkpoint.root)).toBe(
        hex(await new TiledTree(size, tilesOf(stored.slice(0, size))).root()),
      );
    },
  );

  it('has consistent checkpoints, and the same paths between them', async () => {
    const roots = log.checkpoints.map((text) => parseCheckpoint(parseNote(text).text).root);
    const root = (size: number) => roots[size] ?? new Uint8Array();
    for (let size = 1; size <= leaves.length; size++) {
      const tree = new TiledTree(size, tilesOf(leaves.slice(0, size)));
      for (let old = 1; old <= size; old++) {
        const path = await tree.consistencyPath(old);
        expect(verifyConsistency(old, size, root(old), root(size), path)).toBe(true);
        if (old < size) expect(verifyConsistency(old, size, root(old), root(old), path)).toBe(false);
      }
    }
  });
});

describe('a mirror of 300 entries', () => {
  it('has the same tiles and the same root', async () => {
    const mirror = standard('tlog-tiles/mirror-300.json') as Record<string, string> & {
      checkpoint: string;
      sha256OfTile: Record<string, string>;
    };
    const leaves = leavesOf(300);
    const read = tilesOf(leaves);
    const seen: TileId[] = [];
    const tree = new TiledTree(300, (tile) => (seen.push(tile), read(tile)));
    const { root } = parseCheckpoint(parseNote(mirror.checkpoint).text);
    expect(hex(await tree.root())).toBe(hex(root));
    expect(Buffer.from(root).toString('base64')).toBe(mirror['rootBase64']);
    expect(hex(merkleRoot(leaves))).toBe(hex(root));
    for (const [path, hash] of Object.entries(mirror.sha256OfTile)) {
      const [, level = '', rest = ''] = /^tile\/([0-9]+)\/(.*)$/.exec(path) ?? [];
      const tile = parseTilePath(level, rest);
      expect(tileAt(tile.level, tile.index * 256, 300)).toEqual(tile);
      const bytes = Buffer.concat(await read(tile));
      expect(hex(fastSha256(bytes))).toBe(hash);
      expect(splitHashes(bytes)).toHaveLength(tile.width);
    }
    expect(hex(Buffer.concat(await read({ level: 1, index: 0, width: 1 })))).toBe(
      mirror['tile/1/000.p/1 hex'],
    );
    expect(seen.map(tilePath).sort()).toEqual(['tile/0/001.p/44', 'tile/1/000.p/1']);
  });
});

describe('trees in tiles', () => {
  const leaves = leavesOf(70_000);
  const roots = new Map<number, Uint8Array>();
  /** Of the first leaves. */
  const rootOf = (size: number): Uint8Array => {
    const root = roots.get(size) ?? merkleRoot(leaves.slice(0, size), fastSha256);
    roots.set(size, root);
    return root;
  };

  it.each([255, 256, 257, 300, 511, 512, 513, 4097, 65_535, 65_536, 65_537, 70_000])(
    'agree with plain trees at size %i',
    async (size) => {
      const some = leaves.slice(0, size);
      const root = rootOf(size);
      const tree = new TiledTree(size, tilesOf(some), fastSha256);
      expect(hex(await tree.root())).toBe(hex(root));
      for (const index of [0, 1, 254, 255, 256, 4096, size - 2, size - 1].filter((i) => i < size)) {
        const path = await tree.inclusionPath(index);
        const leaf = some[index] ?? new Uint8Array();
        expect(hex(rootFromInclusionPath(leaf, index, size, path, fastSha256))).toBe(hex(root));
        const oldRoot = rootOf(index + 1);
        expect(verifyConsistency(index + 1, size, oldRoot, root, await tree.consistencyPath(index + 1))).toBe(
          true,
        );
      }
      if (size <= 300) {
        expect((await tree.inclusionPath(77)).map(hex)).toEqual(inclusionPath(77, some).map(hex));
        expect((await tree.consistencyPath(77)).map(hex)).toEqual(consistencyPath(77, some).map(hex));
      }
    },
  );

  it('read each tile once, and at most two of a level for one path', async () => {
    const read = tilesOf(leaves);
    const seen: string[] = [];
    const tree = new TiledTree(70_000, (tile) => (seen.push(tilePath(tile)), read(tile)), fastSha256);
    await tree.inclusionPath(40_000);
    expect(new Set(seen).size).toBe(seen.length);
    for (const level of [0, 1, 2]) {
      expect(seen.filter((path) => path.startsWith(`tile/${level}/`)).length).toBeLessThanOrEqual(2);
    }
  });

  it('refuse a tile of the wrong width, and reject when a tile is not available', async () => {
    const short = new TiledTree(300, () =>
      Promise.resolve([nodeHash(new Uint8Array(32), new Uint8Array(32))]),
    );
    await expect(short.root()).rejects.toThrow(/must hold/);
    const missing = new TiledTree(300, () => Promise.reject(new Error('gone')));
    await expect(missing.inclusionPath(5)).rejects.toThrow('gone');
  });
});
