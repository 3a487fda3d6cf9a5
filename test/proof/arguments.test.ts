import { describe, expect, it } from 'vitest';
import {
  ANONYMOUS,
  COSIGNATURE,
  formatProof,
  MAX_PROOF_LENGTH,
  parseProof,
  policyOfKeys,
  verify,
  consistencyPath,
  decodeHeader,
  encodeEntry,
  encodeHeader,
  equal,
  inclusionPath,
  leadingZeroBits,
  leafHash,
  NO_DETAILS,
  NO_PREVIOUS_HASH,
  parseNote,
  ProofError,
  rootFromInclusionPath,
  signNote,
  splitHashes,
  successionFault,
  TiledTree,
  blockHash,
  utf8Decode,
  verifyConsistency,
  verifyEd25519,
  type Entry,
  type Header,
} from '../../src/proof/index.js';
import { makeProof, mine } from '../vectors/make/chain.js';
import { cosign, ORIGIN, RECEIPT, signer, WITNESSES } from '../vectors/make/keys.js';
import { makePending } from '../vectors/make/pending.js';

const entry: Entry = {
  kind: 0,
  digest: new Uint8Array(32),
  size: 1,
  acceptedAt: 1,
  salt: new Uint8Array(16),
  accountTag: ANONYMOUS,
  detailsDigest: NO_DETAILS,
};
const header: Header = {
  height: 0,
  previousHash: NO_PREVIOUS_HASH,
  merkleRoot: new Uint8Array(32),
  state: new Uint8Array(32),
  firstPosition: 0,
  entryCount: 3,
  sealedAt: 1000,
  difficulty: 4,
  nonce: 0n,
};

describe('a RangeError names the argument that is out of range', () => {
  it.each<[string, Partial<Entry>]>([
    ['kind', { kind: 2 }],
    ['detailsDigest of an event', { kind: 1 }],
    [
      'size and detailsDigest of an event',
      { kind: 1, size: null, detailsDigest: new Uint8Array(32).fill(1) },
    ],
    ['digest', { digest: new Uint8Array(31) }],
    ['size', { size: -1 }],
    ['size', { size: 1.5 }],
    ['size', { size: 2 ** 53 }],
    ['acceptedAt', { acceptedAt: Number.NaN }],
    ['salt', { salt: new Uint8Array(17) }],
    ['accountTag', { accountTag: new Uint8Array(0) }],
    ['detailsDigest', { detailsDigest: new Uint8Array(33) }],
  ])('in an entry: %s', (name, change) => {
    expect(() => encodeEntry({ ...entry, ...change })).toThrow(RangeError);
    expect(() => encodeEntry({ ...entry, ...change })).toThrow(name);
  });

  it.each<[string, Partial<Header>]>([
    ['height', { height: -1 }],
    ['previousHash', { previousHash: new Uint8Array(31) }],
    ['merkleRoot', { merkleRoot: new Uint8Array(33) }],
    ['state', { state: new Uint8Array(31) }],
    ['firstPosition', { firstPosition: 2 ** 53 }],
    ['entries', { entryCount: 0 }],
    ['entries', { entryCount: 2 ** 20 + 1 }],
    ['entryCount', { entryCount: 1.5 }],
    ['sealedAt', { sealedAt: Number.POSITIVE_INFINITY }],
    ['difficulty', { difficulty: 256 }],
    ['nonce', { nonce: 2n ** 64n }],
    ['nonce', { nonce: -1n }],
  ])('in a header: %s', (name, change) => {
    expect(() => encodeHeader({ ...header, ...change })).toThrow(RangeError);
    expect(() => encodeHeader({ ...header, ...change })).toThrow(name);
  });

  it('in functions on trees', async () => {
    const leaves = [leafHash(Uint8Array.of(1)), leafHash(Uint8Array.of(2))];
    const tiled = new TiledTree(2, () => Promise.resolve(leaves));
    for (const index of [-1, 2, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => inclusionPath(index, leaves)).toThrow(RangeError);
      await expect(tiled.inclusionPath(index)).rejects.toThrow(RangeError);
    }
    for (const size of [-1, 0, 3, 1.5, Number.NaN]) {
      expect(() => consistencyPath(size, leaves)).toThrow(RangeError);
      await expect(tiled.consistencyPath(size)).rejects.toThrow(RangeError);
    }
    expect(() => inclusionPath(0, [])).toThrow(RangeError);
    const hash = new Uint8Array(32);
    expect(() => rootFromInclusionPath(new Uint8Array(64), 0, 1, [])).toThrow(ProofError);
    expect(() => rootFromInclusionPath(hash, 0, 2, [new Uint8Array(31)])).toThrow(ProofError);
    expect(() => rootFromInclusionPath(hash, 0, 2 ** 53, [])).toThrow(ProofError);
    expect(() => verifyConsistency(0, 2, hash, hash, [])).toThrow(ProofError);
    expect(() => verifyConsistency(1, 2, hash, hash, [new Uint8Array(33)])).toThrow(ProofError);
    expect(() => splitHashes(new Uint8Array(33))).toThrow(ProofError);
  });

  it('in functions that sign', () => {
    const [witness = signer('w')] = WITNESSES;
    expect(() => signNote('text\n', witness)).toThrow(RangeError);
    expect(() => utf8Decode(Uint8Array.of(0xff))).toThrow(ProofError);
    expect(() => parseNote(Uint8Array.of(0xff))).toThrow(ProofError);
  });
});

