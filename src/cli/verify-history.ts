import { resolve } from 'node:path';
import { NODE } from '../crypto/primitives.js';
import { type DocumentFacts, formatVerifierKey, parseEventKey, toHex } from '../proof/index.js';
import { eventNaming } from '../proof/records/event-naming.js';
import type { History } from '../proof/records/history-file.js';
import {
  type HistoryStep,
  type HistoryVerification,
  type TimelineEvent,
  verifyHistory,
} from '../proof/records/history.js';
import { historyReport } from '../proof/records/history-report.js';
import { nextSteps } from '../proof/records/rules.js';
import type { RecordState } from '../proof/records/state.js';
import type { RecordTexts } from '../proof/records/texts.js';
import { judgeAnchors } from '../proof/time/anchors.js';
import { bodyFields, printFields, withShortKeys } from './fields.js';
import { readHistory } from './history.js';
import {
  EXIT,
  type ExitCode,
  formatTime,
  type Io,
  printJson,
  printLine,
  printMarked,
  printNote,
} from './io.js';
import { verifyMessages } from './messages/verify.js';
import { GREEN, painter, printSteps, RED, YELLOW } from './report.js';
import { timeSentences } from './time.js';
import type { Trust } from './trust-store.js';
import { historyMessages } from './messages/history.js';
import { recordsMessages } from './messages/records.js';

/** The history of a record, to be judged. */
export interface GivenHistory {
  readonly path: string;
  readonly trust: Trust;
  /** To be looked for in what the events state; null: none was given. */
  readonly document: (DocumentFacts & { readonly name: string }) | null;
  /** DER of revocation lists that the verifier has. */
  readonly crls: readonly Uint8Array[];
  readonly json: boolean;
  /** Whether to show all steps, not only those that failed. */
  readonly verbose: boolean;
}

/** Judges the history of a record, and prints its events, its state and as of when it is. @throws {Failure} */
export async function reportHistory(given: GivenHistory, io: Io): Promise<ExitCode> {
  const { history } = await readHistory(resolve(io.cwd, given.path), given.path);
  const outcome = judgeHistory(history, given);
  if (given.json) printJson(io.stdout, historyJson(outcome));
  else printHistory(outcome, given.verbose, io);
  return isGood(outcome) ? EXIT.ok : EXIT.failed;
}

export function judgeHistory(
  history: History,
  { path, trust, document, crls }: Omit<GivenHistory, 'json' | 'verbose'>,
): HistoryOutcome {
  const verification = verifyHistory({
    history,
    policy: trust.policy,
    primitives: NODE,
    time: { judge: judgeAnchors, now: Date.now(), crls },
  });
  const naming = document === null ? null : eventNaming(verification, document.sha256);
  return { history, verification, path, trust, document, naming };
}

function isGood({ verification, document, naming }: HistoryOutcome): boolean {
  return verification.verdict === 'verified' && (document === null || naming !== null);
}

export interface HistoryOutcome {
  readonly history: History;
  readonly verification: HistoryVerification;
  readonly path: string;
  readonly trust: Trust;
  readonly document: GivenHistory['document'];
  readonly naming: number | null;
}

export function historyJson({ verification, path, trust, document, naming }: HistoryOutcome) {
  const { steps, ...report } = historyReport(verification, trust.policy);
  return {
    history: path,
    ...report,
    ...(document === null
      ? {}
      : { document: { name: document.name, sha256: toHex(document.sha256), namedByEvent: naming } }),
    trust: { source: trust.source, keys: (trust.policy?.logs ?? []).map(formatVerifierKey) },
    steps,
  };
}

