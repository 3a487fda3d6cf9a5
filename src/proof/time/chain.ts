import { equal } from '../bytes.js';
import { askCrl } from './crl.js';
import { TokenRefusal } from './refusal.js';
import { verifySignature } from './signature.js';
import { ANY_PURPOSE, KEY_USAGE, TIME_STAMPING, type Certificate } from './x509.js';

/**
 * The chain from the certificate of a time-stamping authority to a pinned root: RFC 5280 §6, reduced to what
 * RFC 3161 §2.3 needs. It is judged at the time that the token states, never now.
 */

/** Certificates of a chain, the signer and the root among them. */
const MAX_LENGTH = 6;
/** Signatures of certificates that are checked for one token: what a hostile token can cost. */
const MAX_CHECKS = 16;
/** Lists that are looked at for one token. */
const MAX_CRLS = 32;

/**
 * A pinned root is a certificate that the verifier trusts as it is: the root of an authority, but also one
 * below it, or that of the signer itself.
 * @param others certificates that may be in the chain, from anybody
 * @param time milliseconds since the Unix epoch
 * @returns the signer first, the pinned root last
 * @throws {TokenRefusal} for the first chain that was tried, when none holds
 */
export function chainToRoot(
  signer: Certificate,
  others: readonly Certificate[],
  roots: readonly Certificate[],
  time: number,
): Certificate[] {
  let checks = 0;
  const refusals: TokenRefusal[] = [];
  const isRoot = (certificate: Certificate) => roots.some(({ der }) => equal(der, certificate.der));

  const extend = (path: readonly Certificate[], last: Certificate): Certificate[] | null => {
    if (isRoot(last)) return [...path];
    for (const issuer of [...roots, ...others]) {
      if (!equal(issuer.subject, last.issuer) || path.some(({ der }) => equal(der, issuer.der))) continue;
      if (checks >= MAX_CHECKS) break;
      checks++;
      try {
        requireIssuer(issuer, last, path, time);
      } catch (error) {
        if (!(error instanceof TokenRefusal)) throw error;
        refusals.push(error);
        continue;
      }
      const found = extend([...path, issuer], issuer);
      if (found !== null) return found;
    }
    return null;
  };

  requireValid(signer, time);
  const found = extend([signer], signer);
  if (found !== null) return found;
  throw (
    refusals[0] ??
    new TokenRefusal('untrusted_root', 'no chain leads from the certificate of the signer to a pinned root')
  );
}

function requireIssuer(
  issuer: Certificate,
  subject: Certificate,
  path: readonly Certificate[],
  time: number,
): void {
  const { basicConstraints, keyUsage, extendedKeyUsage } = issuer.extensions;
  if (basicConstraints?.isCa !== true)
    throw new TokenRefusal('not_a_ca', 'the issuer of a certificate is not a certification authority');
  if (keyUsage !== null && !keyUsage.has(KEY_USAGE.keyCertSign))
    throw new TokenRefusal(
      'not_a_ca',
      'the key of the issuer of a certificate is not for signing certificates',
    );
  const purposes = extendedKeyUsage?.purposes ?? [ANY_PURPOSE];
  if (!purposes.includes(TIME_STAMPING) && !purposes.includes(ANY_PURPOSE))
    throw new TokenRefusal('purpose_other', 'the issuer of a certificate is not for time-stamping');
  // Certificates between the issuer and the signer, without those that an authority issued to itself.
  const between = path.slice(1).filter((each) => !equal(each.subject, each.issuer)).length;
  if (path.length === MAX_LENGTH || between > (basicConstraints.pathLength ?? MAX_LENGTH))
    throw new TokenRefusal('path_too_long', 'the chain of certificates is longer than an issuer allows');
  requireValid(issuer, time);
  if (!verifySignature(issuer.key, subject.signatureAlgorithm, null, subject.signed, subject.signature))
    throw new TokenRefusal('bad_certificate_signature', 'the signature of a certificate is not valid');
}

function requireValid({ extensions, notBefore, notAfter }: Certificate, time: number): void {
  const [unknown] = extensions.unknownCritical;
  if (unknown !== undefined) {
    throw new TokenRefusal(
      'unknown_critical_extension',
      `a certificate has the critical extension ${unknown}, which is not known`,
    );
  }
  if (time < notBefore)
    throw new TokenRefusal(
      'not_yet_valid',
      'a certificate of the chain was not yet valid at the time of the time-stamp',
    );
  // The second of notAfter belongs to the validity.
  if (time >= notAfter + 1000)
    throw new TokenRefusal('expired', 'a certificate of the chain had expired at the time of the time-stamp');
}

/**
 * Requires that no list revokes a certificate of the chain in a way that touches a token of this time. After
 * the theft of a key, tokens of any time can be forged: then only a token counts that is known from before.
 * @param chain from `chainToRoot`
 * @param crls from anybody; those that are not signed by an issuer of the chain say nothing
 * @param time of the token, milliseconds since the Unix epoch
 * @param existedBy when the token is known to have existed, such as the time of its renewal; null: unknown
 * @returns as of when the lists show all certificates but the root to be good, milliseconds since the Unix
 *   epoch; null: the lists do not show it
 * @throws {TokenRefusal} revoked
 */
export function requireNotRevoked(
  chain: readonly Certificate[],
  crls: readonly Uint8Array[],
  time: number,
  existedBy: number | null,
): number | null {
  let asOf: number | null = Number.POSITIVE_INFINITY;
  for (const [i, certificate] of chain.entries()) {
    const issuer = chain[i + 1];
    if (issuer === undefined) break;
    const answers = crls.slice(0, MAX_CRLS).flatMap((crl) => askCrl(crl, certificate, issuer) ?? []);
    for (const { revocation } of answers) {
      if (revocation === null) continue;
      const { since, keyMayBeStolen } = revocation;
      const known = keyMayBeStolen ? existedBy : time;
      if (known === null || known >= since) {
        const when = new Date(since).toISOString();
        throw new TokenRefusal(
          'revoked',
          keyMayBeStolen
            ? `a certificate was revoked from ${when} on, and its key may be stolen; the token is not known from before`
            : `a certificate was revoked from ${when} on, before the time of the time-stamp`,
        );
      }
    }
    const complete = answers.filter(({ isComplete }) => isComplete).map((answer) => answer.asOf);
    asOf = complete.length === 0 || asOf === null ? null : Math.min(asOf, Math.max(...complete));
  }
  return asOf === Number.POSITIVE_INFINITY ? null : asOf;
}
