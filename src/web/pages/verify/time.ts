import { printable } from '../../../proof/errors.js';
import type { Policy } from '../../../proof/policy.js';
import type { JudgedAnchor, TimeFindings } from '../../../proof/time/findings.js';
import { ownersOf } from '../../../proof/time/trust.js';
import { element } from '../../lib/dom.js';
import { formatNumber, formatTime } from '../../lib/format.js';
import { REASONS, timeMessages } from '../../messages/time.js';

/**
 * What time sources say of the registration, and why anchors do not count. Empty: there are none.
 * @param time null: they were not looked at
 */
export function timeLines(time: TimeFindings | null, policy: Policy | null): HTMLElement[] {
  const t = timeMessages();
  if (time === null) return [line(t.notLookedAt)];
  return [
    ...interval(time, policy),
    ...(time.conflict === null ? [] : [line(t.conflicts[time.conflict], 'time-doubt')]),
    ...time.anchors.flatMap(remark).map((text) => line(text, 'time-remark')),
  ];
}

function interval({ notBefore, notAfter, owners }: TimeFindings, policy: Policy | null): HTMLElement[] {
  const t = timeMessages();
  const [from, to] = [notBefore, notAfter].map((time) => (time === null ? null : formatTime(time, 'UTC')));
  if (to == null) return from == null ? [] : [line(t.after(from))];
  const sources = policy === null ? 0 : ownersOf(policy.time).size;
  return [
    line(from == null ? t.noLaterThan(to) : t.between(from, to), 'time-interval'),
    line(
      t.confirmed(formatNumber(owners.length), formatNumber(sources), owners.map(printable).join(', ')),
      'time-sources',
    ),
  ];
}

/** What to know of an anchor, if anything. */
function remark(anchor: JudgedAnchor): string[] {
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
          : [t.notRenewed(printable(source), formatTime(basis.validUntil, 'UTC'))]),
        ...(basis.notRevokedAsOf === null
          ? []
          : [t.notRevoked(printable(source), formatTime(basis.notRevokedAsOf, 'UTC'))]),
      ];
  }
}

const line = (text: string, name = 'time-line') => element('p', { class: name }, text);
