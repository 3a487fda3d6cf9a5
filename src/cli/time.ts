import { PENDING_FORMAT, type PendingProof, type ProofFile, type TimeInput } from '../proof/index.js';

/**
 * How `verify` judges the anchors of this proof. Loads their code only for a proof that has some: it takes
 * longer to load than everything else.
 */
export async function timeInput(proof: ProofFile | PendingProof): Promise<{ readonly time?: TimeInput }> {
  if (proof.format === PENDING_FORMAT || proof.anchors.length === 0) return {};
  const { judgeAnchors } = await import('../proof/time/anchors.js');
  return { time: { judge: judgeAnchors, now: Date.now() } };
}
