import { language, type Language } from '../lib/language.js';
import type { Count } from '../lib/format.js';
import { en } from './register-en.js';
import { ko } from './register-ko.js';

type ByOrder<T> = Readonly<Record<'newest' | 'oldest', T>>;

/** The words of the register. Whole sentences; counts and times come formatted. */
export interface RegisterMessages {
  readonly title: (heading: string) => string;
  readonly heading: string;
  readonly lead: (organization: string) => string;
  readonly organization: string;
  readonly chooseOrganization: string;
  readonly actsFor: (organization: string) => string;

  readonly searchLabel: string;
  readonly searchHint: string;
  readonly search: string;
  readonly filters: string;
  readonly filtersSet: (count: Count) => string;
  readonly digestBegins: string;
  readonly digestWrong: string;
  readonly tag: string;
  readonly from: string;
  readonly to: string;
  readonly daysReversed: string;
  readonly tooLong: string;
  readonly status: string;
  readonly anyStatus: string;
  readonly onlyAccepted: string;
  readonly onlySealed: string;
  readonly applyFilters: string;
  readonly clear: string;

  readonly listLabel: string;
  readonly document: string;
  readonly accepted: string;
  readonly submittedBy: string;
  readonly order: string;
  readonly orders: ByOrder<string>;
  readonly shownAll: ByOrder<(count: Count) => string>;
  readonly shownSome: ByOrder<(count: Count) => string>;
  readonly zone: (zone: string) => string;
  readonly more: ByOrder<string>;
  readonly unnamed: (digits: string) => string;
  readonly published: string;
  readonly statusAccepted: string;
  readonly sealedIn: (block: string) => string;
  readonly cosignedBy: (signed: string, of: string) => string;
  readonly cosignedPartly: (signed: string, of: string, needed: string) => string;
  readonly you: string;
  readonly someone: string;
  readonly someKey: string;
  readonly keyNamed: (name: string) => string;
  readonly updated: string;

  readonly emptyHeading: string;
  readonly emptyExplained: string;
  readonly emptyForAuditors: string;
  readonly toNotarize: string;
  readonly nothingHeading: string;
  readonly nothingExplained: string;

  readonly back: string;
  readonly unknownHeading: string;
  readonly documentHeading: string;
  readonly digest: string;
  readonly kind: string;
  readonly kindDocument: string;
  readonly otherKind: (kind: string) => string;
  readonly size: string;
  readonly sizeUnknown: string;
  readonly fileName: string;
  readonly docTitle: string;
  readonly author: string;
  readonly reference: string;
  readonly tags: string;
  readonly note: string;
  readonly noDetails: string;
  readonly sealedAt: string;
  readonly block: string;
  readonly position: string;
  readonly id: string;
  readonly seeInChain: (entry: string, block: string) => string;

  readonly proofHeading: string;
  readonly proofLead: string;
  readonly proofPending: string;
  readonly downloadProof: string;
  readonly downloadBareProof: string;
  readonly downloadCertificate: string;
  readonly disclosed: string;
  readonly downloading: string;
  readonly downloaded: (name: string) => string;

  readonly visibilityHeading: string;
  readonly isPrivate: string;
  readonly isPublished: string;
  readonly isBare: string;
  readonly isClosed: string;
  readonly publish: string;
  readonly publishHeading: string;
  readonly publishExplained: string;
  readonly publishYes: string;
  readonly publishedNow: string;
  readonly keepPrivate: string;
  readonly privateNow: string;
  readonly notYours: string;

  readonly exportAll: string;
  readonly exportFound: string;
  readonly exportBegun: string;
  readonly exporting: (rows: Count) => string;
  readonly cancelExport: string;
  readonly exported: (rows: Count, name: string) => string;
  readonly exportCancelled: string;
  readonly exportFailed: string;

  readonly signInFirst: string;
  readonly signInExplained: string;
  readonly signIn: string;
  readonly noOrganization: string;
  readonly noOrganizationExplained: string;
  readonly noOrganizationChoose: string;
  readonly openOrganization: string;
  readonly problems: Readonly<Record<string, string>>;
}

const tables: Readonly<Record<Language, RegisterMessages>> = { en, ko };

export function words(): RegisterMessages {
  return tables[language()];
}
