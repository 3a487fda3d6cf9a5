import { equal, toHex } from '../bytes.js';
import { chainToRoot, requireNotRevoked } from './chain.js';
import { CMS, parseSignedToken, type SignedToken } from './cms.js';
import { constructed, DerError, openDer, TAG, type DerReader } from './der.js';
import { unsigned } from './der-writer.js';
import { digestOf, readDigestAlgorithm, sha1OfCertificate, type DigestName } from './digests.js';
import { TokenRefusal, type TokenFault } from './refusal.js';
import { countedDigest, verifySignature } from './signature.js';
import { parseTstInfo, type TstInfo } from './tst-info.js';
import { KEY_USAGE, parseCertificate, TIME_STAMPING, type Certificate } from './x509.js';

/** Judging a time-stamp token (RFC 3161): does it show that these bytes existed at its time? */

/** What the token must be about: the bytes themselves, or a digest of them. */
export type Stamped =
  | { readonly message: Uint8Array }
  | { readonly digest: DigestName; readonly value: Uint8Array };

export interface TokenInput {
  /** DER of the TimeStampToken, without the response around it. */
  readonly token: Uint8Array;
  readonly stamped: Stamped;
  /** Certificates that the verifier trusts: roots, or any others below them. */
  readonly roots: readonly Certificate[];
  /** DER of certificates that the token may lack. */
  readonly certificates?: readonly Uint8Array[];
  /** DER of revocation lists, beside those in the token. */
  readonly crls?: readonly Uint8Array[];
  /** The nonce of the request, as `encodeRequest` took it; absent: the token may have any or none. */
  readonly nonce?: Uint8Array;
  /** The only policy that is accepted, in dotted decimal; absent: any. */
  readonly policy?: string;
  /**
   * When the token is known to have existed, in milliseconds since the Unix epoch: `latest` of the token that
   * renews it. Absent: it may be as young as its reading.
   */
  readonly existedBy?: number;
  /** For tokens that state no accuracy: that of the authority's policy, in milliseconds; absent: 1 s. */
  readonly defaultAccuracy?: number;
  /** The worst accuracy that is accepted, in milliseconds; absent: one hour. */
  readonly worstAccuracy?: number;
}

export type TokenVerdict =
  | { readonly counts: true; readonly stamp: TimeStamp }
  /** `message`: one English sentence without its full stop. */
  | { readonly counts: false; readonly fault: TokenFault; readonly message: string };

/** Times are in milliseconds since the Unix epoch. */
export interface TimeStamp {
  /** The time that the token states, rounded down. */
  readonly time: number;
  /** The end of what the token's accuracy allows: the bytes existed no later. Rounded up. */
  readonly latest: number;
  /** In milliseconds, rounded up; null: the token states none, and `latest` rests on the policy's. */
  readonly accuracy: number | null;
  /** In hexadecimal. */
  readonly serial: string;
  readonly policy: string;
  readonly digest: DigestName;
  /** The signer first, the pinned root last. */
  readonly chain: readonly Certificate[];
  /** When the first certificate of the chain ends: renew before. */
  readonly validUntil: number;
  /**
   * As of when revocation lists show that no certificate of the chain was revoked; null: the lists at hand do
   * not show it.
   */
  readonly notRevokedAsOf: number | null;
}

/** What a token states, not judged: anybody may have made it. */
export interface TokenClaims {
  /** Milliseconds since the Unix epoch, rounded down. */
  readonly time: number;
  /** In milliseconds; null: none stated. */
  readonly accuracy: number | null;
  /** In hexadecimal. */
  readonly serial: string;
  /** In dotted decimal. */
  readonly policy: string;
  /** The name of the digest, or its object identifier when it is none that counts. */
  readonly digest: string;
  readonly imprint: Uint8Array;
}

/**
 * Reads a token without judging it.
 * @throws {DerError} also when it is another kind of CMS
 */
export function readClaims(token: Uint8Array): TokenClaims {
  try {
    const { time, accuracy, serial, policy, digest, imprint } = parseTstInfo(parseSignedToken(token).content);
    const name = digestOf(digest).algorithm?.name ?? digest;
    return { time: time.milliseconds, accuracy, serial: toHex(serial), policy, digest: name, imprint };
  } catch (error) {
    if (!(error instanceof TokenRefusal)) throw error;
    throw new DerError('wrong_structure', error.message);
  }
}

const SECOND = 1000;
const HOUR = 3_600_000;

/** Never throws for any bytes: a token that is wrong, foreign or malformed does not count, with the reason. */
export function verifyToken(input: TokenInput): TokenVerdict {
  try {
    return { counts: true, stamp: judge(input) };
  } catch (error) {
    if (!(error instanceof TokenRefusal)) throw error;
    return { counts: false, fault: error.code, message: error.message };
  }
}

