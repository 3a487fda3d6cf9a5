import type { ChosenFile } from '../../lib/files.js';

/**
 * Reads the files of a zip (APPNOTE.TXT, PKWARE). Stored files, such as those of our own zips, are slices of
 * the zip: nothing is copied, whatever its length.
 *
 * Not the reader of the command line: yauzl needs Node, and streams files from disk. Of the libraries for both, unzipit
 * reads slices too, but is six times as large (4.4 KB compressed, this is 0.7), and checks neither names nor checksums
 * for the command line, as yauzl and cli/zip.ts do. Here every file is judged by its digest or its signatures, also one
 * of two with the same name.
 */

const END = 0x06054b50;
const END_LENGTH = 22;
const LONGEST_COMMENT = 0xffff;
const ENTRY = 0x02014b50;
const ENTRY_LENGTH = 46;
const LOCAL_LENGTH = 30;
/** In these fields: the value is in a zip64 record. */
const ELSEWHERE = 0xffffffff;
const UTF8_NAME = 0x800;
const ENCRYPTED = 1;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly compressed: number;
  readonly offset: number;
}

/** null: it is no zip that can be read. */
export async function zipEntries(zip: Blob): Promise<readonly Entry[] | null> {
  const tail = await viewOf(zip.slice(Math.max(0, zip.size - END_LENGTH - LONGEST_COMMENT)));
  let end = tail.byteLength - END_LENGTH;
  while (end >= 0 && tail.getUint32(end, true) !== END) end -= 1;
  if (end < 0) return null;
  const [size, start] = [tail.getUint32(end + 12, true), tail.getUint32(end + 16, true)];
  if (start === ELSEWHERE || start + size > zip.size) return null;
  const directory = await viewOf(zip.slice(start, start + size));
  const entries: Entry[] = [];
  for (let at = 0; at < size;) {
    if (at + ENTRY_LENGTH > size || directory.getUint32(at, true) !== ENTRY) return null;
    const short = (offset: number) => directory.getUint16(at + offset, true);
    const long = (offset: number) => directory.getUint32(at + offset, true);
    const next = at + ENTRY_LENGTH + short(28) + short(30) + short(32);
    if (next > size || long(20) === ELSEWHERE || long(42) === ELSEWHERE) return null;
    const name = new Uint8Array(directory.buffer, directory.byteOffset + at + ENTRY_LENGTH, short(28));
    entries.push({
      name: new TextDecoder((short(8) & UTF8_NAME) === 0 ? 'latin1' : 'utf-8').decode(name),
      method: short(10),
      encrypted: (short(8) & ENCRYPTED) !== 0,
      compressed: long(20),
      offset: long(42),
    });
    at = next;
  }
  return entries.filter(({ name }) => !name.endsWith('/'));
}

/** @throws if the file cannot be unpacked */
export async function unzipped(zip: ChosenFile, entry: Entry): Promise<ChosenFile> {
  const { name, method, encrypted, compressed, offset } = entry;
  const local = await viewOf(zip.file.slice(offset, offset + LOCAL_LENGTH));
  const start = offset + LOCAL_LENGTH + local.getUint16(26, true) + local.getUint16(28, true);
  const packed = zip.file.slice(start, start + compressed);
  if (encrypted || (method !== 0 && method !== 8))
    throw new Error('encrypted, or compressed in an unusual way');
  const content =
    method === 0
      ? packed
      : await new Response(packed.stream().pipeThrough(new DecompressionStream('deflate-raw'))).blob();
  return { file: new File([content], name.split('/').at(-1) ?? name), path: `${zip.path}/${name}` };
}

async function viewOf(blob: Blob): Promise<DataView> {
  return new DataView(await blob.arrayBuffer());
}
