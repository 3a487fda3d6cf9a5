import { announce } from '../../lib/announce.js';
import { type Count, counted, formatNumber } from '../../lib/format.js';
import { messages } from '../../messages/notarize.js';
import { isInProgress, type Item, type Phase } from './item.js';
import { progressOf } from './summary.js';

/** Announcements during work are at least this far apart. */
const EVERY_MS = 10_000;
/** The counts are announced when they have not changed for this long. */
const STEADY_MS = 1500;

let seen = '';
let said = new Map<Phase, number>();
let saidAt = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Announces the progress to screen readers: results rather than every step. Called when anything may have changed. */
export function announceProgress(items: readonly Item[]): void {
  const counts = new Map<Phase, number>();
  for (const { state } of items) counts.set(state.phase, (counts.get(state.phase) ?? 0) + 1);
  const now = JSON.stringify([...counts]);
  if (now === seen) return;
  seen = now;
  clearTimeout(timer);
  const due = items.some(isInProgress)
    ? Math.max(0, Math.min(STEADY_MS, saidAt + EVERY_MS - performance.now()))
    : 0;
  timer = setTimeout(() => {
    speak(items, counts);
  }, due);
}

function speak(items: readonly Item[], counts: Map<Phase, number>): void {
  const t = messages();
  const sentences: [Phase, (count: Count) => string][] = [
    ['ready', t.announceReady],
    ['known', t.announceKnown],
    ['accepted', t.announceAccepted],
    ['sealed', t.announceSealed],
    ['cancelled', t.announceCancelled],
    ['failed', t.announceFailed],
  ];
  const news = sentences.flatMap(([phase, sentence]) => {
    const n = counts.get(phase) ?? 0;
    return n > 0 && n !== said.get(phase) ? [sentence(counted(n))] : [];
  });
  const progress = progressOf(items);
  if (progress?.work === 'hashing' && progress.allFiles > 1) {
    news.unshift(t.announceHashing(formatNumber(progress.files), formatNumber(progress.allFiles)));
  }
  said = counts;
  saidAt = performance.now();
  if (news.length > 0) announce(news.join(' '));
}
