/** What the explorer shows, in the fragment of its address. */
export type Place =
  /** Blocks below `before`; null: the latest. */
  | { readonly kind: 'chain'; readonly before: number | null }
  /** One block; `entry` counts from 1; null: none is selected. */
  | { readonly kind: 'block'; readonly height: number; readonly entry: number | null };

const NUMBER = /^(0|[1-9][0-9]{0,15})$/;

/** @param fragment with or without `#`; unknown values mean the latest blocks */
export function parsePlace(fragment: string): Place {
  const given = new URLSearchParams(fragment.replace(/^#/, ''));
  const height = numberOf(given.get('block'));
  if (height !== null) {
    const entry = numberOf(given.get('entry'));
    return { kind: 'block', height, entry: entry === 0 ? null : entry };
  }
  const before = numberOf(given.get('before'));
  return { kind: 'chain', before: before === 0 ? null : before };
}

export function placeAddress(place: Place): string {
  if (place.kind === 'chain') return place.before === null ? '#' : `#before=${place.before}`;
  return place.entry === null ? `#block=${place.height}` : `#block=${place.height}&entry=${place.entry}`;
}

export function blockAddress(height: number, entry: number | null = null): string {
  return placeAddress({ kind: 'block', height, entry });
}

function numberOf(text: string | null): number | null {
  const value = text !== null && NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : null;
}
