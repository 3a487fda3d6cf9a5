import { makeZip } from 'client-zip';
import type { PackFile } from './files.js';

/** 1980-01-01 to 2107-12-31: what a zip can state. */
const FIRST = Date.UTC(1980, 0, 1);
const LAST = Date.UTC(2107, 11, 31);

/**
 * Zips state times without a time zone, and the library writes the local one. This date is in UTC
 * everywhere, so that the same files give the same bytes.
 */
class UtcDate extends Date {
  override getSeconds(): number {
    return this.getUTCSeconds();
  }
  override getMinutes(): number {
    return this.getUTCMinutes();
  }
  override getHours(): number {
    return this.getUTCHours();
  }
  override getDate(): number {
    return this.getUTCDate();
  }
  override getMonth(): number {
    return this.getUTCMonth();
  }
  override getFullYear(): number {
    return this.getUTCFullYear();
  }
}

/**
 * A zip of these files in their order, stored as they are.
 * @param modifiedAt of all files, milliseconds since the Unix epoch
 */
export function zipPack(files: readonly PackFile[], modifiedAt: number): ReadableStream<Uint8Array> {
  const lastModified = new UtcDate(Math.min(Math.max(modifiedAt, FIRST), LAST));
  return makeZip(files.map(({ path, bytes }) => ({ name: path, input: bytes, lastModified })));
}
