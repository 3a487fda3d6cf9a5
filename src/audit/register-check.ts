import type { ChainSnapshot, RegisteredRun } from '../store/index.js';
import { finding, type Findings } from './finding.js';

const PAGE = 1024;
const MOST_UNREGISTERED = 1000;

/**
 * Compares the organizations' registers with a sound chain: every entry of a run must have the tag of the run's organization, and every
 * entry with a tag must be in a run, or its organization's search misses it.
 */
export async function checkRegister(
  snapshot: Pick<ChainSnapshot, 'registeredRuns' | 'taggedEntries' | 'unregistered'>,
  findings: Findings,
  onPage: () => void,
): Promise<void> {
  const tagged = await snapshot.taggedEntries();
  let after: bigint | null = null;
  let end = 0n;
  let registered = 0;
  for (;;) {
    const runs: RegisteredRun[] = await snapshot.registeredRuns(after, PAGE);
    for (const run of runs) {
      judge(run, end, findings);
      registered += run.tagged;
      after = run.first_position;
      end = run.first_position + BigInt(run.entry_count);
    }
    onPage();
    if (runs.length < PAGE) break;
  }
  if (registered === tagged) return;
  for (const position of await snapshot.unregistered(MOST_UNREGISTERED)) {
    const message = `The entry at position ${position} belongs to an organization, but is in no register.`;
    findings.add(finding('register_run', { position }, null, 'missing', message));
  }
}

function judge(run: RegisteredRun, end: bigint, findings: Findings): void {
  const {
    first_position: first,
    entry_count: count,
    organization_number: number,
    organization_id: organization,
  } = run;
  const add = (column: string | null, problem: 'extra' | 'register_mismatch', message: string): void => {
    findings.add(finding('register_run', { first_position: first }, column, problem, message));
  };
  if (first < end) {
    add(null, 'extra', `The register row from position ${first} on overlaps the one before it.`);
  }
  if (run.entries < count) {
    add(
      'entry_count',
      'register_mismatch',
      `The register row from position ${first} on goes beyond the entries.`,
    );
  }
  if (organization === null) {
    const message = `The register row from position ${first} on names organization number ${number}, which does not exist.`;
    add('organization_number', 'register_mismatch', message);
  } else if (run.foreign_at !== null) {
    const message = `The register assigns position ${run.foreign_at} to organization ${organization}, but the entry does not belong to it.`;
    add('organization_number', 'register_mismatch', message);
  }
  if (run.other_time_at !== null) {
    const message = `The register and the entry at position ${run.other_time_at} have different times of acceptance.`;
    add('accepted_at', 'register_mismatch', message);
  }
}
