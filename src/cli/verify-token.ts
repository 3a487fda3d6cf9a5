import { resolve } from 'node:path';
import { equal, type PendingProof, type ProofFile, toHex } from '../proof/index.js';
import {
  certificatesOfPem,
  DerError,
  describeName,
  DIGESTS,
  type Certificate,
  type DigestName,
  type TokenVerdict,
  verifyToken,
} from '../proof/time/rfc3161.js';
import { Failure, usageError } from './failure.js';
import { assertFile, digestFile, isRegularFile, malformed, readText } from './files.js';
import { formatTime, type Io, isoTime } from './io.js';
import { readTimeStamp, type TimeStampFile } from './time-stamp.js';
import { timeMessages } from './messages/time.js';
import { failureMessages } from './messages/failures.js';

/** `ingam verify` for a document that is itself a time-stamp (RFC 3161). Reaches no network, as verify.ts. */

export const STAMP_OPTIONS = {
  data: {
    type: 'string',
    value: 'FILE',
    help: {
      en: 'with a time-stamp as FILE: what it must be a time-stamp of',
      ko: 'FILE이 타임스탬프일 때: 타임스탬프의 대상이어야 하는 파일',
    },
  },
  'tsa-root': {
    type: 'string',
    value: 'FILE',
    help: {
      en: "with a time-stamp as FILE: the authority's certificate that you trust, in PEM",
      ko: 'FILE이 타임스탬프일 때: 신뢰하는 타임스탬프 기관의 인증서(PEM)',
    },
  },
} as const;

interface StampOptions {
  readonly data: string | undefined;
  readonly 'tsa-root': string | undefined;
  /** DER of revocation lists that the verifier has. */
  readonly crls: readonly Uint8Array[];
}

/** A time-stamp, judged as far as was asked. */
export interface Stamp extends TimeStampFile {
  readonly verdict:
    /** It counts under a certificate that the user trusts. */
    | 'good'
    /** It is for other bytes, or does not count; `reason` says why. */
    | 'bad'
    /** Nobody has said whose signature to trust. */
    | 'not_checked';
  /** One sentence without its full stop; of a good one what is said of `subject`. */
  readonly reason: string;
  /** What it is a time-stamp of, for a sentence. */
  readonly subject: string;
  readonly json: object;
}

/**
 * The time-stamp in the document's file; null: it is another document.
 * @param file as given; null: only a digest was given
 * @throws {Failure} usage, unreadable, malformed
 */
export async function readStamp(file: string | null, options: StampOptions, io: Io): Promise<Stamp | null> {
  const { data, 'tsa-root': root, crls } = options;
  const isAsked = data !== undefined || root !== undefined;
  if (file === null || file === '-') {
    if (isAsked) throw usageError(timeMessages().needTimeStamp);
    return null;
  }
  const found = await timeStampIn(file, isAsked, io);
  if (found === null) return null;
  const roots = root === undefined ? null : await readRoots(root, io);
  return judge(found, data, roots, crls, io);
}

async function timeStampIn(file: string, isAsked: boolean, io: Io): Promise<TimeStampFile | null> {
  if (isAsked) return readTimeStamp(file, io);
  if (!(await isRegularFile(resolve(io.cwd, file)))) return null;
  try {
    return await readTimeStamp(file, io);
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

async function readRoots(shown: string, io: Io): Promise<Certificate[]> {
  const text = await readText(resolve(io.cwd, shown), shown);
  try {
    return certificatesOfPem(text);
  } catch (error) {
    if (!(error instanceof DerError)) throw malformed(error, shown, 'file of certificates');
    throw new Failure('malformed', failureMessages().notValid(shown, 'file of certificates', error.message), {
      code: error.code,
      cause: error,
    });
  }
}

async function judge(
  found: TimeStampFile,
  data: string | undefined,
  roots: readonly Certificate[] | null,
  crls: readonly Uint8Array[],
  io: Io,
): Promise<Stamp> {
  const { claims, token } = found;
  const name = Object.keys(DIGESTS).find((each): each is DigestName => each === claims.digest) ?? null;
  const matches =
    data === undefined ? null : name !== null && equal(await digestOf(data, name, io), claims.imprint);
  const verdict =
    roots === null
      ? null
      : verifyToken({ token, roots, crls, stamped: { digest: name ?? 'sha256', value: claims.imprint } });
  const subject = data ?? timeMessages().bytesWith(claims.digest, toHex(claims.imprint));
  const [state, reason] = outcomeOf(matches, verdict, data ?? '');
  return { ...found, verdict: state, reason, subject, json: toJson(found, data, matches, verdict) };
}

function outcomeOf(
  matches: boolean | null,
  verdict: TokenVerdict | null,
  data: string,
): [state: Stamp['verdict'], reason: string] {
  if (matches === false) return ['bad', timeMessages().forOtherBytes(data)];
  if (verdict === null) return ['not_checked', timeMessages().signatureUnchecked];
  if (!verdict.counts) return ['bad', timeMessages().doesNotVerify(verdict.fault, verdict.message)];
  const { chain, latest } = verdict.stamp;
  const [signer] = chain;
  const who = signer === undefined ? '?' : describeName(signer.subject);
  return ['good', timeMessages().existedBy(formatTime(latest), who)];
}

function toJson(
  { claims, document }: TimeStampFile,
  data: string | undefined,
  matches: boolean | null,
  verdict: TokenVerdict | null,
) {
  return {
    time: isoTime(claims.time),
    accuracyMs: claims.accuracy,
    serial: claims.serial,
    policy: claims.policy,
    imprint: `${claims.digest}:${toHex(claims.imprint)}`,
    tokenSha256: toHex(document.sha256),
    ...(data === undefined ? {} : { data, isOfData: matches }),
    ...(verdict === null
      ? { counts: null }
      : verdict.counts
        ? { counts: true, latest: isoTime(verdict.stamp.latest) }
        : { counts: false, fault: verdict.fault, message: verdict.message }),
  };
}

/** What a report says of the time-stamp beside the proof that it is in the log. */
export function stampSentences(stamp: Stamp, { entry }: ProofFile | PendingProof): string[] {
  const { claims, subject, reason } = stamp;
  const accuracy = claims.accuracy === null ? '' : timeMessages().accurateTo(claims.accuracy / 1000);
  const difference = entry.acceptedAt - claims.time;
  return [
    timeMessages().isTimeStamp(subject, formatTime(claims.time), accuracy),
    difference === 0
      ? timeMessages().sameTime
      : timeMessages().otherTime(formatTime(entry.acceptedAt), Math.abs(difference) / 1000, difference > 0),
    stamp.verdict === 'good' ? `${timeMessages().subjectReason(subject, reason)}.` : timeMessages().giveRoot,
  ];
}

async function digestOf(shown: string, algorithm: DigestName, io: Io): Promise<Uint8Array> {
  const path = resolve(io.cwd, shown);
  await assertFile(path, shown);
  return (await digestFile(path, shown, algorithm, io.signal)).digest;
}
