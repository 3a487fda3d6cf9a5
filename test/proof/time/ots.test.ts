import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attestationsOf,
  after,
  bitcoinCommitments,
  pendingCommitments,
} from '../../../src/proof/time/ots-tree.js';
import {
  formatCalendarTimestamp,
  formatOts,
  MAX_CALENDAR_ANSWER,
  MAX_OTS,
  parseCalendarTimestamp,
  parseOts,
  type OtsAttestation,
  type OtsOperation,
  type Timestamp,
} from '../../../src/proof/time/ots.js';
import { Random } from '../../fuzz/random.js';
import { randomRuns } from '../../support/random-runs.js';
import type { MalformedOts, OtsVector } from '../../vectors/make/time/ots.js';
import { hex, standard } from '../support.js';
import { bytesOf, mutated, timeVectors } from './support.js';

const { valid, malformed } = timeVectors('ots') as {
  valid: Record<string, OtsVector>;
  malformed: Record<string, MalformedOts>;
};
/** The part of a file that a calendar would answer. */
const START = 31 + 1 + 1 + 32;
const isMalformed = expect.objectContaining({ name: 'TimeError', code: 'malformed_ots' }) as Error;

function described(attestation: OtsAttestation, message: Uint8Array | null) {
  const common = { type: attestation.type, message: message === null ? null : hex(message) };
  switch (attestation.type) {
    case 'bitcoin':
      return { ...common, height: attestation.height };
    case 'pending':
      return { ...common, url: attestation.url };
    case 'unknown':
      return { ...common, tag: hex(attestation.tag), payload: attestation.payload.length };
  }
}

describe('.ots files', () => {
  it.each(Object.entries(valid))('are read and written: %s', (_, vector) => {
    const bytes = bytesOf(vector.ots);
    const detached = parseOts(bytes);
    expect(hex(detached.digest)).toBe(vector.digest);
    const reached = attestationsOf(detached.digest, detached.timestamp);
    expect(reached.map(({ attestation, message }) => described(attestation, message))).toEqual(
      vector.attestations,
    );
    expect(pendingCommitments(detached).map(({ url, commitment }) => [url, hex(commitment)])).toEqual(
      vector.pending,
    );
    const heights = vector.attestations
      .filter(({ message }) => message?.length === 64)
      .map((each) => each.height);
    expect(bitcoinCommitments(detached).map(({ height }) => height)).toEqual(
      heights.filter((height) => height !== undefined).sort((a, b) => a - b),
    );
    const canonical = bytesOf(vector.canonical ?? vector.ots);
    expect(hex(formatOts(detached))).toBe(hex(canonical));
    expect(hex(formatOts(parseOts(canonical)))).toBe(hex(canonical));
  });

  it.each(Object.entries(malformed))('are refused when malformed: %s', (_, { ots }) => {
    expect(() => parseOts(bytesOf(ots))).toThrow(isMalformed);
  });

  it('have more malformed vectors than valid ones', () => {
    expect(Object.keys(malformed).length).toBeGreaterThan(2 * Object.keys(valid).length);
  });

  it('are read as python-opentimestamps reads them', () => {
    interface Case {
      readonly otsHex: string;
    }
    interface ValidCase extends Case {
      readonly fileDigestHex: string;
      readonly attestations: readonly { kind: string; value: string | number; msgHex: string }[];
    }
    const own = standard('opentimestamps/own.json') as { valid: ValidCase[]; invalid: Case[] };
    expect([own.valid.length, own.invalid.length]).toEqual([3, 9]);
    for (const { otsHex, fileDigestHex, attestations } of own.valid) {
      const detached = parseOts(bytesOf(otsHex));
      expect(hex(detached.digest)).toBe(fileDigestHex);
      const reached = attestationsOf(detached.digest, detached.timestamp).map(({ attestation, message }) => ({
        value:
          attestation.type === 'bitcoin'
            ? attestation.height
            : attestation.type === 'pending'
              ? attestation.url
              : null,
        msgHex: hex(message ?? new Uint8Array()),
      }));
      const known = attestations.filter(({ kind }) => /^(Pending|Bitcoin)/.test(kind));
      expect(reached.filter(({ value }) => value !== null)).toEqual(
        expect.arrayContaining(known.map(({ value, msgHex }) => ({ value, msgHex }))),
      );
      expect(reached).toHaveLength(attestations.length);
      expect(hex(formatOts(detached))).toBe(otsHex);
    }
    for (const { otsHex } of own.invalid) expect(() => parseOts(bytesOf(otsHex))).toThrow(isMalformed);
  });

  it('keep their digest when the buffer changes that they were read from', () => {
    const bytes = bytesOf(valid['bitcoin']?.ots ?? '');
    const detached = parseOts(bytes);
    bytes.fill(0);
    expect(hex(detached.digest)).toBe(valid['bitcoin']?.digest);
  });
});

