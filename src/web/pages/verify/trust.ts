import { ProofError } from '../../../proof/errors.js';
import { parseVerifierKey, type VerifierKey } from '../../../proof/verifier-key.js';
import { leastSigners, parsePolicy, type Policy, policyOfKeys } from '../../../proof/policy.js';
import type { Verification } from '../../../proof/verify.js';

/** `service`: from the service, by request or embedded in the page. `own`: entered by the user. */
export type TrustSource = 'service' | 'own';

export interface Trust {
  readonly source: TrustSource;
  /** null: nothing is trusted, because nothing was entered or the service is unreachable. */
  readonly policy: Policy | null;
  /** Trusted keys for receipts; only the service names any. */
  readonly receiptKeys: readonly VerifierKey[];
  /** Whether it is a policy of the user's own, which says itself how much confirmation is enough. A key says nothing. */
  readonly waives: boolean;
}

/**
 * Parses one or more verifier keys, one per line, or a trust policy.
 * @returns null for an empty text
 * @throws ProofError if it is neither
 */
export function parseTrust(pasted: string): Policy | null {
  const lines = pasted.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  if (lines.length === 0) return null;
  // A key contains no white space; every line of a policy does, except comments.
  if (lines.every((line) => !/\s/.test(line))) return policyOfKeys(lines.map(parseVerifierKey));
  return parsePolicy(pasted);
}

/** null: it is empty, or neither a key nor a policy. */
export function ownTrust(pasted: string): Trust | null {
  try {
    const policy = parseTrust(pasted);
    if (policy === null) return null;
    // A key contains no white space.
    return { source: 'own', policy, receiptKeys: [], waives: /\S[ \t]+\S/.test(pasted) };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return null;
  }
}

/** Whose keys the results rest on; `unusable`: the user's own were chosen, and none can be read yet. */
export type TrustState = 'service' | 'own' | 'unusable';

export function trustOf(chosen: TrustChoice): TrustState {
  return isUnusable(chosen) ? 'unusable' : chosen.source;
}

/** A member in a policy and its signature in a proof. */
export interface Signer {
  readonly name: string;
  /** Time of the signature in seconds since the Unix epoch; null: absent or invalid. */
  readonly time: number | null;
  /** Whether it counts toward the quorum. */
  readonly counts: boolean;
}

/** The cosignatures that a policy requires and those that a proof has. */
export interface Quorum {
  /**
   * The fewest that can meet the quorum; 0: none required. With nested groups, not every set of this size
   * does.
   */
  readonly needed: number;
  /** Among those that count. */
  readonly signed: number;
  readonly of: number;
  /** In the order of the policy. */
  readonly signers: readonly Signer[];
}

/** @returns null if the policy names no members */
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
  // A group is defined after its members, so groups are visited from the last to the first.
  for (const [name, { members }] of [...groups].reverse()) {
    if (counting.has(name)) for (const member of members) counting.add(member);
  }
  return counting;
}

export interface TrustChoice {
  readonly source: TrustSource;
  readonly pasted: string;
}

/** Whether the user's own choice cannot be used: nothing was pasted yet, or it is neither a key nor a policy. */
export function isUnusable({ source, pasted }: TrustChoice): boolean {
  return source === 'own' && ownTrust(pasted) === null;
}

/** What a service embeds in the offline file (src/http/routes/pages.ts). */
export interface EmbeddedTrust {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Origin of the service's log. */
  readonly origin: string;
  /** c2sp.org/tlog-policy. */
  readonly policy: string;
  /** Verifier keys for the receipts of the service. */
  readonly receiptKeys: readonly string[];
}

/** The offline file as no service has issued it. */
export function withoutTrust(html: string): string {
  return html.replace(/(<script type="application\/json" id="made">)[^<]*/, '$1');
}

/** @returns null for a file that no service has issued */
export function readEmbeddedTrust(text: string): EmbeddedTrust | null {
  if (text.trim() === '') return null;
  const { at, origin, policy, receiptKeys } = JSON.parse(text) as Partial<Record<string, unknown>>;
  const whole =
    typeof at === 'number' &&
    typeof origin === 'string' &&
    typeof policy === 'string' &&
    Array.isArray(receiptKeys);
  if (!whole) throw new Error('what the service wrote into this file cannot be read');
  return { at, origin, policy, receiptKeys: receiptKeys as readonly string[] };
}
