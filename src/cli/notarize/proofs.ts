import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { NODE } from '../../crypto/primitives.js';
import {
  canonicalJson,
  comparePromise,
  encodeEntry,
  type Entry,
  equal,
  formatProof,
  idWithDetails,
  type JsonObject,
  parseProof,
  PENDING_FORMAT,
  type PendingProof,
  type Policy,
  ProofError,
  type ProofFile,
  verify,
} from '../../proof/index.js';
import { Failure, fileFailure, isMissing, systemCode } from '../failure.js';
import { PROOF_SUFFIX, readProof, withoutSuffix, writeWhole } from '../files.js';
import { isoTime } from '../io.js';
import { fsPath, withSuffix } from '../paths.js';
import { retryAfterMs, type ServiceClient } from '../service-client.js';
import { notarizeMessages } from '../messages/notarize.js';

/** What a fetched proof must be for. */
export interface Expected {
  readonly id: string;
  readonly entry: Entry;
  /** The details sent, or those in the pending proof; undefined: nothing to compare with. */
  readonly details?: JsonObject;
  readonly account?: string;
}

const DEFAULT_PAUSE_MS = 1000;

/**
 * Fetches a proof and verifies it, so that a wrong answer is noticed now and not in ten years.
 * @returns the proof, and how long to wait before the next request while it is pending
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
  assertFits(service, proof, expected, policy);
  const pauseMs = Math.min(retryAfterMs(answer.headers) ?? DEFAULT_PAUSE_MS, service.longestPollMs);
  return { proof, pauseMs };
}

/**
 * Adds details that the caller knows but may not read from the service, such as with an API key without the
 * scope "read". That they are what was notarized is verified as for any proof.
 */
function withOwnKnowledge<T extends ProofFile | PendingProof>(proof: T, { details, account }: Expected): T {
  return {
    ...proof,
    ...(proof.details === undefined && details !== undefined ? { details } : {}),
    ...(proof.account === undefined && account !== undefined ? { account } : {}),
  };
}

/** @throws {Failure} refused, when the proof is not for what was submitted, or is invalid */
export function assertFits(
  service: ServiceClient,
  proof: ProofFile | PendingProof,
  expected: Expected,
  policy: Policy | null,
): void {
  if (!equal(encodeEntry(proof.entry), encodeEntry(expected.entry))) {
    throw new Failure('refused', notarizeMessages().otherEntry(service.url.href), {
      code: 'other_entry',
      hint: notarizeMessages().keepPending,
    });
  }
  const fault = faultOf(proof, expected, policy);
  if (fault !== null) throw service.unexpected(`its proof is invalid: ${fault}`);
}

function faultOf(proof: ProofFile | PendingProof, expected: Expected, policy: Policy | null): string | null {
  if (
    expected.details !== undefined &&
    (proof.details === undefined || canonicalJson(proof.details) !== canonicalJson(expected.details))
  ) {
    return 'its details differ from those sent';
  }
  // Whether the proof is valid does not depend on whether the user trusts the log.
  const { verdict, steps } = verify({ proof, document: null, policy, primitives: NODE });
  return verdict === 'invalid'
    ? (steps.find(({ outcome }) => outcome === 'failed')?.message ?? verdict)
    : null;
}

/** The final proof, or the pending one at `deadline` (a time of performance.now()). */
export async function awaitProof(
  service: ServiceClient,
  expected: Expected,
  policy: Policy | null,
  deadline: number,
): Promise<ProofFile | PendingProof> {
  for (;;) {
    const { proof, pauseMs } = await fetchProof(service, expected, policy);
    if (proof.format !== PENDING_FORMAT) return proof;
    const left = deadline - performance.now();
    if (left <= 0) return proof;
    await service.pause(Math.min(pauseMs, left));
  }
}

/** What a later proof of the same entry must be for. */
export function expectedOf(proof: ProofFile | PendingProof): Expected {
  const { entry, details, account } = proof;
  const position =
    proof.format === PENDING_FORMAT ? proof.position : proof.block.header.firstPosition + proof.block.index;
  return {
    id: idWithDetails(position, entry, details === undefined ? null : canonicalJson(details)),
    entry,
    ...(details === undefined ? {} : { details }),
    ...(account === undefined ? {} : { account }),
  };
}

/** What exists at the path of a document's proof. */
export type Occupant =
  | { readonly kind: 'nothing' }
  /** The final proof of this document. */
  | { readonly kind: 'final'; readonly proof: ProofFile }
  | { readonly kind: 'pending'; readonly proof: PendingProof }
  /** A proof of other bytes, usually of an earlier version of the file. */
  | { readonly kind: 'earlier'; readonly proof: ProofFile | PendingProof }
  /** Not a proof: never replaced without --force. */
  | { readonly kind: 'foreign'; readonly failure: Failure };

/**
 * @param path absolute
 * @throws {Failure} when it cannot be known, such as for a path that is too long
 */
export async function occupantOf(path: string, sha256: Uint8Array): Promise<Occupant> {
  try {
    const proof = await readProof(path);
    if (!equal(proof.document.sha256, sha256)) return { kind: 'earlier', proof };
    return proof.format === PENDING_FORMAT ? { kind: 'pending', proof } : { kind: 'final', proof };
  } catch (error) {
    if (isMissing(error)) return { kind: 'nothing' };
    if (!(error instanceof Failure) || error.reason !== 'malformed') throw error;
    return { kind: 'foreign', failure: error };
  }
}

/** Replaces the proof at a path, or creates it; otherwise an existing file is a `conflict`. */
export function writeProof(path: string, proof: ProofFile | PendingProof, replace: boolean): Promise<void> {
  return writeWhole(path, path, formatProof(proof), replace);
}

/**
 * Replaces a pending proof with the final one. If the block was sealed later than promised, the pending one is
 * kept under a name with its time: it shows that.
 * @returns the absolute path of the kept one, or null
 */
export async function replacePending(
  path: string,
  pending: PendingProof,
  proof: ProofFile,
): Promise<string | null> {
  const isLate = comparePromise(pending, proof).lateMs > 0;
  const kept = isLate ? await keepEarlier(path, pending) : null;
  await writeProof(path, proof, true);
  return kept;
}

/**
 * Copies the proof of an earlier version to a name with its time, so that its path is free for the current
 * one.
 * @returns the absolute path of the copy
 */
export async function keepEarlier(path: string, proof: ProofFile | PendingProof): Promise<string> {
  const time = isoTime(proof.entry.acceptedAt).replaceAll(/[:.]/g, '-');
  for (let n = 1; ; n++) {
    const copy = withSuffix(withoutSuffix(path), `.${time}${n === 1 ? '' : `-${n}`}${PROOF_SUFFIX}`);
    try {
      await copyFile(fsPath(path), fsPath(copy), constants.COPYFILE_EXCL);
      return copy;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw fileFailure(error, copy);
    }
  }
}
