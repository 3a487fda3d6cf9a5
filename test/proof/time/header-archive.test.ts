import { describe, expect, it } from 'vitest';
import { inclusionPath, leafHash, merkleRoot } from '../../../src/proof/index.js';
import { judgeHeader, MAINNET, REGTEST } from '../../../src/proof/time/bitcoin.js';
import { HeaderArchive } from '../../../src/proof/time/header-archive.js';
import { Random } from '../../fuzz/random.js';
import type { BitcoinVectors } from '../../vectors/make/time/bitcoin.js';
import { bytesOf, fastSha256, flipped } from '../support.js';
import { mineChain } from './mining.js';
import { mutated, timeVectors } from './support.js';

const { headers } = timeVectors('bitcoin') as BitcoinVectors;
const header = (name: string) => bytesOf(headers[name]?.header ?? '', 'hex');
const first = ['genesis', 'block-1', 'block-2', 'block-3', 'block-4', 'block-5'].map(header);
const isMalformed = expect.objectContaining({ name: 'TimeError', code: 'malformed_header_archive' }) as Error;

/** As the OpenTimestamps client writes it. */
function archive(all: readonly Uint8Array[], start = 0, network = 0): Uint8Array {
  const head = Buffer.alloc(16);
  head.write('OTSH');
  head.set([1, 0, network, 0], 4);
  head.writeUInt32LE(start, 8);
  return new Uint8Array(Buffer.concat([head, ...all]));
}

describe('an archive of Bitcoin headers', () => {
  it('has the header at each height', () => {
    const read = new HeaderArchive(archive(first));
    expect([read.network, read.start, read.end]).toEqual([MAINNET, 0, 6]);
    expect(first.map((_, height) => read.header(height))).toEqual(first);
    for (const height of [-1, 6, 0.5, Number.NaN, 2 ** 53]) expect(read.header(height)).toBeNull();
  });

  it('may begin at any height, and be of another network', () => {
    const pair = ['block-556415', 'block-556416'].map(header);
    const late = new HeaderArchive(archive(pair, 556_415), fastSha256);
    expect([late.header(556_414), late.header(556_416)]).toEqual([null, pair[1]]);
    expect(() => late.pin()).toThrow(RangeError);
    expect(() => late.path(556_415)).toThrow(RangeError);
    expect(new HeaderArchive(archive(mineChain(5), 100, 2)).network).toBe(REGTEST);
    const empty = new HeaderArchive(archive([], 7));
    expect([empty.start, empty.end, empty.header(7)]).toEqual([7, 7, null]);
  });

  it('makes pins, and the paths to them', () => {
    const read = new HeaderArchive(archive(first));
    const leaves = first.map((each) => leafHash(each));
    for (let size = 1; size <= 6; size++) {
      const pin = read.pin(size);
      expect(pin).toEqual({ size, root: merkleRoot(leaves.slice(0, size)) });
      for (let height = 0; height < size; height++) {
        const path = read.path(height, size);
        expect(path).toEqual(inclusionPath(height, leaves.slice(0, size)));
        const placed = { header: read.header(height) ?? new Uint8Array(), height, path, following: [] };
        expect(judgeHeader(placed, [pin], MAINNET)).toEqual({ by: 'pin', pin });
      }
    }
    expect(read.pin()).toEqual(read.pin(6));
    for (const size of [0, 7, 1.5, Number.NaN]) expect(() => read.pin(size)).toThrow(RangeError);
    expect(() => read.path(3, 3)).toThrow(RangeError);
  });

  const good = archive(first);
  const changed = (at: number, value: number) => {
    const bytes = good.slice();
    bytes[at] = value;
    return bytes;
  };

  it.each<readonly [string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['15 bytes', good.slice(0, 15)],
    ['another magic', changed(0, 0x6f)],
    ['version 2', changed(4, 2)],
    ['version 1.1', changed(5, 1)],
    ['version 0', changed(4, 0)],
    ['the test network, which has other rules', changed(6, 1)],
    ['a network that nobody knows', changed(6, 9)],
    ['the headers of another network', changed(6, 2)],
    ['a reserved byte', changed(7, 1)],
    ['another reserved byte', changed(15, 1)],
    ['a header cut off', good.slice(0, -1)],
    ['a byte too many', new Uint8Array([...good, 0])],
    ['a header without work', flipped(good, (16 + 80 * 3 + 40) * 8)],
    ['a header missing', archive([...first.slice(0, 2), ...first.slice(3)])],
    ['a header twice', archive([...first, first[5] ?? new Uint8Array()])],
    ['two headers swapped', archive([...first.slice(0, 4), ...first.slice(4).reverse()])],
    ['another first block', archive(first.slice(1))],
    ['a header of zeros', archive([...first, new Uint8Array(80)])],
    ['easy headers', archive(mineChain(3), 100)],
  ])('is refused with %s', (_, bytes) => {
    expect(() => new HeaderArchive(bytes)).toThrow(isMalformed);
  });

  it('is read or refused, never anything else, after random changes', () => {
    const random = new Random(80);
    const bytes = archive(mineChain(4), 10, 2);
    let read = 0;
    for (let round = 0; round < 2000; round++) {
      try {
        const { start, end } = new HeaderArchive(mutated(bytes, random));
        expect(end - start).toBeLessThanOrEqual(4);
        read++;
      } catch (error) {
        expect(error).toEqual(isMalformed);
      }
    }
    expect(read).toBeGreaterThan(5);
  });
});
