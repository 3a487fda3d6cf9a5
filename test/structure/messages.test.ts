import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Tables of messages: src/web/messages and src/cli/messages. Both languages have the same keys, which other tests check. */

const SRC = join(import.meta.dirname, '../../src');
const filesIn = (folder: string) =>
  readdirSync(join(SRC, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => ({ file, code: readFileSync(join(SRC, folder, file), 'utf8') }));

/** The keys of the English table, each with those that it is in; as Prettier indents them. */
function keysOf(code: string): string[][] {
  const [, table = ''] = /^const en\b[^=]*= \{\n([\s\S]*?)\n\};/m.exec(code) ?? [];
  const open: string[] = [];
  return table.split('\n').flatMap((line) => {
    const [, indent = '', quoted, plain] = /^( +)(?:'([^']+)'|([A-Za-z_]\w*)):/.exec(line) ?? [];
    const name = quoted ?? plain;
    if (name === undefined) return [];
    open.splice(indent.length / 2 - 1, Infinity, name);
    return [[...open]];
  });
}

/** Chosen by a code that another part gives: the type of the table has every code. */
const BY_CODE = new Set([
  ...['problems', 'labels', 'hints', 'types', 'files', 'connections', 'promise', 'environment', 'tags'],
  ...['keyKinds', 'closedBy', 'publishable', 'outcomes'],
]);

/** Names in patterns: `const { roles } = messages()`, `({ name }) =>`. */
function takenApart(code: string): Set<string> {
  const patterns = code.matchAll(/(?:const|let|\(|,)\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}\s*[=:]/g);
  return new Set([...patterns].flatMap(([, inside = '']) => inside.match(/[\w$]+/g) ?? []));
}

test.each(['web', 'cli'])('every message of src/%s is read somewhere', (part) => {
  const files = filesIn(part);
  const readers = files.filter(({ file }) => !file.startsWith('messages')).map(({ code }) => code);
  const code = readers.join('\n');
  const apart = takenApart(code);
  const accessed = new Set([...code.matchAll(/\.\s*([A-Za-z_]\w*)/g)].map(([, name = '']) => name));
  const quoted = new Set([...code.matchAll(/(['"`])([\w./-]+)\1/g)].map(([, , name = '']) => name));
  const keys = files
    .filter(({ file }) => file.startsWith('messages'))
    .flatMap(({ file, code: table }) => keysOf(table).map((path) => ({ file, path })));
  expect(keys.length).toBeGreaterThan(200);
  const unread = keys.filter(({ path }) => {
    const name = path.at(-1) ?? '';
    if (path.slice(0, -1).some((each) => BY_CODE.has(each))) return false;
    return !accessed.has(name) && !apart.has(name) && !quoted.has(name);
  });
  expect(unread.map(({ file, path }) => `${file}: ${path.join('.')}`)).toEqual([]);
});
