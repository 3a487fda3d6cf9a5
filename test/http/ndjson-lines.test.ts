import fc from 'fast-check';
import { expect, test } from 'vitest';
import { check, parseJson } from '../../src/http/requests/body.js';
import { LineSplitter, parseDocumentLine, toNewDocument } from '../../src/http/requests/ndjson.js';
import { ApiError } from '../../src/http/responses/errors.js';
import { resultLines } from '../../src/http/responses/ndjson.js';
import { DocumentInput } from '../../src/http/schemas/documents.js';
import { ResultLine } from '../../src/http/schemas/resources.js';
import { type Entry, ENTRY_LENGTH, notarizationId, toHex } from '../../src/proof/index.js';
import { randomRuns } from '../support/random-runs.js';

const DIGEST = '0123456789abcdef'.repeat(4);
const bytes = (text: string) => new TextEncoder().encode(text);
const bySchema = (line: Uint8Array) => toNewDocument(check(DocumentInput, parseJson(line)));
const outcome = (parse: (line: Uint8Array) => unknown, line: Uint8Array): unknown => {
  try {
    return parse(line);
  } catch (error) {
    return error instanceof ApiError ? error.code : error;
  }
};

test.each([
  `{"sha256":"${DIGEST}"}`,
  `{"sha256":"${DIGEST}"}\r`,
  `{"sha256":"${DIGEST}","size":0}`,
  `{"sha256":"${DIGEST}","size":10}\r`,
  `{"sha256":"${DIGEST}","size":999999999999999}`,
  `{"sha256":"${DIGEST}","size":1000000000000000}`,
  `{"sha256":"${DIGEST}", "size":1}`,
  `{"sha256":"${DIGEST}","details":{"title":"ü"}}`,
  '',
  '\r',
  `{"sha256":"${DIGEST}"`,
  `{"sha256":"${DIGEST}"}}`,
  `{"sha256":"${DIGEST}"}\r\r`,
  `{"sha256":"${DIGEST.toUpperCase()}"}`,
  `{"sha256":"${DIGEST.slice(1)}"}`,
  `{"sha256":"${DIGEST}0"}`,
  `{"sha256":"${DIGEST}","size":}`,
  `{"sha256":"${DIGEST}","size":01}`,
  `{"sha256":"${DIGEST}","size":-1}`,
  `{"sha256":"${DIGEST}","size":1.5}`,
  `{"sha256":"${DIGEST}","details":{}}`,
])('is parsed as JSON and schema parse it: %j', (text) => {
  expect(outcome(parseDocumentLine, bytes(text))).toEqual(outcome(bySchema, bytes(text)));
});

test('any line with one byte changed, removed or inserted is parsed in the same way as by the JSON parser and the schema', () => {
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
      expect(outcome(parseDocumentLine, changed)).toEqual(outcome(bySchema, changed));
    }),
    randomRuns(3000),
  );
});

test('lines are split in the same way wherever the stream is cut into chunks', () => {
  const text = 'one\n\nlonger than allowed\ntwo\nthree';
  for (let size = 1; size <= text.length; size++) {
    const splitter = new LineSplitter(5);
    const lines: (string | null)[] = [];
    const add = (line: Uint8Array | null) => lines.push(line && new TextDecoder().decode(line));
    for (let at = 0; at < text.length; at += size) {
      for (const line of splitter.push(bytes(text.slice(at, at + size)))) add(line);
    }
    for (const line of splitter.end()) add(line);
    expect(lines).toEqual(['one', '', null, 'two', 'three']);
  }
});

test('result lines are JSON with the largest numbers, an error between them, and the receipt at the end', () => {
  const most = Number.MAX_SAFE_INTEGER;
  const entries = [0, 1].map((i): Entry => ({
    kind: 1,
    digest: new Uint8Array(32).fill(255 - i),
    size: i === 0 ? most : null,
    acceptedAt: 8.64e15,
    salt: new Uint8Array(16).fill(255),
    accountTag: new Uint8Array(16),
    detailsDigest: new Uint8Array(32),
  }));
  const encoded = new Uint8Array(2 * ENTRY_LENGTH).fill(255);
  const receipt = { note: '— 인감 "quoted"\n', index: 7, path: [new Uint8Array(32)] };
  const details = entries.map(() => null);
  const accepted = { firstPosition: most - 1, entries, encoded, details, receipt, replayed: false };
  const error = new ApiError('invalid_body', `A message of ${'many words '.repeat(200)}—.`);
  const written = resultLines([null, error, null], most - 3, accepted, 'id');
  const lines = new TextDecoder().decode(written).split('\n');
  expect(lines.pop()).toBe('');
  const [first, second, third] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(first).toMatchObject({ line: most - 2, sha256: toHex(entries[0]?.digest ?? encoded), size: most });
  expect(first?.['id']).toBe(notarizationId(most - 1, entries[0]?.salt ?? encoded));
  expect(first).not.toHaveProperty('receipt');
  expect(second).toMatchObject({ line: most - 1, error: { code: 'invalid_body', detail: error.message } });
  expect(third).toMatchObject({ line: most, size: null, position: most });
  expect(third?.['receipt']).toEqual({ ...receipt, path: [`${'A'.repeat(43)}=`] });
  expect(third?.['entry']).toBe(Buffer.alloc(ENTRY_LENGTH, 255).toString('base64'));
});

test('a chunk of errors alone needs no acceptance', () => {
  const error = new ApiError('malformed_json', 'The JSON is malformed.');
  const written = new TextDecoder().decode(resultLines([error, error], 5, null, 'id'));
  const lines = written
    .trim()
    .split('\n')
    .map((line) => ResultLine.parse(JSON.parse(line)));
  expect(lines.map(({ line }) => line)).toEqual([6, 7]);
});
