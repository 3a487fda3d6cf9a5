import { vi } from 'vitest';

/**
 * Stubs what the pure parts of the web need of a browser: the languages that its reader reads, and storage. Importing
 * this file stubs an English browser, so import it before the files under test.
 */
export function stubBrowser(
  languages: readonly string[],
  stored: Readonly<Record<string, string>> = {},
): void {
  const storage = new Map(Object.entries(stored));
  vi.stubGlobal('navigator', { languages });
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => storage.set(key, value),
  });
}

export const ENGLISH = ['en-GB'];
stubBrowser(ENGLISH);
