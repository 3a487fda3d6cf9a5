import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '../../src');

test('nothing loads Prisma before it is used: every import of it is a type or dynamic', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.startsWith(join('store', 'prisma', sep)),
  );
  const loading = files.flatMap((file) => {
    const imports = readFileSync(join(SRC, file), 'utf8').matchAll(
      /^(?:import|export) (?!type )[^;]*?from '([^']+)'/gm,
    );
    return [...imports]
      .map(([, specifier = '']) => specifier)
      .filter((specifier) => specifier.includes('@prisma/') || specifier.endsWith('/prisma/client.js'))
      .map((specifier) => `${file} imports ${specifier}`);
  });
  expect(loading).toEqual([]);
});
