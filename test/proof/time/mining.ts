import { createHash } from 'node:crypto';

/** Bitcoin headers that take next to no work. */

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest();

/** The first block of the network for tests. */
export const REGTEST_GENESIS = new Uint8Array(
  Buffer.from(
    '01000000000000000000000000000000000000000000000000000000000000000000' +
      '00003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff7f2002000000',
    'hex',
  ),
);

interface Wish {
  /** The target, which must be an easy one. */
  readonly bits?: number;
  readonly merkleRoot?: Uint8Array;
  /** Since the header before. */
  readonly seconds?: number;
}

/** A header that names `previous`, with work. null: a first header. */
export function mineAfter(previous: Uint8Array | null, wish: Wish = {}): Uint8Array {
  const header = Buffer.alloc(80);
  header.writeInt32LE(0x20000000, 0);
  if (previous !== null) sha256(sha256(previous)).copy(header, 4);
  header.set(wish.merkleRoot ?? sha256(header), 36);
  const before = previous === null ? 1_700_000_000 : Buffer.from(previous).readUInt32LE(68);
  header.writeUInt32LE(before + (wish.seconds ?? 600), 68);
  const bits = wish.bits ?? 0x207fffff;
  header.writeUInt32LE(bits, 72);
  const target = BigInt(bits & 0xffffff) << BigInt(8 * ((bits >>> 24) - 3));
  for (let nonce = 0; ; nonce++) {
    header.writeUInt32LE(nonce, 76);
    if (BigInt(`0x${sha256(sha256(header)).reverse().toString('hex')}`) <= target)
      return new Uint8Array(header);
  }
}

export function mineChain(length: number, wish: Wish = {}): Uint8Array[] {
  const headers: Uint8Array[] = [];
  while (headers.length < length) headers.push(mineAfter(headers.at(-1) ?? null, wish));
  return headers;
}
