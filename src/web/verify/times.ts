import { element } from '../dom.js';
import { formatTime } from '../format.js';
import { words } from '../messages/verify.js';

/** A moment as the proof has it, and as the reader's clock would have shown it, where that is not the same. */
export function times(milliseconds: number): HTMLElement[] {
  const universal = element('span', { class: 'time-utc' }, formatTime(milliseconds, 'UTC'));
  if (new Date(milliseconds).getTimezoneOffset() === 0) return [universal];
  return [universal, element('span', { class: 'time-local' }, words().yourTime(formatTime(milliseconds)))];
}
