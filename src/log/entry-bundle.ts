/** c2sp.org/tlog-tiles, "Log Entries": each entry behind its length in two bytes. */

/** The entries of a bundle, or null when the bytes are not one. */
export function readEntryBundle(bytes: Uint8Array | null): Uint8Array[] | null {
  if (bytes === null) return null;
  const entries: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const [high, low] = [bytes[offset], bytes[offset + 1]];
    if (high === undefined || low === undefined) return null;
    const end = offset + 2 + high * 256 + low;
    if (end > bytes.length) return null;
    entries.push(bytes.subarray(offset + 2, end));
    offset = end;
  }
  return entries;
}
