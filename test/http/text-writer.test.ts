import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { TextWriter } from '../../src/http/responses/ndjson.js';

test('writes what Node would, however much was expected', () => {
  const bytes = randomBytes(256);
  for (const capacity of [0, 1, 100, 10_000]) {
    const written = new TextWriter(capacity)
      .ascii('{"a":')
      .hex(bytes)
      .utf8('— 계약서 ü')
      .base64(bytes, 1, 256)
      .base64(bytes, 5, 5)
      .ascii('')
      .hex(new Uint8Array())
      .ascii('}\n')
      .end();
    const text = `{"a":${bytes.toString('hex')}— 계약서 ü${bytes.toString('base64', 1)}}\n`;
    expect(new TextDecoder().decode(written)).toBe(text);
  }
  expect(() => new TextWriter(10).base64(bytes, 0, 4)).toThrow(RangeError);
});
