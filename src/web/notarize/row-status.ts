import { element, type Child } from '../dom.js';
import { blockAddress } from '../explorer/address.js';
import { formatDuration, formatNumber, formatPercent, formatShortTime, formatSpeed } from '../format.js';
import { words } from '../messages/notarize.js';
import type { Cosigned } from '../resources.js';
import type { Item, Known } from './item.js';
import type { Meter } from './meter.js';
import type { Seal } from '../watch/seal-watch.js';

/** How far one document is, as a sentence; with how fast and how long still, while that can be told. */
export function statusText(item: Item, meter: Meter): string {
  const t = words();
  const { state, notarization } = item;
  switch (state.phase) {
    case 'hashing':
      return [t.hashing(formatPercent(fraction(item))), ...pace(item, meter)].join(' · ');
    case 'uploading':
      return [t.uploading(formatPercent(fraction(item))), ...pace(item, meter)].join(' · ');
    case 'checking':
      return state.held ? t.checkingHeld : t.checking;
    case 'known':
      return `${knownText(state.known)}. ${t.notarizeAgainQuestion}`;
    case 'left':
      return `${t.leftOut} · ${knownText(state.known)}`;
    case 'accepted':
      return t.accepted(formatShortTime(Date.parse(notarization?.acceptedAt ?? '')));
    case 'sealed':
      return t.sealedIn
        .replace('{block}', t.sealedBlock(formatNumber(state.seal.height)))
        .replace('{time}', formatShortTime(state.seal.sealedAt));
    case 'failed':
      // Of its own mistakes the service does not know how far the request came.
      return state.problem !== 'unreadable' && (state.problem.status >= 500 || state.problem.status === 0)
        ? t.failedUnsure
        : t.failed;
    case 'cancelled':
      return state.sent ? t.cancelledLate : t.cancelled;
    default:
      return t[state.phase];
  }
}

/** The same of a seal, with the way to its entry in the explorer. */
export function sealLine({ height, index, sealedAt }: Seal): Child[] {
  const t = words();
  const link = element(
    'a',
    { href: `./explorer.html${blockAddress(height, index + 1)}` },
    t.sealedBlock(formatNumber(height)),
  );
  const [before = '', after = ''] = t.sealedIn.replace('{time}', formatShortTime(sealedAt)).split('{block}');
  return [before, link, after];
}

export function cosignedText({ signed, of, needed }: Cosigned): string {
  const t = words();
  return signed >= needed
    ? t.cosigned(formatNumber(signed), formatNumber(of))
    : t.cosigning(formatNumber(signed), formatNumber(of), formatNumber(needed));
}

export function fraction(item: Item): number {
  return item.file.size === 0 ? 1 : item.bytesDone / item.file.size;
}

function pace(item: Item, meter: Meter): string[] {
  const t = words();
  meter.add(performance.now(), item.bytesDone);
  const { speed } = meter;
  const left = meter.timeLeft(item.file.size - item.bytesDone);
  return [
    ...(speed === null ? [] : [t.speed(formatSpeed(speed))]),
    ...(left === null ? [] : [t.timeLeft(formatDuration(left))]),
  ];
}

function knownText({ notarization, count, more }: Known): string {
  const t = words();
  const { block, sealedAt, acceptedAt } = notarization;
  if (block === undefined) return t.knownAccepted(formatShortTime(Date.parse(acceptedAt)));
  const height = formatNumber(block.height);
  const time = formatShortTime(Date.parse(sealedAt ?? acceptedAt));
  if (more) return t.knownSealedMoreThan(formatNumber(count), height, time);
  return count === 1 ? t.knownSealed(height, time) : t.knownSealedOften(formatNumber(count), height, time);
}
