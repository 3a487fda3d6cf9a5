import type { Vector } from '../load.js';
import { blockCases, headerCases } from './invalid-block.js';
import { documentCases, entryCases } from './invalid-document.js';
import { logCases } from './invalid-log.js';
import { invalidPendingCases } from './pending.js';
import { invalidPostQuantumCases } from './post-quantum.js';
import { untrustedCases } from './untrusted.js';

/** Well-formed, and yet not verified. */
export function invalidCases(): Record<string, Vector> {
  return {
    ...documentCases(),
    ...entryCases(),
    ...headerCases(),
    ...blockCases(),
    ...logCases(),
    ...untrustedCases(),
    ...invalidPendingCases(),
    ...invalidPostQuantumCases(),
  };
}
