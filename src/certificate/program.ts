import { readFileSync } from 'node:fs';
import type { Program } from './words.js';

let read: Program | null = null;

/** From package.json: the same folder from src/certificate/ and from dist/certificate/ and dist/shared/. */
export function program(): Program {
  if (read === null) {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const { version, homepage } = JSON.parse(text) as { version: string; homepage?: string };
    read = { version, homepage: homepage ?? null };
  }
  return read;
}
