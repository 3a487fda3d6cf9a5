import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { NODE } from '../../crypto/primitives.js';
import {
  canonicalJson,
  encodeEntry,
  type Entry,
  equal,
  formatProof,
  type JsonObject,
  parseProof,
  PENDING_FORMAT,
  type PendingProof,
  type Policy,
  ProofError,
  type ProofFile,
  toHex,
  verify,
} from '../../proof/index.js';
import { Failure, fileFailure, systemCode } from '../failure.js';
import { PROOF_SUFFIX, readProof } from '../files.js';
import { isoTime } from '../io.js';
import { retryAfterMs, type ServiceClient } from '../service-client.js';

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

/** What lies where the proof of a document belongs. */
export type Occupant =
  | { readonly kind: 'nothing' }
  /** The final proof of this very document. */
  | { readonly kind: 'final'; readonly proof: ProofFile }
  | { readonly kind: 'pending'; readonly proof: PendingProof }
  /** A proof of other bytes: as a rule of an earlier version of the same file. */
  | { readonly kind: 'earlier'; readonly proof: ProofFile | PendingProof }
  /** Not a proof: not ours to replace. */
  | { readonly kind: 'foreign'; readonly failure: Failure };

/** @param path absolute */
export async function occupantOf(path: string, sha256: Uint8Array): Promise<Occupant> {
  try {
    const proof = await readProof(path);
    if (!equal(proof.document.sha256, sha256)) return { kind: 'earlier', proof };
    return proof.format === PENDING_FORMAT ? { kind: 'pending', proof } : { kind: 'final', proof };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (systemCode(error.cause) === 'ENOENT') return { kind: 'nothing' };
    return { kind: 'foreign', failure: error };
  }
}

/**
 * Writes a proof so that at every moment there is either no file of that name or a whole one, on disk.
 * @param replace whether a file of that name may be replaced; otherwise it is a `conflict`
 */
export async function writeProof(
  path: string,
  proof: ProofFile | PendingProof,
  replace: boolean,
): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(formatProof(proof));
      await file.sync();
    } finally {
      await file.close();
    }
    if (replace) await rename(temporary, path);
    else await linkOrRename(temporary, path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') {
      throw new Failure('conflict', `${path} appeared in the meantime, and was left as it is`);
    }
    throw fileFailure(error, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A link never replaces a file; a rename does. Where there are no links (FAT, some network disks), the moment is accepted. */
async function linkOrRename(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw error;
    await rename(temporary, path);
  }
}

/**
 * Keeps the proof of an earlier version under a name with its time, so that the plain name can go to the current one.
 * @returns the absolute path of the copy
 */
export async function keepEarlier(path: string, proof: ProofFile | PendingProof): Promise<string> {
  const stem = path.endsWith(PROOF_SUFFIX) ? path.slice(0, -PROOF_SUFFIX.length) : path;
  const time = isoTime(proof.entry.acceptedAt).replaceAll(/[:.]/g, '-');
  for (let n = 1; ; n++) {
    const copy = `${stem}.${time}${n === 1 ? '' : `-${n}`}${PROOF_SUFFIX}`;
    try {
      await copyFile(path, copy, constants.COPYFILE_EXCL);
      return copy;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw fileFailure(error, copy);
    }
  }
}