describe('policies and keys that do not come from a parser', () => {
  it('do not let a cosignature key sign as a log', () => {
    const twin = signer(ORIGIN, COSIGNATURE);
    const proof = makeProof();
    const { text } = proof.log.note;
    const note = { text, signatures: [cosign(text, twin, 1n)] };
    const policy = { ...policyOfKeys([]), logs: [twin.key] };
    const { steps, verdict } = verify({
      proof: { ...proof, log: { ...proof.log, note } },
      document: null,
      policy,
    });
    expect(verdict).toBe('untrusted');
    expect(steps.find(({ name }) => name === 'log_signature')?.code).toBe('untrusted_log');
  });

  it('do not let a cosignature key sign receipts', () => {
    const twin = signer('receipts.example', COSIGNATURE);
    const proof = makePending();
    const note = { text: proof.note.text, signatures: [cosign(proof.note.text, twin, 1n)] };
    const { steps } = verify({
      proof: { ...proof, note },
      document: null,
      policy: null,
      receiptKeys: [twin.key],
    });
    expect(steps.find(({ name }) => name === 'receipt_signature')?.outcome).toBe('skipped');
  });

  it('accept the receipt of a trusted key', () => {
    const { steps } = verify({
      proof: makePending(),
      document: null,
      policy: null,
      receiptKeys: [RECEIPT.key],
    });
    expect(steps.find(({ name }) => name === 'receipt_signature')?.outcome).toBe('passed');
  });
});

describe('the length of a proof', () => {
  it('is counted in bytes, even for a string', () => {
    const text = formatProof({
      ...makeProof(),
      anchors: [{ type: '\u20ac'.repeat(400_000) }],
    });
    expect(text.length).toBeLessThan(MAX_PROOF_LENGTH);
    expect(() => parseProof(text)).toThrow(/bytes/);
    expect(() => parseProof(new TextEncoder().encode(text))).toThrow(/bytes/);
  });
});

describe('Ed25519', () => {
  it('returns false for anything that is not a signature, and never throws', () => {
    const key = signer('a').key.publicKey;
    const message = Uint8Array.of(1);
    const good = signer('a').sign(message);
    expect(verifyEd25519(good, message, key)).toBe(true);
    for (const length of [0, 1, 63, 65, 128]) {
      expect(verifyEd25519(new Uint8Array(length), message, key)).toBe(false);
    }
    for (const bad of [
      new Uint8Array(0),
      new Uint8Array(31),
      new Uint8Array(32),
      new Uint8Array(32).fill(255),
    ]) {
      expect(verifyEd25519(good, message, bad)).toBe(false);
    }
  });

  it('refuses keys of small order, for which one signature would be valid for every message', () => {
    const identity = new Uint8Array(32);
    identity[0] = 1;
    const signature = new Uint8Array(64);
    signature[0] = 1;
    expect(verifyEd25519(signature, Uint8Array.of(1), identity)).toBe(false);
  });
});

describe('proof of work', () => {
  it('counts leading zero bits', () => {
    expect(leadingZeroBits(new Uint8Array(32))).toBe(256);
    for (let bit = 0; bit < 256; bit++) {
      const hash = new Uint8Array(32);
      hash[Math.floor(bit / 8)] = 0x80 >> (bit % 8);
      expect(leadingZeroBits(hash)).toBe(bit);
    }
  });
});

describe('the rules between blocks', () => {
  const first = mine(header);
  const hash = blockHash(encodeHeader(first));
  const second = { ...header, height: 1, previousHash: hash, firstPosition: 3, sealedAt: 1000 };
  const faultOf = (change: Partial<Header>, minimum = 4) =>
    successionFault(encodeHeader(mine({ ...second, ...change })), { header: first, hash }, minimum);

  it('find no fault in a block that obeys them', () => {
    expect(successionFault(encodeHeader(first), null, 4)).toBeNull();
    expect(faultOf({})).toBeNull();
    expect(faultOf({ difficulty: 5 })).toBeNull();
  });

  it.each<[ReturnType<typeof faultOf>, Partial<Header>]>([
    ['height', { height: 2 }],
    ['height', { height: 0 }],
    ['previous_hash', { previousHash: NO_PREVIOUS_HASH }],
    ['first_position', { firstPosition: 4 }],
    ['first_position', { firstPosition: 2 }],
    ['time', { sealedAt: 999 }],
    ['difficulty_step', { difficulty: 6 }],
    ['difficulty_step', { difficulty: 2 }],
    ['difficulty_minimum', { difficulty: 3 }],
  ])('name the first broken rule: %s', (fault, change) => {
    expect(faultOf(change)).toBe(fault);
  });

  it('name a missing proof of work and the faults of a first block', () => {
    const bytes = encodeHeader({ ...second, difficulty: 5, nonce: 0n });
    let nonce = 0n;
    while (leadingZeroBits(blockHash(encodeHeader({ ...second, difficulty: 5, nonce }))) >= 5) nonce++;
    const unmined = encodeHeader({ ...decodeHeader(bytes), nonce });
    expect(successionFault(unmined, { header: first, hash }, 4)).toBe('proof_of_work');
    expect(successionFault(encodeHeader(mine({ ...header, previousHash: hash })), null, 4)).toBe(
      'previous_hash',
    );
    expect(successionFault(encodeHeader(mine({ ...header, firstPosition: 1 })), null, 4)).toBe(
      'first_position',
    );
    expect(successionFault(encodeHeader(mine({ ...header, height: 1 })), null, 4)).toBe('height');
    expect(equal(hash, blockHash(encodeHeader(first)))).toBe(true);
  });
});
