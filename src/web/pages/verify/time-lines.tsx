import { printable } from '../../../proof/errors.js';
import type { Policy } from '../../../proof/policy.js';
import type { JudgedAnchor, TimeFindings } from '../../../proof/time/findings.js';
import { ownersOf } from '../../../proof/time/trust.js';
import { formatNumber, formatTime } from '../../lib/format.js';
import { REASONS, timeMessages } from '../../messages/time.js';

interface TimeLinesProps {
  /** null: they were not looked at. */
  readonly time: TimeFindings | null;
  readonly policy: Policy | null;
}

/** What time sources say of the registration, and why anchors do not count. */
export function TimeLines({ time, policy }: TimeLinesProps) {
  const t = timeMessages();
  if (time === null) return <p>{t.notLookedAt}</p>;
  return (
    <>
      <Interval {...time} sources={policy === null ? 0 : ownersOf(policy.time).size} />
      {time.conflict === null ? null : <p class="time-doubt">{t.conflicts[time.conflict]}</p>}
      {time.anchors.flatMap(remarks).map((remark) => (
        <p key={remark} class="time-remark">
          {remark}
        </p>
      ))}
    </>
  );
}

function Interval({ notBefore, notAfter, owners, sources }: TimeFindings & { readonly sources: number }) {
  const t = timeMessages();
  const from = notBefore === null ? null : formatTime(notBefore);
  if (notAfter === null) return from === null ? null : <p>{t.after(from)}</p>;
  const to = formatTime(notAfter);
  return (
    <>
      <p class="time-interval">{from === null ? t.noLaterThan(to) : t.between(from, to)}</p>
      <p class="time-sources">
        {t.confirmed(formatNumber(owners.length), formatNumber(sources), owners.map(printable).join(', '))}
      </p>
    </>
  );
}

/** What to know of an anchor, if anything. */
function remarks(anchor: JudgedAnchor): string[] {
  const t = timeMessages();
  if (!anchor.counts) {
    const reason = t.reasons[REASONS[anchor.fault]];
    return [t.doesNotCount(formatNumber(anchor.index + 1), printable(anchor.type), reason)];
  }
  const { basis, source } = anchor;
  switch (basis.type) {
    case 'round':
      return [];
    case 'block':
      return basis.standing.by === 'pin'
        ? []
        : [t.byWork(formatNumber(basis.height), formatNumber(basis.standing.bits))];
    case 'token':
      return [
        ...(basis.validUntil >= Date.now()
          ? []
          : [t.notRenewed(printable(source), formatTime(basis.validUntil))]),
        ...(basis.notRevokedAsOf === null
          ? []
          : [t.notRevoked(printable(source), formatTime(basis.notRevokedAsOf))]),
      ];
  }
}
