import { compareBytes, utf8 } from '../../../../src/proof/index.js';
import { element, integer, octetString, oid, sequence } from '../../../../src/proof/time/der-writer.js';
import { constructed } from '../../../../src/proof/time/der.js';
import { KEY_USAGE } from '../../../../src/proof/time/x509.js';
import type { TokenVector } from '../../load-tokens.js';
import { ca, CA_USAGE, certificate, crl, encodeExtension, keyUsage, name, REASON, ROOT, SIGNING, STAMPING, TSA, tsa } from './certificates.js';
import { counted, refuses } from './expect.js';
import { ecKey, pssKey, RSA_3072_KEY, RSA_ENCRYPTION, RSA_KEY } from './keys.js';
import { accuracy, attribute, imprintOf, NONCE, POLICY, stated, v1Of, v2Of } from './token.js';

const PSS = refuses('its code for CMS knows no PSS');

export function countedTokens(): Record<string, TokenVector> {
  const intermediate = certificate({ subject: name('Vector Intermediate'), key: ecKey('intermediate'), issuer: ROOT, serial: 5, extensions: [ca(0), CA_USAGE] });
  const below = tsa({ issuer: intermediate, key: ecKey('below') });
  const rsa = tsa({ key: RSA_KEY });
  const rsaRoot = certificate({ subject: name('RSA Root'), key: RSA_3072_KEY, issuer: null, digest: 'sha512', extensions: [ca(), CA_USAGE] });
  const rsaChain = tsa({ key: RSA_3072_KEY, issuer: rsaRoot, digest: 'sha512' });
  const pss = tsa({ key: pssKey() });
  const pssRoot = certificate({ subject: name('PSS Root'), key: pssKey(), issuer: null, extensions: [ca(), CA_USAGE] });
  const own = tsa({ issuer: null });
  const decoy = certificate({ subject: name('Vector Root'), key: ecKey('decoy'), issuer: null, serial: 9, extensions: [ca(), CA_USAGE] });
  const longRoot = certificate({ subject: name('Long Root'), key: ecKey('long'), issuer: null, until: '2070-01-01T00:00:00Z', extensions: [ca(), CA_USAGE] });
  const twin = tsa({ key: ecKey('twin') });
  const late = '2027-02-01T00:00:00.000Z';
  const revoked = (reason: number | undefined, at: string, invalidFrom?: string) =>
    crl(ROOT, '2027-02-01T00:00:00Z', [
      { serial: 3, at: '2021-01-01T00:00:00Z', reason: 1 },
      { serial: 77, at, ...(reason !== undefined && { reason }), ...(invalidFrom !== undefined && { invalidFrom }) },
    ]);
  const scoped = (value: Uint8Array) => crl(ROOT, '2027-02-01T00:00:00Z', [], [{ id: '2.5.29.28', critical: true, value }]);
  const pointed = tsa({ extensions: [SIGNING, STAMPING, { id: '2.5.29.31', critical: false, value: sequence(sequence(POINT)) }] });
  const signedBy = (holder: typeof TSA) => ({ signer: holder });
  const harmless = { id: '1.3.6.1.5.5.7.1.3', critical: false, value: sequence(sequence(oid('0.4.0.19422.1.1'))) };
  return {
    plain: counted('P-256, SHA-256, SigningCertificateV2'),
    'p-384': counted('P-384 with SHA-384', { signer: tsa({ key: ecKey('tsa', 'P-384'), digest: 'sha384' }), digest: 'sha384' }),
    'p-521': counted('P-521 with SHA-512', { signer: tsa({ key: ecKey('tsa', 'P-521') }), digest: 'sha512' }),
    'p-256-sha512': counted('a digest that is longer than the group of the curve is cut', { digest: 'sha512' }),
    'high-s': counted('a signature with the larger of its two values of s', signedBy(tsa({ key: ecKey('tsa', 'P-256', true) }))),
    rsa: counted('RSA-2048, PKCS#1 v1.5, algorithm rsaEncryption', { signer: rsa, algorithm: RSA_ENCRYPTION }),
    'rsa-named-digest': counted('the algorithm names its digest', signedBy(rsa)),
    'rsa-3072-sha512': counted('RSA-3072 with SHA-512, as the certificates', { signer: rsaChain, digest: 'sha512' }, { roots: [rsaRoot] }),
    'rsa-pss': counted('RSA-PSS', signedBy(pss), PSS),
    'rsa-pss-chain': counted('a certificate signed with RSA-PSS', signedBy(tsa({ issuer: pssRoot })), { roots: [pssRoot] }),
    'sha384-imprint': counted('an imprint of SHA-384', { info: { imprint: imprintOf('sha384') } }),
    'sha512-imprint': counted('an imprint of SHA-512', { info: { imprint: imprintOf('sha512') } }),
    'nonce-and-policy': counted('nonce and policy as they were asked for', {}, { nonce: NONCE, policy: POLICY }),
    'no-nonce': counted('no nonce, and none asked for', { info: { nonce: null } }),
    fraction: counted('a time with a fraction', { info: { time: stated('20260601120000.25Z') } }, {}, { time: '2026-06-01T12:00:00.250Z', latest: '2026-06-01T12:00:01.250Z' }),
    nanoseconds: counted('a time of nanoseconds is rounded up in what it shows', { info: { time: stated('20260601120000.000000001Z') } }, {}, { latest: '2026-06-01T12:00:01.001Z' }),
    'accuracy-absent': counted('no accuracy: not 0, but that of the policy', { info: { accuracy: null } }, {}, { accuracy: null }),
    'accuracy-empty': counted('an accuracy without parts states none', { info: { accuracy: accuracy(null) } }, {}, { accuracy: null }),
    'accuracy-parts': counted('2 s, 999 ms and 1 µs', { info: { accuracy: accuracy(2, 999, 1) } }, {}, { accuracy: 3000, latest: '2026-06-01T12:00:03.000Z' }),
    'accuracy-an-hour': counted('the worst accuracy that counts', { info: { accuracy: sequence(integer(3600)) } }, {}, { accuracy: 3_600_000, latest: '2026-06-01T13:00:00.000Z' }),
    ordering: counted('with ordering', { info: { ordering: Uint8Array.of(1, 1, 0xff) } }),
    'extension-not-critical': counted('an extension that is not critical', { info: { extensions: element(constructed(1), encodeExtension(harmless)) } }),
    'authority-name': counted('the name of the authority', { info: { authority: element(constructed(0), element(constructed(4), TSA.subject)) } }),
    'authority-name-other-string': counted('its name in another type of string', { info: { authority: element(constructed(0), element(constructed(4), name('Vector TSA', 0x13))) } }),
    'ess-v1': counted('the old attribute, with SHA-1, beside a signature with SHA-256', { attributes: { v1: v1Of(TSA), v2: null } }),
    'ess-both': counted('both attributes', { attributes: { v1: v1Of(TSA) } }),
    'ess-sha512': counted('the attribute names SHA-512', { attributes: { v2: v2Of(TSA, 'sha512') } }),
    'ess-sha256-named': counted('the attribute names SHA-256, which it may leave out', { attributes: { v2: v2Of(TSA, 'sha256') } }),
    'unknown-attributes': counted('further attributes, signed and unsigned', { order: (list) => [attribute('1.2.840.113549.1.9.5', element(0x17, utf8('260601120000Z'))), ...list].sort(compareBytes), unsigned: attribute('1.2.3.4', integer(1)) }),
    intermediate: counted('a certificate between signer and root', { signer: below, certificates: [below.der, intermediate.der] }),
    'intermediate-given': counted('the certificate between is given beside the token', signedBy(below), { certificates: [intermediate.der] }),
    'intermediate-pinned': counted('the certificate between is the pinned one', signedBy(below), { roots: [intermediate] }),
    'signer-pinned': counted('the certificate of the signer is the pinned one', {}, { roots: [TSA] }),
    'signer-pinned-self-signed': counted('a certificate that nobody else has signed, pinned', signedBy(own), { roots: [own] }),
    'certificates-absent': counted('no certificate in the token: that of the signer is given beside it', { certificates: null }, { certificates: [TSA.der] }),
    'certificates-foreign': counted('certificates that have nothing to do with it', { certificates: [decoy.der, below.der, TSA.der, own.der] }),
    'certificates-twin': counted('another certificate with the same issuer and serial number: the attribute tells which', { certificates: [twin.der, TSA.der] }, refuses('it takes the first one')),
    'root-namesake': counted('two roots with one name, of which one has signed', {}, { roots: [decoy, ROOT], ...refuses('it tries one root of a name') }),
    'key-usage-absent': counted('no key usage', signedBy(tsa({ extensions: [STAMPING] }))),
    'key-usage-non-repudiation': counted('digitalSignature and nonRepudiation', signedBy(tsa({ extensions: [keyUsage(KEY_USAGE.digitalSignature, KEY_USAGE.nonRepudiation), STAMPING] }))),
    'expired-later': counted('the certificate expired a year after, which does not matter', signedBy(tsa({ until: '2027-06-01T00:00:00Z' }))),
    'last-second': counted('in the last second of the certificate', { signer: tsa({ until: '2026-06-01T12:00:00Z' }), info: { time: stated('20260601120000.999Z') } }, refuses('it takes this second as past the end'), { time: '2026-06-01T12:00:00.999Z', latest: '2026-06-01T12:00:01.999Z' }),
    'first-second': counted('in the first second of the certificate', signedBy(tsa({ from: '2026-06-01T12:00:00Z' }))),
    'year-2055': counted('times after 2049, which certificates write in another way', { signer: tsa({ until: '2060-01-01T00:00:00Z', issuer: longRoot }), info: { time: stated('20550601120000Z') } }, { roots: [longRoot] }, { time: '2055-06-01T12:00:00.000Z', latest: '2055-06-01T12:00:01.000Z' }),
    'crl-good': counted('a revocation list that does not name the certificate', {}, { crls: [crl(ROOT, '2027-02-01T00:00:00Z', [{ serial: 78, at: '2025-02-01T00:00:00Z' }])] }, { notRevokedAsOf: late }),
    'crl-in-token': counted('the list is in the token', { crls: [crl(ROOT, '2027-02-01T00:00:00Z', [])] }, {}, { notRevokedAsOf: late }),
    'crl-superseded-later': counted('revoked later because another certificate took its place', {}, { crls: [revoked(REASON.superseded, '2026-12-01T00:00:00Z')] }, { notRevokedAsOf: late }),
    'crl-cessation-later': counted('revoked later because the authority closed', {}, { crls: [revoked(REASON.cessationOfOperation, '2026-12-01T00:00:00Z')] }, { notRevokedAsOf: late }),
    'crl-stolen-later-known': counted('the key was stolen, but the token is known from before', {}, { crls: [revoked(REASON.keyCompromise, '2026-12-01T00:00:00Z')], existedBy: '2026-11-30T23:59:59Z' }, { notRevokedAsOf: late }),
    'crl-no-reason-later-known': counted('revoked without a reason, but the token is known from before', {}, { crls: [revoked(undefined, '2026-12-01T00:00:00Z')], existedBy: '2026-11-30T23:59:59Z' }, { notRevokedAsOf: late }),
    'crl-forged': counted('a list that its issuer has not signed says nothing', {}, { crls: [crl(ROOT, '2027-02-01T00:00:00Z', [{ serial: 77, at: '2026-01-01T00:00:00Z' }], [], ecKey('forger'))] }),
    'crl-foreign': counted('a list of another issuer says nothing', {}, { crls: [crl(decoyOf('Other Root'), '2027-02-01T00:00:00Z', [{ serial: 77, at: '2026-01-01T00:00:00Z' }])] }),
    'crl-garbage': counted('a list that is none says nothing', {}, { crls: [utf8('no list'), new Uint8Array(), octetString(new Uint8Array(8))] }),
    'crl-critical-extension': counted('a list with an unknown critical extension says nothing', {}, { crls: [crl(ROOT, '2027-02-01T00:00:00Z', [{ serial: 77, at: '2026-01-01T00:00:00Z' }], [{ id: '2.5.29.27', critical: true, value: integer(1) }])] }),
    'crl-point': counted('a list of the distribution point that the certificate names', signedBy(pointed), { crls: [scoped(sequence(POINT))] }, { notRevokedAsOf: late }),
    'crl-point-other': counted('a list of another distribution point does not show that the certificate is good', {}, { crls: [scoped(sequence(POINT))] }),
    'crl-users-only': counted('a list of all certificates but those of authorities', {}, { crls: [scoped(sequence(Uint8Array.of(0x81, 1, 0xff)))] }, { notRevokedAsOf: late }),
    'crl-authorities-only': counted('a list of authorities does not show that the certificate is good', {}, { crls: [scoped(sequence(Uint8Array.of(0x82, 1, 0xff)))] }),
    'crl-some-reasons': counted('a list for some reasons does not show that the certificate is good', {}, { crls: [scoped(sequence(Uint8Array.of(0x83, 2, 4, 0x10)))] }),
    'crl-indirect': counted('a list of several authorities says nothing', {}, { crls: [crl(ROOT, '2027-02-01T00:00:00Z', [{ serial: 77, at: '2026-01-01T00:00:00Z' }], [{ id: '2.5.29.28', critical: true, value: sequence(Uint8Array.of(0x84, 1, 0xff)) }])] }),
  };
}

const decoyOf = (subject: string) => certificate({ subject: name(subject), key: ecKey('root'), issuer: null, extensions: [ca(), CA_USAGE] });

/** The DER DistributionPointName of a list. */
const POINT = element(constructed(0), element(constructed(0), element(0x86, utf8('http://crl.example/root.crl'))));