/** @throws {TokenRefusal} */
function judge(input: TokenInput): TimeStamp {
  const token = structure('malformed_token', () => parseSignedToken(input.token));
  const info = structure('malformed_time_stamp', () => parseTstInfo(token.content));
  const digest = requireContent(info, input);
  const accuracy = info.accuracy ?? input.defaultAccuracy ?? SECOND;
  if (accuracy > (input.worstAccuracy ?? HOUR))
    throw new TokenRefusal('accuracy_too_low', `the time is only accurate to ${accuracy / SECOND} seconds`);

  const extra = [...token.certificates, ...(input.certificates ?? [])];
  const { signer, others } = structure('malformed_token', () => findSigner(token, extra, input.roots));
  structure('malformed_token', () => {
    requireAttributes(token);
    requireSigningCertificate(token, signer);
    requireSignature(token, signer);
  });
  requirePurpose(signer);
  requireName(info, signer);

  const { milliseconds: time, hasMore } = info.time;
  const chain = structure('malformed_certificate', () => chainToRoot(signer, others, input.roots, time));
  const crls = [...(input.crls ?? []), ...token.crls];
  return {
    time,
    latest: time + (hasMore ? 1 : 0) + accuracy,
    accuracy: info.accuracy,
    serial: toHex(info.serial),
    policy: info.policy,
    digest,
    chain,
    validUntil: Math.min(...chain.map(({ notAfter }) => notAfter)),
    notRevokedAsOf: requireNotRevoked(chain, crls, time, input.existedBy ?? null),
  };
}

/** Bytes that are no DER at all are a fault of their own; DER of another structure is the fault of the part. */
function structure<T>(fault: TokenFault, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new TokenRefusal(error.code === 'wrong_structure' ? fault : error.code, error.message);
  }
}

function requireContent(info: TstInfo, { stamped, nonce, policy }: TokenInput): DigestName {
  const digest = countedDigest(info.digest);
  const expected =
    'message' in stamped
      ? digest.hash(stamped.message)
      : stamped.digest === digest.name
        ? stamped.value
        : null;
  if (expected === null || !equal(info.imprint, expected))
    throw new TokenRefusal('imprint_mismatch', 'the token is about something else');
  if (nonce !== undefined && (info.nonce === null || !equal(info.nonce, unsigned(nonce))))
    throw new TokenRefusal('nonce_mismatch', 'the token does not have the nonce of the request');
  if (policy !== undefined && info.policy !== policy)
    throw new TokenRefusal('policy_mismatch', `the token is under policy ${info.policy}, not ${policy}`);
  const [unknown] = info.critical;
  if (unknown !== undefined) {
    throw new TokenRefusal(
      'unknown_critical_extension',
      `the token has the critical extension ${unknown}, which is not known`,
    );
  }
  return digest.name;
}

function findSigner(
  { signer: { issuer, serial, attributes } }: SignedToken,
  extra: readonly Uint8Array[],
  roots: readonly Certificate[],
): { signer: Certificate; others: Certificate[] } {
  const malformed: string[] = [];
  const others = extra.flatMap((der): Certificate[] => {
    try {
      return [parseCertificate(der)];
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      malformed.push(error.message);
      return [];
    }
  });
  const named = [...others, ...roots].filter(
    (each) => equal(each.issuer, issuer) && equal(each.serial, serial),
  );
  // An authority has used the same serial number twice, or somebody has added a certificate.
  const signer = named.find((each) => namesCertificate(attributes, each)) ?? named[0];
  if (signer !== undefined) return { signer, others };
  if (malformed[0] !== undefined) throw new TokenRefusal('malformed_certificate', malformed[0]);
  throw new TokenRefusal('signer_certificate_missing', 'the certificate of the signer is not at hand');
}

function requireAttributes({ content, signer: { attributes, digest } }: SignedToken): void {
  const value = (type: string, what: string) => {
    const found = attributes.get(type);
    if (found === undefined)
      throw new TokenRefusal('attribute_missing', `the token lacks the signed attribute ${what}`);
    return openDer(found, `the signed attribute ${what}`, found.length);
  };
  if (value(CMS.contentType, 'contentType').oid() !== CMS.timeStamp)
    throw new TokenRefusal('content_type_mismatch', 'the signed attributes are of another type of content');
  const messageDigest = value(CMS.messageDigest, 'messageDigest').content(TAG.octetString);
  if (!equal(messageDigest, countedDigest(digest).hash(content)))
    throw new TokenRefusal('message_digest_mismatch', 'the signed digest is not that of the time-stamp');
}

