import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { clientTypes } from './client-types.js';

/** Run as a program: writes the types of the client libraries in packages/ anew. */
const root = join(import.meta.dirname, '../..');
for (const [path, text] of Object.entries(await clientTypes())) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
