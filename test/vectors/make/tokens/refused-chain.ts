import { KEY_USAGE } from '../../../../src/proof/time/x509.js';
import type { TokenVector } from '../../load-tokens.js';
import { ca, CA_USAGE, certificate, CODE_SIGNING, crl, keyUsage, name, purposes, REASON, ROOT, tsa, type Extension, type Wish } from './certificates.js';
import { accepts, refused } from './expect.js';
import { ecKey, rsaWith } from './keys.js';

const LISTS = accepts('it was given no revocation lists');
const SHA1_RSA = '1.2.840.113549.1.1.5';

/** The chain from the certificate of the signer to a pinned root, at the time of the token. */
export function refusedChains(): Record<string, TokenVector> {
  const root = (extensions: readonly Extension[], wish: Partial<Wish> = {}, openssl = {}) => {
    const issuer = certificate({ subject: name('Case Root'), key: ecKey('case root'), issuer: null, extensions, ...wish });
    return [{ signer: tsa({ issuer }) }, { roots: [issuer], ...openssl }] as const;
  };
  const between = (wish: Partial<Wish> = {}) => {
    const issuer = certificate({ subject: name('Vector Intermediate'), key: ecKey('intermediate'), issuer: ROOT, serial: 5, extensions: [ca(), CA_USAGE], ...wish });
    const signer = tsa({ issuer, key: ecKey('below') });
    return { signer, certificates: [signer.der, issuer.der] };
  };
  const namesake = certificate({ subject: name('Vector Root'), key: ecKey('decoy'), issuer: null, serial: 9, extensions: [ca(), CA_USAGE] });
  const stranger = certificate({ subject: name('Stranger'), key: ecKey('stranger'), issuer: null, extensions: [ca(), CA_USAGE] });
  const unnamed = tsa({ issuer: { ...ROOT, subject: name('Vector Root 2') } });
  const weak = certificate({ subject: name('SHA-1 Root'), key: rsaWith(SHA1_RSA, 'sha1'), issuer: null, extensions: [ca(), CA_USAGE] });
  const list = (serial: number, at: string, reason?: number, invalidFrom?: string) =>
    crl(ROOT, '2027-02-01T00:00:00Z', [{ serial, at, ...(reason !== undefined && { reason }), ...(invalidFrom !== undefined && { invalidFrom }) }]);
  const revoked = (about: string, crls: readonly Uint8Array[], more: { existedBy?: string } = {}) =>
    refused('revoked', about, {}, { crls, ...more, ...LISTS });
  return {
    'expired-at-time': refused('expired', 'expired the second before', { signer: tsa({ until: '2026-06-01T11:59:59Z' }) }),
    'not-yet-valid-at-time': refused('not_yet_valid', 'valid from the second after', { signer: tsa({ from: '2026-06-01T12:00:01Z' }) }),
    'root-expired-at-time': refused('expired', 'the root had expired', ...root([ca(), CA_USAGE], { until: '2026-01-01T00:00:00Z' })),
    'intermediate-expired-at-time': refused('expired', 'the certificate between had expired', between({ until: '2026-01-01T00:00:00Z' })),
    'root-unknown': refused('untrusted_root', 'another root is pinned', {}, { roots: [stranger] }),
    'roots-none': refused('untrusted_root', 'no root is pinned', {}, { roots: [] }),
    'root-only-in-token': refused('untrusted_root', 'the root comes with the token and is not pinned', { certificates: [tsa().der, ROOT.der] }, { roots: [stranger] }),
    'self-signed-not-pinned': refused('untrusted_root', 'nobody else has signed the certificate of the signer', { signer: tsa({ issuer: null }) }),
    'name-chain-broken': refused('untrusted_root', 'signed by the key of the root, under another name', { signer: unnamed }),
    'root-namesake': refused('bad_certificate_signature', 'a root with the same name and another key', {}, { roots: [namesake] }),
    'certificate-signature-changed': refused('bad_certificate_signature', 'one bit of the signature of the certificate', { signer: tsa({ signature: (s) => s.map((byte, i) => (i === s.length - 1 ? byte ^ 1 : byte)) }) }),
    'certificate-sha1': refused('weak_algorithm', 'the certificate is signed with SHA-1', { signer: tsa({ issuer: weak }) }, { roots: [weak], ...accepts('it takes SHA-1 here') }),
    'intermediate-missing': refused('untrusted_root', 'the certificate between is not there', { ...between(), certificates: [between().signer.der] }),
    'issuer-no-basic-constraints': refused('not_a_ca', 'the issuer has no basic constraints', ...root([CA_USAGE], {}, accepts('the key usage is enough for it'))),
    'issuer-not-ca': refused('not_a_ca', 'the issuer is not an authority', between({ extensions: [{ ...ca(), value: Uint8Array.of(0x30, 0) }] })),
    'issuer-no-cert-sign': refused('not_a_ca', 'the key of the issuer is for revocation lists only', ...root([ca(), keyUsage(KEY_USAGE.crlSign)])),
    'issuer-is-a-tsa': refused('not_a_ca', 'issued by another time-stamping authority', between({ extensions: [keyUsage(KEY_USAGE.digitalSignature)] })),
    'issuer-other-purpose': refused('purpose_other', 'the issuer is for code signing', between({ extensions: [ca(), CA_USAGE, purposes(false, CODE_SIGNING)] }), accepts('it does not look at purposes of issuers')),
    'issuer-unknown-critical': refused('unknown_critical_extension', 'a critical extension of the issuer', between({ extensions: [ca(), CA_USAGE, { id: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }] })),
    'path-length': refused('path_too_long', 'one certificate more than the root allows', ...deep(ca(0))),
    'path-of-seven': refused('path_too_long', 'seven certificates', ...long(5)),
    'issuers-many': refused('path_too_long', '40 certificates of one name and key, each of which could have issued each', ...maze()),
    'revoked-before': revoked('revoked for the theft of the key before the time', [list(77, '2026-05-01T00:00:00Z', REASON.keyCompromise)], { existedBy: '2026-06-02T00:00:00Z' }),
    'revoked-stolen-later': revoked('the key was stolen later, and the token is not known from before', [list(77, '2026-12-01T00:00:00Z', REASON.keyCompromise)]),
    'revoked-stolen-known-too-late': revoked('the token is only known from the moment of the theft on', [list(77, '2026-12-01T00:00:00Z', REASON.keyCompromise)], { existedBy: '2026-12-01T00:00:00Z' }),
    'revoked-stolen-earlier-than-revoked': revoked('revoked after the renewal, but stolen before it', [list(77, '2026-12-01T00:00:00Z', REASON.keyCompromise, '2026-05-30T00:00:00Z')], { existedBy: '2026-06-15T00:00:00Z' }),
    'revoked-no-reason': revoked('revoked later without a reason: the key may be stolen', [list(77, '2026-12-01T00:00:00Z')]),
    'revoked-superseded-before': revoked('replaced before the time', [list(77, '2026-06-01T12:00:00Z', REASON.superseded)]),
    'revoked-on-one-list': revoked('one list of two names it', [crl(ROOT, '2027-03-01T00:00:00Z', []), list(77, '2026-05-01T00:00:00Z', REASON.superseded)]),
    'revoked-issuer': refused('revoked', 'the certificate between was revoked', between(), { crls: [list(5, '2026-05-01T00:00:00Z', REASON.unspecified)], ...LISTS }),
  };
}

