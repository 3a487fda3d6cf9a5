import { announce } from '../../components/section.js';
import { element, setText } from '../../lib/dom.js';
import {
  type Count,
  counted,
  formatBytes,
  formatDuration,
  formatNumber,
  formatSpeed,
} from '../../lib/format.js';
import { isFinal, isInProgress, type Item, type Phase } from './item.js';
import { messages } from '../../messages/notarize.js';

/** Progress of hashing or uploading all documents. */
export interface Progress {
  readonly work: 'hashing' | 'uploading';
  readonly files: number;
  readonly allFiles: number;
  readonly bytes: number;
  readonly allBytes: number;
}

/** null: no hashing or uploading in progress. */
export function progressOf(items: readonly Item[]): Progress | null {
  if (items.some(isUploading)) {
    return sum('uploading', items, ({ wanted }) => wanted === 'upload', isUploaded);
  }
  if (items.some(isHashing))
    return sum(
      'hashing',
      items,
      () => true,
      ({ sha256 }) => sha256 !== null,
    );
  return null;
}

function isHashing({ state: { phase } }: Item): boolean {
  return phase === 'waiting' || phase === 'hashing';
}

function isUploading({ state: { phase } }: Item): boolean {
  return phase === 'uploading';
}

function isUploaded({ state: { phase } }: Item): boolean {
  return phase === 'uploaded' || phase === 'accepted' || phase === 'sealed';
}

function sum(
  work: Progress['work'],
  items: readonly Item[],
  belongs: (item: Item) => boolean,
  isDone: (item: Item) => boolean,
): Progress {
  let [files, allFiles, bytes, allBytes] = [0, 0, 0, 0];
  for (const item of items) {
    const done = isDone(item);
    // Failed and cancelled documents no longer count.
    if (!belongs(item) || (!done && isFinal(item))) continue;
    allFiles += 1;
    allBytes += item.file.size;
    if (done) files += 1;
    if (done) bytes += item.file.size;
    else if (item.state.phase === work) bytes += item.bytesDone;
  }
  return { work, files, allFiles, bytes, allBytes };
}

/** Measures the speed over the last seconds. */

const WINDOW_MS = 5000;
/** Shorter measurements are not reliable. */
const SETTLED_MS = 700;

export class Meter {
  #samples: { readonly time: number; readonly bytes: number }[] = [];

  /**
   * @param time in milliseconds of a monotonic clock
   * @param bytes total done so far
   */
  add(time: number, bytes: number): void {
    const last = this.#samples.at(-1);
    // Fewer bytes than before: a document was removed, so the old samples are invalid.
    if (last !== undefined && bytes < last.bytes) this.#samples = [];
    this.#samples.push({ time, bytes });
    // Keep one sample older than the window, so that a slow source has a speed too.
    while ((this.#samples[1]?.time ?? Infinity) < time - WINDOW_MS) this.#samples.shift();
  }

  reset(): void {
    this.#samples = [];
  }

  /** Bytes per second; null if not yet known. */
  get speed(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.time - first.time < SETTLED_MS) return null;
    const speed = ((last.bytes - first.bytes) / (last.time - first.time)) * 1000;
    return speed > 0 ? speed : null;
  }

  /** Seconds left; null if not yet known. */
  timeLeft(bytesLeft: number): number | null {
    const { speed } = this;
    return speed === null ? null : bytesLeft / speed;
  }
}

/** A line and a bar for the progress of all documents. */
export class ProgressView {
  readonly line = element('p', { class: 'summary' });
  readonly bar = element('progress', { max: 1, 'aria-labelledby': 'documents-heading' });
  readonly #meter = new Meter();
  #work: Progress['work'] | null = null;

  constructor() {
    this.bar.hidden = true;
  }

  update(items: readonly Item[]): void {
    const progress = progressOf(items);
    if (this.#work !== (progress?.work ?? null)) this.#meter.reset();
    this.#work = progress?.work ?? null;
    this.bar.hidden = progress === null;
    setText(this.line, [...this.#parts(progress), ...sealedParts(items)].join(' · '));
  }

  #parts(progress: Progress | null): string[] {
    if (progress === null) return [];
    const { work, files, allFiles, bytes, allBytes } = progress;
    const t = messages();
    this.bar.value = allBytes === 0 ? 1 : bytes / allBytes;
    this.#meter.add(performance.now(), bytes);
    const { speed } = this.#meter;
    const left = this.#meter.timeLeft(allBytes - bytes);
    const counted = work === 'hashing' ? t.hashed : t.uploadedSoFar;
    return [
      counted(formatNumber(files), formatNumber(allFiles)),
      t.bytes(formatBytes(bytes), formatBytes(allBytes)),
      ...(speed === null ? [] : [formatSpeed(speed)]),
      ...(left === null ? [] : [t.timeLeft(formatDuration(left))]),
    ];
  }
}

function sealedParts(items: readonly Item[]): string[] {
  const t = messages();
  const wanted = items.filter((item) => item.wanted !== null);
  const sealed = wanted.filter(({ state }) => state.phase === 'sealed').length;
  if (wanted.length === 0) return [];
  return sealed > 0 && sealed === items.length
    ? [t.allSealed(counted(sealed))]
    : [t.someSealed(formatNumber(sealed), formatNumber(wanted.length))];
}

/** Announcements during work are at least this far apart. */
const EVERY_MS = 10_000;
/** The counts are announced when they have not changed for this long. */
const STEADY_MS = 1500;

/** Announces the progress to screen readers: results rather than every step. */
export class Announcer {
  #seen = '';
  #said = new Map<Phase, number>();
  #saidAt = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** Called whenever something may have changed. */
  update(items: readonly Item[]): void {
    const counts = countsOf(items);
    const seen = JSON.stringify([...counts]);
    if (seen === this.#seen) return;
    this.#seen = seen;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const due = items.some(isInProgress)
      ? Math.max(0, Math.min(STEADY_MS, this.#saidAt + EVERY_MS - performance.now()))
      : 0;
    this.#timer = setTimeout(() => {
      this.#speak(items, counts);
    }, due);
  }

  #speak(items: readonly Item[], counts: ReadonlyMap<Phase, number>): void {
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
      return n > 0 && n !== this.#said.get(phase) ? [sentence(counted(n))] : [];
    });
    const progress = progressOf(items);
    if (progress?.work === 'hashing' && progress.allFiles > 1) {
      news.unshift(t.announceHashing(formatNumber(progress.files), formatNumber(progress.allFiles)));
    }
    this.#said = new Map(counts);
    this.#saidAt = performance.now();
    if (news.length > 0) announce(news.join(' '));
  }
}

function countsOf(items: readonly Item[]): Map<Phase, number> {
  const counts = new Map<Phase, number>();
  for (const { state } of items) counts.set(state.phase, (counts.get(state.phase) ?? 0) + 1);
  return counts;
}
