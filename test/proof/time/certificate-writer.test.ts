import { generateKeyPairSync, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  describeName,
  DIGESTS,
  encodeGranted,
  parseCertificate,
  prepareCertificate,
  prepareCertificateRequest,
  prepareToken,
  readClaims,
  tokenOfFile,
  verifyToken,
  type NewCertificate,
} from '../../../src/proof/time/rfc3161.js';
import { toBase64, utf8 } from '../../../src/proof/index.js';
import { pemOf, withOpenssl } from '../../support/openssl.js';

const ROOT = { commonName: '공증 루트', organization: 'Example', country: 'KR' };
const SUBJECT = { commonName: 'Example Time-Stamping', organization: 'Example' };
const NOON = Date.UTC(2026, 5, 1, 12);

type Keys = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
const spki = ({ publicKey }: Keys) => new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));

const PAIRS = [
  [
    'rsa',
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ],
  [
    'ecdsa',
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ],
] as const;

function authority(signature: 'rsa' | 'ecdsa', root: Keys, own: Keys) {
  const make = (wish: Partial<NewCertificate>) => {
    const { toSign, finish } = prepareCertificate({
      ...{
        kind: 'root',
        subject: ROOT,
        issuer: ROOT,
        publicKey: spki(root),
        issuerKey: spki(root),
        signature,
      },
      ...{ serial: Uint8Array.of(0x7f, 1), notBefore: Date.UTC(2026, 0), notAfter: Date.UTC(2055, 0) },
      ...wish,
    });
    return finish(sign('sha256', toSign, root.privateKey));
  };
  return { root: make({}), own: make({ kind: 'time-stamping', subject: SUBJECT, publicKey: spki(own) }) };
}

describe.each(PAIRS)('an authority of our own, %s', (signature, root, own) => {
  const certificates = authority(signature, root, own);

  it('has certificates that Node reads as we do', () => {
    const [ours, node] = [parseCertificate(certificates.own), new X509Certificate(certificates.own)];
    expect(node.checkIssued(new X509Certificate(certificates.root))).toBe(true);
    expect(node.verify(root.publicKey)).toBe(true);
    expect(node.keyUsage).toEqual(['1.3.6.1.5.5.7.3.8']);
    expect(new Date(node.validTo).getTime()).toBe(ours.notAfter);
    expect(ours.notAfter).toBe(Date.UTC(2055, 0));
    expect(describeName(ours.issuer)).toBe('CN=공증 루트, O=Example, C=KR');
  });

  it('makes tokens that count, and that openssl verifies', () => {
    const info = {
      ...{ policy: '1.2.3', digest: DIGESTS.sha256, imprint: DIGESTS.sha256.hash(utf8('x')), nonce: null },
      ...{ serial: Uint8Array.of(1), time: NOON, accuracy: 1000 },
    };
    const draft = prepareToken(info, { certificates: [certificates.own], signature, digest: 'sha256' }, true);
    const token = draft.finish(sign('sha256', draft.toSign, own.privateKey));
    const roots = [parseCertificate(certificates.root)];
    expect(verifyToken({ token, stamped: { message: utf8('x') }, roots })).toMatchObject({ counts: true });
    const { output } = withOpenssl(({ file, run }) =>
      run(
        ...['ts', '-verify', '-data', file('x', 'x'), '-in', file('t', token), '-token_in'],
        ...['-CAfile', file('root.pem', pemOf(certificates.root)), '-attime', String(NOON / 1000)],
        '-x509_strict',
      ),
    );
    expect(output).toContain('Verification: OK');
    for (const file of [token, encodeGranted(token)]) expect(tokenOfFile(file)).toEqual(token);
    expect(readClaims(token)).toMatchObject({ time: NOON, accuracy: 1000, serial: '01', digest: 'sha256' });
  });

  it('asks another authority for a certificate in a form that openssl reads', () => {
    const { toSign, finish } = prepareCertificateRequest(SUBJECT, spki(own), signature);
    const request = finish(sign('sha256', toSign, own.privateKey));
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${toBase64(request)}\n-----END CERTIFICATE REQUEST-----\n`;
    const { passed, output } = withOpenssl(({ file, run }) =>
      run(
        'req',
        '-verify',
        '-noout',
        '-text',
        '-in',
        file('r.pem', pem.replaceAll(/[^\n]{64}(?=[^\n-])/g, '$&\n')),
      ),
    );
    expect([passed, output]).toEqual([true, expect.stringContaining('X509v3 Extended Key Usage: critical')]);
    expect(output).toContain('Time Stamping');
  });
});

describe('a certificate', () => {
  const [[signature, root, own]] = PAIRS;
  const wish: NewCertificate = {
    ...{ kind: 'time-stamping', subject: SUBJECT, issuer: ROOT, signature },
    ...{
      publicKey: spki(own),
      issuerKey: spki(root),
      serial: Uint8Array.of(1),
      notBefore: 0,
      notAfter: NOON,
    },
  };

  it.each<[string, Partial<NewCertificate>]>([
    ['an empty name', { subject: { commonName: '' } }],
    ['a name of 65 characters', { subject: { commonName: 'x'.repeat(65) } }],
    ['a country of three letters', { subject: { commonName: 'x', country: 'KOR' } }],
    ['a negative serial number', { serial: Uint8Array.of(0x80) }],
    ['a serial number of 21 bytes', { serial: new Uint8Array(21).fill(1) }],
    ['an end before its beginning', { notBefore: NOON, notAfter: NOON }],
  ])('cannot have %s', (_, wrong) => {
    expect(() => prepareCertificate({ ...wish, ...wrong })).toThrow(RangeError);
  });
});
