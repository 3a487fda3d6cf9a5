import { compareBytes, utf8 } from '../../../../src/proof/index.js';
import { element, integer, nullValue, octetString, oid, sequence, setOf } from '../../../../src/proof/time/der-writer.js';
import { constructed } from '../../../../src/proof/time/der.js';
import { CMS } from '../../../../src/proof/time/cms.js';
import { KEY_USAGE, TIME_STAMPING } from '../../../../src/proof/time/x509.js';
import type { TokenVector } from '../../load-tokens.js';
import { ca, CODE_SIGNING, keyUsage, purposes, SIGNING, STAMPING, TSA, tsa, type Extension } from './certificates.js';
import { sha256 } from '../keys.js';
import { accepts, refused } from './expect.js';
import { compressed, ecKey, EDWARDS_KEY, offCurve, pssKey, pssParameters, RSA_KEY, rsaWith, WEAK_KEY, withExponent } from './keys.js';
import { attribute, v1Of, v2Of } from './token.js';

const SHA1_RSA = '1.2.840.113549.1.1.5';
const PSS = '1.2.840.113549.1.1.10';

/** The signature, and what the certificate of the signer is for. */
export function refusedSigners(): Record<string, TokenVector> {
  const other = tsa({ key: ecKey('other'), serial: 78 });
  const rsa = tsa({ key: RSA_KEY });
  const signed = (...extensions: Extension[]) => ({ signer: tsa({ extensions }) });
  const changed = (signature: Uint8Array) => signature.map((byte, i) => (i === signature.length - 1 ? byte ^ 1 : byte));
  const broken = (edit: (signature: Uint8Array) => Uint8Array, wish = {}) => ({ ...wish, signature: edit });
  return {
    'eku-missing': refused('purpose_missing', 'no extended key usage', signed(SIGNING)),
    'eku-not-critical': refused('purpose_not_critical', 'extended key usage that is not critical', signed(SIGNING, purposes(false, TIME_STAMPING))),
    'eku-second-purpose': refused('purpose_not_alone', 'a second purpose', signed(SIGNING, purposes(true, TIME_STAMPING, CODE_SIGNING))),
    'eku-other-purpose': refused('purpose_other', 'another purpose', signed(SIGNING, purposes(true, CODE_SIGNING))),
    'eku-any-purpose': refused('purpose_other', 'any purpose', signed(SIGNING, purposes(true, '2.5.29.37.0'))),
    'key-usage-encipherment': refused('key_usage', 'the key is for encryption too', signed(keyUsage(KEY_USAGE.digitalSignature, 2), STAMPING)),
    'key-usage-cert-sign': refused('key_usage', 'the key is for signing certificates too', signed(keyUsage(KEY_USAGE.digitalSignature, KEY_USAGE.keyCertSign), STAMPING, ca())),
    'key-usage-empty': refused('key_usage', 'the key is for nothing', signed(keyUsage(), STAMPING)),
    'ess-missing': refused('signing_certificate_missing', 'no attribute names the certificate', { attributes: { v2: null } }),
    'ess-other': refused('signing_certificate_mismatch', 'the attribute names another certificate', { attributes: { v2: v2Of(other) } }),
    'ess-v1-other': refused('signing_certificate_mismatch', 'the old attribute names another certificate', { attributes: { v1: v1Of(other), v2: null } }),
    'ess-disagree': refused('signing_certificate_mismatch', 'the two attributes name two certificates', { attributes: { v1: v1Of(other) } }),
    'ess-issuer-other': refused('signing_certificate_mismatch', 'the digest of the certificate beside the serial number of another', { attributes: { v2: v2Of(TSA, null, other) } }),
    'ess-second': refused('signing_certificate_mismatch', 'the certificate is named second', { attributes: { v2: attribute(CMS.signingCertificateV2, sequence(sequence(...[other, TSA].map(({ der }) => sequence(octetString(sha256(der))))))) } }),
    'ess-sha1-in-v2': refused('weak_algorithm', 'the new attribute with SHA-1', { attributes: { v2: attribute(CMS.signingCertificateV2, sequence(sequence(sequence(sequence(oid('1.3.14.3.2.26')), octetString(new Uint8Array(20)))))) } }),
    'ess-empty': refused('malformed_token', 'the attribute names no certificate', { attributes: { v2: attribute(CMS.signingCertificateV2, sequence(sequence())) } }),
    'attributes-absent': refused('attribute_missing', 'no signed attributes at all', { order: () => [] }),
    'content-type-missing': refused('attribute_missing', 'no content type', { attributes: { contentType: null } }, accepts('it does not look at this attribute')),
    'message-digest-missing': refused('attribute_missing', 'no digest of the content', { attributes: { messageDigest: null } }),
    'content-type-other': refused('content_type_mismatch', 'another content type', { attributes: { contentType: attribute(CMS.contentType, oid('1.2.840.113549.1.7.1')) } }, accepts('it does not look at this attribute')),
    'message-digest-other': refused('message_digest_mismatch', 'the digest of other content', { attributes: { messageDigest: attribute(CMS.messageDigest, octetString(sha256(utf8('other')))) } }),
    'attribute-twice': refused('malformed_token', 'the content type twice', { order: (list) => [...list, attribute(CMS.contentType, oid(CMS.signedData))].sort(compareBytes) }, accepts('it does not look at this attribute')),
    'attribute-two-values': refused('malformed_token', 'two digests of the content', { attributes: { messageDigest: attribute(CMS.messageDigest, octetString(new Uint8Array(32)), octetString(sha256(utf8('x')))) } }),
    'attribute-no-value': refused('malformed_token', 'a content type without a value', { attributes: { contentType: sequence(oid(CMS.contentType), setOf()) } }, accepts('it does not look at this attribute')),
    'signature-changed': refused('bad_signature', 'one bit of the signature', broken(changed)),
    'signature-of-another-key': refused('bad_signature', 'the certificate names the key of somebody else', { signer: { ...TSA, key: ecKey('thief') } }),
    'signature-empty': refused('bad_signature', 'an empty signature', broken(() => new Uint8Array())),
    'signature-zero': refused('bad_signature', 'r and s are 0', broken(() => sequence(integer(0), integer(0)))),
    'signature-compact': refused('bad_signature', 'r and s without DER', broken((s) => s.subarray(-64))),
    'signature-trailing-byte': refused('bad_signature', 'a byte behind the signature', broken((s) => Uint8Array.from([...s, 0]))),
    'rsa-changed': refused('bad_signature', 'one bit of an RSA signature', broken(changed, { signer: rsa })),
    'rsa-short': refused('bad_signature', 'an RSA signature without its last byte', broken((s) => s.subarray(0, -1), { signer: rsa })),
    'rsa-larger-than-modulus': refused('bad_signature', 'an RSA signature above the modulus', broken((s) => s.fill(0xff), { signer: rsa })),
    'rsa-of-other-digest': refused('bad_signature', 'the encoding within the RSA signature names another digest', { signer: { ...rsa, key: { ...rsa.key, sign: (message) => RSA_KEY.sign(message, 'sha512') } } }),
    'pss-as-pkcs1': refused('bad_signature', 'a PSS signature under the name of PKCS#1', { signer: { ...rsa, key: { ...pssKey(), algorithm: RSA_KEY.algorithm } } }),
    'pss-changed': refused('bad_signature', 'one bit of a PSS signature', broken(changed, { signer: { ...rsa, key: pssKey() } })),
    'pss-salt-other': refused('bad_signature', 'another length of the salt than stated', { signer: { ...rsa, key: pssKey(() => sequence(...pssParts(), element(constructed(2), integer(32)))) } }),
    'pss-default-parameters': refused('weak_algorithm', 'PSS without parameters, which means SHA-1', { signer: { ...rsa, key: pssKey(() => sequence()) } }),
    'pss-parameters-absent': refused('weak_algorithm', 'PSS without even empty parameters', { signer: { ...rsa, key: pssKey(() => null) } }),
    'pss-two-digests': refused('unsupported_algorithm', 'PSS with another digest for its mask', { signer: { ...rsa, key: pssKey((digest) => pssParameters(digest, 'sha512')) } }),
    'signature-sha1': refused('weak_algorithm', 'an RSA signature with SHA-1', { signer: { ...rsa, key: rsaWith(SHA1_RSA, 'sha1') }, algorithm: sequence(oid(SHA1_RSA), nullValue()), digestAlgorithm: sequence(oid('1.3.14.3.2.26')), attributes: { messageDigest: attribute(CMS.messageDigest, octetString(new Uint8Array(20))) } }),
    'digest-other-than-signature': refused('unsupported_algorithm', 'a signature with SHA-512 beside a digest of SHA-256', { algorithm: sequence(oid('1.2.840.10045.4.3.4')) }, accepts('it uses the digest that the signer names')),
    'algorithm-of-another-key': refused('unsupported_algorithm', 'an RSA algorithm for an elliptic curve', { algorithm: RSA_KEY.algorithm('sha256') }, accepts('it uses the algorithm of the key')),
    'ecdsa-with-null': refused('unsupported_algorithm', 'ECDSA with parameters', { algorithm: sequence(oid('1.2.840.10045.4.3.2'), nullValue()) }, accepts('it does not look at them')),
    'algorithm-unknown': refused('unsupported_algorithm', 'a signature algorithm that nobody knows', { algorithm: sequence(oid('1.2.3.4')) }, accepts('it uses the algorithm of the key')),
    'pss-not-rsa': refused('unsupported_algorithm', 'PSS for an elliptic curve', { algorithm: sequence(oid(PSS), pssParameters('sha256')) }, accepts('it uses the algorithm of the key')),
    'ed25519': refused('unsupported_algorithm', 'Ed25519', { signer: tsa({ key: EDWARDS_KEY }) }),
    'rsa-1024': refused('weak_key', 'RSA-1024', { signer: tsa({ key: WEAK_KEY }) }, accepts('it takes short keys')),
    'rsa-exponent-one': refused('malformed_certificate', 'an RSA key whose exponent is 1: everybody can sign', { signer: tsa({ key: withExponent(Uint8Array.of(1)) }) }),
    'rsa-exponent-huge': refused('malformed_certificate', 'an RSA exponent of 2,048 bits takes long', { signer: tsa({ key: withExponent(new Uint8Array(256).fill(0x7f)) }) }),
    'point-compressed': refused('unsupported_algorithm', 'a compressed point', { signer: tsa({ key: compressed('tsa') }) }, accepts('it knows compressed points')),
    'point-off-curve': refused('bad_signature', 'a point that is not on the curve', { signer: tsa({ key: offCurve('tsa') }) }),
    'certificate-missing': refused('signer_certificate_missing', 'no certificate in the token or beside it', { certificates: null }),
    'certificate-other': refused('signer_certificate_missing', 'only the certificate of another signer', { certificates: [other.der] }),
    'certificate-malformed': refused('malformed_certificate', 'a certificate without a public key', { certificates: [sequence(sequence(integer(1)), sequence(oid('1.2.3')), Uint8Array.of(3, 1, 0))] }),
    'certificate-unknown-critical': refused('unknown_critical_extension', 'a critical extension of the certificate', signed(SIGNING, STAMPING, { id: '1.2.3.4', critical: true, value: sequence() })),
    'certificate-extension-twice': refused('malformed_certificate', 'an extension of the certificate twice', signed(STAMPING, STAMPING)),
    'certificate-version-1': refused('malformed_certificate', 'extensions in a certificate of version 1', { signer: tsa({ version: 0 }) }, accepts('it does not look at the version')),
  };
}

/** Parameters of PSS up to the length of the salt. */
function pssParts(): Uint8Array[] {
  const identifier = sequence(oid('2.16.840.1.101.3.4.2.1'), nullValue());
  return [
    element(constructed(0), identifier),
    element(constructed(1), sequence(oid('1.2.840.113549.1.1.8'), identifier)),
  ];
}
