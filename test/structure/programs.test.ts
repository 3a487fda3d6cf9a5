import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = /--import \.\/test\/support\/ts-loader\.mjs (\S+\.ts)/g;
const IMPORT = /^(?:import|export|\}) (?!type\b)[^;]*?'(\.[^']+)\.js';$/gm;
const DECLARATION = /^\s*(?:await )?using \w+ =/m;

/** The file and all sources that it loads. */
function loadedBy(path: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(path)) return found;
  found.add(path);
  for (const [, specifier = ''] of readFileSync(path, 'utf8').matchAll(IMPORT))
    loadedBy(join(dirname(path), `${specifier}.ts`), found);
  return found;
}

test('programs that run by the loader of TypeScript declare nothing by using, which it does not know', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const programs = Object.values(scripts).flatMap((script) =>
    [...script.matchAll(PROGRAM)].map(([, path = '']) => join(ROOT, path)),
  );
  expect(programs.length).toBeGreaterThan(10);
  const loaded = new Set(programs.flatMap((path) => [...loadedBy(path)]));
  expect(loaded.size).toBeGreaterThan(programs.length);
  const using = [...loaded].filter((path) => DECLARATION.test(readFileSync(path, 'utf8')));
  expect(using.map((path) => relative(ROOT, path))).toEqual([]);
});
