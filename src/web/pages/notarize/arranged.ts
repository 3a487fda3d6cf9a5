import { locale } from '../../lib/language.js';
import { isFinal, type Item, type Phase } from './item.js';

export const VIEWS = ['all', 'undecided', 'under_way', 'sealed'] as const;
export type View = (typeof VIEWS)[number];
export type Order = 'name' | 'size' | 'state';

export function belongsTo(view: View, item: Item): boolean {
  switch (view) {
    case 'all':
      return true;
    case 'undecided':
      return ['known', 'failed', 'cancelled'].includes(item.state.phase);
    case 'under_way':
      return !isFinal(item);
    case 'sealed':
      return item.state.phase === 'sealed';
  }
}

/** What needs the user comes first. */
const URGENCY: readonly Phase[] = ['failed', 'cancelled', 'known', 'retrying'];

function urgency({ state }: Item): number {
  const place = URGENCY.indexOf(state.phase);
  if (place !== -1) return place;
  return state.phase === 'sealed' ? URGENCY.length + 1 : URGENCY.length;
}

interface Arrangement {
  readonly view: View;
  readonly order: Order;
  /** Parts of the path that all must be in it. */
  readonly words: string;
}

/** By name, as people count. */
export function byName(items: readonly Item[]): Item[] {
  const { compare } = new Intl.Collator(locale(), { numeric: true });
  return [...items].sort((a, b) => compare(a.path, b.path));
}

/**
 * The documents to show, in the order to show them.
 * @param items by name; they stay so where they are otherwise the same
 */
export function arranged(items: readonly Item[], { view, order, words }: Arrangement): Item[] {
  const wanted = words.normalize('NFC').toLocaleLowerCase().split(/\s+/);
  const holds = ({ path }: Item) => {
    const name = path.normalize('NFC').toLocaleLowerCase();
    return wanted.every((word) => name.includes(word));
  };
  const found = items.filter((item) => belongsTo(view, item) && (words === '' || holds(item)));
  switch (order) {
    case 'name':
      return found;
    case 'size':
      return found.sort((a, b) => b.file.size - a.file.size);
    case 'state':
      return found.sort((a, b) => urgency(a) - urgency(b));
  }
}
