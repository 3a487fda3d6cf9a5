import { describe, expect, test } from 'vitest';
import { PartHeaders } from '../../src/http/requests/part-headers.js';
import { badInputService, END, expectProblem, filePart, FORM, part } from '../support/bad-input.js';

const bad = badInputService();
const nul = String.fromCharCode(0);

describe('a bad multipart body', () => {
  const cases: readonly (readonly [string, string, string | Uint8Array<ArrayBuffer>, string])[] = [
    ['truncated within a file', FORM, filePart.slice(0, -3), 'truncated_multipart'],
    [
      'truncated within a file after another one',
      FORM,
      filePart + part('name="file"; filename="../x"') + filePart.slice(0, -3),
      'truncated_multipart',
    ],
    [
      'a file name with a bare quote, beside a good file',
      FORM,
      filePart + part('name="file"; filename="a"b.txt"') + END,
      'malformed_multipart',
    ],
    ['truncated before the closing boundary', FORM, filePart, 'truncated_multipart'],
    ['truncated within the headers of a part', FORM, filePart + filePart.slice(0, 20), 'truncated_multipart'],
    [
      'another boundary than announced',
      'multipart/form-data; boundary=c',
      filePart + END,
      'truncated_multipart',
    ],
    ['no boundary', 'multipart/form-data', filePart + END, 'missing_boundary'],
    ['empty body', FORM, '', 'truncated_multipart'],
    ['malformed headers of a part', FORM, `--b\r\nno header\r\n\r\nx\r\n${END}`, 'malformed_multipart'],
    ['NUL in a file name', FORM, part(`name="file"; filename="a${nul}.txt"`) + END, 'malformed_multipart'],
    [
      'NUL in an encoded file name',
      FORM,
      part('name="file"; filename*=UTF-8\'\'a%00.txt') + END,
      'invalid_file_name',
    ],
    ['line feed in a file name', FORM, part('name="file"; filename="a%0A.txt"') + END, 'invalid_file_name'],
    [
      'right-to-left override',
      FORM,
      part('name="file"; filename="a\u202egpj.exe"') + END,
      'invalid_file_name',
    ],
    ['right-to-left mark', FORM, part('name="file"; filename="a\u200f.txt"') + END, 'invalid_file_name'],
    ['isolate', FORM, part('name="file"; filename="\u2067a\u2069"') + END, 'invalid_file_name'],
    [
      'a quotation mark as browsers write it',
      FORM,
      part('name="file"; filename="a%22b.txt"') + END,
      'invalid_file_name',
    ],
    ['a Unix path', FORM, part('name="file"; filename="/etc/passwd"') + END, 'invalid_file_name'],
    ['a Windows path', FORM, part('name="file"; filename="C:\\\\temp\\\\a.txt"') + END, 'invalid_file_name'],
    ['only a path', FORM, part('name="file"; filename="../"') + END, 'invalid_file_name'],
    ['a directory’s name', FORM, part('name="file"; filename="a/.."') + END, 'invalid_file_name'],
    [
      'a file name of 256 characters',
      FORM,
      part(`name="file"; filename="${'a'.repeat(256)}"`) + END,
      'invalid_file_name',
    ],
    ['no file name', FORM, part('name="file"; filename=""') + END, 'missing_file'],
    [
      'file without name beside one with',
      FORM,
      filePart + part('name="file"; filename=""') + END,
      'missing_file',
    ],
    ['no file', FORM, part('name="details"', '{"title":"t"}') + END, 'missing_file'],
    ['a file of 0 bytes', FORM, part('name="file"; filename="a.txt"', '') + END, 'empty_document'],
    [
      '0 bytes beside a good file',
      FORM,
      filePart + part('name="file"; filename="b.txt"', '') + END,
      'empty_document',
    ],
    ['empty field name', FORM, filePart + part('name=""') + END, 'malformed_multipart'],
    ['empty field name of a file', FORM, part('name=""; filename="a"') + END, 'malformed_multipart'],
    ['unknown field', FORM, filePart + part('name="other"') + END, 'unexpected_field'],
    ['file as text', FORM, part('name="file"') + END, 'missing_file'],
    ['file in an unknown field', FORM, part('name="doc"; filename="a.txt"') + END, 'unexpected_field'],
    ['field __proto__', FORM, filePart + part('name="__proto__"') + END, 'unexpected_field'],
    ['nested field', FORM, filePart + part('name="details[a][b]"') + END, 'unexpected_field'],
    [
      'details twice',
      FORM,
      filePart + part('name="details"', '{"title":"t"}').repeat(2) + END,
      'unexpected_field',
    ],
    ['a part behind the end', FORM, filePart + END + filePart, 'malformed_multipart'],
    ['the end before everything', FORM, END + filePart + END, 'malformed_multipart'],
    [
      'an end that the boundary hides, and a part behind it',
      `multipart/form-data; boundary=${'-'.repeat(30)}`,
      `\r\n${'-'.repeat(34)}\r\n${'-'.repeat(32)}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nx`,
      'malformed_multipart',
    ],
    ['10^5 fields', FORM, part('name="f"').repeat(100_000) + filePart + END, 'too_many_parts'],
    ['1,001 files', FORM, filePart.repeat(1002) + END, 'too_many_parts'],
    ['a field of 2 MiB', FORM, filePart + part('name="details"', 'x'.repeat(2 ** 21)) + END, 'too_large'],
    [
      'a file beyond the limit',
      FORM,
      part('name="file"; filename="a"', 'x'.repeat(1_000_001)) + END,
      'too_large',
    ],
    ['details that are not JSON', FORM, filePart + part('name="details"', 'hello') + END, 'malformed_json'],
    ['details of no key', FORM, filePart + part('name="details"', '{}') + END, 'invalid_details'],
    [
      'more details than files',
      FORM,
      filePart + part('name="details"', '[null,null]') + END,
      'invalid_details',
    ],
    ['unknown details', FORM, filePart + part('name="details"', '{"colour":"red"}') + END, 'invalid_details'],
    [
      'details with __proto__',
      FORM,
      filePart + part('name="details"', '{"__proto__":{"name":"x"},"title":"t"}') + END,
      'invalid_details',
    ],
  ];
  test.each(cases)('is rejected: %s', async (_, type, body, code) => {
    const res = await bad.send({ type, body });
    expectProblem(res.status, res.body, code);
  });

  test('ends at the closing boundary, wherever the chunks do', () => {
    const form = `${filePart}--b--`;
    const whole = Buffer.from(`preamble\r\n${form}\r\nepilogue --b \r\n--`);
    for (let length = 1; length <= whole.length; length++) {
      const headers = new PartHeaders('b');
      const seen: Buffer[] = [];
      for (let at = 0; at < whole.length; at += length) {
        seen.push(headers.push(whole.subarray(at, at + length)));
      }
      expect(Buffer.concat(seen).toString()).toBe(`preamble\r\n${form}`);
      expect(headers.count).toBe(1);
      expect(() => headers.push(Buffer.from(`\r\n--b`))).toThrow('Another part follows');
    }
  });

  test('responds at once to 10^5 files in an unknown field', async () => {
    const res = await bad.send({ type: FORM, body: part('name="f"; filename="a"').repeat(100_000) + END });
    expectProblem(res.status, res.body, 'unexpected_field');
  });
});
