import { element } from './dom.js';
import { formatDuration } from './format.js';
import { common } from './messages/common.js';
import { RefusedError, UnreachableError, type Problem } from './resources.js';

/** What went wrong, as a sentence. `own` has the words of one page, by code. */
export function problemSentence(problem: Problem, own: Readonly<Record<string, string>> = {}): string {
  const t = common();
  const { code, detail, retryAfterSeconds } = problem;
  if (code === 'limit_exceeded' && retryAfterSeconds !== null) {
    return t.limitExceeded(formatDuration(retryAfterSeconds));
  }
  return own[code] ?? t.problems[code] ?? t.otherProblem(code, detail);
}

export function problemParagraph(problem: Problem, own: Readonly<Record<string, string>> = {}): HTMLElement {
  const known = problem.code in own || problem.code in common().problems;
  return element(
    'p',
    { class: 'problem' },
    problemSentence(problem, own),
    problem.requestId === null || !known
      ? null
      : element('small', {}, common().requestNumber(problem.requestId)),
  );
}

/** The same of anything that a call can be rejected with. */
export function errorSentence(error: unknown, own: Readonly<Record<string, string>> = {}): string {
  if (error instanceof RefusedError) return problemSentence(error.problem, own);
  const t = common();
  return error instanceof UnreachableError ? t.serviceAway : t.otherProblem('unexpected', String(error));
}
