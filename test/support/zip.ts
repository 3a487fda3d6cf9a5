import { crc32 } from 'node:zlib';

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const UTF8 = 1 << 11;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** The files of a zip whose files are stored as they are, in their order (PKWARE APPNOTE 4.3). Names are said to be UTF-8 and are, as are the contents. */
export function readZip(zip: Buffer): Map<string, string> {
  return new Map([...readZipBytes(zip)].map(([name, content]) => [name, strictUtf8.decode(content)]));
}

/** The same for contents of any kind. */
export function readZipBytes(zip: Buffer): Map<string, Buffer> {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'));
  if (end === -1 || zip.readUInt32LE(end) !== END) throw new Error('this is no zip');
  const files = new Map<string, Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(at) !== ENTRY) throw new Error(`there is no entry at ${at}`);
    if ((zip.readUInt16LE(at + 8) & UTF8) === 0) throw new Error('a name is not said to be UTF-8');
    if (zip.readUInt16LE(at + 10) !== 0) throw new Error('a file is compressed');
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const name = strictUtf8.decode(zip.subarray(at + 46, at + 46 + (nameLength ?? 0)));
    const content = contentAt(zip, zip.readUInt32LE(at + 42), zip.readUInt32LE(at + 24));
    if (crc32(content) !== zip.readUInt32LE(at + 16)) throw new Error(`${name} is not what it was`);
    if (files.has(name)) throw new Error(`there are two of ${name}`);
    files.set(name, content);
    at += 46 + (nameLength ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return files;
}

function contentAt(zip: Buffer, local: number, size: number): Buffer {
  if (zip.readUInt32LE(local) !== LOCAL) throw new Error(`there is no file at ${local}`);
  const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  return zip.subarray(begin, begin + size);
}
