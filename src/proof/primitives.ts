import { sha256, type Sha256 } from './hash.js';
import { verifyEd25519, type VerifyEd25519 } from './signature.js';

/** The two functions that all of verification rests on. Every implementation gives the same answers. */
export interface Primitives {
  readonly sha256: Sha256;
  readonly verifyEd25519: VerifyEd25519;
}

/** In JavaScript alone, for wherever it runs. */
export const PORTABLE: Primitives = { sha256, verifyEd25519 };
