import { formatTime } from '../lib/format.js';

/** A time, everywhere in one form: date, seconds and zone of the reader; UTC when pointed at. */
export function Time({ at }: { readonly at: number | string }) {
  const milliseconds = typeof at === 'number' ? at : Date.parse(at);
  return (
    <time dateTime={new Date(milliseconds).toISOString()} title={formatTime(milliseconds, 'UTC')}>
      {formatTime(milliseconds)}
    </time>
  );
}
