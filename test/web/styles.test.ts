import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const files = (folder: string, ending: RegExp) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => ending.test(path))
    .map((path) => join(folder, path));
const SHEETS = files('public', /\.css$/);

const selectorsOf = (sheet: string): string[] =>
  [
    ...read(sheet)
      .replaceAll(/\/\*.*?\*\//gs, '')
      .matchAll(/([^{}]+)\{/g),
  ].map(([, selector = '']) => selector);
const classesIn = (text: string) => [...text.matchAll(/\.([a-z][\w-]*)/gi)].map(([, name = '']) => name);
/** The classes that a style sheet names. */
const named = (sheet: string) => new Set(selectorsOf(sheet).flatMap(classesIn));
/** Those that it names wherever they are. */
const styled = (sheet: string) =>
  new Set(
    selectorsOf(sheet).flatMap((selector) =>
      selector
        .replaceAll(/\([^)]*\)/g, '')
        .split(',')
        .flatMap((one) => /^\s*\.([a-z][\w-]*)/i.exec(one)?.[1] ?? []),
    ),
  );
const contains = (source: string, name: string) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(source);

describe('the style sheets', () => {
  const source = [
    ...files('src/web', /\.tsx?$/).filter((path) => !path.includes('messages')),
    ...files('public', /\.html$/),
  ]
    .map(read)
    .join('\n');

  it.each(SHEETS)('%s has no rules for classes that nothing has', (sheet) => {
    // `is-${tone}`
    const made = (name: string) => name.startsWith('is-') && contains(source, `['"]${name.slice(3)}['"]`);
    expect([...named(sheet)].filter((name) => !contains(source, name) && !made(name))).toEqual([]);
  });

  it('has the rules of components that any page can use in style.css', () => {
    const everywhere = named('public/style.css');
    const elsewhere = new Set(
      SHEETS.filter((sheet) => !sheet.endsWith('style.css')).flatMap((sheet) => [...styled(sheet)]),
    );
    // Those of the pages that show the chain in pictures are in pictures.css.
    const components = files('src/web/components', /(?<!picture|tree)\.tsx$/);
    const lost = components.flatMap((path) =>
      [...read(path).matchAll(/class="([^"]+)"/g)]
        .flatMap(([, names = '']) => names.split(' '))
        .filter((name) => elsewhere.has(name) && !everywhere.has(name))
        .map((name) => `${path}: ${name}`),
    );
    expect(lost).toEqual([]);
  });
});
