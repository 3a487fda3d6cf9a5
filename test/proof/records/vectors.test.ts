import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { VECTORS } from '../../vectors/load.js';
import { makeRecordVectors } from '../../vectors/make.js';

it('the vectors of records are exactly what the script generates', () => {
  for (const [path, text] of makeRecordVectors())
    expect(readFileSync(join(VECTORS, path), 'utf8')).toBe(text);
});
