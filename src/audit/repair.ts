import { hash } from 'node:crypto';

/** Where one column of a row is in the hashed bytes. */
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
  /** The field's original bytes. */
  readonly value: Buffer;
  /** All bytes, with the original field. */
  readonly bytes: Buffer;
}

/**
 * Finds the one field of `bytes` that was changed, given their original SHA-256: tries the suggested values first, then every change of a
 * single byte. Null: more than that was changed.
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
