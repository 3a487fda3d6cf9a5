/** How values look to people. */

/**
 * Text of strangers, made safe for a terminal: control characters (escape sequences), invisible and direction-changing
 * ones are shown by their code, line feeds and all.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** `2026-11-22 01:49:03.120 UTC`, from milliseconds since the Unix epoch. */
export function formatTime(milliseconds: number): string {
  const text = isoTime(milliseconds);
  return text.endsWith('Z') ? text.replace('T', ' ').replace('Z', ' UTC') : text;
}

/** RFC 3339 with milliseconds; beyond what a Date can hold (year 275760), the number itself. */
export function isoTime(milliseconds: number): string {
  return Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : `${milliseconds} ms`;
}

export function formatBytes(count: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = count < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10));
  const value = count / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power] ?? ''}`;
}

/** `1 file`, `1,234 files`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  // Not toLocaleString: to load its tables costs 12 ms, a tenth of what a whole verification takes.
  const digits = String(count).replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
  return `${digits} ${count === 1 ? noun : plural}`;
}
