import { toHex } from '../../../proof/bytes.js';
import { printable } from '../../../proof/errors.js';
import { csv } from '../../lib/csv.js';
import { counted, formatNumber } from '../../lib/format.js';
import { messages } from '../../messages/verify.js';
import type { StatementName } from '../../messages/verify-statements.js';
import { confirmers } from './answers.js';
import { isPending, originOf } from './arrange.js';
import type { Outcome } from './check.js';
import type { Case } from './checks.js';
import { ALONE, GOOD, SEALED } from './statements.js';

/** One result in a report. */
export interface Line {
  readonly key: string;
  /** Path of the document, or of the proof that came without one. */
  readonly name: string;
  /** null: not checked yet. */
  readonly statement: StatementName | null;
  /** Hexadecimal; null: not known. */
  readonly sha256: string | null;
  /** According to `by`, milliseconds since the Unix epoch; null: nobody trusted says so. */
  readonly sealedAt: number | null;
  readonly by: string;
  /** Empty: nobody. */
  readonly outside: string;
  /** Path of the proof; empty: it came from the service, or there is none. */
  readonly proof: string;
}

/** How many there are, and how many of them are verified. @param statements null: not checked yet */
export function summaryOf(statements: readonly (StatementName | null)[]): string {
  const count = (among: readonly StatementName[]) =>
    statements.filter((statement) => statement !== null && among.includes(statement)).length;
  return messages().report.summary(
    counted(statements.length),
    formatNumber(count(GOOD)),
    counted(count(ALONE)),
  );
}

export function lineOf({ about, outcome }: Case): Line {
  const found = outcome.value;
  const digest = found?.document?.sha256 ?? found?.checked?.proof.document.sha256 ?? about.document?.sha256;
  return {
    key: about.key,
    name: about.name,
    statement: found?.statement ?? null,
    sha256: digest === undefined ? null : toHex(digest),
    ...(found === null ? { sealedAt: null, by: '', outside: '' } : timesOf(found)),
    proof: about.proof?.path ?? '',
  };
}

function timesOf(outcome: Outcome): Pick<Line, 'sealedAt' | 'by' | 'outside'> {
  const { statement, checked, history } = outcome;
  const proof = checked?.proof;
  if (proof !== undefined && !isPending(proof) && SEALED.includes(statement)) {
    return { sealedAt: proof.block.header.sealedAt, by: originOf(proof), outside: confirmers(outcome) };
  }
  const asOf = history?.verification.asOf ?? null;
  if (history !== null && asOf !== null && GOOD.includes(statement)) {
    const by = printable(history.history.log.checkpoint.origin);
    return { sealedAt: asOf.sealedAt, by, outside: confirmers(outcome) };
  }
  return { sealedAt: null, by: '', outside: '' };
}

/** The report for spreadsheets, with times in UTC. */
export function reportCsv(lines: readonly Line[], checkedAt: number): string {
  const t = messages();
  const { file, verdict, statement, sealed, by, outside, proof, checkedAt: checked } = t.report;
  const time = (at: number | null) => (at === null ? '' : new Date(at).toISOString());
  return csv([
    [file, verdict, statement, 'SHA-256', `${sealed} (UTC)`, by, outside, proof, `${checked} (UTC)`],
    ...lines.map((line) => [
      line.name,
      line.statement === null ? '' : t.statements[line.statement].short,
      line.statement ?? '',
      line.sha256 ?? '',
      time(line.sealedAt),
      line.by,
      line.outside,
      line.proof,
      time(checkedAt),
    ]),
  ]);
}
