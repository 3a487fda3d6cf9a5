import {
  type JudgedAnchor,
  ownersOf,
  PENDING_FORMAT,
  type PendingProof,
  type Policy,
  type ProofFile,
  type TimeFindings,
  type TimeInput,
  type Verification,
} from '../proof/index.js';
import { formatTime } from './io.js';
import { timeMessages } from './messages/time.js';

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
    ...(time.conflict === null ? [] : [timeMessages().conflicts[time.conflict]]),
    ...time.anchors.flatMap(reservations),
    ...time.anchors.flatMap((anchor) => revocation(anchor, gaveLists)),
    ...(missed.length === time.anchors.length && missed.every(isOfNobody)
      ? [timeMessages().noSourceOfType(missed.length)]
      : missed.map(({ index, type, fault, message }) =>
          timeMessages().doesNotCount(index + 1, type, fault, message),
        )),
  ];
}

const isOfNobody = (anchor: JudgedAnchor) => !anchor.counts && anchor.fault === 'untrusted_source';

function interval({ notBefore, notAfter, owners }: TimeFindings, sources: number): string[] {
  if (notAfter === null)
    return notBefore === null ? [] : [timeMessages().registeredAfter(formatTime(notBefore))];
  const when =
    notBefore === null
      ? timeMessages().noLaterThan(formatTime(notAfter))
      : timeMessages().between(formatTime(notBefore), formatTime(notAfter));
  return [timeMessages().registered(when, owners.length, sources, owners.join(', '))];
}

function revocation(anchor: JudgedAnchor, gaveLists: boolean): string[] {
  if (!anchor.counts || anchor.basis.type !== 'token') return [];
  const { notRevokedAsOf } = anchor.basis;
  if (notRevokedAsOf !== null) return [timeMessages().notRevoked(anchor.source, formatTime(notRevokedAsOf))];
  return gaveLists ? [timeMessages().noListOf(anchor.source)] : [];
}

/** What to know of an anchor that counts. */
function reservations(anchor: JudgedAnchor): string[] {
  if (!anchor.counts) return [];
  const { basis, source } = anchor;
  switch (basis.type) {
    case 'round':
      return [];
    case 'block':
      return basis.standing.by === 'pin' ? [] : [timeMessages().onlyWork(basis.height, basis.standing.bits)];
    case 'token':
      return basis.validUntil >= Date.now()
        ? []
        : [timeMessages().certificateEnded(source, formatTime(basis.validUntil))];
  }
}
