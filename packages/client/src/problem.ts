import type { Problem } from './types.js';

/** Why a request failed: a code of the service. */
export type ProblemCode = Problem['code'];

/** The service refused a request: what its answer says (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  /** HTTP status. */
  readonly status: number;
  /** null: the answer is not one of the service, such as the error page of a proxy. */
  readonly code: ProblemCode | null;
  /** The whole answer; null as for `code`. */
  readonly problem: Problem | null;
  /** In seconds: when to try again. null: the service did not say. */
  readonly retryAfter: number | null;

  constructor(status: number, problem: Problem | null, retryAfter: number | null) {
    super(problem === null ? `HTTP status ${status}` : `${problem.title}: ${problem.detail}`);
    this.status = status;
    this.code = problem?.code ?? null;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/** There was no answer, or none that an Ingam service gives. `cause` says why. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** @param body of an answer that is not a success */
export function problemOf(status: number, headers: Headers, body: string): ProblemError {
  let problem: Problem | null = null;
  if (headers.get('content-type')?.startsWith('application/problem+json') === true) {
    try {
      problem = JSON.parse(body) as Problem;
    } catch {
      // Cut off: the status is known.
    }
  }
  const seconds = headers.get('retry-after');
  return new ProblemError(
    status,
    problem,
    seconds !== null && /^[0-9]{1,9}$/.test(seconds) ? Number(seconds) : null,
  );
}
