import type { ProofErrorCode } from '../../proof/errors.js';
import { language, type Language } from '../lib/language.js';
import { en } from './verify-en.js';
import { ko } from './verify-ko.js';

/** The words of the page that verifies, but for its steps (steps.ts) and raw values (raw-values.ts). */
export interface VerifyMessages {
  readonly title: string;
  readonly heading: string;
  readonly lead: string;
  readonly document: string;
  readonly documentExplained: string;
  readonly chooseDocument: string;
  readonly proof: string;
  readonly proofExplained: string;
  readonly chooseProof: string;
  readonly remove: (name: string) => string;
  readonly oneAtATime: (name: string) => string;
  readonly hashing: (percent: string, name: string) => string;
  readonly cancel: string;
  readonly lookingUp: string;
  readonly unreadableDocument: string;
  readonly statements: Readonly<Record<StatementName, { readonly title: string; readonly says: string }>>;
  readonly trustLegend: string;
  readonly trustService: string;
  readonly trustServiceExplained: string;
  readonly trustOwn: string;
  readonly trustOwnExplained: string;
  readonly trustField: string;
  readonly trustFieldHint: string;
  readonly trustFieldEmpty: string;
  readonly trustFieldWrong: string;
  readonly trustFieldKeys: (logs: string) => string;
  readonly trustFieldPolicy: (logs: string, needed: string, all: string, names: string) => string;
  /** `blocks`: the same number, written. */
  readonly retiredKey: (log: string, n: number, blocks: string) => string;
  readonly trustPage: string;
  readonly factProofFor: string;
  readonly checkedWithService: string;
  readonly checkedWithOwn: string;
  readonly checkedWithNothing: string;
  readonly factDocument: string;
  readonly factAccepted: string;
  readonly factSealed: string;
  readonly factPromised: string;
  readonly factCosigned: string;
  readonly cosigned: (signed: string, all: string, needed: string) => string;
  readonly cosignedFreely: (signed: string, all: string) => string;
  readonly signedAt: (name: string, time: string) => string;
  readonly notSigned: string;
  readonly doesNotCount: string;
  readonly factBlock: string;
  readonly inBlock: (number: string, count: string, height: string) => string;
  readonly seeBlock: string;
  readonly factSource: string;
  readonly sources: Readonly<Record<'file' | 'certificate' | 'service', string>>;
  readonly factTrust: string;
  readonly yourTime: (time: string) => string;
  readonly stepsHeading: string;
  readonly expected: string;
  readonly computed: string;
  readonly rawHeading: string;
  readonly saveProof: string;
  readonly saveCertificate: string;
  /** By the code of a problem document. */
  readonly certificateProblems: Readonly<Record<string, string>>;
  readonly tryAgain: string;
  readonly others: (count: string) => string;
  readonly moreOthers: string;
  readonly otherSealed: (time: string, block: string) => string;
  readonly otherAccepted: (time: string) => string;
  readonly checkThis: string;
  readonly checkThisNamed: (time: string) => string;
  readonly shown: string;
  readonly unreadableProof: (code: ProofErrorCode) => string;
  readonly offlineHeading: string;
  readonly offlineExplained: string;
  readonly offlineDownload: string;
}

export type StatementName =
  | 'verified'
  | 'holds'
  | 'other_document'
  | 'invalid'
  | 'untrusted'
  | 'uncosigned'
  | 'no_key'
  | 'pending'
  | 'pending_unvouched'
  | 'unknown'
  | 'no_lookup'
  | 'rewritten'
  | 'unreadable'
  | 'away'
  | 'refused';

const tables: Readonly<Record<Language, VerifyMessages>> = { en, ko };
type Adapt = (words: VerifyMessages, language: Language) => VerifyMessages;
let adapt: Adapt = (words) => words;

export function words(): VerifyMessages {
  return adapt(tables[language()], language());
}

/** For a page that stands elsewhere: what is true of the service's page may not be true of it. */
export function adaptWords(to: Adapt): void {
  adapt = to;
}
