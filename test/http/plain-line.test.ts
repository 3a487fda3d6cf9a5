import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDocumentLine, toNewDocument, plainDocument } from '../../src/http/requests/ndjson.js';
import { check, parseJson } from '../../src/http/requests/body.js';
import { DocumentInput } from '../../src/http/schemas/documents.js';

const DIGEST = '0123456789abcdef'.repeat(4);
const bytes = (text: string) => new TextEncoder().encode(text);
const bySchema = (line: Uint8Array) => toNewDocument(check(DocumentInput, parseJson(line)));

test.each([
  [`{"sha256":"${DIGEST}"}`, null],
  [`{"sha256":"${DIGEST}"}\r`, null],
  [`{"sha256":"${DIGEST}","size":0}`, 0],
  [`{"sha256":"${DIGEST}","size":10}\r`, 10],
  [`{"sha256":"${DIGEST}","size":999999999999999}`, 999_999_999_999_999],
])('read by its bytes: %j', (text, size) => {
  const line = bytes(text);
  expect(plainDocument(line)).toEqual({ ...bySchema(line), size });
});

test.each([
  '',
  '\r',
  '{"sha256":"',
  `{"sha256":"${DIGEST}"`,
  `{"sha256":"${DIGEST}"}}`,
  `{"sha256":"${DIGEST}"}\r\r`,
  `{"sha256":"${DIGEST.toUpperCase()}"}`,
  `{"sha256":"${DIGEST.slice(1)}"}`,
  `{"sha256":"${DIGEST}0"}`,
  `{"sha256":"${DIGEST}", "size":1}`,
  `{"sha256":"${DIGEST}","size":}`,
  `{"sha256":"${DIGEST}","size":01}`,
  `{"sha256":"${DIGEST}","size":-1}`,
  `{"sha256":"${DIGEST}","size":1.5}`,
  `{"sha256":"${DIGEST}","size":1000000000000000}`,
  `{"sha256":"${DIGEST}","size":1`,
  `{"sha256":"${DIGEST}","details":{}}`,
])('left to JSON and its schema: %j', (text) => {
  expect(plainDocument(bytes(text))).toBeNull();
});

test('one byte changed, taken out or put in: what is read by its bytes is what JSON and schema make of it', () => {
  const size = fc.option(fc.nat(), { nil: undefined });
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(...bytes('"{},:0129afAFg \r\n\\')));
  const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(digest, size, fc.nat(120), byte, fc.nat(2), (sha256, length, at, value, kind) => {
      const text = JSON.stringify({ sha256: Buffer.from(sha256).toString('hex'), size: length });
      const line = [...bytes(text)];
      expect(parseDocumentLine(bytes(text))).toEqual({ sha256, size: length ?? null, details: null });
      line.splice(at % line.length, kind === 2 ? 0 : 1, ...(kind === 0 ? [] : [value]));
      const changed = Uint8Array.from(line);
      const plain = plainDocument(changed);
      if (plain !== null) expect(plain).toEqual(bySchema(changed));
    }),
    { numRuns: 3000 },
  );
});
