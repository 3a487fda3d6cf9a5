import { formatNumber } from '../format.js';
import { words } from '../messages/notarize.js';
import { isUnderWay, type Item, type Phase } from './item.js';
import { progressOf } from './progress.js';

/** While the work goes on it is spoken of no more often. */
const EVERY_MS = 10_000;
/** What has stood still for so long is where the work is for now. */
const STEADY_MS = 1500;

/** Decides what is said of the work, and how rarely: what was reached, not every step to it. */
export class Speaker {
  readonly #say: (text: string) => void;
  #seen = '';
  #said = new Map<Phase, number>();
  #saidAt = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /** Called whenever something may have changed. */
  update(items: readonly Item[]): void {
    const counts = countsOf(items);
    const seen = JSON.stringify([...counts]);
    if (seen === this.#seen) return;
    this.#seen = seen;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const due = items.some(isUnderWay)
      ? Math.max(0, Math.min(STEADY_MS, this.#saidAt + EVERY_MS - performance.now()))
      : 0;
    this.#timer = setTimeout(() => {
      this.#speak(items, counts);
    }, due);
  }

  #speak(items: readonly Item[], counts: ReadonlyMap<Phase, number>): void {
    const t = words();
    const sentences: [Phase, (n: number, count: string) => string][] = [
      ['ready', t.announceReady],
      ['known', t.announceKnown],
      ['accepted', t.announceAccepted],
      ['sealed', t.announceSealed],
      ['cancelled', t.announceCancelled],
      ['failed', t.announceFailed],
    ];
    const news = sentences.flatMap(([phase, sentence]) => {
      const n = counts.get(phase) ?? 0;
      return n > 0 && n !== this.#said.get(phase) ? [sentence(n, formatNumber(n))] : [];
    });
    const progress = progressOf(items);
    if (progress?.work === 'hashing' && progress.allFiles > 1) {
      news.unshift(t.announceHashing(formatNumber(progress.files), formatNumber(progress.allFiles)));
    }
    this.#said = new Map(counts);
    this.#saidAt = performance.now();
    if (news.length > 0) this.#say(news.join(' '));
  }
}

function countsOf(items: readonly Item[]): Map<Phase, number> {
  const counts = new Map<Phase, number>();
  for (const { state } of items) counts.set(state.phase, (counts.get(state.phase) ?? 0) + 1);
  return counts;
}
