import { createHash } from 'node:crypto';

/** ML-DSA.Verify of FIPS 204 with the parameters of ML-DSA-44, as slow and as plain as it is written there. */

const Q = 8380417;
const N = 256;
const ROWS = 4;
const COLUMNS = 4;
const GAMMA1 = 2 ** 17;
const GAMMA2 = (Q - 1) / 88;
const TAU = 39;
const BETA = 78;
const OMEGA = 80;
const Z_LENGTH = (N * 18) / 8;

type Polynomial = readonly number[];

export function verifyMlDsa44(signature: Buffer, message: Uint8Array, publicKey: Buffer): boolean {
  if (publicKey.length !== 1312 || signature.length !== 2420) return false;
  const rho = publicKey.subarray(0, 32);
  const t1 = range(ROWS).map((i) => unpack(publicKey.subarray(32 + 320 * i, 352 + 320 * i), 10));
  const challenge = signature.subarray(0, 32);
  const z = range(COLUMNS).map((i) =>
    unpack(signature.subarray(32 + Z_LENGTH * i, 32 + Z_LENGTH * (i + 1)), 18).map((value) => GAMMA1 - value),
  );
  const hints = unpackHints(signature.subarray(32 + Z_LENGTH * COLUMNS));
  if (hints === null || z.flat().some((value) => Math.abs(value) >= GAMMA1 - BETA)) return false;
  const mu = shake256([shake256([publicKey], 64), Buffer.from([0, 0]), message], 64);
  const c = transform(sampleInBall(challenge));
  const zHat = z.map(transform);
  const high = range(ROWS).map((row) => {
    const shifted = transform((t1[row] ?? []).map((value) => value * 2 ** 13));
    const product = range(N).map((i) => {
      const sum = range(COLUMNS).reduce(
        (all, column) => all + times(element(rho, row, column, i), zHat[column]?.[i] ?? 0),
        0,
      );
      return modulo(sum - times(c[i] ?? 0, shifted[i] ?? 0));
    });
    return invert(product).map((value, i) => useHint(hints[row]?.has(i) === true, value));
  });
  const packed = Buffer.concat(high.map((row) => pack(row, 6)));
  return shake256([mu, packed], 32).equals(challenge);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

const modulo = (value: number) => ((value % Q) + Q) % Q;
const times = (a: number, b: number) => (modulo(a) * modulo(b)) % Q;

function shake(name: 'shake128' | 'shake256', parts: readonly Uint8Array[], length: number): Buffer {
  const hash = createHash(name, { outputLength: length });
  for (const part of parts) hash.update(part);
  return hash.digest();
}

const shake256 = (parts: readonly Uint8Array[], length: number) => shake('shake256', parts, length);

/** The powers of 1753, a 512th root of unity. */
const ROOTS: number[] = [1];
for (let i = 1; i < 512; i++) ROOTS.push(times(ROOTS[i - 1] ?? 0, 1753));
const root = (exponent: number) => ROOTS[((exponent % 512) + 512) % 512] ?? 0;
const reversed = (i: number) => parseInt(i.toString(2).padStart(8, '0').split('').reverse().join(''), 2);
const POINTS = range(N).map((i) => 2 * reversed(i) + 1);

/** The values of the polynomial at the odd powers, in the order of the standard. */
function transform(polynomial: Polynomial): number[] {
  return POINTS.map((point) =>
    polynomial.reduce((sum, value, j) => (sum + modulo(value) * root(point * j)) % Q, 0),
  );
}

function invert(values: Polynomial): number[] {
  return range(N).map((j) => {
    const sum = values.reduce((all, value, i) => (all + value * root(-(POINTS[i] ?? 0) * j)) % Q, 0);
    return times(sum, 8347681); // 256^-1
  });
}

const matrices = new Map<string, number[]>();

/** ExpandA. */
function element(rho: Buffer, row: number, column: number, index: number): number {
  const id = `${rho.toString('hex')} ${row} ${column}`;
  const known = matrices.get(id) ?? rejectionSample(Buffer.concat([rho, Buffer.of(column, row)]));
  matrices.set(id, known);
  return known[index] ?? 0;
}

function rejectionSample(seed: Buffer): number[] {
  const bytes = shake('shake128', [seed], 3 * 1024);
  const values: number[] = [];
  for (let i = 0; values.length < N; i += 3) {
    const value = bytes.readUIntLE(i, 3) & 0x7fffff;
    if (value < Q) values.push(value);
  }
  return values;
}

function sampleInBall(seed: Buffer): number[] {
  const bytes = shake256([seed], 1024);
  const signs = bytes.readBigUInt64LE(0);
  const c = new Array<number>(N).fill(0);
  let at = 8;
  for (let i = N - TAU; i < N; i++) {
    while ((bytes[at] ?? 0) > i) at++;
    const j = bytes[at++] ?? 0;
    c[i] = c[j] ?? 0;
    c[j] = (signs >> BigInt(i + TAU - N)) & 1n ? -1 : 1;
  }
  return c;
}

function unpack(bytes: Buffer, bits: number): number[] {
  return range(N).map((i) => {
    let value = 0;
    for (let bit = 0; bit < bits; bit++) {
      const at = i * bits + bit;
      value += (((bytes[at >> 3] ?? 0) >> (at & 7)) & 1) * 2 ** bit;
    }
    return value;
  });
}

function pack(values: Polynomial, bits: number): Buffer {
  const bytes = Buffer.alloc((N * bits) / 8);
  for (const [i, value] of values.entries()) {
    for (let bit = 0; bit < bits; bit++) {
      const at = i * bits + bit;
      bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (((value >> bit) & 1) << (at & 7));
    }
  }
  return bytes;
}

/** HintBitUnpack; null: not in the only allowed form. */
function unpackHints(bytes: Buffer): Set<number>[] | null {
  let start = 0;
  const rows: Set<number>[] = [];
  for (let row = 0; row < ROWS; row++) {
    const end = bytes[OMEGA + row] ?? 0;
    if (end < start || end > OMEGA) return null;
    const ones = [...bytes.subarray(start, end)];
    if (ones.some((one, i) => i > 0 && one <= (ones[i - 1] ?? 0))) return null;
    rows.push(new Set(ones));
    start = end;
  }
  return bytes.subarray(start, OMEGA).some((byte) => byte !== 0) ? null : rows;
}

function useHint(hint: boolean, value: number): number {
  let low = value % (2 * GAMMA2);
  if (low > GAMMA2) low -= 2 * GAMMA2;
  let high = (value - low) / (2 * GAMMA2);
  if (value - low === Q - 1) {
    high = 0;
    low -= 1;
  }
  if (!hint) return high;
  return low > 0 ? (high + 1) % 44 : (high + 43) % 44;
}
