import { element } from '../dom.js';
import { formatTime } from '../format.js';
import { words } from '../messages/verify.js';

/** A moment as the proof has it, and as the reader's clock would have shown it. */
export function times(milliseconds: number): HTMLElement[] {
  return [
    element('span', { class: 'time-utc' }, formatTime(milliseconds, 'UTC')),
    element('span', { class: 'time-local' }, words().yourTime(formatTime(milliseconds))),
  ];
}
