import {
  parsePolicy,
  parseProof,
  parseVerifierKey,
  ProofError,
  sha256,
  verify,
  type Primitives,
  type Verification,
  type VerifyInput,
} from '../../src/proof/index.js';
import { proofBytes, type Vector } from './load.js';

function read(vector: Vector): VerifyInput {
  const proof = parseProof(proofBytes(vector));
  const policy = vector.trust === null ? null : parsePolicy(vector.trust);
  const receiptKeys = (vector.receiptKeys ?? []).map(parseVerifierKey);
  const bytes = vector.document === null ? null : new Uint8Array(Buffer.from(vector.document, 'hex'));
  const document = bytes === null ? null : { sha256: sha256(bytes), size: bytes.length };
  return { proof, document, policy, receiptKeys };
}

/** What src/proof makes of a vector. */
export function verifyVector(vector: Vector): Verification {
  return verify(read(vector));
}

/** The same in the form in which a vector states it, with primitives of one's choice. Only reading may refuse: what verify throws is thrown on. */
export function judge(vector: Vector, primitives?: Primitives): Vector['expected'] {
  let input: VerifyInput;
  try {
    input = read(vector);
  } catch (error) {
    if (error instanceof ProofError) return { error: error.code };
    throw error;
  }
  const { verdict, steps } = verify({ ...input, ...(primitives && { primitives }) });
  return { verdict, failed: steps.flatMap(({ number, code }) => (code === null ? [] : [{ step: number, code }])) };
}
