import { printLine, type Io, printable } from '../io.js';

/** One thing that is wrong, named as exactly as it can be. */
export interface ShownFinding {
  /** `block 12`, `entry position=1234`. */
  readonly where: string;
  /** The value or column that is wrong; null: the whole. */
  readonly what: string | null;
  readonly says?: string;
  readonly expected?: string;
  readonly found?: string;
}

/** More scroll past the eye, and one wrong row can bring thousands after it. `--json` has all. */
const SHOWN = 100;

/** Prints findings one by one as they come: an audit can run for hours. */
export class FindingPrinter {
  count = 0;
  readonly #io: Io;

  constructor(io: Io) {
    this.#io = io;
  }

  print({ where, what, says, expected, found }: ShownFinding): void {
    this.count++;
    if (this.count > SHOWN) {
      if (this.count === SHOWN + 1) printLine(this.#io.stderr, '… and more: --json shows all of them.');
      return;
    }
    const place = what === null ? where : `${where}: ${what}`;
    printLine(this.#io.stdout, printable(says === undefined ? place : `${place}: ${says}`));
    if (expected !== undefined) printLine(this.#io.stdout, printable(`    expected ${expected}`));
    if (found !== undefined) printLine(this.#io.stdout, printable(`    found    ${found}`));
  }
}
