import { resolve } from 'node:path';
import { NODE } from '../crypto/primitives.js';
import { type DocumentFacts, formatVerifierKey, parseEventKey, toHex } from '../proof/index.js';
import type { History } from '../proof/records/history-file.js';
import { type HistoryVerification, type TimelineEvent, verifyHistory } from '../proof/records/history.js';
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
  const naming = document === null ? null : eventNaming(verification, document);
  return { history, verification, path, trust, document, naming };
}

function isGood({ verification, document, naming }: HistoryOutcome): boolean {
  return verification.verdict === 'verified' && (document === null || naming !== null);
}

/** The first event that states the document's digest; null: none does. */
function eventNaming({ timeline }: HistoryVerification, { sha256 }: DocumentFacts): number | null {
  const digest = `"${toHex(sha256)}"`;
  const found = timeline.find(({ body }) => body !== null && JSON.stringify(body).includes(digest));
  return found?.sequence ?? null;
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
    printNote(io, KEY_NOTE);
    printLine(io.stderr);
  }
  printSteps(steps, verbose, io, paint);
  if (missing.length > 0) printNote(io, '', 'Not in the file:', ...missing.map(({ message }) => message));
  if (verdict === 'untrusted') printNote(io, '', ...adviceForTrust(trust));
}

const KEY_NOTE =
  'A key is not a person: the name in front was chosen by whoever made the key. Whose it is has to be known from elsewhere.';

export function historyHeadline({ history, verification, document, naming }: HistoryOutcome): string {
  const { verdict, steps, asOf } = verification;
  switch (verdict) {
    case 'verified': {
      const until =
        asOf === null
          ? ''
          : `as of block ${asOf.height} (sealed ${formatTime(asOf.sealedAt)}): nothing later`;
      if (document === null) return `record ${history.record}, ${until}`;
      return naming === null
        ? `no event of record ${history.record} names this document`
        : `named by event ${naming} of record ${history.record}, ${until}`;
    }
    case 'untrusted':
      return 'not signed as your trust policy requires';
    case 'incomplete':
      return 'something is not in the file, so the rules cannot be checked any further';
    case 'invalid':
      return inShort(steps.find(({ outcome }) => outcome === 'failed')?.message ?? '');
  }
}

/** A step's message for use inside a line. */
function inShort(message: string): string {
  const text = message.replace(/\.$/, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}

const KINDS: Readonly<Record<RecordState['kind'], string>> = {
  document: 'Document',
  work: 'Work',
  item: 'Item',
  contract: 'Contract',
};

function stateSentences({ kind, status, holder }: RecordState, { title }: RecordTexts): string[] {
  const name = title === null ? '' : ` "${title}"`;
  return [`${KINDS[kind]}${name}: ${status}. Its holder is the key ${keySentence(holder)}.`];
}

const KEY_KINDS = {
  ed25519: 'an Ed25519 key in a file',
  'ml-dsa-44': 'an ML-DSA-44 key in a file',
  passkey: 'a passkey',
} as const;

/** The key's name and id, and how it is kept: the name alone says nothing. */
function keySentence(text: string): string {
  return `${withShortKeys(text)} (${KEY_KINDS[parseEventKey(text).algorithm]})`;
}

function printEvent(event: TimelineEvent, trust: Trust, io: Io): void {
  const { sequence, type, height, sealedAt, signers, automatic, facts, body, time } = event;
  const when = sealedAt === null ? '' : `, sealed ${formatTime(sealedAt)}`;
  printNote(io, `${sequence}. ${type ?? '(unreadable)'}${when} in block ${height}`);
  if (automatic) {
    const because = facts.length === 0 ? '' : `, because of ${facts.join(', ')}`;
    printNote(io, `   by itself: the rules make it so, and nobody signed it${because}`);
  } else {
    const keys = signers?.map(keySentence).join(' and ') ?? 'keys that could not be checked';
    printNote(io, `   signed with ${keys}`);
    if (body === null) printNote(io, '   What it stated was erased, or left out.');
    else printFields(bodyFields(body, withShortKeys), io.stderr, '   ');
  }
  for (const sentence of timeSentences({ time }, trust.policy)) printNote(io, `   ${sentence}`);
}

function nextLines(state: RecordState, texts: RecordTexts): string[] {
  const steps = nextSteps(state, texts);
  if (steps.length === 0) return ['Nothing can come next.'];
  return [
    'What can come next:',
    ...steps.map(({ type, signers, condition }) => {
      const what = condition === null ? type : `${type} (${condition})`;
      return `   ${what} by ${signers.map(withShortKeys).join(' and ')}`;
    }),
  ];
}

function adviceForTrust({ source }: Trust): string[] {
  return [
    source === null
      ? 'You have not given a key that you trust.'
      : `The history does not have all the signatures that ${source} requires.`,
    "Get the log's public key from its owner, through another channel than this file, and pass it with --key VKEY.",
  ];
}
