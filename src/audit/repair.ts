import { hash } from 'node:crypto';

/** One column of a row, as it lies in the bytes that are hashed. */
export interface Field {
  readonly column: string;
  readonly offset: number;
  readonly length: number;
}

export interface Suggestion {
  readonly column: string;
  readonly value: Uint8Array;
}

export interface Repair {
  readonly column: string;
  /** The field's bytes as they must have been. */
  readonly value: Buffer;
  /** All bytes, with that one field put right. */
  readonly bytes: Buffer;
}

/**
 * Which one field of `bytes` was changed, given the SHA-256 that they had: first with the values that the row's
 * surroundings suggest, then every single byte (some 30,000 hashes, 30 ms). Null: more than that was changed.
 */
export function findChangedField(
  bytes: Uint8Array,
  fields: readonly Field[],
  targets: readonly Uint8Array[],
  suggestions: readonly Suggestion[],
  everyByte = true,
): Repair | null {
  const work = Buffer.from(bytes);
  const wanted = new Set(targets.map((target) => Buffer.from(target).toString('latin1')));
  const holds = () => wanted.has(hash('sha256', work, 'binary'));
  const repaired = ({ column, offset, length }: Field): Repair => ({
    column,
    value: Buffer.from(work.subarray(offset, offset + length)),
    bytes: Buffer.from(work),
  });
  for (const { column, value } of suggestions) {
    const field = fields.find((each) => each.column === column);
    if (field?.length !== value.length) continue;
    const before = Buffer.from(work.subarray(field.offset, field.offset + field.length));
    work.set(value, field.offset);
    if (holds()) return repaired(field);
    work.set(before, field.offset);
  }
  for (const field of everyByte ? fields : []) {
    for (let at = field.offset; at < field.offset + field.length; at++) {
      const before = work.readUInt8(at);
      for (let change = 1; change < 256; change++) {
        work.writeUInt8(before ^ change, at);
        if (holds()) return repaired(field);
      }
      work.writeUInt8(before, at);
    }
  }
  return null;
}
