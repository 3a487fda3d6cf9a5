import {
  blockHash,
  canonicalJson,
  cosignedBefore,
  encodeHeader,
  entryLeafHash,
  idWithDetails,
  type Policy,
  type ProofFile,
  type TimeConflict,
  toHex,
  USUAL_PROMISE_MS,
  type Verification,
} from '../proof/index.js';
import { DOCUMENT_RENEWAL } from '../proof/time/anchor.js';
import type { JudgedDocumentRenewal } from '../proof/time/document-renewal.js';
import { program } from './program.js';
import { type CertificateLanguage, type Program, type Verifier, type Words, wordsIn } from './words.js';

/** Why there is no certificate. A closed union: a new code changes the public interface. */
export type CertificateErrorCode =
  | 'not_verified' // the proof is not valid, or not vouched for by those the issuer trusts
  | 'unknown_time_zone'
  | 'time_out_of_range' // after the year 9999, which dates in a PDF cannot state
  | 'bad_address' // of the verify page or the verifier: no http or https URL, or too long to print
  | 'bad_logo' // no PNG that can be drawn
  | 'bad_signing_key' // the X.509 key or its certificates
  | 'queue_full'; // too many certificates are waiting

export class CertificateError extends Error {
  override readonly name = 'CertificateError';
  readonly code: CertificateErrorCode;

