import type { AuditFinding } from '../../audit/finding.js';
import { type Io, printable, printLine, printNote } from '../io.js';
import { evidenceMessages } from '../messages/evidence.js';

/** One difference, located as precisely as possible. */
export interface ShownFinding {
  /** `block 12`, `entry position=1234`. */
  readonly where: string;
  /** The value or column that is wrong; null: the whole. */
  readonly what: string | null;
  readonly says?: string;
  readonly expected?: string;
  readonly found?: string;
}

/** One wrong row can cause thousands of findings. */
export const MAX_PRINTED = 100;
export const MAX_JSON = 100_000;

/** Prints each finding at once: an audit can run for hours. */
export class FindingPrinter {
  count = 0;
  readonly #io: Io;

  constructor(io: Io) {
    this.#io = io;
  }

  print({ where, what, says, expected, found }: ShownFinding): void {
    this.count++;
    if (this.count > MAX_PRINTED) {
      if (this.count === MAX_PRINTED + 1) printNote(this.#io, evidenceMessages().moreFindings);
      return;
    }
    const place = what === null ? where : `${where}: ${what}`;
    printLine(this.#io.stdout, printable(says === undefined ? place : `${place}: ${says}`));
    if (expected !== undefined) printLine(this.#io.stdout, printable(evidenceMessages().expected(expected)));
    if (found !== undefined) printLine(this.#io.stdout, printable(evidenceMessages().found(found)));
  }
}

export function shown({ table, key, column, problem, message, expected, found }: AuditFinding): ShownFinding {
  const row = Object.entries(key).map(([name, value]) => `${name}=${value}`);
  const isObject = table === 'schema';
  return {
    where: isObject ? Object.values(key).join(' ') : `${table} ${row.join(' ')}`.trimEnd(),
    what: column,
    says: evidenceMessages().problem(problem, message),
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
  };
}