function deep(constraint: Extension) {
  const top = certificate({ subject: name('Short Root'), key: ecKey('short'), issuer: null, extensions: [constraint, CA_USAGE] });
  const issuer = certificate({ subject: name('One Too Many'), key: ecKey('one too many'), issuer: top, extensions: [ca(), CA_USAGE] });
  const signer = tsa({ issuer });
  return [{ signer, certificates: [signer.der, issuer.der] }, { roots: [top] }] as const;
}

/** A chain with so many certificates between signer and root. */
function long(count: number) {
  const chain = [ROOT];
  for (let i = 0; i < count; i++) {
    const issuer = chain.at(-1) ?? ROOT;
    chain.push(certificate({ subject: name(`Level ${i}`), key: ecKey(`level ${i}`), issuer, extensions: [ca(), CA_USAGE] }));
  }
  const signer = tsa({ issuer: chain.at(-1) ?? ROOT });
  return [{ signer, certificates: [signer.der, ...chain.map(({ der }) => der)] }, accepts('it allows longer chains')] as const;
}

/** Followed everywhere, these certificates make 40 to the power of 5 chains. */
function maze() {
  const [subject, key] = [name('Maze'), ecKey('maze')];
  const issuers = Array.from({ length: 40 }, (_, i) => certificate({ subject, key, issuer: null, serial: 1000 + i, extensions: [ca(), CA_USAGE] }));
  const signer = tsa({ issuer: issuers[0] ?? ROOT });
  return [{ signer, certificates: [signer, ...issuers].map(({ der }) => der) }, {}] as const;
}