  constructor(code: CertificateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Who issues certificates, in their own words. */
export interface Issuer {
  readonly name: string;
  /** Where people can ask about the certificate; null: not stated. */
  readonly contact: string | null;
  /** A PNG in base64; null: none. */
  readonly logo: string | null;
}

/** Who signs the PDF, and when: what it states before it is signed. */
export interface SignatureClaim {
  readonly name: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

export interface CertificateInput {
  readonly proof: ProofFile;
  /** Of this proof, under the issuer's policy. Only valid cosignatures are printed. */
  readonly verification: Verification;
  /** How many members that policy names (`membersOf`). */
  readonly members: number;
  /**
   * The document's name, for a proof that discloses none. The certificate states that it is not part of
   * the proof.
   */
  readonly name?: string | null;
  /**
   * What a receipt promised that was kept for this entry, and whose signature the issuer has checked; null:
   * none. The certificate states that it is not attached.
   */
  readonly promise?: { readonly deadline: number; readonly lateMs: number } | null;
  /**
   * The name of the organization whose id the proof discloses, as the issuer knows it. Without such an id it is
   * not printed.
   */
  readonly organization?: string | null;
  /** The proof's time-stamps over the document itself; null: they were not looked at. */
  readonly documentRenewals?: readonly JudgedDocumentRenewal[] | null;
  readonly language: CertificateLanguage;
  /** IANA name of the time zone that is printed in addition to UTC. */
  readonly timeZone: string;
  /**
   * http or https address of a verify page, for the QR code; null: no QR code. Its fragment is not printed: it is
   * the digest, which stands above.
   */
  readonly verifyPage: string | null;
  /** The verifier as one file that works without a network; null: not printed. */
  readonly verifier?: Verifier | null;
  readonly issuer?: Issuer | null;
  /** The host name of the service through which the certificate is issued; null: it is not by a service. */
  readonly service?: string | null;
  /** Leaves room for a signature (signature.ts); null: none. */
  readonly signature?: SignatureClaim | null;
}

/** Everything that is printed, formatted. What needs words is a function of them. */
export interface Facts {
  /** The main language first. */
  readonly languages: readonly [Words, ...Words[]];
  /** The whole id of the notarization in the service's API: it gives the details that the proof discloses. */
  readonly id: string;
  /** The chain's name, cut off when it is long: the format does not limit its length. */
  readonly origin: string;
  readonly wholeOrigin: string;
  readonly name: string | null;
  /** Whether the proof discloses the name. */
  readonly nameProven: boolean;
  /** Whether details of the proof are printed. */
  readonly disclosed: boolean;
  readonly title: string | null;
  readonly author: string | null;
  readonly reference: string | null;
  /** `name`: null: only its id is known. */
  readonly organization: { readonly id: string; readonly name: string | null } | null;
  /** How many details are not printed. */
  readonly moreDetails: number;
  /** In bytes; null: it is not recorded. */
  readonly size: string | null;
  readonly digest: string;
  readonly accepted: Moment;
  readonly sealed: Moment;
  /** Who vouches for the time between acceptance and seal; null: there is nothing unusual to say. */
  readonly waited: ((words: Words) => string) | null;
  /** What outside evidence of time shows of the block. */
  readonly registered: {
    readonly after: Moment | null;
    readonly by: Moment | null;
    /** Owners of the sources that `by` rests on. */
    readonly sources: readonly string[];
  };
  /** `time`: before which each has signed. */
  readonly cosigned: readonly { readonly witness: string; readonly time: Moment }[];
  /** Who has confirmed the times from outside: of how many members how many, and time sources. */
  readonly confirmations: readonly ((words: Words) => string)[];
  readonly conflict: TimeConflict | null;
  /** What is known of the time-stamps over the document itself. */
  readonly documentStamps: readonly ((words: Words) => string)[];
  /** In addition to UTC; null: it is UTC itself. */
  readonly zone: string | null;
  readonly position: string;
  readonly height: string;
  readonly number: string;
  readonly count: string;
  readonly blocks: string;
  readonly difficulty: string;
  readonly blockPath: string;
  readonly logPath: string;
  readonly leafHash: string;
  readonly blockRoot: string;
  readonly blockHash: string;
  readonly logRoot: string;
  readonly key: string;
  readonly verifyPage: string | null;
  readonly verifier: Verifier | null;
  readonly program: Program;
  readonly issuer: Issuer | null;
  readonly service: string | null;
}

export interface Moment {
  /** RFC 3339 with a space, milliseconds, and UTC. */
  readonly utc: string;
  readonly local: string;
}

const MAX_ORIGIN_LENGTH = 64;

/** @throws {CertificateError} */
export function factsOf(input: CertificateInput): Facts {
  const { proof, verification, verifier = null } = input;
  const { entry, block, log, details } = proof;
  const { header } = block;
  const key = verification.steps.find(({ name }) => name === 'log_signature')?.computed;
  if (verification.verdict !== 'verified' || key === undefined)
    throw new CertificateError(
      'not_verified',
      `a certificate needs a verified proof; this one is ${verification.verdict}`,
    );
  const languages = wordsIn(input.language);
  const [{ locale }] = languages;
  const moment = momentFormat(languages.length === 1 ? locale : null, input.timeZone);
  const momentOrNull = (time: number | null | undefined) => (time == null ? null : moment(time));
  // The same in all languages here.
  const numbers = new Intl.NumberFormat(locale);
  const text = (key: string) => {
    const value = details?.[key];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const printed = ['name', 'title', 'author', 'reference'].filter((key) => text(key) !== null);
  return {
    languages,
    id: idWithDetails(
      header.firstPosition + block.index,
      entry,
      details === undefined ? null : canonicalJson(details),
    ),
    origin: shortened(log.checkpoint.origin),
    wholeOrigin: log.checkpoint.origin,
    name: text('name') ?? input.name ?? null,
    nameProven: text('name') !== null,
    disclosed: printed.length > 0,
    title: text('title'),
    author: text('author'),
    reference: text('reference'),
    organization:
      proof.account === undefined ? null : { id: proof.account, name: input.organization ?? null },
    moreDetails: Object.keys(details ?? {}).length - printed.length,
    size: entry.size === null ? null : numbers.format(entry.size),
    digest: toHex(entry.digest),
    accepted: moment(entry.acceptedAt),
    sealed: moment(header.sealedAt),
    waited: waitedSentence(input, moment, numbers),
    registered: {
      after: momentOrNull(verification.time?.notBefore),
      by: momentOrNull(verification.time?.notAfter),
      sources: verification.time?.owners ?? [],
    },
    cosigned: verification.cosignatures.map(({ witness, time }) => ({
      witness,
      time: moment(cosignedBefore(time)),
    })),
    confirmations: confirmationsOf(input, numbers),
    conflict: verification.time?.conflict ?? null,
    documentStamps: documentStampsOf(input, moment),
    zone: /^(Etc\/)?UTC$/i.test(input.timeZone) ? null : input.timeZone,
    position: String(header.firstPosition + block.index),
    height: String(header.height),
    number: numbers.format(block.index + 1),
    count: numbers.format(header.entryCount),
    blocks: numbers.format(log.checkpoint.size),
    difficulty: String(header.difficulty),
    blockPath: String(block.path.length),
    logPath: String(log.path.length),
    leafHash: toHex(entryLeafHash(entry)),
    blockRoot: toHex(header.merkleRoot),
    blockHash: toHex(blockHash(encodeHeader(header))),
    logRoot: toHex(log.checkpoint.root),
    key,
    verifyPage: addressOf(input.verifyPage),
    verifier: verifier === null ? null : { ...verifier, address: addressOf(verifier.address) },
    program: program(),
    issuer: input.issuer ?? null,
    service: input.service ?? null,
  };
}

/** How many members a policy names. What the log itself signs as one is no confirmation from outside. */
export function membersOf(policy: Policy | null, origin: string): number {
  return [...(policy?.witnesses.values() ?? [])].filter(({ name }) => name !== origin).length;
}

/** Each once: a source may have several anchors. */
function confirmationsOf(
  { verification: { cosignatures, time }, members }: CertificateInput,
  numbers: Intl.NumberFormat,
): Facts['confirmations'] {
  const sources = new Map<string, (words: Words) => string>();
  for (const anchor of time?.anchors ?? []) {
    if (!anchor.counts || anchor.bound !== 'notAfter') continue;
    const { basis, source } = anchor;
    switch (basis.type) {
      case 'token':
        sources.set(`tsa ${source}`, (words) => words.authority(source));
        break;
      case 'block': {
        const height = numbers.format(basis.height);
        const byWork = basis.standing.by === 'work';
        sources.set(`block ${basis.height}`, (words) => words.bitcoin(height, byWork));
        break;
      }
      case 'round':
        // A beacon only says that the block is not older.
        break;
    }
  }
  const [signed, all] = [numbers.format(cosignatures.length), numbers.format(members)];
  return [
    ...(cosignatures.length === 0 ? [] : [(words: Words) => words.members(signed, all)]),
    ...sources.values(),
  ];
}

function documentStampsOf(
  { proof: { anchors }, documentRenewals = null }: CertificateInput,
  moment: (milliseconds: number) => Moment,
): Facts['documentStamps'] {
  if (anchors.every(({ type }) => type !== DOCUMENT_RENEWAL)) return [];
  const looked = documentRenewals?.filter((each) => each.counts || each.fault !== 'document_missing') ?? [];
  if (looked.length === 0) return [(words) => words.documentStampUnchecked];
  const [earliest] = looked.filter((each) => each.counts).toSorted((a, b) => a.time - b.time);
  if (earliest === undefined) return [(words) => words.documentStampRefused];
  const { utc } = moment(earliest.time);
  return [(words) => words.documentStamped(utc, earliest.source)];
}

function waitedSentence(
  { proof: { entry, block }, promise = null }: CertificateInput,
  moment: (milliseconds: number) => Moment,
  numbers: Intl.NumberFormat,
): Facts['waited'] {
  const seconds = (ms: number) => numbers.format(Math.max(1, Math.floor(ms / 1000)));
  if (promise !== null) {
    const deadline = moment(promise.deadline).utc;
    const late = seconds(promise.lateMs);
    return (words) => (promise.lateMs > 0 ? words.promiseLate(deadline, late) : words.promiseKept(deadline));
  }
  const delay = block.header.sealedAt - entry.acceptedAt;
  return delay > USUAL_PROMISE_MS ? (words) => words.sealedLate(seconds(delay)) : null;
}

function addressOf(verifyPage: string | null): string | null {
  if (verifyPage === null) return null;
  const address = printedAddress(verifyPage);
  if (address === null) {
    throw new CertificateError(
      'bad_address',
      `the addresses of the verify page and the verifier must be http or https URLs of at most ${MAX_ADDRESS_LENGTH} characters`,
    );
  }
  return address;
}

function shortened(origin: string): string {
  const characters = Array.from(origin);
  return characters.length > MAX_ORIGIN_LENGTH
    ? `${characters.slice(0, MAX_ORIGIN_LENGTH).join('')}…`
    : origin;
}

/** 9999-12-31T23:59:59.999Z. Dates in a PDF have years of four digits. */
const MAX_TIME = 253_402_300_799_999;

/**
 * A function that formats times, in milliseconds since the Unix epoch.
 * @param locale null: local times in digits, for readers of all languages
 * @throws {CertificateError} unknown_time_zone at once; the function throws time_out_of_range
 */
export function momentFormat(locale: string | null, timeZone: string): (milliseconds: number) => Moment {
  const format = localFormat(locale ?? DIGITS, timeZone, locale === null ? '2-digit' : 'long');
  return (milliseconds) => {
    if (milliseconds > MAX_TIME)
      throw new CertificateError('time_out_of_range', 'a time in the proof is after the year 9999');
    return {
      utc: new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', ' UTC'),
      local: format.format(milliseconds).replace(', ', ' '),
    };
  };
}

/** Whether the time zone of this name is known. */
export function isTimeZone(name: string): boolean {
  try {
    localFormat('en', name, 'long');
    return true;
  } catch (error) {
    if (error instanceof CertificateError) return false;
    throw error;
  }
}

/** Writes dates as ISO 8601 does. */
const DIGITS = 'sv-SE';

function localFormat(locale: string, timeZone: string, month: 'long' | '2-digit'): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(locale, {
      year: 'numeric',
      month,
      day: month === 'long' ? 'numeric' : '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'short',
      timeZone,
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CertificateError('unknown_time_zone', 'the time zone is not known');
  }
}

/** The longest address whose QR code can be read from paper at the printed size. */
const MAX_ADDRESS_LENGTH = 250;

/**
 * The address of a verify page as it is printed, linked and put into the QR code: the URL parser makes it
 * ASCII. null when it is no http or https URL, or too long to print.
 */
export function printedAddress(verifyPage: string): string | null {
  const url = URL.canParse(verifyPage) ? new URL(verifyPage) : null;
  return url !== null && ['http:', 'https:'].includes(url.protocol) && url.href.length <= MAX_ADDRESS_LENGTH
    ? url.href
    : null;
}
