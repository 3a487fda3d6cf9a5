import type { Algorithm } from '../proof/index.js';
import { usageError } from './failure.js';
import { usageMessages } from './messages/usage.js';

const ALGORITHMS: readonly Algorithm[] = ['ed25519', 'ml-dsa-44'];

/** The option of commands that generate a key. */
export const ALGORITHM_OPTION = {
  type: 'string',
  value: 'NAME',
  help: { en: 'ed25519 or ml-dsa-44 (default: ed25519)', ko: 'ed25519 또는 ml-dsa-44(기본값: ed25519)' },
} as const;

/** @throws {Failure} usage */
export function parseAlgorithm(text: string): Algorithm {
  const algorithm = ALGORITHMS.find((each) => each === text);
  if (algorithm !== undefined) return algorithm;
  throw usageError(usageMessages().oneOf('--algorithm', ALGORITHMS.join(', ')));
}
