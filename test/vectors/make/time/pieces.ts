/** Bytes in hexadecimal: a string, or pieces each repeated so many times, one behind the other. */
export type WrittenBytes = string | readonly (readonly [hex: string, count: number])[];

/** Pieces that repeat nothing are written as one string. */
export function written(...pieces: readonly (readonly [hex: string, count: number])[]): WrittenBytes {
  return pieces.every(([hex, count]) => hex.length * count < 400) ? pieces.map(([hex, count]) => hex.repeat(count)).join('') : pieces;
}
