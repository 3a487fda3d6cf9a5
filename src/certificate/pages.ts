import { type Canvas, PAGE } from './canvas.js';
import type { Facts } from './facts.js';
import type { Page } from './parts.js';
import { explanation } from './explanation.js';
import { frontOf } from './front.js';
import { furtherPages } from './in-full.js';
import { both, small } from './rows.js';

/**
 * All pages, in the order in which they are printed.
 * @param ruler returns a canvas that does not draw, to measure
 */
export function pagesOf(facts: Facts, ruler: () => Canvas): Page[] {
  const front = frontOf(facts, ruler);
  const explanations = facts.languages.flatMap((words) => explanation(facts, words, ruler));
  const isCut = front.isCut || facts.origin !== facts.wholeOrigin;
  return [front.draw, ...front.rest, ...explanations, ...(isCut ? furtherPages(facts, ruler) : [])];
}

/** @param page its number; @param count of all pages */
export function footer(canvas: Canvas, facts: Facts, page: string, count: string): void {
  canvas.y = PAGE.height - PAGE.bottom;
  canvas.rule();
  canvas.y += 6;
  canvas.beside(
    () => {
      canvas.text('P', `SHA-256 ${facts.digest}`, { ...small, exact: true });
    },
    () => {
      canvas.text(
        'P',
        both(facts, (words) => words.page(page, count)),
        { ...small, align: 'right' },
      );
    },
  );
}
