import { IntakeError, type IntakeErrorCode } from '../../src/intake/index.js';

/** The code of the IntakeError that the promise rejects with. */
export async function intakeCodeOf(promise: Promise<unknown>): Promise<IntakeErrorCode> {
  const reason: unknown = await promise.then(
    (value) => new Error('an IntakeError was expected', { cause: value }),
    (error: unknown) => error,
  );
  if (reason instanceof IntakeError) return reason.code;
  throw reason;
}