/** @throws {TokenRefusal} signing_certificate_missing or signing_certificate_mismatch */
function requireSigningCertificate({ signer: { attributes } }: SignedToken, signer: Certificate): void {
  const types = [CMS.signingCertificate, CMS.signingCertificateV2];
  if (!types.some((type) => attributes.has(type)))
    throw new TokenRefusal(
      'signing_certificate_missing',
      'no signed attribute names the certificate of the signer',
    );
  if (!namesCertificate(attributes, signer))
    throw new TokenRefusal('signing_certificate_mismatch', 'the signed attributes name another certificate');
}

/** Whether SigningCertificate and SigningCertificateV2 (RFC 5035), as far as they are there, name it. */
function namesCertificate(attributes: ReadonlyMap<string, Uint8Array>, certificate: Certificate): boolean {
  const [v1, v2] = [attributes.get(CMS.signingCertificate), attributes.get(CMS.signingCertificateV2)];
  return (
    (v1 === undefined || namesFirst(v1, certificate, () => sha1OfCertificate)) &&
    (v2 === undefined || namesFirst(v2, certificate, readHashOfV2))
  );
}

/** SHA-256 where none is named. */
function readHashOfV2(fields: DerReader): (data: Uint8Array) => Uint8Array {
  const named = fields.optional(TAG.sequence, () => readDigestAlgorithm(fields));
  return countedDigest(named ?? '2.16.840.1.101.3.4.2.1').hash;
}

/** The first of the certificates that the attribute lists is the signer's. */
function namesFirst(
  value: Uint8Array,
  certificate: Certificate,
  hashOf: (fields: DerReader) => (data: Uint8Array) => Uint8Array,
): boolean {
  const outer = openDer(value, 'the signed attribute signingCertificate', value.length).sequence();
  const fields = outer.sequence().sequence();
  const hash = hashOf(fields);
  const named = fields.content(TAG.octetString);
  const issuerSerial = fields.optional(TAG.sequence, () => fields.sequence());
  fields.finish();
  if (!equal(named, hash(certificate.der))) return false;
  if (issuerSerial === undefined) return true;
  // GeneralNames with one directoryName.
  const names = issuerSerial.sequence();
  const issuer = names.enter(constructed(4)).raw(TAG.sequence);
  names.finish();
  const serial = issuerSerial.integer();
  issuerSerial.finish();
  return equal(issuer, certificate.issuer) && equal(serial, certificate.serial);
}

function requireSignature({ signer }: SignedToken, certificate: Certificate): void {
  const { algorithm, digest, signed, signature } = signer;
  if (!verifySignature(certificate.key, algorithm, digest, signed, signature))
    throw new TokenRefusal('bad_signature', 'the signature of the token is not valid');
}

/** RFC 3161 §2.3: the one purpose, critical. Key usage, where stated, is for signatures only. */
function requirePurpose({ extensions: { extendedKeyUsage, keyUsage } }: Certificate): void {
  if (extendedKeyUsage === null)
    throw new TokenRefusal('purpose_missing', 'the certificate of the signer is not for time-stamping');
  const { critical, purposes } = extendedKeyUsage;
  if (!purposes.includes(TIME_STAMPING))
    throw new TokenRefusal('purpose_other', 'the certificate of the signer is not for time-stamping');
  if (purposes.length > 1)
    throw new TokenRefusal(
      'purpose_not_alone',
      'the certificate of the signer is not for time-stamping alone',
    );
  if (!critical)
    throw new TokenRefusal(
      'purpose_not_critical',
      'the purpose of the certificate of the signer is not critical',
    );
  const signing: readonly number[] = [KEY_USAGE.digitalSignature, KEY_USAGE.nonRepudiation];
  if (keyUsage !== null && (keyUsage.size === 0 || [...keyUsage].some((bit) => !signing.includes(bit))))
    throw new TokenRefusal('key_usage', 'the key of the signer is not for signatures alone');
}

/** The token's own name of its authority is a hint, but a wrong one is none (RFC 3161 §2.4.2). */
function requireName({ authority }: TstInfo, { subject }: Certificate): void {
  if (authority?.[0] !== constructed(4)) return;
  const isSame = structure('malformed_time_stamp', () => {
    const tagged = openDer(authority, 'the name of the authority', authority.length).enter(constructed(4));
    const name = tagged.raw(TAG.sequence);
    tagged.finish();
    return equal(foldedName(name), foldedName(subject));
  });
  if (!isSame)
    throw new TokenRefusal(
      'signing_certificate_mismatch',
      'the token names another authority than its certificate',
    );
}

/** Without the types of strings: one authority may write its name as PrintableString and as UTF8String. */
function foldedName(name: Uint8Array): Uint8Array {
  const folded = name.slice();
  const reader = openDer(name, 'a name', name.length);
  for (const set of reader.sequence().all((r) => r.enter(TAG.set))) {
    for (const attribute of set.all((r) => r.sequence())) {
      attribute.oid();
      const value = attribute.raw();
      folded[value.byteOffset - name.byteOffset] = TAG.utf8String;
    }
  }
  return folded;
}