function printHistory(outcome: HistoryOutcome, verbose: boolean, io: Io): void {
  const { verification, document, path, trust } = outcome;
  const { verdict, steps, timeline, state, texts, missing } = verification;
  const paint = painter(io);
  const { words } = verifyMessages();
  const [word, colour] = isGood(outcome)
    ? ([words.verified, GREEN] as const)
    : ([words.not_verified, verdict === 'untrusted' || verdict === 'incomplete' ? YELLOW : RED] as const);
  printMarked(io.stdout, word, paint(colour), `  ${document?.name ?? path}: ${historyHeadline(outcome)}`);
  if (verdict !== 'invalid') {
    if (state !== null) printNote(io, ...stateSentences(state, texts));
    printLine(io.stderr);
    for (const event of timeline) printEvent(event, trust, io);
    if (state !== null) printNote(io, ...nextLines(state, texts));
    printNote(io, historyMessages().keyNote);
    printLine(io.stderr);
  }
  const said = steps.map((step) => ({ ...step, message: historyMessages().step(step) }));
  printSteps(said, verbose, io, paint);
  if (missing.length > 0)
    printNote(
      io,
      '',
      historyMessages().notInFile,
      ...missing.map((part) => `   ${historyMessages().missing(part)}`),
    );
  if (verdict === 'untrusted') printNote(io, '', ...adviceForTrust(trust));
}

export function historyHeadline({ history, verification, document, naming }: HistoryOutcome): string {
  const { verdict, steps, asOf } = verification;
  switch (verdict) {
    case 'verified': {
      const until = asOf === null ? '' : historyMessages().asOf(asOf.height, formatTime(asOf.sealedAt));
      if (document === null) return historyMessages().recordUntil(history.record, until);
      return naming === null
        ? historyMessages().notNamed(history.record)
        : historyMessages().named(naming, history.record, until);
    }
    case 'untrusted':
      return historyMessages().notSigned;
    case 'incomplete':
      return historyMessages().incomplete;
    case 'invalid':
      return inShort(steps.find(({ outcome }) => outcome === 'failed'));
  }
}

/** A step's message for use inside a line. */
function inShort(step: HistoryStep | undefined): string {
  const text = step === undefined ? '' : historyMessages().step(step).replace(/\.$/, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function stateSentences({ kind, status, holder }: RecordState, { title }: RecordTexts): string[] {
  const t = historyMessages();
  return [t.state(t.kinds[kind], title, status, keySentence(holder))];
}

/** The key's name and id, and how it is kept: the name alone says nothing. */
function keySentence(text: string): string {
  return `${withShortKeys(text)} (${historyMessages().keyKinds[parseEventKey(text).algorithm]})`;
}

function printEvent(event: TimelineEvent, trust: Trust, io: Io): void {
  const { sequence, type, height, sealedAt, signers, automatic, facts, body, time } = event;
  const when = sealedAt === null ? '' : historyMessages().sealedAt(formatTime(sealedAt));
  printNote(io, historyMessages().event(sequence, type, when, height));
  if (automatic) {
    const because = facts.length === 0 ? '' : historyMessages().because(facts.join(', '));
    printNote(io, historyMessages().byItself(because));
  } else {
    const keys = signers?.map(keySentence).join(', ') ?? historyMessages().uncheckedKeys;
    printNote(io, historyMessages().signedWith(keys));
    if (body === null) printNote(io, historyMessages().erased);
    else printFields(bodyFields(body, withShortKeys), io.stderr, '   ');
  }
  for (const sentence of timeSentences({ time }, trust.policy)) printNote(io, `   ${sentence}`);
}

function nextLines(state: RecordState, texts: RecordTexts): string[] {
  const steps = nextSteps(state, texts);
  if (steps.length === 0) return [historyMessages().nothingNext];
  return [
    historyMessages().canCome,
    ...steps.map(({ type, signers, condition }) => {
      const what = condition === null ? type : `${type} (${condition})`;
      return `   ${recordsMessages().step(what, signers.map(withShortKeys))}`;
    }),
  ];
}

function adviceForTrust({ source }: Trust): string[] {
  return [
    source === null ? historyMessages().noKey : historyMessages().notAllSignatures(source),
    historyMessages().getKey,
  ];
}
