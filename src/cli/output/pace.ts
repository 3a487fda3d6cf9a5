import { counted } from './text.js';

export interface Work {
  readonly blocks: number;
  readonly of: number;
  readonly entries: number;
  readonly ofEntries: number;
}

/** How fast blocks are being taken in, and how long that will go on: by all that was seen since the first of them. */
export class Pace {
  #first: (Work & { readonly at: number }) | null = null;

  /** @param now milliseconds of a clock that does not jump */
  describe(work: Work, now: number): string {
    // One that goes back has begun anew.
    if (this.#first === null || work.blocks < this.#first.blocks) this.#first = { ...work, at: now };
    const { at, blocks, entries } = this.#first;
    const seconds = (now - at) / 1000;
    const text = `${work.blocks} of ${counted(work.of, 'block')}`;
    if (seconds === 0 || work.entries === entries) return text;
    const perSecond = (work.entries - entries) / seconds;
    const rates = [
      `${counted(Math.round((work.blocks - blocks) / seconds), 'block')}/s`,
      `${counted(Math.round(perSecond), 'entry', 'entries')}/s`,
    ];
    return [text, ...rates, `${formatSeconds((work.ofEntries - work.entries) / perSecond)} left`].join(', ');
  }

  /** What was begun is done: the next begins anew. */
  end(): void {
    this.#first = null;
  }
}

/** `40 s`, `12 min`, `3 h`: as exact as a guess can be. */
function formatSeconds(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 6000 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
}
