import type { Failure, Vector } from '../load.js';
import { DOCUMENT } from './chain.js';
import { TRUST } from './keys.js';

// What is stated with these is worked out by hand from docs/proof-format.md: nothing is computed by verify().

export function verified(about: string, proof: string, more: Partial<Vector> = {}): Vector {
  return { ...vector(about, proof), expected: { verdict: 'verified', failed: [] }, ...more };
}

/** `failed`: each "<step> <code>". */
export function invalid(about: string, proof: string, failed: string[], more: Partial<Vector> = {}): Vector {
  return { ...vector(about, proof), expected: { verdict: 'invalid', failed: failed.map(failure) }, ...more };
}

export function untrusted(about: string, proof: string, failed: string[], more: Partial<Vector> = {}): Vector {
  return { ...vector(about, proof), expected: { verdict: 'untrusted', failed: failed.map(failure) }, ...more };
}

export function pending(about: string, proof: string, more: Partial<Vector> = {}): Vector {
  return { ...vector(about, proof), trust: null, expected: { verdict: 'pending', failed: [] }, ...more };
}

export function refused(about: string, proof: Vector['proof'], error: string, more: Partial<Vector> = {}): Vector {
  return { ...vector(about, proof), expected: { error }, ...more };
}

function vector(about: string, proof: Vector['proof']) {
  return { about, proof, document: DOCUMENT.toString('hex'), trust: TRUST };
}

function failure(text: string): Failure {
  const [step, code = ''] = text.split(' ');
  return { step: Number(step), code };
}
