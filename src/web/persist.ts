import { connection } from './connection.js';
import { RefusedError, UnreachableError } from './resources.js';

/**
 * Repeats a call that is safe to repeat for as long as the service is away or overloaded; any other failure is thrown on.
 * @param onHeld told true when it begins to wait for the service, false when it tries again
 */
export async function persist<T>(
  call: () => Promise<T>,
  signal: AbortSignal,
  onHeld: (held: boolean) => void = () => undefined,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      const passing = error instanceof UnreachableError || (error instanceof RefusedError && error.passing);
      if (!passing) throw error;
      onHeld(true);
      const wanted = error instanceof RefusedError ? error.problem.retryAfterSeconds : null;
      await connection.pause(attempt, wanted, signal);
      onHeld(false);
    }
  }
}