describe("a calendar's answer", () => {
  it.each(Object.entries(valid))('is read and written: %s', (_, vector) => {
    const bytes = bytesOf(vector.ots).slice(START);
    const timestamp = parseCalendarTimestamp(bytes);
    expect(timestamp).toEqual(parseOts(bytesOf(vector.ots)).timestamp);
    const canonical = bytesOf(vector.canonical ?? vector.ots).slice(START);
    expect(hex(formatCalendarTimestamp(timestamp))).toBe(hex(canonical));
  });

  it('is refused when it is longer than clients read', () => {
    const answer = {
      attestations: [{ type: 'unknown', tag: new Uint8Array(8), payload: new Uint8Array(8192) }],
      branches: [],
    } as const;
    const bytes = formatCalendarTimestamp(
      after([{ name: 'append', argument: new Uint8Array(1500) }], answer),
    );
    expect(bytes.length).toBeLessThanOrEqual(MAX_CALENDAR_ANSWER);
    const longer = after([{ name: 'append', argument: new Uint8Array(1800) }], answer);
    expect(() => formatCalendarTimestamp(longer)).toThrow(RangeError);
    const file = formatOts({ digest: new Uint8Array(32), timestamp: longer });
    expect(() => parseCalendarTimestamp(file.slice(START))).toThrow(isMalformed);
  });

  it('is refused when it is a page or empty', () => {
    for (const text of ['', '<html>502 Bad Gateway</html>', 'Not found', '{}'])
      expect(() => parseCalendarTimestamp(new Uint8Array(Buffer.from(text)))).toThrow(isMalformed);
    expect(() => parseCalendarTimestamp(new Uint8Array(50_000))).toThrow(isMalformed);
  });
});

describe('the writer', () => {
  const end = (...attestations: OtsAttestation[]): Timestamp => ({ attestations, branches: [] });
  const bitcoin: OtsAttestation = { type: 'bitcoin', height: 1 };
  const digest = new Uint8Array(32);

  it.each<readonly [string, Timestamp]>([
    ['nothing', end()],
    ['an operation that leads nowhere', after([{ name: 'sha256' }], end())],
    ['an attestation twice', end(bitcoin, bitcoin)],
    [
      'an operation twice',
      {
        attestations: [],
        branches: [
          after([{ name: 'sha256' }], end(bitcoin)),
          after([{ name: 'sha256' }], end(bitcoin)),
        ].flatMap(({ branches }) => branches),
      },
    ],
    ['an empty argument', after([{ name: 'append', argument: new Uint8Array() }], end(bitcoin))],
    [
      'an argument that is too long',
      after([{ name: 'append', argument: new Uint8Array(4097) }], end(bitcoin)),
    ],
    ['a message that is too long', after([{ name: 'append', argument: new Uint8Array(4065) }], end(bitcoin))],
    ['an address with a space', end({ type: 'pending', url: 'https://a b' })],
    ['an empty address', end({ type: 'pending', url: '' })],
    [
      'an attestation that is too long',
      end({ type: 'unknown', tag: new Uint8Array(8), payload: new Uint8Array(8193) }),
    ],
    ['a tag of 7 bytes', end({ type: 'unknown', tag: new Uint8Array(7), payload: new Uint8Array(0) })],
    [
      '257 messages',
      after(
        Array.from({ length: 256 }, (): OtsOperation => ({ name: 'sha256' })),
        end(bitcoin),
      ),
    ],
    [
      '10,000 messages',
      after(
        Array.from({ length: 5000 }, (): OtsOperation => ({ name: 'sha256' })),
        end(bitcoin),
      ),
    ],
    [
      '2049 attestations',
      end(...Array.from({ length: 2049 }, (_, height): OtsAttestation => ({ type: 'bitcoin', height }))),
    ],
  ])('refuses %s', (_, timestamp) => {
    expect(() => formatOts({ digest, timestamp })).toThrow(RangeError);
  });

  it('refuses a digest of another length', () => {
    expect(() => formatOts({ digest: new Uint8Array(31), timestamp: end(bitcoin) })).toThrow(RangeError);
  });
});

