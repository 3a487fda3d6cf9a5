import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VECTORS } from '../../vectors/load.js';
import type { Random } from '../../fuzz/random.js';
import type { WrittenBytes } from '../../vectors/make/time/pieces.js';

/** A file of test/vectors/time, as its generator describes it. */
export function timeVectors(name: string): unknown {
  return JSON.parse(readFileSync(join(VECTORS, 'time', `${name}.json`), 'utf8')) as unknown;
}

export function bytesOf(written: WrittenBytes): Uint8Array {
  const hex =
    typeof written === 'string' ? written : written.map(([piece, count]) => piece.repeat(count)).join('');
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

/** One random change: bytes changed, dropped, doubled, inserted or cut off. */
export function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length);
  const length = 1 + Math.floor(random.next() ** 4 * 40);
  const [before, piece, rest] = [
    bytes.subarray(0, at),
    bytes.subarray(at, at + length),
    bytes.subarray(at + length),
  ];
  const value = random.pick([0x00, 0x01, 0x08, 0x7f, 0x80, 0xf0, 0xf1, 0xff, random.below(256)]);
  switch (random.below(6)) {
    case 0:
      return Uint8Array.from([...before, value, ...bytes.subarray(at + 1)]);
    case 1:
      return Uint8Array.from([...before, ...rest]);
    case 2:
      return Uint8Array.from([...before, ...piece, ...piece, ...rest]);
    case 3:
      return Uint8Array.from([...before, value, ...piece, ...rest]);
    case 4:
      return before.slice();
    default: {
      const bit = 1 << random.below(8);
      return Uint8Array.from([...before, (bytes[at] ?? 0) ^ bit, ...bytes.subarray(at + 1)]);
    }
  }
}
