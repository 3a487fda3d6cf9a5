import { FieldState } from '../../components/fields.js';
import { midnight } from '../../lib/format.js';
import { common } from '../../messages/common.js';

/** A day of the reader's time zone, which stands for the time at which it begins or ends. */
export class DayField extends FieldState {
  /** A time that was taken over, and the day that stands for it: exact until the person chooses another day. */
  #given: { readonly day: string; readonly at: number } | null = null;

  constructor({ name, optional = false }: { readonly name: string; readonly optional?: boolean }) {
    super({ name, optional, check: dayProblem });
  }

  /** @param at in milliseconds since the Unix epoch */
  fill(at: number, isEnd: boolean): void {
    // The end of a day is the first moment of the next.
    const shown = new Date(isEnd ? at - 1 : at);
    const pad = (n: number, length = 2) => String(n).padStart(length, '0');
    const day = `${pad(shown.getFullYear(), 4)}-${pad(shown.getMonth() + 1)}-${pad(shown.getDate())}`;
    this.#given = { day, at };
    this.type(day);
  }

  /** In milliseconds since the Unix epoch. */
  time(isEnd: boolean): number {
    if (this.#given?.day === this.value) return this.#given.at;
    return Date.parse(midnight(this.value, isEnd ? 1 : 0));
  }
}

/** The inputs of browsers give nothing but days, those of old ones do. */
function dayProblem(typed: string): string | null {
  return Number.isNaN(Date.parse(`${typed}T00:00`)) ? common().missing : null;
}
