import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  COSIGNATURE,
  decodeEntry,
  decodeHeader,
  ED25519,
  encodeEntry,
  encodeHeader,
  formatCheckpoint,
  formatNote,
  formatProof,
  formatReceipt,
  formatVerifierKey,
  fromBase64,
  fromDecimal,
  fromHex,
  MAX_BLOCK_ENTRIES,
  PENDING_FORMAT,
  parseCheckpoint,
  parseNote,
  parseProof,
  parseReceipt,
  parseTilePath,
  parseVerifierKey,
  PROOF_FORMAT,
  ProofError,
  tilePath,
  toBase64,
  toHex,
  verifierKey,
  verify,
  type Entry,
  type Header,
  type JsonObject,
  type Note,
  type PendingProof,
  type ProofFile,
} from '../../src/proof/index.js';
import { randomRuns } from '../support/random-runs.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const count = fc.maxSafeNat();
const size = fc.option(count, { nil: null });
const entry: fc.Arbitrary<Entry> = fc.record({
  kind: fc.constant(0),
  digest: bytes(32),
  size,
  acceptedAt: count,
  salt: bytes(16),
  accountTag: bytes(16),
  detailsDigest: bytes(32),
});
const header: fc.Arbitrary<Header> = fc.record({
  height: count,
  previousHash: bytes(32),
  merkleRoot: bytes(32),
  state: bytes(32),
  firstPosition: count,
  entryCount: fc.integer({ min: 1, max: MAX_BLOCK_ENTRIES }),
  sealedAt: count,
  difficulty: fc.integer({ min: 0, max: 255 }),
  nonce: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
});
/** Of a block that there can be. */
const possibleHeader = header.map((value): Header => {
  const firstPosition = Math.min(value.firstPosition, Number.MAX_SAFE_INTEGER - value.entryCount);
  return value.height === 0
    ? { ...value, previousHash: new Uint8Array(32), firstPosition: 0 }
    : { ...value, firstPosition };
});
const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\u0000-\u001f]/.test(text));
const name = line.filter((text) => !/[\p{White_Space}+]/u.test(text));
const checkpoint = fc.record({ origin: line, size: count, root: bytes(32), extensions: fc.constant([]) });
const receipt = fc
  .record({
    origin: line,
    count: count.map((n) => Math.max(1, n)),
    root: bytes(32),
    acceptedAt: count,
    deadline: count,
  })
  .map((promise) => ({ ...promise, deadline: Math.max(promise.acceptedAt, promise.deadline) }));
const signatures = fc.array(
  fc.record({ name, keyId: bytes(4), signature: fc.uint8Array({ minLength: 1, maxLength: 80 }) }),
  { minLength: 1, maxLength: 5 },
);
const details = fc.dictionary(
  fc.string({ unit: 'grapheme' }),
  fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.constant(null),
    count,
    fc.array(count, { maxLength: 3 }),
  ),
) as fc.Arbitrary<JsonObject>;
const disclosure = fc.record({ details, account: fc.string({ unit: 'grapheme' }) }, { requiredKeys: [] });
const claim = fc.record({ sha256: bytes(32), size: count }, { requiredKeys: ['sha256'] });
const path = fc.array(bytes(32), { maxLength: 53 });

const proofFile: fc.Arbitrary<ProofFile> = fc
  .record({
    claim,
    entry,
    disclosure,
    header: possibleHeader,
    index: count,
    blockPath: path,
    logPath: path,
    checkpoint,
    signatures,
  })
  .map((parts) => ({
    format: PROOF_FORMAT,
    document: parts.claim,
    entry: parts.entry,
    ...parts.disclosure,
    block: { header: parts.header, index: parts.index, path: parts.blockPath },
    log: {
      path: parts.logPath,
      checkpoint: parts.checkpoint,
      note: { text: formatCheckpoint(parts.checkpoint), signatures: parts.signatures },
    },
    anchors: [],
  }));
const pendingProof: fc.Arbitrary<PendingProof> = fc
  .record({ claim, entry, disclosure, position: count, receipt, signatures, index: count, path })
  .map((parts) => ({
    format: PENDING_FORMAT,
    document: parts.claim,
    entry: parts.entry,
    ...parts.disclosure,
    position: parts.position,
    receipt: parts.receipt,
    note: { text: formatReceipt(parts.receipt), signatures: parts.signatures },
    index: parts.index,
    path: parts.path,
  }));

