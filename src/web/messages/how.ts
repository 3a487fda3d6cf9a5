import { language, type Language } from '../lib/language.js';
import type { Count } from '../lib/format.js';
import { en } from './how-en.js';
import { ko } from './how-ko.js';

export interface HowMessages {
  readonly title: string;
  readonly heading: string;
  readonly lead: string;

  readonly hashHeading: string;
  readonly hashText: readonly string[];
  readonly hashField: string;
  readonly hashSample: string;
  readonly hashName: string;
  readonly bitsLabel: string;
  readonly bitsChanged: (changed: Count) => string;
  readonly bitsHint: string;

  readonly treeHeading: string;
  readonly treeText: readonly string[];
  readonly documentField: (number: string) => string;
  readonly samples: readonly [string, string, string, string];
  readonly treeLabel: (changed: Count) => string;
  readonly treeSame: string;
  readonly treeChanged: (changed: Count) => string;
  readonly reset: string;
  readonly documentName: (number: string) => string;

  readonly blockHeading: string;
  readonly blockText: readonly string[];
  readonly difficulty: string;
  readonly difficultySays: (bits: Count, tries: string) => string;
  readonly mine: string;
  readonly stop: string;
  readonly notMined: string;
  readonly mining: (tries: string) => string;
  readonly mined: (tries: Count, bits: Count) => string;
  readonly outdated: (found: Count, asked: Count) => string;
  readonly blockHash: string;
  readonly nonce: string;
  readonly headerBytes: string;

  readonly proofHeading: string;
  readonly proofText: readonly string[];
  readonly chooseDocument: string;
  readonly tamper: string;
  readonly next: string;
  readonly again: string;
  readonly proofLabel: (document: string, done: string, all: string) => string;
  readonly stepLeaf: (document: string) => string;
  readonly stepLeft: string;
  readonly stepRight: string;
  readonly reached: (document: string) => string;
  readonly missed: string;
  readonly given: string;
  readonly computed: string;

  readonly chainHeading: string;
  readonly chainText: readonly string[];
  readonly seeChain: string;

  readonly limitsHeading: string;
  readonly limitsText: string;
  readonly proves: string;
  readonly provesNot: string;
  readonly limits: readonly (readonly [proves: string, provesNot: string])[];
  readonly trustHeading: string;
  readonly who: string;
  readonly can: string;
  readonly cannot: string;
  readonly trust: readonly (readonly [who: string, can: string, cannot: string])[];
  readonly apiLink: string;
  readonly verifyLink: string;
}

const tables: Readonly<Record<Language, HowMessages>> = { en, ko };

export function words(): HowMessages {
  return tables[language()];
}
