/** Each text of a pack is in both languages: who reads it is not who made it. */
export interface Text {
  readonly en: string;
  readonly ko: string;
}

export type Language = keyof Text;

export const LANGUAGES: readonly Language[] = ['en', 'ko'];

/** `2026-01-02 03:04:06.789 UTC`, from milliseconds since the Unix epoch. */
export function utc(milliseconds: number): string {
  // A proof may state a time that Date cannot represent (after the year 275760).
  return milliseconds <= 8.64e15
    ? new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', ' UTC')
    : `${milliseconds} ms`;
}