function property<T>(title: string, arbitrary: fc.Arbitrary<T>, check: (value: T) => void, numRuns = 200) {
  it(title, () => {
    fc.assert(fc.property(arbitrary, check), randomRuns(numRuns));
  });
}

describe('what is written is read as the same value', () => {
  property('entries', entry, (value) => {
    expect(decodeEntry(encodeEntry(value))).toEqual(value);
  });
  property('headers', header, (value) => {
    expect(decodeHeader(encodeHeader(value))).toEqual(value);
  });
  property('checkpoints', checkpoint, (value) => {
    expect(parseCheckpoint(formatCheckpoint(value))).toEqual(value);
  });
  property('receipts', receipt, (value) => {
    expect(parseReceipt(formatReceipt(value))).toEqual(value);
  });
  property('notes', fc.tuple(fc.array(line), signatures), ([lines, by]) => {
    const note: Note = { text: [...lines, ''].join('\n') || '\n', signatures: by };
    expect(parseNote(formatNote(note))).toEqual(note);
  });
  property('verifier keys', fc.tuple(name, fc.constantFrom(ED25519, COSIGNATURE), bytes(32)), (parts) => {
    const key = verifierKey(...parts);
    expect(parseVerifierKey(formatVerifierKey(key))).toEqual(key);
  });
  property('proof files', proofFile, (value) => {
    expect(parseProof(formatProof(value))).toEqual(value);
  });
  property('pending proofs', pendingProof, (value) => {
    expect(parseProof(new TextEncoder().encode(formatProof(value)))).toEqual(value);
  });
  property('hexadecimal and base64', fc.uint8Array(), (value) => {
    expect(fromHex(toHex(value), value.length)).toEqual(value);
    expect(toHex(value)).toBe(Buffer.from(value).toString('hex'));
    expect(fromBase64(toBase64(value))).toEqual(value);
    expect(toBase64(value)).toBe(Buffer.from(value).toString('base64'));
  });
  property('decimals', count, (value) => {
    expect(fromDecimal(String(value))).toBe(value);
  });
  property(
    'tile paths',
    fc.record({ level: fc.nat(63), index: count, width: fc.integer({ min: 1, max: 256 }) }),
    (tile) => {
      const [, level = '', ...rest] = tilePath(tile).split('/');
      expect(parseTilePath(level, rest.join('/'))).toEqual(tile);
    },
  );
});

describe('what is read is written as the same bytes', () => {
  property(
    'entries and headers',
    fc.oneof(bytes(114), bytes(134)),
    (value) => {
      const versioned = value.slice();
      versioned.set([1, 0]);
      try {
        const again =
          value.length === 114 ? encodeEntry(decodeEntry(versioned)) : encodeHeader(decodeHeader(versioned));
        expect(again).toEqual(versioned);
      } catch (error) {
        if (!(error instanceof ProofError)) throw error;
      }
    },
    1000,
  );

  const scrap = fc.array(
    fc.constantFrom(
      '0',
      '7',
      '00',
      '-',
      '+',
      'a',
      'A',
      '=',
      'AA==',
      'AAA=',
      '/',
      '\n',
      ' ',
      '\u2014',
      'x001',
      '000',
      '.p/',
      '1e3',
      'é',
    ),
    { maxLength: 6 },
  );
  property(
    'decimals, hexadecimal, base64 and tile paths, or refused',
    scrap,
    (parts) => {
      const text = parts.join('');
      const readers = [
        () => String(fromDecimal(text)),
        () => toHex(fromHex(text, Math.ceil(text.length / 2))),
        () => toBase64(fromBase64(text)),
        () => tilePath(parseTilePath('0', text)).replace('tile/0/', ''),
      ];
      for (const read of readers) {
        try {
          expect(read()).toBe(text);
        } catch (error) {
          if (!(error instanceof ProofError)) throw error;
        }
      }
    },
    2000,
  );
});

describe('verification', () => {
  property(
    'never throws for parsed input, and never gives verified without a policy',
    fc.oneof(proofFile, pendingProof),
    (value) => {
      const proof = parseProof(formatProof(value));
      const { verdict, steps } = verify({ proof, document: null, policy: null });
      expect(verdict).not.toBe('verified');
      expect(steps.map(({ number }) => number)).toEqual(steps.map((_, i) => i + 1));
    },
  );
});
