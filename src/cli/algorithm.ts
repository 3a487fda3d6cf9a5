import type { Algorithm } from '../proof/index.js';
import { usageError } from './failure.js';

const ALGORITHMS: readonly Algorithm[] = ['ed25519', 'ml-dsa-44'];

/** The option of commands that generate a key. */
export const ALGORITHM_OPTION = {
  type: 'string',
  value: 'NAME',
  help: 'ed25519 or ml-dsa-44 (default: ed25519)',
} as const;

/** @throws {Failure} usage */
export function parseAlgorithm(text: string): Algorithm {
  const algorithm = ALGORITHMS.find((each) => each === text);
  if (algorithm !== undefined) return algorithm;
  throw usageError(`--algorithm must be one of ${ALGORITHMS.join(', ')}`);
}
