import { AsyncLocalStorage } from 'node:async_hooks';
import { type Language, LANGUAGES } from '../messages/language.js';

/**
 * The language of what people read. What programs read (`--json`, CSV, paths) is never translated. Texts are in
 * messages/: one file for each subject, with a table for each language. Help stands in both languages where a command is
 * declared. Details that parsers, the database or the service give are technical and stay English, in parentheses.
 */

const current = new AsyncLocalStorage<Language>();

/** A text in each language: of what commands declare. */
export type Texts = Readonly<Record<Language, string>>;

export function inLanguage(texts: Texts): string {
  return texts[current.getStore() ?? 'en'];
}

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

/** That of `--lang`, before the arguments are read: also what is wrong with them is said in it. */
export function languageGiven(argv: readonly string[]): Language | null {
  const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const [value] = words.flatMap((word, i) =>
    word === '--lang' ? [words[i + 1]] : word.startsWith('--lang=') ? [word.slice('--lang='.length)] : [],
  );
  return LANGUAGES.find((each) => each === value) ?? null;
}

export const LANG_OPTION = {
  lang: {
    type: 'string',
    value: 'LANGUAGE',
    choices: LANGUAGES,
    help: {
      en: 'language of the output: en or ko (default: by the locale)',
      ko: '출력 언어: en 또는 ko(기본값: 로캘에 따름)',
    },
  },
} as const;
