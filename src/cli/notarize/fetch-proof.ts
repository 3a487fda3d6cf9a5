import { NODE } from '../../node-crypto.js';
import {
  canonicalJson,
  encodeEntry,
  equal,
  parseProof,
  PENDING_FORMAT,
  ProofError,
  toHex,
  verify,
  type Entry,
  type JsonObject,
  type PendingProof,
  type Policy,
  type ProofFile,
} from '../../proof/index.js';
import type { ServiceClient } from '../service-client.js';
import { retryAfterMs } from '../service-refusal.js';

/** What a proof that is fetched must be a proof of. */
export interface Expected {
  readonly id: string;
  readonly entry: Entry;
  /** What was sent, or what the pending proof holds; undefined: nothing to compare with. */
  readonly details?: JsonObject;
  readonly account?: string;
}

const DEFAULT_PAUSE_MS = 1000;

/**
 * Fetches a proof and checks it before anybody relies on it: a service that answers wrongly is found out today, not in
 * ten years.
 * @returns the proof, and when to come again while it is pending
 * @throws {Failure} refused, unreachable, interrupted
 */
export async function fetchProof(
  service: ServiceClient,
  expected: Expected,
  policy: Policy | null,
): Promise<{ readonly proof: ProofFile | PendingProof; readonly pauseMs: number }> {
  const answer = await service.request(`v1/notarizations/${expected.id}/proof`);
  let proof: ProofFile | PendingProof;
  try {
    proof = withOwnKnowledge(parseProof(answer.bytes), expected);
  } catch (error) {
    if (error instanceof ProofError)
      throw service.unexpected(`its proof is malformed: ${error.message}`, error);
    throw error;
  }
  const fault = faultOf(proof, expected, policy);
  if (fault !== null) throw service.unexpected(`its proof does not hold: ${fault}`);
  return { proof, pauseMs: retryAfterMs(answer.headers) ?? DEFAULT_PAUSE_MS };
}

/**
 * Details are shown only to those who may read them, which an API key for submitting alone may not. Who sent them knows them all the
 * same, and a proof without them proves less; that they are what was notarized is checked as with any proof.
 */
function withOwnKnowledge<T extends ProofFile | PendingProof>(proof: T, { details, account }: Expected): T {
  return {
    ...proof,
    ...(proof.details === undefined && details !== undefined ? { details } : {}),
    ...(proof.account === undefined && account !== undefined ? { account } : {}),
  };
}

function faultOf(proof: ProofFile | PendingProof, expected: Expected, policy: Policy | null): string | null {
  if (!equal(encodeEntry(proof.entry), encodeEntry(expected.entry))) return 'it is for another entry';
  if (
    expected.details !== undefined &&
    (proof.details === undefined || canonicalJson(proof.details) !== canonicalJson(expected.details))
  ) {
    return 'its details are not those that were sent';
  }
  // Whether the user trusts the log is another question than whether its proof is sound.
  const { verdict, steps } = verify({ proof, document: null, policy, primitives: NODE });
  return verdict === 'invalid' ? (steps.find(({ outcome }) => outcome === 'failed')?.says ?? verdict) : null;
}

/**
 * The final proof, or the pending one that there still is at `deadline` (a time of performance.now()).
 * @param onPending called with each pending proof on the way
 */
export async function awaitProof(
  service: ServiceClient,
  expected: Expected,
  policy: Policy | null,
  deadline: number,
  onPending: (proof: PendingProof) => Promise<void>,
): Promise<ProofFile | PendingProof> {
  for (;;) {
    const { proof, pauseMs } = await fetchProof(service, expected, policy);
    if (proof.format !== PENDING_FORMAT) return proof;
    await onPending(proof);
    const left = deadline - performance.now();
    if (left <= 0) return proof;
    await service.pause(Math.min(pauseMs, left));
  }
}

const SALT_PREFIX_LENGTH = 8;

/** What the final proof of a pending one must be. */
export function expectedOf({ receipt, entry, details, account }: PendingProof): Expected {
  return {
    // As the service forms its ids.
    id: `${receipt.firstPosition}-${toHex(entry.salt.slice(0, SALT_PREFIX_LENGTH))}`,
    entry,
    ...(details === undefined ? {} : { details }),
    ...(account === undefined ? {} : { account }),
  };
}
