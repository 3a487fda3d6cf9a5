import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  CHECKPOINT_ATTESTATION,
  formatNote,
  otsOf,
  parseProof,
  PROOF_FORMAT,
  toHex,
  utf8,
  type ProofFile,
} from '../../src/proof/index.js';
import { loadVectors, proofBytes } from '../vectors/load.js';

const MAGIC = '004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e8929401';

/** Replays an .ots file of one branch, as its specification says. */
function replay(ots: Uint8Array) {
  expect(Buffer.from(ots.subarray(0, 32)).toString('hex')).toBe(MAGIC);
  let at = 32;
  const byte = () => ots[at++] ?? 0;
  const varuint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const next = byte();
      value += (next % 128) * shift;
      if (next < 128) return value;
    }
  };
  const bytes = (length: number) => ots.subarray(at, (at += length));
  expect(byte()).toBe(0x08);
  const digest = bytes(32);
  let message = Buffer.from(digest);
  for (;;) {
    const tag = byte();
    switch (tag) {
      case 0x00: {
        const kind = bytes(8);
        const payload = bytes(varuint());
        expect(at).toBe(ots.length);
        return { digest, message, kind, payload };
      }
      case 0x08:
        message = createHash('sha256').update(message).digest();
        break;
      case 0xf0:
        message = Buffer.concat([message, bytes(varuint())]);
        break;
      case 0xf1:
        message = Buffer.concat([bytes(varuint()), message]);
        break;
      default:
        throw new Error(`operation ${tag}`);
    }
    expect(message.length).toBeLessThanOrEqual(4096);
  }
}

const proofs = loadVectors('valid')
  .map((vector) => ({ name: vector.name, proof: parseProof(proofBytes(vector)) }))
  .filter((vector): vector is { name: string; proof: ProofFile } => vector.proof.format === PROOF_FORMAT);

describe('OpenTimestamps', () => {
  it('is tested with several proofs', () => {
    expect(proofs.length).toBeGreaterThan(5);
  });

  it.each(proofs)('leads from the document to the root of the log: $name', ({ proof }) => {
    const { digest, message, kind, payload } = replay(otsOf(proof));
    expect(toHex(digest)).toBe(toHex(proof.document.sha256));
    expect(toHex(message)).toBe(toHex(proof.log.checkpoint.root));
    expect(kind).toEqual(CHECKPOINT_ATTESTATION);
    expect(Buffer.from(payload).toString()).toBe(formatNote(proof.log.note));
  });

  it('refuses a checkpoint that does not fit', () => {
    const [first] = proofs;
    if (first === undefined) throw new Error('no proof');
    const signatures = Array.from({ length: 90 }, () => ({
      name: 'a',
      keyId: new Uint8Array(4),
      signature: new Uint8Array(72),
    }));
    const { log } = first.proof;
    const crowded = { ...first.proof, log: { ...log, note: { ...log.note, signatures } } };
    expect(utf8(formatNote(crowded.log.note)).length).toBeGreaterThan(8192);
    expect(() => otsOf(crowded)).toThrow(RangeError);
  });
});
