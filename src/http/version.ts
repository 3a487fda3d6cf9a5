import { readFileSync } from 'node:fs';

/** The version of this program. package.json is two folders above this file, in the sources and in the build. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
