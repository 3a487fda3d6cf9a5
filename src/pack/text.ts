import type { Language } from '../messages/language.js';

/** Each text of a pack is in both languages: who reads it is not who made it. */
export type Text = Readonly<Record<Language, string>>;

/** `2026-01-02 03:04:06.789 UTC`, from milliseconds since the Unix epoch. */
export function utc(milliseconds: number): string {
  // A proof may state a time that Date cannot represent (after the year 275760).
  return milliseconds <= 8.64e15
    ? new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', ' UTC')
    : `${milliseconds} ms`;
}
