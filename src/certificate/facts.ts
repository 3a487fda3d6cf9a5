import {
  blockHash,
  cosignedBefore,
  encodeHeader,
  entryLeafHash,
  notarizationId,
  type ProofFile,
  toHex,
  USUAL_PROMISE_MS,
  type Verification,
} from '../proof/index.js';
import { type Language, WORDS, type Words } from './words.js';

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
  readonly language: Language;
  /** IANA name of the time zone that is printed in addition to UTC. */
  readonly timeZone: string;
  /** http or https address of a verify page, for the QR code; null: no QR code. */
  readonly verifyPage: string | null;
  /** Where the verifier can be had as one file that works without a network; null: not printed. */
  readonly verifier?: string | null;
  readonly issuer?: Issuer | null;
  /** Leaves room for a signature (signature.ts); null: none. */
  readonly signature?: SignatureClaim | null;
}

/** Everything that is printed, formatted. */
export interface Facts {
  readonly words: Words;
  /** The id of the notarization in the service's API. */
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
  readonly organization: string | null;
  /** How many details are not printed. */
  readonly moreDetails: number;
  readonly size: string;
  readonly digest: string;
  readonly accepted: Moment;
  readonly sealed: Moment;
  /** Who vouches for the time between acceptance and seal; null: there is nothing unusual to say. */
  readonly waited: string | null;
  /** What outside evidence of time shows of the block. */
  readonly registered: {
    readonly after: Moment | null;
    readonly by: Moment | null;
    /** Owners of the sources that `by` rests on. */
    readonly sources: readonly string[];
  };
  /** `time`: before which each has signed. */
  readonly cosigned: readonly { readonly witness: string; readonly time: Moment }[];
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
  readonly verifier: string | null;
  readonly issuer: Issuer | null;
}

export interface Moment {
  /** RFC 3339 with a space, milliseconds, and UTC. */
  readonly utc: string;
  readonly local: string;
}

const MAX_ORIGIN_LENGTH = 64;

/** @throws {CertificateError} */
export function factsOf(input: CertificateInput): Facts {
  const { proof, verification, language } = input;
  const { entry, block, log, details } = proof;
  const { header } = block;
  const key = verification.steps.find(({ name }) => name === 'log_signature')?.computed;
  if (verification.verdict !== 'verified' || key === undefined)
    throw new CertificateError(
      'not_verified',
      `a certificate needs a verified proof; this one is ${verification.verdict}`,
    );
  const words = WORDS[language];
  const moment = momentFormat(words.locale, input.timeZone);
  const momentOrNull = (time: number | null | undefined) => (time == null ? null : moment(time));
  const numbers = new Intl.NumberFormat(words.locale);
  const text = (key: string) => {
    const value = details?.[key];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const printed = ['name', 'title', 'author', 'reference'].filter((key) => text(key) !== null);
  return {
    words,
    id: notarizationId(header.firstPosition + block.index, entry.salt),
    origin: shortened(log.checkpoint.origin),
    wholeOrigin: log.checkpoint.origin,
    name: text('name') ?? input.name ?? null,
    nameProven: text('name') !== null,
    disclosed: printed.length > 0,
    title: text('title'),
    author: text('author'),
    reference: text('reference'),
    organization: proof.account ?? null,
    moreDetails: Object.keys(details ?? {}).length - printed.length,
    size: entry.size === null ? words.sizeUnknown : words.bytes(numbers.format(entry.size)),
    digest: toHex(entry.digest),
    accepted: moment(entry.acceptedAt),
    sealed: moment(header.sealedAt),
    waited: waitedSentence(input, words, moment, numbers),
    registered: {
      after: momentOrNull(verification.time?.notBefore),
      by: momentOrNull(verification.time?.notAfter),
      sources: verification.time?.owners ?? [],
    },
    cosigned: verification.cosignatures.map(({ witness, time }) => ({
      witness,
      time: moment(cosignedBefore(time)),
    })),
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
    verifier: addressOf(input.verifier ?? null),
    issuer: input.issuer ?? null,
  };
}

function waitedSentence(
  { proof: { entry, block }, promise = null }: CertificateInput,
  words: Words,
  moment: (milliseconds: number) => Moment,
  numbers: Intl.NumberFormat,
): string | null {
  const seconds = (ms: number) => numbers.format(Math.max(1, Math.floor(ms / 1000)));
  if (promise !== null) {
    const deadline = moment(promise.deadline).utc;
    return promise.lateMs > 0
      ? words.promiseLate(deadline, seconds(promise.lateMs))
      : words.promiseKept(deadline);
  }
  const delay = block.header.sealedAt - entry.acceptedAt;
  return delay > USUAL_PROMISE_MS ? words.sealedLate(seconds(delay)) : null;
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
 * @throws {CertificateError} unknown_time_zone at once; the function throws time_out_of_range
 */
function momentFormat(locale: string, timeZone: string): (milliseconds: number) => Moment {
  const format = localFormat(locale, timeZone);
  return (milliseconds) => {
    if (milliseconds > MAX_TIME)
      throw new CertificateError('time_out_of_range', 'a time in the proof is after the year 9999');
    return {
      utc: new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', ' UTC'),
      local: format.format(milliseconds),
    };
  };
}

/** Whether the time zone of this name is known. */
export function isTimeZone(name: string): boolean {
  try {
    localFormat('en', name);
    return true;
  } catch (error) {
    if (error instanceof CertificateError) return false;
    throw error;
  }
}

function localFormat(locale: string, timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(locale, {
      year: 'numeric',
      month: 'long',
      day: 'numeric',
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
