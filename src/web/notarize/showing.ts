import { isFinal, type Item } from './item.js';

/** Which documents of a long list are shown. */

export const VIEWS = ['all', 'undecided', 'under_way', 'sealed'] as const;
export type View = (typeof VIEWS)[number];

/** Rows on a page: thousands of them would make the page slow for nobody's good. */
export const PAGE = 100;

export function belongsTo(view: View, item: Item): boolean {
  switch (view) {
    case 'all':
      return true;
    case 'undecided':
      return ['known', 'failed', 'cancelled'].includes(item.state.phase);
    case 'under_way':
      return item.state.phase !== 'known' && !isFinal(item);
    case 'sealed':
      return item.state.phase === 'sealed';
  }
}

export interface Shown {
  readonly items: readonly Item[];
  /** Of those that belong to the view, from 0. */
  readonly first: number;
  readonly all: number;
}

/** The page of this number, from 0, or the last there is. */
export function pageOf(items: readonly Item[], view: View, page: number): Shown {
  const all = view === 'all' ? items : items.filter((item) => belongsTo(view, item));
  const last = Math.max(0, Math.ceil(all.length / PAGE) - 1);
  const first = Math.min(page, last) * PAGE;
  return { items: all.slice(first, first + PAGE), first, all: all.length };
}
