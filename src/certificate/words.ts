import { en } from './words-en.js';
import { ko } from './words-ko.js';

export type Language = 'en' | 'ko';

/** All that a certificate says. Whole sentences only; times, numbers and names come in as they are printed. */
export interface Words {
  readonly locale: string;
  readonly title: string;
  readonly number: (position: string) => string;
  readonly lead: (origin: string, block: string, sealed: string) => string;
  readonly document: string;
  readonly nameWithheld: string;
  readonly nameNotInProof: string;
  readonly documentTitle: string;
  readonly author: string;
  readonly reference: string;
  readonly size: string;
  readonly bytes: (count: string) => string;
  readonly sizeUnknown: string;
  readonly account: string;
  readonly moreDetails: (count: string) => string;
  readonly digest: string;
  readonly times: string;
  readonly utc: string;
  readonly accepted: string;
  readonly sealed: string;
  readonly cosignedBy: (witness: string) => string;
  readonly furtherCosigners: (count: string) => string;
  readonly place: string;
  readonly chain: string;
  readonly block: string;
  readonly blockOf: (height: string, number: string, count: string) => string;
  readonly position: string;
  readonly signatures: string;
  readonly signedBy: string;
  readonly cosigners: string;
  readonly noCosigners: (origin: string) => string;
  readonly cosigned: (count: string) => string;
  readonly verifyHere: string;
  readonly verifyHereExplained: string;
  readonly verifyCommand: string;
  readonly qrCode: (address: string) => string;
  readonly issuedBy: string;
  readonly notANotary: string;
  readonly shows: string;
  readonly showsList: (f: {
    readonly origin: string;
    readonly block: string;
    readonly sealed: string;
    readonly blocks: string;
    readonly details: boolean;
  }) => readonly string[];
  readonly showsNot: string;
  readonly showsNotList: (f: {
    readonly origin: string;
    readonly witnesses: readonly string[];
  }) => readonly string[];
  readonly check: string;
  readonly checkList: readonly string[];
  readonly steps: string;
  readonly stepsExplained: string;
  readonly stepDocument: string;
  readonly stepEntry: string;
  readonly stepBlockRoot: (hashes: string, count: string) => string;
  readonly stepBlock: (height: string, bits: string) => string;
  readonly stepChain: (hashes: string, blocks: string) => string;
  readonly stepSignature: string;
  readonly page: (number: string, count: string) => string;
  readonly attachment: string;
}

export const WORDS: Readonly<Record<Language, Words>> = { en, ko };
