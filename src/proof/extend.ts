import { canonicalJson } from './canonical-json.js';
import type { Policy } from './policy.js';
import type { ProofFile } from './proof-file.js';
import { MAX_ANCHORS, type Anchor } from './time/anchor.js';
import { verify, type Primitives } from './verify.js';

/** Adding to a proof what was collected after it was issued. */

/**
 * The proof with the anchors that a later copy of it has, and with the later checkpoint if more of the policy's
 * members have cosigned that, and it contains the proof's block. Nothing else of the proof changes, and nothing
 * is lost that counts for the policy: no copy makes a proof worse.
 * @returns null: the copy has nothing new
 */
export function extendProof(
  own: ProofFile,
  later: ProofFile,
  { policy, primitives }: { readonly policy: Policy | null; readonly primitives?: Primitives },
): ProofFile | null {
  const anchors = mergeAnchors(own.anchors, later.anchors);
  const judge = (proof: ProofFile) => {
    const given = { proof, document: null, policy, ...(primitives === undefined ? {} : { primitives }) };
    const { verdict, cosignatures } = verify(given);
    return { verdict, cosigners: new Set(cosignatures.map(({ witness }) => witness)) };
  };
  const { cosigners: before } = judge(own);
  const { verdict, cosigners: after } = judge({ ...own, log: later.log });
  const moreSigned = after.size > before.size && [...before].every((name) => after.has(name));
  const log = moreSigned && verdict !== 'invalid' ? later.log : own.log;
  if (log === own.log && canonicalJson(anchors) === canonicalJson(own.anchors)) return null;
  return { ...own, anchors, log };
}

/**
 * The anchors of a proof and those that a service has of its block now. Of two about the same evidence, the one
 * with more renewals; what only the proof has is kept, such as an anchor that its holder has renewed.
 */
function mergeAnchors(own: readonly Anchor[], later: readonly Anchor[]): Anchor[] {
  const merged = new Map(own.map((anchor) => [identityOf(anchor), anchor]));
  for (const anchor of later) {
    const identity = identityOf(anchor);
    const before = merged.get(identity);
    if (before === undefined || renewalsOf(anchor) > renewalsOf(before)) merged.set(identity, anchor);
  }
  return [...merged.values()].slice(0, MAX_ANCHORS);
}

/** The same for anchors that rest on the same evidence. */
function identityOf(anchor: Anchor): string {
  const { type, token, ots, statement } = anchor;
  const evidence =
    type === 'rfc3161' ? token : type === 'bitcoin' ? ots : type === 'beacon' ? statement : null;
  return typeof evidence === 'string' ? `${type} ${evidence}` : canonicalJson(anchor);
}

function renewalsOf({ renewals }: Anchor): number {
  return Array.isArray(renewals) ? renewals.length : 0;
}
