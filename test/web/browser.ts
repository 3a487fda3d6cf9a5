import { vi } from 'vitest';

/** What the web's pure parts take from a browser: the languages its reader reads, and storage. */
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
