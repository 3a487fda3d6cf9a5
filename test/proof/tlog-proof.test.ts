import { describe, expect, it } from 'vitest';
import {
  checkSignature,
  equal,
  fromBase64,
  fromDecimal,
  HASH_LENGTH,
  leafHash,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  ProofError,
  rootFromInclusionPath,
} from '../../src/proof/index.js';
import { bytesOf, flipped, standard } from './support.js';

/**
 * c2sp.org/tlog-proof is not a format of this project; its parts are. The reader here is only as strict as they are, so
 * that the vectors test inclusion, notes and checkpoints together.
 */
function readTlogProof(text: string) {
  const end = text.indexOf('\n\n');
  const lines = text.slice(0, end).split('\n');
  if (end === -1 || lines.shift() !== 'c2sp.org/tlog-proof@v1')
    throw new ProofError('unsupported_format', 'header');
  if (lines[0]?.startsWith('extra ') === true) fromBase64((lines.shift() ?? '').slice(6), 'extra');
  const index = lines.shift() ?? '';
  if (!index.startsWith('index ')) throw new ProofError('malformed_proof', 'index');
  return {
    index: fromDecimal(index.slice(6), 'index'),
    path: lines.map((line) => fromBase64(line, 'hash', HASH_LENGTH)),
    checkpoint: text.slice(end + 2),
  };
}

describe('c2sp.org/tlog-proof', () => {
  const { valid, marshal, unmarshalErrors } = standard('tlog-proof/vectors.json') as {
    valid: { vkey: string; proofs: { index: number; size: number; entryUtf8: string; proof: string }[] };
    marshal: { cases: { index: number; hashes: string[]; checkpoint: string; want: string }[] };
    unmarshalErrors: { cases: { desc: string; text: string }[] };
  };

  it.each(valid.proofs.map((proof) => [proof.index, proof.size, proof] as const))(
    'verifies entry %i of %i',
    (_, __, vector) => {
      const { index, path, checkpoint } = readTlogProof(vector.proof);
      const note = parseNote(checkpoint);
      const { size, root } = parseCheckpoint(note.text);
      const leaf = leafHash(bytesOf(vector.entryUtf8, 'utf8'));
      expect([index, size]).toEqual([vector.index, vector.size]);
      expect(checkSignature(note, parseVerifierKey(valid.vkey)).state).toBe('good');
      expect(equal(rootFromInclusionPath(leaf, index, size, path), root)).toBe(true);
      expect(equal(rootFromInclusionPath(flipped(leaf), index, size, path), root)).toBe(false);
    },
  );

  it('reads what others write', () => {
    for (const { index, hashes, checkpoint, want } of marshal.cases) {
      const read = readTlogProof(want);
      expect(read).toEqual({ index, path: hashes.map((hash) => bytesOf(hash, 'base64')), checkpoint });
    }
  });

  it.each(unmarshalErrors.cases.map(({ desc, text }) => [desc, text]))('refuses: %s', (_, text) => {
    expect(() => readTlogProof(text)).toThrow(ProofError);
  });
});
