import { canonicalJson, type ProofFile } from '../../proof/index.js';
import { MAX_ANCHORS, type Anchor } from '../../proof/time/anchor.js';

/**
 * The anchors of a proof and those that a service has of its block now. Of two about the same evidence, the one
 * with more renewals; what only the proof has is kept, such as an anchor that its holder has renewed.
 */
export function mergeAnchors(own: readonly Anchor[], fetched: readonly Anchor[]): Anchor[] {
  const merged = new Map(own.map((anchor) => [identityOf(anchor), anchor]));
  for (const anchor of fetched) {
    const identity = identityOf(anchor);
    const before = merged.get(identity);
    if (before === undefined || renewalsOf(anchor) > renewalsOf(before)) merged.set(identity, anchor);
  }
  return [...merged.values()].slice(0, MAX_ANCHORS);
}

export function hasSameAnchors(a: ProofFile, b: ProofFile): boolean {
  return canonicalJson(a.anchors) === canonicalJson(b.anchors);
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
