import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Reads a text once, and keeps it. null: there is none, and it is looked for again. */
export function textFile(folder: string, name: string): () => Promise<string | null> {
  let text: Promise<string | null> | null = null;
  return () =>
    (text ??= readFile(join(folder, name), 'utf8').catch(() => {
      text = null;
      return null;
    }));
}
