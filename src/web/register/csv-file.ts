const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/** Counts the rows of a CSV file (RFC 4180) as its bytes come by. */
export class RowCounter {
  #lines = 0;
  #quoted = false;

  /** Whole rows until now, without the line of headings. */
  get rows(): number {
    return Math.max(0, this.#lines - 1);
  }

  add(bytes: Uint8Array): void {
    for (const byte of bytes) {
      // A quote within a quoted field is doubled: it ends the field and begins it again.
      if (byte === QUOTE) this.#quoted = !this.#quoted;
      else if (byte === LINE_FEED && !this.#quoted) this.#lines += 1;
    }
  }
}

/** ingam-register-2026-01-31.csv, by the reader's calendar. */
export function csvName(now: Date): string {
  const [year, month, day] = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `ingam-register-${year ?? ''}-${month ?? ''}-${day ?? ''}.csv`;
}
