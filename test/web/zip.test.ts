import './browser.js';
import { deflateRawSync } from 'node:zlib';
import { makeZip } from 'client-zip';
import { expect, it } from 'vitest';
import { csv } from '../../src/web/lib/csv.js';
import { readPasted } from '../../src/web/lib/pasted.js';
import { unzipped, zipEntries } from '../../src/web/pages/verify/zip.js';

/** A zip with one file, deflated. @param flags bit 0: encrypted */
function deflated(name: string, content: string, flags = 0): Uint8Array<ArrayBuffer> {
  const [title, packed] = [Buffer.from(name), deflateRawSync(content)];
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50);
  local.writeUInt16LE(title.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50);
  entry.writeUInt16LE(0x800 | flags, 8);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt16LE(title.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt32LE(46 + title.length, 12);
  end.writeUInt32LE(30 + title.length + packed.length, 16);
  return new Uint8Array(Buffer.concat([local, title, packed, entry, title, end]));
}

async function contentOf(bytes: Uint8Array<ArrayBuffer>): Promise<[string, string][]> {
  const zip = { file: new File([bytes], 'a.zip'), path: 'a.zip' };
  const entries = (await zipEntries(zip.file)) ?? expect.fail('no zip');
  const files = await Promise.all(entries.map((entry) => unzipped(zip, entry)));
  return Promise.all(files.map(async ({ file, path }) => [path, await file.text()]));
}

it('reads stored and deflated files of a zip, with their names', async () => {
  const ours = makeZip([
    { name: '계약/a.txt.ingam.json', input: '{}' },
    { name: 'empty/' },
    { name: 'b.txt', input: 'b' },
  ]);
  expect(await contentOf(new Uint8Array(await new Response(ours).arrayBuffer()))).toEqual([
    ['a.zip/계약/a.txt.ingam.json', '{}'],
    ['a.zip/b.txt', 'b'],
  ]);
  expect(await contentOf(deflated('가.txt', 'deflated '.repeat(99)))).toEqual([
    ['a.zip/가.txt', 'deflated '.repeat(99)],
  ]);
});

it('takes nothing else for a zip, and refuses what it cannot unpack', async () => {
  const whole = deflated('a.txt', 'text');
  for (const bytes of [new Uint8Array(), whole.slice(0, -1), new Uint8Array(whole.length), whole.slice(9)]) {
    expect(await zipEntries(new Blob([bytes]))).toBeNull();
  }
  await expect(contentOf(deflated('a.txt', 'text', 1))).rejects.toThrow('encrypted');
});

it('writes reports that no spreadsheet takes for formulas', () => {
  expect(csv([['=1+1', 'a,"b"', 'x;=y'], ['plain']])).toBe('\ufeff\'=1+1,"a,""b""","x;\'=y"\r\nplain\r\n');
});

it('reads pasted fingerprints, ids and links of this service, and tells links of others apart', () => {
  const here = 'https://notary.example/ingam/';
  const sha256 = new Uint8Array(32).fill(0xab);
  const digest = 'AB'.repeat(32);
  const id = '34-0123456789abcdef';
  for (const text of [digest, ` sha256:${digest.toLowerCase()} `, `${here}verify.html#sha256=${digest}`]) {
    expect(readPasted(text, here)).toEqual({ id: null, sha256 });
  }
  for (const text of [id, `${here}p/${id}`, `${here}v1/notarizations/${id}/proof`]) {
    expect(readPasted(text, here)).toEqual({ id, sha256: null });
  }
  expect(readPasted(`${here}p/${id}#${digest}`, here)).toEqual({ id, sha256 });
  expect(readPasted(`https://other.example/p/${id}`, here)).toBe('elsewhere');
  expect(readPasted(`https://other.example/p/${id}#${digest}`, here)).toEqual({ id: null, sha256 });
  for (const text of ['', 'ab', `${here}explorer.html`, `${here}p/other`])
    expect(readPasted(text, here)).toBeNull();
  expect(readPasted(`${here}p/${id}`, null)).toBeNull();
  expect(readPasted(digest, null)).toEqual({ id: null, sha256 });
});
