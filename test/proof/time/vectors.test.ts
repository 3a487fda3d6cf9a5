import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { VECTORS } from '../../vectors/load.js';
import { makeTimeVectors } from '../../vectors/make.js';

it('the vectors of evidence of time are exactly what the script generates', () => {
  const made = makeTimeVectors();
  expect(
    readdirSync(join(VECTORS, 'time'))
      .map((file) => `time/${file}`)
      .sort(),
  ).toEqual([...made.keys()].sort());
  for (const [path, text] of made) expect(readFileSync(join(VECTORS, path), 'utf8')).toBe(text);
});
