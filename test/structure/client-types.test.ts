import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clientTypes } from '../support/client-types.js';

const ROOT = join(import.meta.dirname, '../..');

test('the client libraries have the types of the API', async () => {
  for (const [path, text] of Object.entries(await clientTypes())) {
    const written = await readFile(join(ROOT, path), 'utf8');
    const remedy = `${path} is old: run node --import ./test/support/ts-loader.mjs test/support/write-client-types.ts`;
    expect(written === text, remedy).toBe(true);
  }
});
