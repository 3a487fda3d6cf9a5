/** The language of the page: the browser's at first, then what was chosen. */

export type Language = 'en' | 'ko';
export const LANGUAGES: readonly Language[] = ['en', 'ko'];
/** What each language calls itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', ko: '한국어' };

const STORAGE_KEY = 'ingam.language';
const DEFAULT_LOCALE: Readonly<Record<Language, string>> = { en: 'en-GB', ko: 'ko-KR' };

/** Of what the visitor reads, in order of preference, the first language that there is. */
export function preferredLanguage(remembered: string | null, accepted: readonly string[]): Language {
  const wanted = [...(remembered === null ? [] : [remembered]), ...accepted];
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().split('-')[0] === language);
    if (found !== undefined) return found;
  }
  return 'en';
}

/** For Intl: the visitor's own region when they read this language, so that dates look as they are used to. */
export function localeFor(language: Language, accepted: readonly string[]): string {
  return accepted.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? DEFAULT_LOCALE[language];
}

let current: Language = preferredLanguage(recall(STORAGE_KEY), navigator.languages);
const listeners = new Set<() => void>();

export function language(): Language {
  return current;
}

/** Returns a function that gives the table for the language of the moment. */
export function byLanguage<Table>(tables: Readonly<Record<Language, Table>>): () => Table {
  return () => tables[current];
}

export function locale(): string {
  return localeFor(current, navigator.languages);
}

export function setLanguage(chosen: Language): void {
  current = chosen;
  remember(STORAGE_KEY, chosen);
  for (const listener of listeners) listener();
}

export function onLanguageChange(listener: () => void): void {
  listeners.add(listener);
}

/** Storage may be switched off: then nothing is remembered and nothing else is lost. */
export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Not remembered.
  }
}

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
