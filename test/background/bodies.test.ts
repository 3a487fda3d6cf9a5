import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readLimited, TooLongError } from '../../src/background/bodies.js';

const parts = (...texts: readonly string[]) => Readable.from(texts.map((text) => Buffer.from(text)));

test('a body is read whole up to its limit, and each part is a sign of life', async () => {
  let seen = 0;
  const bytes = await readLimited(parts('ab', '', 'cd'), 4, () => seen++);
  expect(Buffer.from(bytes).toString()).toBe('abcd');
  expect(seen).toBe(3);
  expect(await readLimited(null, 4)).toHaveLength(0);
});

test('a body beyond its limit is not read on', async () => {
  const stream = parts('abc', 'de', 'never read');
  await expect(readLimited(stream, 4)).rejects.toThrow(TooLongError);
  expect(stream.destroyed).toBe(true);
});

test('a body that breaks off rejects with the reason of the stream', async () => {
  const broken = new Readable({
    read() {
      this.destroy(new Error('broken off'));
    },
  });
  await expect(readLimited(broken, 4)).rejects.toThrow('broken off');
});
