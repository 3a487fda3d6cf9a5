import { describe, expect, it } from 'vitest';
import { fromBase64, utf8 } from '../../../src/proof/index.js';
import { integer } from '../../../src/proof/time/der-writer.js';
import {
  certificatesOfPem,
  describeName,
  DIGESTS,
  parseCertificate,
  readClaims,
  tokenOfFile,
  verifyToken,
  type TokenInput,
} from '../../../src/proof/time/rfc3161.js';
import { pemOf } from '../../support/openssl.js';
import { crl, name, REASON, ROOT, TSA, tsa } from '../../vectors/make/tokens/certificates.js';
import { ecKey } from '../../vectors/make/tokens/keys.js';
import { accuracy, imprint, MESSAGE, POLICY, stated, tokenOf } from '../../vectors/make/tokens/token.js';

const NOON = Date.UTC(2026, 5, 1, 12);
const roots = [parseCertificate(ROOT.der)];
const plain: TokenInput = { token: tokenOf(), stamped: { message: MESSAGE }, roots };

describe('verifyToken', () => {
  it('takes a digest instead of the bytes, of the algorithm of the token only', () => {
    const digests = (['sha256', 'sha384', 'sha512'] as const).map((digest) => {
      const stampedBy = { digest, value: DIGESTS[digest].hash(MESSAGE) };
      return verifyToken({ ...plain, stamped: stampedBy }).counts;
    });
    expect(digests).toEqual([true, false, false]);
  });

  it('takes the accuracy of the policy where the token states none', () => {
    const token = tokenOf({ info: { accuracy: null } });
    const latest = (defaultAccuracy: number) => {
      const verdict = verifyToken({ ...plain, token, defaultAccuracy });
      return verdict.counts ? verdict.stamp.latest : null;
    };
    expect([latest(0), latest(60_000)]).toEqual([NOON, NOON + 60_000]);
    expect(verifyToken({ ...plain, token, defaultAccuracy: 3_600_001 })).toMatchObject({
      fault: 'accuracy_too_low',
    });
  });

  it('takes only the accuracy that the caller asks for', () => {
    const token = tokenOf({ info: { accuracy: accuracy(2) } });
    expect(verifyToken({ ...plain, token, worstAccuracy: 2000 }).counts).toBe(true);
    expect(verifyToken({ ...plain, token, worstAccuracy: 1999 })).toMatchObject({
      fault: 'accuracy_too_low',
    });
  });

  it('says when the first certificate of the chain ends, and who is in it', () => {
    const verdict = verifyToken(plain);
    if (!verdict.counts) throw new Error(verdict.message);
    expect(verdict.stamp).toMatchObject({
      validUntil: Date.UTC(2027, 11, 31, 23, 59, 59),
      serial: '0102030405060708090a0b0c0d0e0f10',
      policy: POLICY,
    });
    expect(verdict.stamp.chain.map(({ subject }) => describeName(subject))).toEqual([
      'CN=Vector TSA, C=KR',
      'CN=Vector Root, C=KR',
    ]);
  });

  it('has messages without control characters, whatever the token says', () => {
    const authority = tsa({ subject: name('\u202eevil\u001b[2J') });
    const verdict = verifyToken({ ...plain, token: tokenOf({ signer: authority }), policy: '1.2\n3' });
    expect(verdict).toMatchObject({ counts: false, fault: 'policy_mismatch' });
    expect(verdict.counts ? '' : verdict.message).not.toMatch(/\p{Cc}|\p{Cf}/u);
  });

  it('does not change with the buffer of the token afterwards', () => {
    const token = tokenOf();
    const verdict = verifyToken({ ...plain, token });
    token.fill(0);
    expect(verdict).toEqual(verifyToken(plain));
  });
});

describe('a token whose authority lost its key years later', () => {
  // Stamped in 2026, stolen in 2029, read in 2031.
  const second = tsa({
    ...{ subject: name('Second TSA'), key: ecKey('second'), serial: 90, from: '2027-06-01T00:00:00Z' },
    until: '2035-01-01T00:00:00Z',
  });
  const crls = [
    crl(ROOT, '2031-01-01T00:00:00Z', [
      { serial: 77, at: '2029-03-01T00:00:00Z', reason: REASON.keyCompromise },
    ]),
  ];
  const renewal = (time: string) => {
    const covered = imprint(DIGESTS.sha256.oid, DIGESTS.sha256.hash(plain.token));
    const token = tokenOf({ signer: second, info: { time: stated(time), imprint: covered, nonce: null } });
    const verdict = verifyToken({ token, stamped: { message: plain.token }, roots, crls });
    if (!verdict.counts) throw new Error(verdict.message);
    return verdict.stamp;
  };

  it('does not count any more', () => {
    expect(verifyToken({ ...plain, crls })).toMatchObject({ counts: false, fault: 'revoked' });
  });

  it('counts when it was renewed before', () => {
    const { latest } = renewal('20280601120000Z');
    expect(verifyToken({ ...plain, crls, existedBy: latest })).toMatchObject({
      counts: true,
      stamp: { time: NOON },
    });
  });

  it('does not count when it was renewed after, or in the second of the theft', () => {
    for (const time of ['20300101000000Z', '20290228235959Z']) {
      const { latest } = renewal(time);
      expect(verifyToken({ ...plain, crls, existedBy: latest })).toMatchObject({ fault: 'revoked' });
    }
  });
});

describe('a certificate', () => {
  it('is read from PEM among other text, and in order', () => {
    const text = `Root:\r\n${pemOf(ROOT.der).replaceAll('\n', '\r\n')}\nTSA:\n${pemOf(TSA.der)}`;
    expect(certificatesOfPem(text).map(({ der }) => der)).toEqual([ROOT.der, TSA.der]);
  });

  it.each([
    ['no certificate', 'hello', 'has no "-----BEGIN CERTIFICATE-----"'],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', 'has no'],
    ['broken base64', '-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n', 'base64'],
    ['another structure', pemOf(integer(1)), 'has tag 0x02'],
  ])('is refused in a PEM file with %s', (_, text, reason) => {
    expect(() => certificatesOfPem(text)).toThrow(reason);
  });

  it('has a name that is shown, even when it is malformed', () => {
    expect(describeName(utf8('no name'))).toBe('?');
    expect(describeName(fromBase64('MAA='))).toBe('');
  });
});

describe('reading without judging', () => {
  it('shows what a token states, though nobody is trusted and its digest is weak', () => {
    const sha1 = imprint('1.3.14.3.2.26', new Uint8Array(20));
    expect(readClaims(tokenOf({ info: { imprint: sha1 } }))).toMatchObject({
      ...{ time: NOON, accuracy: 1000, policy: POLICY, digest: '1.3.14.3.2.26', imprint: new Uint8Array(20) },
    });
  });

  it('refuses what is no token', () => {
    for (const bytes of [utf8(''), utf8('x'), tokenOf({ type: '1.2.3' }), tokenOf({ signers: () => [] })]) {
      expect(() => readClaims(bytes)).toThrow(expect.objectContaining({ name: 'DerError' }) as Error);
    }
    expect(() =>
      tokenOfFile(fromBase64('MDAwLgIBAjAkDCJSZXF1ZXN0ZWQgcG9saWN5IGlzIG5vdCBzdXBwb3J0ZWQuAwMAAAE=')),
    ).toThrow('grants no token');
  });
});
