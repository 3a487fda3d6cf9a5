import { effect, signal } from '@preact/signals';
import { recall, remember } from './language.js';

/** Light or dark; 'system': as the reader's system is. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const STORAGE_KEY = 'ingam.theme';
const remembered = recall(STORAGE_KEY);
const current = signal<Theme>(THEMES.find((theme) => theme === remembered) ?? 'system');

/** A view that calls this is rendered again when the theme changes. */
export function theme(): Theme {
  return current.value;
}

export function setTheme(chosen: Theme): void {
  current.value = chosen;
  remember(STORAGE_KEY, chosen);
}

/** Shows the document in the chosen theme from now on: style.css has the colours of both. */
export function followTheme(): void {
  effect(() => {
    const chosen = current.value;
    document.documentElement.dataset['theme'] = chosen;
    // The bar of a phone's browser: one of these for each theme.
    for (const bar of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
      const own = (bar.dataset['theme'] ??= bar.media.includes('dark') ? 'dark' : 'light');
      const shown = own === chosen ? 'all' : 'not all';
      bar.media = chosen === 'system' ? `(prefers-color-scheme: ${own})` : shown;
    }
  });
}
