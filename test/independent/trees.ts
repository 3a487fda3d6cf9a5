import { sha256 } from './formats.js';

/** docs/proof-format.md, "Trees". */

export const leaf = (bytes: Uint8Array) => sha256(Buffer.of(0), bytes);

export function pathLength(index: bigint, size: bigint): bigint {
  let n = 0n;
  for (let i = index, last = size - 1n; last > 0n; i >>= 1n, last >>= 1n) if (i & 1n || i !== last) n++;
  return n;
}

export function rootOf(leafHash: Buffer, index: bigint, size: bigint, path: readonly Buffer[]): Buffer {
  let [hash, i, last] = [leafHash, index, size - 1n];
  for (const sibling of path) {
    while (!(i & 1n) && i === last) [i, last] = [i >> 1n, last >> 1n];
    hash = i & 1n ? sha256(Buffer.of(1), sibling, hash) : sha256(Buffer.of(1), hash, sibling);
    [i, last] = [i >> 1n, last >> 1n];
  }
  return hash;
}
