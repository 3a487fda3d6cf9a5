import {
  fromBase64,
  parsePolicy,
  parseProof,
  parseVerifierKey,
  ProofError,
  type ProofErrorCode,
  sha256,
  verify,
  type Primitives,
  type TimeFindings,
  type Verification,
  type VerifyInput,
} from '../../src/proof/index.js';
import { judgeAnchors } from '../../src/proof/time/anchors.js';
import { proofBytes, type StatedTime, type Vector } from './load.js';

function read(vector: Vector): VerifyInput {
  const proof = parseProof(proofBytes(vector));
  const policy = vector.trust === null ? null : parsePolicy(vector.trust);
  const receiptKeys = (vector.receiptKeys ?? []).map(parseVerifierKey);
  const bytes = vector.document === null ? null : new Uint8Array(Buffer.from(vector.document, 'hex'));
  const document = bytes === null ? null : { sha256: sha256(bytes), size: bytes.length };
  const time = {
    judge: judgeAnchors,
    ...(vector.now !== undefined && { now: Date.parse(vector.now) }),
    ...(vector.crls && { crls: vector.crls.map((each) => fromBase64(each)) }),
  };
  return { proof, document, policy, receiptKeys, time };
}

const iso = (milliseconds: number | null) => (milliseconds === null ? null : new Date(milliseconds).toISOString());

/** In the form in which a vector states it. */
export function stated({ notBefore, notAfter, owners, conflict, anchors }: TimeFindings): StatedTime {
  return {
    notBefore: iso(notBefore),
    notAfter: iso(notAfter),
    owners,
    ...(conflict !== null && { conflict }),
    anchors: anchors.map(({ index, ...each }) =>
      each.counts
        ? { anchor: index, source: each.source, time: iso(each.time) ?? '' }
        : { anchor: index, fault: each.fault },
    ),
  };
}

/** What src/proof makes of a vector. */
export function verifyVector(vector: Vector): Verification {
  return verify(read(vector));
}

/** The same, or the code with which reading it is refused. Only reading may refuse: what verify throws is thrown on. */
export function verifyOrRefuse(vector: Vector, primitives?: Primitives): Verification | ProofErrorCode {
  let input: VerifyInput;
  try {
    input = read(vector);
  } catch (error) {
    if (error instanceof ProofError) return error.code;
    throw error;
  }
  return verify({ ...input, ...(primitives && { primitives }) });
}

/** In the form in which a vector states it. */
export function outcomeOf(found: Verification | ProofErrorCode): Vector['expected'] {
  if (typeof found === 'string') return { error: found };
  const { verdict, steps, time } = found;
  const failed = steps.flatMap(({ number, code }) => (code === null ? [] : [{ step: number, code }]));
  return { verdict, failed, ...(time !== null && time.anchors.length > 0 && { time: stated(time) }) };
}

/** What is made of a vector with primitives of one's choice, in the form in which a vector states it. */
export function judge(vector: Vector, primitives?: Primitives): Vector['expected'] {
  return outcomeOf(verifyOrRefuse(vector, primitives));
}
