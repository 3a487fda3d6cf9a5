import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeSha256 } from '../../src/crypto/primitives.js';
import {
  checkSignature,
  ED25519,
  encodeEntry,
  encodeHeader,
  entryLeafHash,
  formatTime,
  formatVerifierKey,
  headerHashes,
  inclusionPath,
  leafHash,
  PORTABLE_VERIFIERS,
  merkleRoot,
  nodeHash,
  NO_DETAILS,
  rootFromInclusionPath,
  sha256,
  toHex,
  verifierKey,
  type Entry,
  type Header,
  type Sha256,
} from '../../src/proof/index.js';
import { randomRuns } from '../support/random-runs.js';
import { fastSha256, hex } from './support.js';

// Some functions reuse buffers and results of the call before. No result may depend on an earlier call.

const entryOf = (fill: number, size: number | null): Entry => ({
  kind: 0,
  digest: new Uint8Array(32).fill(fill),
  size,
  acceptedAt: fill,
  salt: new Uint8Array(16).fill(fill),
  accountTag: new Uint8Array(16),
  detailsDigest: NO_DETAILS,
});
const headerOf = (height: number): Header => ({
  height,
  previousHash: new Uint8Array(32).fill(height),
  merkleRoot: new Uint8Array(32),
  state: new Uint8Array(32),
  firstPosition: 0,
  entryCount: 1,
  sealedAt: 0,
  difficulty: 0,
  nonce: 0n,
});
const prefixed = (prefix: number, ...parts: readonly Uint8Array[]) =>
  fastSha256(Buffer.concat([Uint8Array.of(prefix), ...parts]));

describe('formatting', () => {
  it('writes times like toISOString', () => {
    expect(formatTime(951_782_399_999)).toBe('2000-02-28T23:59:59.999Z');
    expect(formatTime(8.64e15)).toBe('+275760-09-13T00:00:00.000Z');
    expect(formatTime(8.64e15 + 1)).toBe('8640000000000001 ms');
  });

  it('writes hexadecimal like Buffer', () => {
    expect(toHex(Uint8Array.from({ length: 256 }, (_, i) => i))).toHaveLength(512);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => toHex(bytes) === hex(bytes)),
      randomRuns(),
    );
  });

  it('writes each verifier key, whichever key came before', () => {
    const keys = [1, 2].map((fill) => verifierKey('log', ED25519, new Uint8Array(32).fill(fill)));
    const [first, second] = keys.map(formatVerifierKey);
    expect(first).not.toBe(second);
    expect(keys.map(formatVerifierKey)).toEqual([first, second]);
  });
});

describe('checkSignature', () => {
  it('verifies the text of the note, whichever note came before', () => {
    const key = verifierKey('log', ED25519, new Uint8Array(32));
    const signatures = [{ name: key.name, keyId: key.keyId, signature: new Uint8Array(64) }];
    for (const text of ['a\n', 'b\n', 'b\n', 'a\n', '']) {
      const seen: string[] = [];
      checkSignature({ text, signatures }, key, {
        ...PORTABLE_VERIFIERS,
        verifyEd25519(_, message) {
          seen.push(Buffer.from(message).toString());
          return true;
        },
      });
      expect(seen).toEqual([text]);
    }
  });
});

describe.each([
  ['in portable code', sha256],
  ['with Node', nodeSha256],
] satisfies [string, Sha256][])('hashing %s', (_, hash) => {
  it('gives the hashes of leaves of every length', () => {
    for (const fill of [1, 2]) {
      for (let length = 0; length < 140; length++) {
        const data = new Uint8Array(length).fill(fill);
        expect(leafHash(data, hash)).toEqual(prefixed(0, data));
      }
    }
  });

  it('gives the hashes of entries, also after one that cannot be encoded', () => {
    for (const entry of [entryOf(1, 5), entryOf(2, null), entryOf(1, 5)]) {
      expect(() => entryLeafHash({ ...entry, salt: new Uint8Array(15) }, hash)).toThrow(RangeError);
      expect(entryLeafHash(entry, hash)).toEqual(prefixed(0, encodeEntry(entry)));
    }
  });

  it('gives the hashes of headers, also after one that cannot be encoded', () => {
    const [first, second] = [headerOf(1), headerOf(2)];
    for (const header of [first, second, first]) {
      expect(() => headerHashes({ ...header, nonce: -1n }, hash)).toThrow(RangeError);
      const bytes = encodeHeader(header);
      expect(headerHashes(header, hash)).toEqual({ block: fastSha256(bytes), leaf: prefixed(0, bytes) });
    }
  });

  it('gives the root from every inclusion path', () => {
    for (const size of [1, 2, 3, 6, 7, 8, 11, 33]) {
      const leaves = Array.from({ length: size }, (_, i) => leafHash(Uint8Array.of(i), fastSha256));
      const root = merkleRoot(leaves, fastSha256);
      const reached = leaves.map((leaf, i) =>
        rootFromInclusionPath(leaf, i, size, inclusionPath(i, leaves), hash),
      );
      // Later calls do not change an earlier result.
      for (const each of reached) expect(each).toEqual(root);
    }
    const [left, right] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    expect(rootFromInclusionPath(left, 0, 2, [right], hash)).toEqual(prefixed(1, left, right));
    expect(nodeHash(left, right, hash)).toEqual(prefixed(1, left, right));
  });
});
