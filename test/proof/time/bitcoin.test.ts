import { describe, expect, it } from 'vitest';
import { inclusionPath, leafHash, merkleRoot } from '../../../src/proof/index.js';
import {
  bitcoinHash,
  formatBitcoinHash,
  hasBitcoinWork,
  HeaderChain,
  judgeHeader,
  MAINNET,
  noLaterThan,
  notBefore,
  parseBitcoinHeader,
  REGTEST,
  retarget,
  targetOf,
  workBits,
  workOf,
  type BitcoinNetwork,
  type HeaderPin,
  type PlacedHeader,
} from '../../../src/proof/time/bitcoin.js';
import type { BitcoinVectors } from '../../vectors/make/time/bitcoin.js';
import { bytesOf, fastSha256, flipped, hex } from '../support.js';
import { mineAfter, mineChain } from './mining.js';
import { timeVectors } from './support.js';

const { headers, malformed, targets, retargets } = timeVectors('bitcoin') as BitcoinVectors;
const header = (name: string) => bytesOf(headers[name]?.header ?? '', 'hex');
const isMalformed = expect.objectContaining({ name: 'TimeError', code: 'malformed_bitcoin_header' }) as Error;
const first = ['genesis', 'block-1', 'block-2', 'block-3', 'block-4', 'block-5'].map(header);

describe('Bitcoin headers', () => {
  it.each(Object.entries(headers))('are read: %s', (_, vector) => {
    const bytes = bytesOf(vector.header, 'hex');
    const parsed = parseBitcoinHeader(bytes);
    expect(formatBitcoinHash(bitcoinHash(bytes))).toBe(vector.hash);
    expect(formatBitcoinHash(parsed.merkleRoot)).toBe(vector.merkleRoot);
    expect([parsed.time, parsed.bits.toString(16)]).toEqual([vector.time, vector.bits]);
    expect(workBits(workOf(parsed.bits))).toBe(vector.work);
    expect(hasBitcoinWork(bitcoinHash(bytes), parsed.bits, MAINNET)).toBe(true);
    expect(hasBitcoinWork(flipped(bitcoinHash(bytes), 255), parsed.bits, MAINNET)).toBe(false);
  });

  it.each(Object.entries(malformed))('are refused when malformed: %s', (_, vector) => {
    expect(() => parseBitcoinHeader(bytesOf(vector.header, 'hex'))).toThrow(isMalformed);
  });

  it.each(targets.map((each) => [each.bits, each.target]))(
    'have targets in a compact form: %s',
    (bits, target) => {
      expect(targetOf(Number.parseInt(bits, 16))).toBe(BigInt(`0x${target}`));
    },
  );

  it('have no target in another form', () => {
    for (const bits of [
      0,
      1,
      0x1d00ffff + 0x800000,
      0x1d007fff,
      0x1e00007f,
      0x21008000,
      0x02008000,
      2 ** 32 - 1,
    ])
      expect(() => targetOf(bits)).toThrow(isMalformed);
  });

  it.each(retargets)('have a new target after 2016 blocks: $source', ({ bits, first: start, last, next }) => {
    expect(retarget(Number.parseInt(bits, 16), start, last, MAINNET).toString(16)).toBe(next);
  });

  it('say when within two hours', () => {
    const parsed = parseBitcoinHeader(header('block-562464'));
    expect(new Date(noLaterThan(parsed)).toISOString()).toBe('2019-02-10T18:59:41.000Z');
    expect(new Date(notBefore(parsed)).toISOString()).toBe('2019-02-10T14:59:41.000Z');
    expect(notBefore({ ...parsed, time: 0 })).toBe(0);
  });
});

/** The rules of Bitcoin with blocks that anybody can mine. */
function easy(genesis: Uint8Array, retargets: boolean): BitcoinNetwork {
  return { ...REGTEST, genesis: bitcoinHash(genesis), retargets };
}

function addAll(chain: HeaderChain, all: readonly Uint8Array[]) {
  return all.map((each) => chain.add(each)).find((fault) => fault !== null) ?? null;
}

