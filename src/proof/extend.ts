import { utf8 } from './bytes.js';
import { canonicalJson, type Json } from './canonical-json.js';
import type { Policy } from './policy.js';
import { formatProof, MAX_PROOF_LENGTH, type ProofFile } from './proof-file.js';
import { MAX_ANCHORS, type Anchor } from './time/anchor.js';
import type { TimeFindings } from './time/findings.js';
import { verify, type Primitives, type TimeInput } from './verify.js';

/** Adding to a proof what was collected after it was issued. */

interface ExtendOptions {
  readonly policy: Policy | null;
  /** Absent: it is not looked at whether the anchors of the proof still count beside those of the copy. */
  readonly time?: TimeInput;
  readonly primitives?: Primitives;
}

/**
 * The proof with the anchors that a later copy of it has, and with the later checkpoint if more of the policy's
 * members have cosigned that, and it contains the proof's block. Nothing else of the proof changes, and nothing
 * is lost that counts for the policy: no copy makes a proof worse.
 * @returns null: the copy has nothing new
 */
export function extendProof(
  own: ProofFile,
  later: ProofFile,
  { policy, ...options }: ExtendOptions,
): ProofFile | null {
  const judge = (proof: ProofFile) => {
    const { verdict, cosignatures, time } = verify({ proof, document: null, policy, ...options });
    return { verdict, time, cosigners: new Set(cosignatures.map(({ witness }) => witness)) };
  };
  const { cosigners: before, time } = judge(own);
  const { verdict, cosigners: after } = judge({ ...own, log: later.log });
  const moreSigned = after.size > before.size && [...before].every((name) => after.has(name));
  const log = moreSigned && verdict !== 'invalid' ? later.log : own.log;
  const merged = { ...own, log, anchors: mergeAnchors({ ...own, log }, later.anchors) };
  const extended = isNoWorse(judge(merged).time, time) ? merged : { ...merged, anchors: own.anchors };
  return canonicalJson(extended.anchors) === canonicalJson(own.anchors) && log === own.log ? null : extended;
}

/** Whether time sources say as much. Many renewals that are none can keep a verifier from the rest. */
function isNoWorse(now: TimeFindings | null, before: TimeFindings | null): boolean {
  if (now === null || before === null) return true;
  return (
    (before.notAfter === null || (now.notAfter !== null && now.notAfter <= before.notAfter)) &&
    (before.notBefore === null || (now.notBefore !== null && now.notBefore >= before.notBefore)) &&
    before.owners.every((owner) => now.owners.includes(owner))
  );
}

/**
 * The anchors of a proof and those that a service has of its block now, as far as a proof has room for them. One
 * takes the place of another only if it is the same with further renewals; what only the proof has is kept, such
 * as an anchor that its holder has renewed.
 */
function mergeAnchors(own: ProofFile, later: readonly Anchor[]): readonly Anchor[] {
  let merged = own.anchors;
  for (const anchor of later) {
    if (merged.some((each) => continues(each, anchor))) continue;
    const place = merged.findIndex((each) => continues(anchor, each));
    const more = place === -1 ? [...merged, anchor] : merged.with(place, anchor);
    if (more.length <= MAX_ANCHORS && isWithinLimits({ ...own, anchors: more })) merged = more;
  }
  return merged;
}

const isWithinLimits = (proof: ProofFile) => utf8(formatProof(proof)).length <= MAX_PROOF_LENGTH;

/** Whether an anchor is another one, with further renewals or none. */
function continues({ renewals, ...anchor }: Anchor, { renewals: first, ...other }: Anchor): boolean {
  if (canonicalJson(anchor) !== canonicalJson(other)) return false;
  const [all, begun] = [itemsOf(renewals), itemsOf(first)];
  return canonicalJson(all.slice(0, begun.length)) === canonicalJson(begun);
}

function itemsOf(value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  return value === undefined ? [] : [value];
}
