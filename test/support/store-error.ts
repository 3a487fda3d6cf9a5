import { StoreError, type StoreErrorCode } from '../../src/store/index.js';

/** The code of the StoreError that the promise rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<StoreErrorCode> {
  const reason: unknown = await promise.then(
    (value) => new Error('a StoreError was expected', { cause: value }),
    (error: unknown) => error,
  );
  if (reason instanceof StoreError) return reason.code;
  throw reason;
}