describe('a chain of headers', () => {
  it("is Bitcoin's own", () => {
    const chain = new HeaderChain(0, MAINNET);
    expect(addAll(chain, first)).toBeNull();
    expect([chain.count, chain.bits]).toEqual([6, 34]);
    for (const [one, other] of [
      ['block-556415', 'block-556416'],
      ['block-562463', 'block-562464'],
    ]) {
      const pair = new HeaderChain(headers[one ?? '']?.height ?? 0, MAINNET, fastSha256);
      expect(addAll(pair, [header(one ?? ''), header(other ?? '')])).toBeNull();
      expect([pair.count, pair.bits]).toEqual([2, 75]);
    }
  });

  it('begins with the first block of its network', () => {
    expect(new HeaderChain(0, MAINNET).add(header('block-1'))).toBe('broken_link');
    expect(new HeaderChain(0, REGTEST).add(header('genesis'))).toBe('broken_link');
    expect(new HeaderChain(1, MAINNET).add(header('block-2'))).toBeNull();
  });

  it('names each header by the next', () => {
    const chain = new HeaderChain(0, MAINNET);
    expect(addAll(chain, [...first.slice(0, 3), ...first.slice(4)])).toBe('broken_link');
    expect(addAll(new HeaderChain(4, MAINNET), [header('block-4'), header('block-4')])).toBe('broken_link');
  });

  it('has work in every header', () => {
    for (let bit = 0; bit < 640; bit += 7) {
      // Bits of the target are left out: changed, it may be no target.
      if (bit >= 72 * 8 && bit < 76 * 8) continue;
      expect(new HeaderChain(3, MAINNET).add(flipped(header('block-3'), bit))).toBe('proof_of_work');
    }
  });

  it('has no target that the network does not allow, even with work', () => {
    const [, easiest = new Uint8Array()] = mineChain(2);
    expect(new HeaderChain(1, REGTEST).add(easiest)).toBeNull();
    expect(new HeaderChain(1, MAINNET).add(easiest)).toBe('proof_of_work');
  });

  it('keeps its target within 2016 blocks', () => {
    const chain = mineChain(3);
    const harder = mineAfter(chain[2] ?? new Uint8Array(), { bits: 0x1f7fffff });
    const network = easy(chain[0] ?? new Uint8Array(), true);
    expect(addAll(new HeaderChain(0, network), [...chain, harder])).toBe('wrong_target');
    expect(addAll(new HeaderChain(0, { ...network, retargets: false }), [...chain, harder])).toBe(
      'wrong_target',
    );
  });

  it('changes its target every 2016 blocks, exactly as the time they took demands', () => {
    // A block a minute is ten times too fast, of which a factor of four is taken into account.
    const chain = mineChain(2016, { seconds: 60 });
    const network = easy(chain[0] ?? new Uint8Array(), true);
    const last = chain.at(-1) ?? new Uint8Array();
    expect(retarget(0x207fffff, 0, 2015 * 60, network)).toBe(0x201fffff);
    const [right, tooEasy, same] = [0x201fffff, 0x20200000, 0x207fffff].map((bits) =>
      mineAfter(last, { bits }),
    );
    const judged = (next: Uint8Array | undefined) =>
      addAll(new HeaderChain(0, network, fastSha256), [...chain, next ?? new Uint8Array()]);
    expect(judged(right)).toBeNull();
    expect(judged(tooEasy)).toBe('wrong_target');
    expect(judged(same)).toBe('wrong_target');
    // The first header of the period is not there: the factor alone has bounds.
    const partial = (next: Uint8Array | undefined) =>
      addAll(new HeaderChain(2014, network), [...chain.slice(2014), next ?? new Uint8Array()]);
    expect([right, tooEasy, same].map(partial)).toEqual([null, null, null]);
    expect(partial(mineAfter(last, { bits: 0x201ffffe }))).toBe('wrong_target');
  });
});

