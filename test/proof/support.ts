import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeSha256 } from '../../src/crypto/primitives.js';
import { levelWidth, merkleRoot, TILE_WIDTH, type ReadTile, type Sha256 } from '../../src/proof/index.js';

/**
 * A vector file of another project, from test/vectors (see SOURCES.md there); the caller says what is in it.
 */
export function standard(path: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, '..', 'vectors', path), 'utf8')) as unknown;
}

/** Ten times as fast as the default of src/proof, and an oracle for it. */
export const fastSha256: Sha256 = nodeSha256;

export const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
export const bytesOf = (text: string, encoding: 'hex' | 'base64' | 'utf8') =>
  new Uint8Array(Buffer.from(text, encoding));

/** The bytes with one bit flipped. */
export function flipped(bytes: Uint8Array, bit = 0): Uint8Array {
  const copy = bytes.slice();
  const index = Math.floor(bit / 8) % copy.length;
  copy[index] = (copy[index] ?? 0) ^ (1 << (bit % 8));
  return copy;
}

/** Serves the tiles of the tree over `leaves`, each at exactly the width that this tree gives it. */
export function tilesOf(leaves: readonly Uint8Array[]): ReadTile {
  const levels = [leaves];
  for (let level = 1; levelWidth(leaves.length, level) > 0; level++) {
    const below = levels[level - 1] ?? [];
    levels.push(
      Array.from({ length: levelWidth(leaves.length, level) }, (_, i) =>
        merkleRoot(below.slice(i * TILE_WIDTH, (i + 1) * TILE_WIDTH), fastSha256),
      ),
    );
  }
  return ({ level, index, width }) =>
    Promise.resolve((levels[level] ?? []).slice(index * TILE_WIDTH, index * TILE_WIDTH + width));
}
