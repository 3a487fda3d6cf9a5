import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/proof/index.js';
import { verifyBitcoinAnchor } from '../../../src/proof/time/bitcoin-anchor.js';
import { bitcoinHash, REGTEST, type PlacedHeader } from '../../../src/proof/time/bitcoin.js';
import { HeaderArchive } from '../../../src/proof/time/header-archive.js';
import { after, attestationsOf, mergeTimestamps } from '../../../src/proof/time/ots-tree.js';
import {
  formatOts,
  type OtsAttestation,
  type OtsOperation,
  type Timestamp,
} from '../../../src/proof/time/ots.js';
import { bytesOf, flipped } from '../support.js';
import { mineAfter, REGTEST_GENESIS } from './mining.js';

const note = bytesOf('log.example\n7\nroot\n\n— log.example sig\n', 'utf8');
const digest = sha256(note);
const operations: OtsOperation[] = [
  { name: 'append', argument: new Uint8Array(16) },
  { name: 'sha256' },
  { name: 'prepend', argument: new Uint8Array(50) },
  { name: 'sha256' },
  { name: 'sha256' },
];
const end = (attestation: OtsAttestation): Timestamp => ({ attestations: [attestation], branches: [] });
const [reached] = attestationsOf(digest, after(operations, end({ type: 'bitcoin', height: 0 })));
const merkleRoot = reached?.message ?? new Uint8Array();

/** Ten blocks, of which number 6 commits to the note. */
const chain: Uint8Array[] = [REGTEST_GENESIS];
while (chain.length < 10)
  chain.push(mineAfter(chain.at(-1) ?? null, chain.length === 6 ? { merkleRoot } : {}));
const [anchored = new Uint8Array(), ...later] = chain.slice(6);
const earlier = chain[5] ?? new Uint8Array();

const ots = (height = 6) =>
  formatOts({ digest, timestamp: after(operations, end({ type: 'bitcoin', height })) });
const placed: PlacedHeader = { header: anchored, height: 6, path: [], following: [] };
const time = new DataView(anchored.buffer).getUint32(68, true);

describe('a Bitcoin anchor', () => {
  it('shows by when a note existed, by the work of a header', () => {
    expect(verifyBitcoinAnchor(digest, ots(), placed, [], REGTEST)).toEqual({
      ok: true,
      height: 6,
      noLaterThan: (time + 7200) * 1000,
      standing: { by: 'work', headers: 1, bits: 1 },
    });
    expect(verifyBitcoinAnchor(digest, ots(), { ...placed, following: later }, [], REGTEST)).toMatchObject({
      standing: { by: 'work', headers: 4, bits: 3 },
    });
  });

  it('shows it by a pinned tree, which an archive makes', () => {
    const head = Buffer.from('4f545348010002000000000000000000', 'hex');
    const archive = new HeaderArchive(new Uint8Array(Buffer.concat([head, ...chain])));
    for (const size of [7, 8, 10]) {
      const pin = archive.pin(size);
      const path = archive.path(6, size);
      expect(verifyBitcoinAnchor(digest, ots(), { ...placed, path }, [pin], REGTEST)).toMatchObject({
        ok: true,
        standing: { by: 'pin', pin },
      });
    }
  });

  it.each<
    readonly [
      string,
      Partial<Record<'digest' | 'ots', Uint8Array>> & { placed?: Partial<PlacedHeader> },
      string,
    ]
  >([
    ['another note', { digest: sha256(note.slice(1)) }, 'digest_mismatch'],
    ['a file that is no .ots', { ots: note }, 'malformed_ots'],
    ['an attestation of another height', { ots: ots(7) }, 'no_attestation'],
    ['a header of another height', { placed: { height: 5 } }, 'no_attestation'],
    [
      'a pending attestation',
      {
        ots: formatOts({ digest, timestamp: after(operations, end({ type: 'pending', url: 'https://a' })) }),
      },
      'no_attestation',
    ],
    [
      'an attestation behind SHA-1',
      {
        ots: formatOts({
          digest,
          timestamp: after([{ name: 'sha1' }, ...operations], end({ type: 'bitcoin', height: 6 })),
        }),
      },
      'no_attestation',
    ],
    [
      'another path',
      {
        ots: formatOts({
          digest,
          timestamp: after(operations.slice(1), end({ type: 'bitcoin', height: 6 })),
        }),
      },
      'merkle_root_mismatch',
    ],
    ['the header before', { placed: { header: earlier } }, 'merkle_root_mismatch'],
    ['a header without its last byte', { placed: { header: anchored.slice(1) } }, 'malformed_bitcoin_header'],
    ['a header with another time', { placed: { header: withoutWork() } }, 'proof_of_work'],
    ['following headers of another chain', { placed: { following: [later[1] ?? anchored] } }, 'broken_link'],
    [
      'a following header that is none',
      { placed: { following: [new Uint8Array(80)] } },
      'malformed_bitcoin_header',
    ],
  ])('shows nothing with %s', (_, change, fault) => {
    expect(
      verifyBitcoinAnchor(
        change.digest ?? digest,
        change.ots ?? ots(),
        { ...placed, ...change.placed },
        [],
        REGTEST,
      ),
    ).toEqual({ ok: false, fault });
  });

  it('shows nothing below a pin whose tree has another header', () => {
    const pin = { size: 8, root: new Uint8Array(32) };
    expect(verifyBitcoinAnchor(digest, ots(), placed, [pin], REGTEST)).toEqual({
      ok: false,
      fault: 'not_in_pinned_tree',
    });
  });

  it('needs one of several commitments', () => {
    const other = after(
      [{ name: 'append', argument: Uint8Array.of(1) }],
      end({ type: 'bitcoin', height: 6 }),
    );
    const both = formatOts({
      digest,
      timestamp: mergeTimestamps(other, after(operations, end({ type: 'bitcoin', height: 6 }))),
    });
    expect(verifyBitcoinAnchor(digest, both, placed, [], REGTEST)).toMatchObject({ ok: true });
  });
});

/** The anchored header with a later time, as somebody who wants one would change it. */
function withoutWork(): Uint8Array {
  for (let bit = 0; ; bit++) {
    const header = flipped(anchored, 68 * 8 + bit);
    if (BigInt(`0x${Buffer.from(bitcoinHash(header)).reverse().toString('hex')}`) >= 1n << 255n)
      return header;
  }
}
