import { language, type Language } from '../lib/language.js';
import type { Count } from '../lib/format.js';
import { en } from './explorer-en.js';
import { ko } from './explorer-ko.js';

/** The words of the explorer; the names of a header's fields are in raw-values.ts. */
export interface ExplorerMessages {
  readonly title: (heading: string) => string;
  readonly heading: string;
  readonly lead: string;
  readonly loading: string;
  readonly tryAgain: string;
  readonly stateEmpty: string;
  readonly state: (blocks: Count, entries: Count, latest: string) => string;
  readonly waiting: (documents: Count) => string;
  readonly cosignedAll: string;
  readonly cosignedSome: (blocks: Count) => string;
  readonly cosignedNone: string;
  readonly live: string;
  readonly asOf: (time: string) => string;
  readonly arrived: (blocks: Count, latest: string) => string;

  readonly linksHeading: string;
  readonly linksExplained: string;
  readonly linksLabel: (from: string, to: string) => string;
  readonly linksBroken: (height: string) => string;
  readonly boxHash: string;
  readonly boxPrevious: string;
  readonly entries: (entries: Count) => string;

  readonly chartsHeading: string;
  readonly entriesChart: string;
  readonly entriesLabel: (blocks: Count, most: string) => string;
  readonly intervalChart: string;
  readonly intervalLabel: (blocks: Count, shortest: string, longest: string) => string;
  readonly chartTable: string;
  readonly bar: (height: string, entries: Count, time: string) => string;
  readonly interval: (height: string, duration: string) => string;

  readonly listHeading: string;
  readonly block: string;
  readonly sealed: string;
  readonly entryCount: string;
  readonly hash: string;
  readonly since: string;
  readonly first: string;
  readonly newer: string;
  readonly older: string;
  readonly pages: string;
  readonly goTo: string;
  readonly go: string;
  readonly goToWrong: string;

  readonly blockHeading: (height: string) => string;
  readonly allBlocks: string;
  readonly blockNavigation: string;
  readonly previousBlock: (height: string) => string;
  readonly nextBlock: (height: string) => string;
  readonly blockSentence: (entries: Count, time: string) => string;
  readonly noBlockYet: (height: string) => string;
  readonly noBlockYetExplained: string;
  readonly hashHeading: string;
  readonly hashSentence: (found: Count, asked: string) => string;
  readonly hashBits: string;
  readonly headerHeading: string;
  readonly headerExplained: string;
  readonly field: string;
  readonly value: string;
  readonly bytes: string;
  readonly version: string;
  readonly topOfTree: string;
  readonly bytesAt: (from: string, to: string) => string;
  readonly rawHeader: string;

  readonly checksHeading: string;
  readonly checking: string;
  readonly held: string;
  readonly failed: string;
  readonly workTitle: string;
  readonly workHeld: (found: Count, asked: string) => string;
  readonly workFailed: (found: Count, asked: string) => string;
  readonly successionTitle: string;
  readonly successionFirst: string;
  readonly successionHeld: (height: string) => string;
  readonly successionFailed: (height: string) => string;
  readonly rootTitle: string;
  readonly rootHeld: (entries: Count) => string;
  readonly rootFailed: string;

  readonly treeHeading: string;
  readonly treeExplained: string;
  readonly treeLabel: (entries: Count) => string;
  readonly pathLabel: (entry: string, entries: Count) => string;
  readonly chooseEntry: string;
  readonly chooseWrong: (entries: string) => string;
  readonly show: string;
  readonly showAll: string;
  readonly previousEntry: string;
  readonly nextEntry: string;
  readonly nodeEntry: (entry: string, hash: string) => string;
  readonly nodeEntries: (range: string, hash: string) => string;
  readonly legendPath: string;
  readonly legendGiven: string;
  readonly legendFolded: string;
  readonly entryLeads: (entry: string, height: string, position: string) => string;
  readonly entryFails: (entry: string) => string;
  readonly onlyEntry: string;
  readonly foldHeading: (hashes: Count) => string;
  readonly foldStart: (entry: string) => string;
  readonly foldLeft: (range: string) => string;
  readonly foldRight: (range: string) => string;
  readonly given: string;
  readonly computed: string;
}

const tables: Readonly<Record<Language, ExplorerMessages>> = { en, ko };

export function words(): ExplorerMessages {
  return tables[language()];
}
