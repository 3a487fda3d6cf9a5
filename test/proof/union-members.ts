import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The members of a union of string literals, read from the source: TypeScript keeps no list of them at run
 * time.
 */
export function unionMembers(file: string, type: string): string[] {
  const source = readFileSync(join(import.meta.dirname, '../../src/proof', file), 'utf8');
  const body =
    new RegExp(`export type ${type} =([^;]*);`).exec(source.replaceAll(/\/\/.*$/gm, ''))?.[1] ?? '';
  return [...body.matchAll(/'([a-z_0-9]+)'/g)].map(([, code = '']) => code);
}