describe('a header at a height', () => {
  const leaves = first.map((each) => leafHash(each));
  const pinOf = (size: number): HeaderPin => ({ size, root: merkleRoot(leaves.slice(0, size)) });
  const placed = (height: number, size: number): PlacedHeader => ({
    header: first[height] ?? new Uint8Array(),
    height,
    path: inclusionPath(height, leaves.slice(0, size)),
    following: [],
  });
  const judged = (each: PlacedHeader, ...pins: HeaderPin[]) => judgeHeader(each, pins, MAINNET);

  it('is in a pinned tree', () => {
    for (let size = 1; size <= 6; size++) {
      for (let height = 0; height < size; height++)
        expect(judged(placed(height, size), pinOf(size))).toEqual({ by: 'pin', pin: pinOf(size) });
    }
  });

  it('is in one of several, as a new release brings another', () => {
    expect(judged(placed(2, 4), pinOf(6), pinOf(4))).toEqual({ by: 'pin', pin: pinOf(4) });
    expect(judged(placed(2, 4), pinOf(6), pinOf(5))).toBe('not_in_pinned_tree');
  });

  it('below a pin is nothing without its path, whatever its work', () => {
    const good = placed(3, 6);
    const pin = pinOf(6);
    const [one = new Uint8Array(), ...rest] = good.path;
    for (const bad of [
      { ...good, path: [] },
      { ...good, path: rest },
      { ...good, path: [one, ...good.path] },
      { ...good, path: [flipped(one), ...rest] },
      { ...good, path: good.path.toReversed() },
      { ...good, path: [one.slice(1), ...rest] },
      { ...good, height: 2 },
      { ...good, header: first[2] ?? new Uint8Array() },
      { ...good, header: header('block-562464') },
      { ...good, header: header('block-562463'), following: [header('block-562464')] },
    ])
      expect(judged(bad, pin)).toBe('not_in_pinned_tree');
    expect(judged(good, { size: 6, root: pinOf(5).root })).toBe('not_in_pinned_tree');
  });

  const late: PlacedHeader = {
    header: header('block-562463'),
    height: 562_463,
    path: [],
    following: [header('block-562464')],
  };
  const network = { ...MAINNET, leastWork: 74 };

  it('above all pins has only its work, and that of headers built on it', () => {
    expect(judgeHeader(late, [pinOf(6)], network)).toEqual({ by: 'work', headers: 2, bits: 75 });
    expect(judgeHeader({ ...late, following: [] }, [], network)).toEqual({
      by: 'work',
      headers: 1,
      bits: 74,
    });
    expect(judgeHeader({ ...late, following: [header('block-556416')] }, [], network)).toBe('broken_link');
    expect(judgeHeader({ ...late, header: flipped(late.header, 300) }, [], network)).toBe('proof_of_work');
    expect(judgeHeader({ ...late, height: 562_464 }, [], network)).toBe('wrong_target');
  });

  it('above all pins needs the work of a header of today', () => {
    // Real headers of 2019, which a miner of today finds in seconds.
    expect(judged(late)).toBe('too_little_work');
    expect(judged({ header: header('block-5'), height: 5, path: [], following: [] })).toBe('too_little_work');
    const [, forged = new Uint8Array()] = mineChain(2);
    expect(judged({ header: forged, height: 950_000, path: [], following: [] }, pinOf(6))).toBe(
      'proof_of_work',
    );
  });

  it('must be a header', () => {
    expect(() => judged({ ...placed(1, 6), header: new Uint8Array(79) }, pinOf(6))).toThrow(isMalformed);
    expect(() => judgeHeader({ ...late, following: [new Uint8Array(80)] }, [], network)).toThrow(isMalformed);
  });

  it('is not a pair of hashes of the tree', () => {
    // 64 bytes of two leaf hashes are no header, so no inner node can be given as one.
    expect(() =>
      judged({ header: new Uint8Array(64), height: 0, path: [], following: [] }, pinOf(1)),
    ).toThrow(isMalformed);
  });
});

it('finds the same hash with another implementation of SHA-256', () => {
  expect(hex(bitcoinHash(first[0] ?? new Uint8Array(), fastSha256))).toBe(hex(MAINNET.genesis));
});
