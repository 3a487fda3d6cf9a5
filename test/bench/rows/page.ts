import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Row } from '../harness/bench.js';
import { absolute } from '../harness/figure.js';

const PUBLIC = fileURLToPath(new URL('../../../dist/public/', import.meta.url));

/**
 * The JavaScript that a browser loads before the first view of the page: what the built page references,
 * gzipped.
 */
export const page: Row = {
  name: 'page',
  async measure() {
    const html = await readFile(`${PUBLIC}index.html`, 'utf8');
    const names = [...html.matchAll(/(?:src|href)="\.\/([^"]+\.js)"/g)].flatMap(([, name]) => name ?? []);
    let total = 0;
    for (const name of new Set(names)) total += gzipSync(await readFile(PUBLIC + name)).length;
    return [absolute({ what: 'JavaScript for the first view, gzipped', unit: 'B', goal: null }, [total])];
  },
};
