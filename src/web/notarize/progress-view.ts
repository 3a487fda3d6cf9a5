import { element, setText } from '../dom.js';
import { formatBytes, formatDuration, formatNumber, formatSpeed } from '../format.js';
import { words } from '../messages/notarize.js';
import type { Item } from './item.js';
import { Meter } from './meter.js';
import { progressOf, type Progress } from './progress.js';

/** One line and one bar for all the work: how many are done, how many bytes, how fast, how long still, and how many sealed. */
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
    const t = words();
    this.bar.value = allBytes === 0 ? 1 : bytes / allBytes;
    this.#meter.add(performance.now(), bytes);
    const { speed } = this.#meter;
    const left = this.#meter.timeLeft(allBytes - bytes);
    const counted = work === 'hashing' ? t.hashed : t.uploadedSoFar;
    return [
      counted(formatNumber(files), formatNumber(allFiles)),
      t.bytes(formatBytes(bytes), formatBytes(allBytes)),
      ...(speed === null ? [] : [t.speed(formatSpeed(speed))]),
      ...(left === null ? [] : [t.timeLeft(formatDuration(left))]),
    ];
  }
}

function sealedParts(items: readonly Item[]): string[] {
  const t = words();
  const wanted = items.filter((item) => item.wanted !== null);
  const sealed = wanted.filter(({ state }) => state.phase === 'sealed').length;
  if (wanted.length === 0) return [];
  return sealed > 0 && sealed === items.length
    ? [t.allSealed(sealed, formatNumber(sealed))]
    : [t.someSealed(formatNumber(sealed), formatNumber(wanted.length))];
}
