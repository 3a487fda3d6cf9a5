import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The language of what people read. What programs read (`--json`, CSV, paths) is never translated. Texts are in
 * messages/: one file for each subject, with a table for each language.
 */

export type Language = 'en' | 'ko';
const LANGUAGES = ['en', 'ko'] as const satisfies readonly Language[];

const current = new AsyncLocalStorage<Language>();

/** Returns a function that returns the table of the current language. */
export function byLanguage<Table>(tables: Readonly<Record<Language, Table>>): () => Table {
  return () => tables[current.getStore() ?? 'en'];
}

/** Runs `work` with a current language. */
export function withLanguage<T>(language: Language, work: () => T): T {
  return current.run(language, work);
}

/** POSIX.1-2017 §8.2: the first of these variables that is set and not empty decides. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find((each) => (each ?? '') !== '') ?? '';
  return /^ko(?![a-z])/i.test(locale) ? 'ko' : 'en';
}

export const LANG_OPTION = {
  lang: {
    type: 'string',
    value: 'LANGUAGE',
    choices: LANGUAGES,
    help: 'language of the output: en or ko (default: by the locale)',
  },
} as const;
