import type { Checker } from '../../anchoring/index.js';
import type { Verification } from '../../proof/index.js';
import type { HttpDeps } from '../context.js';
import { ApiError } from '../responses/errors.js';

/** @throws {ApiError} queue_full */
export async function verifyProof(
  { checker }: Pick<HttpDeps, 'checker'>,
  question: Parameters<Checker['proof']>[0],
): Promise<Verification> {
  const verification = await checker.proof(question);
  if (verification !== null) return verification;
  throw new ApiError('queue_full', 'Too many proofs are being verified. Retry in a few seconds.', {
    retryAfterSeconds: 5,
  });
}

/**
 * Judges a history file with the service's own policy.
 * @returns the text of a HistoryVerification
 * @throws {ApiError} malformed_history, queue_full
 */
export async function verifyHistoryFile(
  { checker, log }: Pick<HttpDeps, 'checker' | 'log'>,
  source: Uint8Array,
): Promise<string> {
  const answer = await checker.history({ source, policy: await log.policy() });
  if (answer === null) {
    throw new ApiError(
      'queue_full',
      'Too many histories are being verified, or this one takes too long here. Retry in some seconds, or verify it on your own machine with `ingam verify`.',
      { retryAfterSeconds: 15 },
    );
  }
  if ('malformed' in answer) {
    throw new ApiError(
      'malformed_history',
      `This is not a history file that can be read: ${answer.malformed}.`,
    );
  }
  return answer.json;
}
