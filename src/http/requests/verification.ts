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
