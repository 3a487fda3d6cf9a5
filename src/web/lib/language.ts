import { signal } from '@preact/signals';
import { type Language, LANGUAGES } from '../../messages/language.js';

/** The language of the page: the browser's, until the user chooses another. */

/** The languages' own names. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', ko: '한국어' };

const STORAGE_KEY = 'ingam.language';
const DEFAULT_LOCALE: Readonly<Record<Language, string>> = { en: 'en-GB', ko: 'ko-KR' };

/** The first supported language among those that the visitor prefers. */
export function preferredLanguage(remembered: string | null, accepted: readonly string[]): Language {
  const wanted = [...(remembered === null ? [] : [remembered]), ...accepted];
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().split('-')[0] === language);
    if (found !== undefined) return found;
  }
  return 'en';
}

/** The locale for Intl: the visitor's own region if they read this language. */
export function localeFor(language: Language, accepted: readonly string[]): string {
  return accepted.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? DEFAULT_LOCALE[language];
}

const current = signal<Language>(preferredLanguage(recall(STORAGE_KEY), navigator.languages));

/** A view that calls this or reads messages is rendered again when the language changes. */
export function language(): Language {
  return current.value;
}

/** Returns a function that returns the table of the current language. */
export function byLanguage<Table>(tables: Readonly<Record<Language, Table>>): () => Table {
  return () => tables[current.value];
}

export function locale(): string {
  return localeFor(current.value, navigator.languages);
}

export function setLanguage(chosen: Language): void {
  current.value = chosen;
  remember(STORAGE_KEY, chosen);
}

/** Storage may be disabled; then nothing is remembered. */
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
