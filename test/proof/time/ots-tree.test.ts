import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/proof/index.js';
import {
  after,
  attestationsOf,
  bitcoinCommitments,
  mergeTimestamps,
  pendingCommitments,
  prune,
  upgrade,
} from '../../../src/proof/time/ots-tree.js';
import {
  formatOts,
  parseOts,
  type DetachedTimestamp,
  type OtsAttestation,
  type Timestamp,
} from '../../../src/proof/time/ots.js';
import { bytesOf } from '../support.js';

const digest = sha256(bytesOf('a document', 'utf8'));
const nonce = (i: number) => new Uint8Array(16).fill(i);
const end = (...attestations: OtsAttestation[]): Timestamp => ({ attestations, branches: [] });
const pending = (url: string) => end({ type: 'pending', url });
const bitcoin = (height: number) => end({ type: 'bitcoin', height });
/** As a client makes it: the calendar sees a hash with a nonce, not the digest. */
const submitted = (i: number, rest: Timestamp): Timestamp =>
  after([{ name: 'append', argument: nonce(i) }, { name: 'sha256' }], rest);
const commitment = (i: number) => sha256(new Uint8Array([...digest, ...nonce(i)]));
const answer = (height: number): Timestamp =>
  after(
    [{ name: 'prepend', argument: Uint8Array.of(height % 256) }, { name: 'sha256' }, { name: 'sha256' }],
    bitcoin(height),
  );

const A = 'https://a.example';
const B = 'https://b.example';
const two: DetachedTimestamp = {
  digest,
  timestamp: mergeTimestamps(submitted(1, pending(A)), submitted(2, pending(B))),
};

describe('a pending timestamp', () => {
  it('says which calendar has to be asked for what', () => {
    expect(pendingCommitments(two)).toEqual([
      { url: A, commitment: commitment(1) },
      { url: B, commitment: commitment(2) },
    ]);
    expect(bitcoinCommitments(two)).toEqual([]);
  });

  it('is complete for each calendar that has answered', () => {
    const one = upgrade(two, commitment(2), answer(900));
    if (one === null) throw new Error('not found');
    expect(pendingCommitments(one)).toEqual([{ url: A, commitment: commitment(1) }]);
    expect(bitcoinCommitments(one).map(({ height }) => height)).toEqual([900]);
    const both = upgrade(one, commitment(1), answer(899));
    if (both === null) throw new Error('not found');
    expect(pendingCommitments(both)).toEqual([]);
    expect(bitcoinCommitments(both).map(({ height }) => height)).toEqual([899, 900]);
    // The addresses stay, as in files of stock tools.
    expect(attestationsOf(digest, both.timestamp)).toHaveLength(4);
    expect(parseOts(formatOts(both))).toMatchObject({ digest });
  });

  it('is not changed by an answer for something else', () => {
    expect(upgrade(two, digest, answer(900))).toBeNull();
    expect(upgrade(two, commitment(3), answer(900))).toBeNull();
    expect(pendingCommitments(two)).toHaveLength(2);
  });

  it('stays pending when the calendar names another calendar', () => {
    const upgraded = upgrade(two, commitment(1), after([{ name: 'sha256' }], pending(B)));
    expect(upgraded && pendingCommitments(upgraded)).toEqual([
      { url: A, commitment: commitment(1) },
      { url: B, commitment: sha256(commitment(1)) },
      { url: B, commitment: commitment(2) },
    ]);
  });

  it('takes the same answer twice without change', () => {
    const once = upgrade(two, commitment(1), answer(900));
    const twice = once && upgrade(once, commitment(1), answer(900));
    expect(once && formatOts(once)).toEqual(twice && formatOts(twice));
  });

  it('asks no calendar for what is behind an algorithm that does not count', () => {
    const weak = { digest, timestamp: after([{ name: 'sha1' }], pending(A)) };
    expect(pendingCommitments(weak)).toEqual([]);
    expect(upgrade(weak, new Uint8Array(20), answer(1))).toBeNull();
  });
});

describe('two timestamps of one message', () => {
  it('are merged into one, whatever comes first', () => {
    const [a, b] = [submitted(1, answer(5)), mergeTimestamps(submitted(1, pending(A)), pending(B))];
    const merged = [mergeTimestamps(a, b), mergeTimestamps(b, a)].map((timestamp) =>
      formatOts({ digest, timestamp }),
    );
    expect(merged[0]).toEqual(merged[1]);
    const { timestamp } = parseOts(merged[0] ?? new Uint8Array());
    expect(attestationsOf(digest, timestamp)).toHaveLength(3);
    expect(timestamp.branches).toHaveLength(1);
    expect(formatOts({ digest, timestamp: mergeTimestamps(timestamp, timestamp) })).toEqual(merged[0]);
  });
});

describe('a pruned timestamp', () => {
  it('has the chosen attestations, and no way to others', () => {
    const full = upgrade(two, commitment(1), answer(900));
    if (full === null) throw new Error('not found');
    const pruned = prune(full.timestamp, ({ type }) => type === 'bitcoin');
    expect(pruned && formatOts({ digest, timestamp: pruned })).toEqual(
      formatOts({ digest, timestamp: submitted(1, answer(900)) }),
    );
    expect(prune(full.timestamp, () => false)).toBeNull();
    expect(prune(full.timestamp, () => true)).toEqual(full.timestamp);
  });
});