describe('any .ots file', () => {
  const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const attestation: fc.Arbitrary<OtsAttestation> = fc.oneof(
    fc.record({ type: fc.constant('bitcoin' as const), height: fc.maxSafeNat() }),
    fc.record({
      type: fc.constant('pending' as const),
      url: fc.string({
        unit: fc.constantFrom('a', 'Z', '0', '9', '-', '.', '_', '/', ':'),
        minLength: 1,
        maxLength: 40,
      }),
    }),
    fc.record({
      type: fc.constant('unknown' as const),
      tag: fc.uint8Array({ minLength: 8, maxLength: 8 }),
      payload: fc.uint8Array({ maxLength: 200 }),
    }),
  );
  const operation: fc.Arbitrary<OtsOperation> = fc.oneof(
    fc.record({
      name: fc.constantFrom('append' as const, 'prepend' as const),
      argument: fc.uint8Array({ minLength: 1, maxLength: 200 }),
    }),
    fc.record({
      name: fc.constantFrom('sha1', 'ripemd160', 'sha256', 'keccak256', 'reverse'),
    }) as fc.Arbitrary<OtsOperation>,
  );
  const timestampOf = (depth: number): fc.Arbitrary<Timestamp> =>
    fc
      .record({
        attestations: fc.uniqueArray(attestation, { maxLength: 3, selector: (each) => JSON.stringify(each) }),
        branches:
          depth === 0
            ? fc.constant([])
            : fc.uniqueArray(fc.record({ operation, rest: timestampOf(depth - 1) }), {
                maxLength: 3,
                selector: (each) => JSON.stringify(each.operation),
              }),
      })
      .map((each) =>
        each.attestations.length + each.branches.length > 0
          ? each
          : { attestations: [{ type: 'bitcoin' as const, height: 1 }], branches: [] },
      );
  const key = (each: unknown) => JSON.stringify(each);
  /** Without order. */
  const sorted = ({ attestations, branches }: Timestamp): unknown => ({
    attestations: attestations.map(key).sort(),
    branches: branches.map((each) => key([each.operation, sorted(each.rest)])).sort(),
  });

  it('is read as it was written, and has one spelling', () => {
    fc.assert(
      fc.property(digest, timestampOf(4), (sha256, tree) => {
        const bytes = formatOts({ digest: sha256, timestamp: tree });
        const read = parseOts(bytes);
        expect(read.digest).toEqual(sha256);
        expect(sorted(read.timestamp)).toEqual(sorted(tree));
        expect(formatOts(read)).toEqual(bytes);
      }),
      randomRuns(300),
    );
  });

  it('is read or refused, never anything else, after random changes', () => {
    const random = new Random(13);
    const files = Object.values(valid)
      .map(({ ots }) => bytesOf(ots))
      .filter(({ length }) => length < 1000);
    let read = 0;
    for (let round = 0; round < 6000; round++) {
      let bytes = random.pick(files);
      for (let changes = 1 + random.below(3); changes > 0; changes--) bytes = mutated(bytes, random);
      try {
        const detached = parseOts(bytes);
        read++;
        attestationsOf(detached.digest, detached.timestamp);
        pendingCommitments(detached);
        // What was read has one canonical form, which is read as the same.
        const canonical = formatOts(detached);
        expect(canonical.length).toBe(bytes.length);
        expect(formatOts(parseOts(canonical))).toEqual(canonical);
      } catch (error) {
        expect(error).toEqual(isMalformed);
      }
    }
    // Otherwise the changes would only test the magic.
    expect(read).toBeGreaterThan(500);
  });

  it('of many operations on long messages is replayed', () => {
    const argument = new Uint8Array(4000);
    const branches = Array.from({ length: 8 }, (_, branch): Timestamp => {
      const operations = Array.from({ length: 240 }, (): OtsOperation => ({ name: 'reverse' }));
      return after([{ name: 'append', argument: Uint8Array.of(branch) }, ...operations], {
        attestations: [{ type: 'bitcoin', height: 1 }],
        branches: [],
      });
    }).flatMap((each) => each.branches);
    const bytes = formatOts({
      digest: new Uint8Array(32),
      timestamp: after([{ name: 'append', argument }], { attestations: [], branches }),
    });
    expect(bytes.length).toBeLessThan(MAX_OTS);
    const { digest: read, timestamp: tree } = parseOts(bytes);
    expect(attestationsOf(read, tree).map(({ message }) => message?.length)).toEqual(
      Array.from({ length: 8 }, () => 4033),
    );
  });
});
