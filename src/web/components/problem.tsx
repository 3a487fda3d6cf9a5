import { formatDuration } from '../lib/format.js';
import { type Problem as ProblemDocument, ProblemError, UnreachableError } from '../lib/request.js';
import { common } from '../messages/common.js';

export type Sentences = Readonly<Record<string, string>>;

/** The message of a problem. @param own messages of one page, by code */
export function problemSentence(problem: ProblemDocument, own: Sentences = {}): string {
  const t = common();
  const problems: Readonly<Record<string, string>> = t.problems;
  const { code, detail, retryAfterSeconds } = problem;
  if (code === 'limit_exceeded' && retryAfterSeconds !== null) {
    return t.limitExceeded(formatDuration(retryAfterSeconds));
  }
  if (code === 'sign_in_blocked' && retryAfterSeconds !== null)
    return t.blocked(formatDuration(retryAfterSeconds));
  return own[code] ?? problems[code] ?? t.otherProblem(code, detail);
}

/** The message of anything that a request can reject with. @param own messages of one page, by code */
export function errorSentence(error: unknown, own: Sentences = {}): string {
  if (error instanceof ProblemError) return problemSentence(error.problem, own);
  const t = common();
  return error instanceof UnreachableError ? t.serviceAway : t.otherProblem('unexpected', String(error));
}

/** What is wrong, and what to do. @param own messages of one page, by code */
export function Problem({ error, own = {} }: { readonly error: unknown; readonly own?: Sentences }) {
  if (error === null) return null;
  if (!(error instanceof ProblemError)) {
    return (
      <p class="problem" role="alert">
        {errorSentence(error, own)}
      </p>
    );
  }
  const { problem } = error;
  return (
    <p class="problem" role="alert">
      {problemSentence(problem, own)}
      <RequestNumber problem={problem} own={own} />
    </p>
  );
}

/** Unknown codes already show the service's own words. */
function RequestNumber({ problem, own }: { readonly problem: ProblemDocument; readonly own: Sentences }) {
  const known = problem.code in own || problem.code in common().problems;
  if (problem.requestId === null || !known) return null;
  return <small>{common().requestNumber(problem.requestId)}</small>;
}
