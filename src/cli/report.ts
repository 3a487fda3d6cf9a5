import type { Step } from '../proof/index.js';
import { type Io, printLine, printMarked } from './io.js';
import { verifyMessages } from './messages/verify.js';

// How verdicts and steps are shown.

export const [RED, GREEN, YELLOW] = [31, 32, 33];
const GREY = 90;

/** The colour, or null if there are to be none. */
export type Paint = (colour: number) => number | null;

export function painter(io: Io): Paint {
  // https://no-color.org: any non-empty value disables colours.
  const plain = !io.isTTY || (io.env['NO_COLOR'] ?? '') !== '' || io.env['TERM'] === 'dumb';
  return (colour) => (plain ? null : colour);
}

type ShownStep = Pick<Step, 'number' | 'outcome' | 'message' | 'expected' | 'computed'>;

/** The steps that failed; `verbose`: all. */
export function printSteps(steps: readonly ShownStep[], verbose: boolean, io: Io, paint: Paint): void {
  for (const step of steps) if (verbose || step.outcome === 'failed') printStep(step, io, paint);
}

/** A step, with what was expected and found. */
function printStep(step: ShownStep, io: Io, paint: Paint): void {
  const [mark, colour] = { passed: ['✓', GREEN], failed: ['✗', RED], skipped: ['–', GREY] }[step.outcome] as [
    string,
    number,
  ];
  printMarked(io.stderr, mark, paint(colour), ` ${step.number}. ${step.message}`);
  const failed = step.outcome === 'failed';
  if (failed && step.expected !== undefined) printLine(io.stderr, verifyMessages().expected(step.expected));
  if (step.computed !== undefined) {
    printLine(io.stderr, failed ? verifyMessages().found(step.computed) : `     ${step.computed}`);
  }
}
