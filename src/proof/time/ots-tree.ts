import { concat, equal, toHex, utf8 } from '../bytes.js';
import { HASH_LENGTH, sha256 } from '../hash.js';
import {
  attestationKey,
  operationKey,
  type Branch,
  type DetachedTimestamp,
  type OtsAttestation,
  type OtsOperation,
  type Timestamp,
} from './ots.js';

/** What OpenTimestamps files say: which messages they lead to, what is pending, and how they grow. */

/** The operations one after the other, and then `end`. */
export function after(operations: readonly OtsOperation[], end: Timestamp): Timestamp {
  return operations.reduceRight<Timestamp>(
    (rest, operation) => ({ attestations: [], branches: [{ operation, rest }] }),
    end,
  );
}

export interface ReachedAttestation {
  readonly attestation: OtsAttestation;
  /**
   * What is attested. null: the way there uses SHA-1, RIPEMD-160 or Keccak-256. No calendar does, and the
   * first two are too short to rely on for decades.
   */
  readonly message: Uint8Array | null;
}

/** All attestations, and the messages that the operations lead to from `message`. */
export function attestationsOf(message: Uint8Array | null, timestamp: Timestamp): ReachedAttestation[] {
  return [
    ...timestamp.attestations.map((attestation) => ({ attestation, message })),
    ...timestamp.branches.flatMap(({ operation, rest }) => attestationsOf(apply(operation, message), rest)),
  ];
}

/** The operations from `message` to the first attestation that is wanted; null: there is none. */
export function pathTo(
  message: Uint8Array | null,
  timestamp: Timestamp,
  isWanted: (reached: ReachedAttestation) => boolean,
): OtsOperation[] | null {
  if (timestamp.attestations.some((attestation) => isWanted({ attestation, message }))) return [];
  for (const { operation, rest } of timestamp.branches) {
    const further = pathTo(apply(operation, message), rest, isWanted);
    if (further !== null) return [operation, ...further];
  }
  return null;
}

function apply(operation: OtsOperation, message: Uint8Array | null): Uint8Array | null {
  if (message === null) return null;
  switch (operation.name) {
    case 'append':
      return concat(message, operation.argument);
    case 'prepend':
      return concat(operation.argument, message);
    case 'reverse':
      return message.toReversed();
    case 'hexlify':
      return utf8(toHex(message));
    case 'sha256':
      return sha256(message);
    case 'sha1':
    case 'ripemd160':
    case 'keccak256':
      return null;
  }
}

export interface BitcoinCommitment {
  readonly height: number;
  /** What the header at this height must have as its Merkle root, in the header's byte order. */
  readonly merkleRoot: Uint8Array;
}

/** The Bitcoin attestations that can be checked, the earliest block first. */
export function bitcoinCommitments({ digest, timestamp }: DetachedTimestamp): BitcoinCommitment[] {
  return attestationsOf(digest, timestamp)
    .flatMap(({ attestation, message }) =>
      attestation.type === 'bitcoin' && message?.length === HASH_LENGTH
        ? [{ height: attestation.height, merkleRoot: message }]
        : [],
    )
    .toSorted((a, b) => a.height - b.height);
}

export interface PendingCommitment {
  /** The calendar's address, as the file states it: untrusted. */
  readonly url: string;
  /** What the calendar is asked for: `GET <url>/timestamp/<hex>`. */
  readonly commitment: Uint8Array;
}

/** What calendars have yet to complete: pending attestations whose message does not lead to Bitcoin. */
export function pendingCommitments({ digest, timestamp }: DetachedTimestamp): PendingCommitment[] {
  return pendingBelow(digest, timestamp);
}

function pendingBelow(message: Uint8Array | null, timestamp: Timestamp): PendingCommitment[] {
  const isComplete = attestationsOf(null, timestamp).some(
    ({ attestation }) => attestation.type === 'bitcoin',
  );
  const here =
    message === null || isComplete
      ? []
      : timestamp.attestations.flatMap((attestation) =>
          attestation.type === 'pending' ? [{ url: attestation.url, commitment: message }] : [],
        );
  return [
    ...here,
    ...timestamp.branches.flatMap(({ operation, rest }) => pendingBelow(apply(operation, message), rest)),
  ];
}

/** Both timestamps, which are of the same message, in one. */
export function mergeTimestamps(a: Timestamp, b: Timestamp): Timestamp {
  const attestations = new Map(
    [...a.attestations, ...b.attestations].map((each) => [attestationKey(each), each]),
  );
  const branches = new Map(a.branches.map((branch) => [operationKey(branch.operation), branch]));
  for (const branch of b.branches) {
    const key = operationKey(branch.operation);
    const own = branches.get(key);
    branches.set(key, own === undefined ? branch : { ...own, rest: mergeTimestamps(own.rest, branch.rest) });
  }
  return { attestations: [...attestations.values()], branches: [...branches.values()] };
}

/**
 * Adds what a calendar has answered for a pending commitment. The pending attestation stays, as stock tools
 * leave it.
 * @returns null when `commitment` is not pending here
 */
export function upgrade(
  { digest, timestamp }: DetachedTimestamp,
  commitment: Uint8Array,
  answer: Timestamp,
): DetachedTimestamp | null {
  const upgraded = upgradeBelow(digest, timestamp, commitment, answer);
  return upgraded === null ? null : { digest, timestamp: upgraded };
}

/** null: nothing has changed. */
function upgradeBelow(
  message: Uint8Array | null,
  timestamp: Timestamp,
  commitment: Uint8Array,
  answer: Timestamp,
): Timestamp | null {
  let hasChanged = false;
  const branches: Branch[] = [];
  for (const branch of timestamp.branches) {
    const rest = upgradeBelow(apply(branch.operation, message), branch.rest, commitment, answer);
    hasChanged ||= rest !== null;
    branches.push(rest === null ? branch : { ...branch, rest });
  }
  const isPending = timestamp.attestations.some(({ type }) => type === 'pending');
  if (isPending && message !== null && equal(message, commitment))
    return mergeTimestamps({ ...timestamp, branches }, answer);
  return hasChanged ? { ...timestamp, branches } : null;
}

/**
 * The timestamp with only the attestations that `keep` accepts, and the operations that lead to them.
 * @returns null when nothing is left
 */
export function prune(
  timestamp: Timestamp,
  keep: (attestation: OtsAttestation) => boolean,
): Timestamp | null {
  const attestations = timestamp.attestations.filter(keep);
  const branches = timestamp.branches.flatMap(({ operation, rest }) => {
    const kept = prune(rest, keep);
    return kept === null ? [] : [{ operation, rest: kept }];
  });
  return attestations.length === 0 && branches.length === 0 ? null : { attestations, branches };
}
