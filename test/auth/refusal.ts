import { AccessError, type AccessErrorCode } from '../../src/auth/index.js';

/** The AccessError that the promise rejects with. */
export async function refusalOf(promise: Promise<unknown>): Promise<AccessError> {
  const reason: unknown = await promise.then(
    (value) => new Error('an AccessError was expected', { cause: value }),
    (error: unknown) => error,
  );
  if (reason instanceof AccessError) return reason;
  throw reason;
}

export async function codeOf(promise: Promise<unknown>): Promise<AccessErrorCode> {
  return (await refusalOf(promise)).code;
}
