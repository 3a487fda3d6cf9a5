import { signal } from '@preact/signals';

/** What the page's one live region says; the frame shows it. */
export const announcement = signal('');

/** Announces a sentence to screen readers, also if it equals the last one. */
export function announce(sentence: string): void {
  announcement.value = '';
  requestAnimationFrame(() => {
    announcement.value = sentence;
  });
}
