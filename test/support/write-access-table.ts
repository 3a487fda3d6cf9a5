import { readFileSync, writeFileSync } from 'node:fs';
import { accessTable, everyRoute } from './access-table.js';

/** Run as a program: writes the table in docs/access.md anew. */
const path = new URL('../../docs/access.md', import.meta.url);
const page = readFileSync(path, 'utf8');
const parts = /^([^]*<!-- access table -->\n)[^]*(<!-- \/access table -->[^]*)$/.exec(page);
if (parts === null) throw new Error('docs/access.md has no place for the table');
writeFileSync(path, `${parts[1] ?? ''}\n${accessTable(everyRoute())}\n${parts[2] ?? ''}`);
