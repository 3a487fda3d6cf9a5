import { describe, expect, it } from 'vitest';
import {
  checkSignature,
  equal,
  formatTlogProof,
  leafHash,
  parseCheckpoint,
  parseNote,
  parseTlogProof,
  parseVerifierKey,
  ProofError,
  rootFromInclusionPath,
} from '../../src/proof/index.js';
import { bytesOf, flipped, standard } from './support.js';

describe('c2sp.org/tlog-proof', () => {
  const { valid, marshal, unmarshalErrors } = standard('tlog-proof/vectors.json') as {
    valid: { vkey: string; proofs: { index: number; size: number; entryUtf8: string; proof: string }[] };
    marshal: {
      cases: { index: number; hashes: string[]; extraUtf8?: string; checkpoint: string; want: string }[];
    };
    unmarshalErrors: { cases: { desc: string; text: string }[] };
  };

  it.each(valid.proofs.map((proof) => [proof.index, proof.size, proof] as const))(
    'verifies entry %i of %i',
    (_, __, vector) => {
      const { index, path, checkpoint } = parseTlogProof(vector.proof);
      const note = parseNote(checkpoint);
      const { size, root } = parseCheckpoint(note.text);
      const leaf = leafHash(bytesOf(vector.entryUtf8, 'utf8'));
      expect([index, size]).toEqual([vector.index, vector.size]);
      expect(checkSignature(note, parseVerifierKey(valid.vkey)).state).toBe('good');
      expect(equal(rootFromInclusionPath(leaf, index, size, path), root)).toBe(true);
      expect(equal(rootFromInclusionPath(flipped(leaf), index, size, path), root)).toBe(false);
    },
  );

  it('reads and writes the proofs of other implementations', () => {
    for (const { index, hashes, extraUtf8, checkpoint, want } of marshal.cases) {
      const proof = {
        extra: extraUtf8 === undefined ? null : bytesOf(extraUtf8, 'utf8'),
        index,
        path: hashes.map((hash) => bytesOf(hash, 'base64')),
        checkpoint,
      };
      expect(parseTlogProof(want)).toEqual(proof);
      expect(formatTlogProof(proof)).toBe(want);
    }
  });

  it.each(unmarshalErrors.cases.map(({ desc, text }) => [desc, text]))('refuses: %s', (_, text) => {
    expect(() => parseTlogProof(text)).toThrow(ProofError);
  });
});
