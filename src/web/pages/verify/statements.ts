import type { IconName } from '../../lib/icons.js';
import type { StatementName } from '../../messages/verify-statements.js';

/** What follows from a statement, beside its words. */

type Tone = 'good' | 'bad' | 'doubt' | 'pending' | 'plain';
type Statements = readonly StatementName[];

/** The looks of a statement. Color is never the only sign. */
export const LOOKS: Readonly<Record<StatementName, { readonly tone: Tone; readonly icon: IconName }>> = {
  verified: { tone: 'good', icon: 'check' },
  alone: { tone: 'doubt', icon: 'check' },
  holds: { tone: 'good', icon: 'proof' },
  holds_alone: { tone: 'doubt', icon: 'proof' },
  history: { tone: 'good', icon: 'check' },
  history_alone: { tone: 'doubt', icon: 'check' },
  history_incomplete: { tone: 'doubt', icon: 'warning' },
  history_invalid: { tone: 'bad', icon: 'cross' },
  not_named: { tone: 'bad', icon: 'cross' },
  other_document: { tone: 'bad', icon: 'cross' },
  invalid: { tone: 'bad', icon: 'cross' },
  untrusted: { tone: 'doubt', icon: 'warning' },
  uncosigned: { tone: 'doubt', icon: 'clock' },
  untimed: { tone: 'doubt', icon: 'clock' },
  no_key: { tone: 'doubt', icon: 'warning' },
  pending: { tone: 'pending', icon: 'clock' },
  pending_unvouched: { tone: 'doubt', icon: 'clock' },
  broken_promise: { tone: 'bad', icon: 'warning' },
  unknown: { tone: 'plain', icon: 'question' },
  no_lookup: { tone: 'plain', icon: 'proof' },
  rewritten: { tone: 'doubt', icon: 'warning' },
  unreadable: { tone: 'doubt', icon: 'warning' },
  gone: { tone: 'plain', icon: 'warning' },
  away: { tone: 'plain', icon: 'question' },
  refused: { tone: 'plain', icon: 'warning' },
};

export const VERIFIED: Statements = ['verified', 'alone', 'holds', 'holds_alone'];
/** The time of sealing is the word of the log, whose signature is valid. */
export const SEALED: Statements = [...VERIFIED, 'uncosigned', 'untimed'];
/** Of proofs and histories. */
export const GOOD: Statements = [...VERIFIED, 'history', 'history_alone'];
/** Nobody but the log says when. */
export const ALONE: Statements = ['alone', 'holds_alone', 'history_alone'];
/** More may be known later. */
export const WORTH_ANOTHER_TRY: Statements = [
  'no_key',
  'pending',
  'pending_unvouched',
  'broken_promise',
  'unknown',
  'away',
  'refused',
];
