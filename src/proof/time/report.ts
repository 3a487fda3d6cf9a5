import type { Policy } from '../policy.js';
import type { AnchorBasis, AnchorFault, TimeConflict, TimeFindings } from './findings.js';
import { ownersOf } from './trust.js';

/** What anchors show, as JSON of the command line and of the service. Times are ISO 8601. */
export interface TimeReport {
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  /** Owners of the sources that `notAfter` can rest on. */
  readonly sources: readonly string[];
  /** How many independent sources the policy names. */
  readonly of: number;
  readonly conflict: TimeConflict | null;
  readonly anchors: readonly AnchorReport[];
}

interface AnchorReport {
  readonly index: number;
  readonly type: string;
  readonly counts: boolean;
  readonly source?: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** As of when revocation lists show that the certificates of its source were not revoked. */
  readonly notRevokedAsOf?: string;
  readonly fault?: AnchorFault;
  readonly message?: string;
}

/** @returns null when the anchors were not looked at */
export function timeReport(time: TimeFindings | null, policy: Policy | null): TimeReport | null {
  if (time === null) return null;
  return {
    notBefore: iso(time.notBefore),
    notAfter: iso(time.notAfter),
    sources: time.owners,
    of: policy === null ? 0 : ownersOf(policy.time).size,
    conflict: time.conflict,
    anchors: time.anchors.map(({ index, type, ...verdict }) =>
      verdict.counts
        ? {
            ...{ index, type, counts: true, source: verdict.source },
            [verdict.bound]: iso(verdict.time),
            ...revocationOf(verdict.basis),
          }
        : { index, type, counts: false, fault: verdict.fault, message: `${verdict.message}.` },
    ),
  };
}

function revocationOf(basis: AnchorBasis): Pick<AnchorReport, 'notRevokedAsOf'> {
  return basis.type === 'token' && basis.notRevokedAsOf !== null
    ? { notRevokedAsOf: new Date(basis.notRevokedAsOf).toISOString() }
    : {};
}

function iso(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
