import type { Policy } from '../../proof/policy.js';
import type { Verification } from '../../proof/verify.js';
import { leastSigners } from '../../proof/cosignature.js';

/** A witness of a policy, and what a proof has of it. */
export interface Signer {
  readonly name: string;
  /** When it states to have signed, in seconds since the Unix epoch; null: its signature is not there, or false. */
  readonly time: number | null;
  /** Whether the quorum is about it. */
  readonly counts: boolean;
}

/** Whose cosignatures a policy asks for, and which of them a proof has. */
export interface Quorum {
  /** The fewest that can be enough; 0: none are asked for. Where groups are nested, as many of the wrong ones are not. */
  readonly needed: number;
  /** Of those that count. */
  readonly signed: number;
  readonly of: number;
  /** In the order of the policy. */
  readonly signers: readonly Signer[];
}

/** @returns null when the policy names nobody who could cosign */
export function quorumOf(
  policy: Policy | null,
  cosignatures: Verification['cosignatures'] = [],
): Quorum | null {
  if (policy === null || policy.witnesses.size === 0) return null;
  const counting = countingNames(policy);
  const times = new Map(cosignatures.map(({ witness, time }) => [witness, time]));
  const signers = [...policy.witnesses.keys()].map((name) => ({
    name,
    time: times.get(name) ?? null,
    counts: policy.quorum === null || counting.has(name),
  }));
  const counted = signers.filter(({ counts }) => counts);
  return {
    needed: leastSigners(policy),
    signed: counted.filter(({ time }) => time !== null).length,
    of: counted.length,
    signers,
  };
}

function countingNames({ quorum, groups }: Policy): ReadonlySet<string | null> {
  const counting = new Set([quorum]);
  // A group is defined below its members: from the last to the first, each is known to count before its members are.
  for (const [name, { members }] of [...groups].reverse()) {
    if (counting.has(name)) for (const member of members) counting.add(member);
  }
  return counting;
}
