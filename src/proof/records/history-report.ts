import type { Policy } from '../policy.js';
import type { TimeFindings } from '../time/findings.js';
import { timeReport } from '../time/report.js';
import { cosignedBefore, formatTime } from '../verify.js';
import type { HistoryVerification } from './history.js';
import { nextSteps } from './rules.js';

/** What a history shows, as JSON of the command line and of the service. Times are ISO 8601. */
export function historyReport(
  { verdict, record, asOf, state, texts, timeline, missing, cosignatures, steps }: HistoryVerification,
  policy: Policy | null,
) {
  // Events of one block share what its anchors show: a block with many of both would fill the memory.
  const reports = new Map(
    [...new Set(timeline.map(({ time }) => time))].map((time) => [time, timeReport(time, policy)]),
  );
  const reportOf = (time: TimeFindings | null) => reports.get(time) ?? null;
  return {
    verdict,
    record,
    asOf: asOf === null ? null : { height: asOf.height, sealedAt: formatTime(asOf.sealedAt) },
    state,
    title: texts.title,
    next: state === null ? [] : nextSteps(state, texts),
    timeline: timeline.map(({ sequence, type, height, sealedAt, time, signers, automatic, facts, body }) => ({
      ...{ sequence, type, automatic, facts, signers, body, height },
      sealedAt: sealedAt === null ? null : formatTime(sealedAt),
      time: reportOf(time),
    })),
    missing,
    cosignatures: cosignatures.map(({ witness, time }) => ({
      witness,
      before: formatTime(cosignedBefore(time)),
    })),
    steps,
  };
}
