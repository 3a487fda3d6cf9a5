import {
  type JudgedAnchor,
  ownersOf,
  PENDING_FORMAT,
  type PendingProof,
  type Policy,
  type ProofFile,
  type TimeConflict,
  type TimeFindings,
  type TimeInput,
  type Verification,
} from '../proof/index.js';
import { counted, formatTime } from './io.js';

/**
 * How `verify` judges the anchors of this proof. Loads their code only for a proof that has some: it takes
 * longer to load than everything else.
 * @param crls DER of revocation lists that the verifier has
 */
export async function timeInput(
  proof: ProofFile | PendingProof,
  crls: readonly Uint8Array[] = [],
): Promise<{ readonly time?: TimeInput }> {
  if (proof.format === PENDING_FORMAT || proof.anchors.length === 0) return {};
  const { judgeAnchors } = await import('../proof/time/anchors.js');
  return { time: { judge: judgeAnchors, now: Date.now(), crls } };
}

/**
 * What independent sources say of the time, in sentences. The block's, and so the registration's: never the
 * document's.
 * @param gaveLists whether the verifier gave revocation lists, and so expects to hear of them
 */
export function timeSentences(
  { time }: Pick<Verification, 'time'>,
  policy: Policy | null,
  gaveLists = false,
): string[] {
  if (time === null || time.anchors.length === 0) return [];
  const sources = policy === null ? 0 : ownersOf(policy.time).size;
  const missed = time.anchors.filter((anchor) => !anchor.counts);
  return [
    ...interval(time, sources),
    ...(time.conflict === null ? [] : [CONFLICTS[time.conflict]]),
    ...time.anchors.flatMap(reservations),
    ...time.anchors.flatMap((anchor) => revocation(anchor, gaveLists)),
    ...(missed.length === time.anchors.length && missed.every(isOfNobody)
      ? [
          `The proof has ${counted(missed.length, 'anchor')}, but your trust policy names no time source of ${missed.length === 1 ? 'its type' : 'their types'}.`,
        ]
      : missed.map(
          (anchor) => `Anchor ${anchor.index + 1} (${anchor.type}) does not count: ${anchor.message}.`,
        )),
  ];
}

const isOfNobody = (anchor: JudgedAnchor) => !anchor.counts && anchor.fault === 'untrusted_source';

function interval({ notBefore, notAfter, owners }: TimeFindings, sources: number): string[] {
  if (notAfter === null)
    return notBefore === null ? [] : [`It was registered after ${formatTime(notBefore)}.`];
  const when =
    notBefore === null
      ? `no later than ${formatTime(notAfter)}`
      : `between ${formatTime(notBefore)} and ${formatTime(notAfter)}`;
  return [
    `It was registered ${when}, by ${owners.length} of ${counted(sources, 'independent time source')} that you trust: ${owners.join(', ')}.`,
  ];
}

const CONFLICTS: Readonly<Record<TimeConflict, string>> = {
  sources:
    'The time sources contradict each other: what it was registered after is later than what it was registered before.',
  sealed_too_early: 'The time of sealing that the log states is too early: the block was made later.',
  sealed_too_late: 'The time of sealing that the log states is too late: the block existed before.',
};

function revocation(anchor: JudgedAnchor, gaveLists: boolean): string[] {
  if (!anchor.counts || anchor.basis.type !== 'token') return [];
  const { notRevokedAsOf } = anchor.basis;
  if (notRevokedAsOf !== null)
    return [
      `By the revocation lists at hand, no certificate of ${anchor.source} was revoked as of ${formatTime(notRevokedAsOf)}.`,
    ];
  return gaveLists
    ? [`No revocation list at hand says anything about all certificates of ${anchor.source}.`]
    : [];
}

/** What to know of an anchor that counts. */
function reservations(anchor: JudgedAnchor): string[] {
  if (!anchor.counts) return [];
  const { basis, source } = anchor;
  switch (basis.type) {
    case 'round':
      return [];
    case 'block':
      return basis.standing.by === 'pin'
        ? []
        : [
            `Bitcoin block ${basis.height} is above the headers that your policy has: for it speaks only the work of 2^${basis.standing.bits} hashes.`,
          ];
    case 'token':
      return basis.validUntil >= Date.now()
        ? []
        : [
            `The certificate of ${source} ended ${formatTime(basis.validUntil)}, and the anchor was not renewed: nobody watches over its key any more.`,
          ];
  }
}
