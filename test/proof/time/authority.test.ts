import { describe, expect, it } from 'vitest';
import { concat, toHex, utf8 } from '../../../src/proof/index.js';
import { TAG } from '../../../src/proof/time/der.js';
import {
  boolean,
  element,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
} from '../../../src/proof/time/der-writer.js';
import {
  certificatesOfPem,
  DIGESTS,
  encodeGranted,
  encodeRejection,
  encodeRequest,
  FAILURES,
  MAX_REQUEST,
  parseResponse,
  prepareToken,
  readRequest,
  verifyToken,
  type NewRequest,
  type PkiFailure,
  type TimeStampRequest,
  type TokenIssuer,
} from '../../../src/proof/time/rfc3161.js';
import { pemOf, withOpenssl } from '../../support/openssl.js';
import { ROOT, TSA, tsa } from '../../vectors/make/tokens/certificates.js';
import { RSA_KEY, type Key } from '../../vectors/make/tokens/keys.js';

const POLICY = '1.3.6.1.4.1.55555.1';
const POLICIES = [POLICY, '1.3.6.1.4.1.55555.2'] as const;
const MESSAGE = utf8('a document');
const NOON = Date.UTC(2026, 5, 1, 12, 0, 0, 250);

const REQUEST: NewRequest = {
  digest: 'sha256',
  imprint: DIGESTS.sha256.hash(MESSAGE),
  nonce: Uint8Array.of(0xff, 1, 2, 3),
  certReq: true,
  policy: null,
};

function accepted(bytes: Uint8Array): TimeStampRequest {
  const reading = readRequest(bytes, [...POLICIES]);
  if (!reading.accepted) throw new Error(`${reading.failure}: ${reading.message}`);
  return reading.request;
}

function failureOf(bytes: Uint8Array): PkiFailure | null {
  const reading = readRequest(bytes, [...POLICIES]);
  return reading.accepted ? null : reading.failure;
}

const imprint = (algorithm: string, length: number) =>
  sequence(sequence(oid(algorithm), nullValue()), octetString(new Uint8Array(length)));
const SHA256 = imprint(DIGESTS.sha256.oid, 32);

describe('a request', () => {
  it.each(['sha256', 'sha384', 'sha512'] as const)('with %s is read as it was written', (digest) => {
    const value = DIGESTS[digest].hash(MESSAGE);
    const request = accepted(encodeRequest({ ...REQUEST, digest, imprint: value, policy: POLICIES[1] }));
    expect(request).toEqual({
      digest: DIGESTS[digest],
      imprint: value,
      nonce: Uint8Array.of(0, 0xff, 1, 2, 3),
      certReq: true,
      policy: POLICIES[1],
    });
  });

  it('without anything optional gets the first policy, and no certificates', () => {
    const request = accepted(encodeRequest({ ...REQUEST, nonce: null, certReq: false }));
    expect(request).toMatchObject({ nonce: null, certReq: false, policy: POLICY });
  });

  it.each([
    ['20 bytes', 20],
    ['64 bytes', 64],
    ['128 bytes', 128],
  ])('keeps a nonce of %s', (_, length) => {
    const nonce = Uint8Array.from({ length }, (__, i) => i + 1);
    expect(accepted(encodeRequest({ ...REQUEST, nonce })).nonce).toEqual(nonce);
  });

  it('keeps a negative nonce, and one of zero', () => {
    for (const nonce of ['80', 'ff01', '00', '00ff']) {
      const bytes = sequence(integer(1), SHA256, element(TAG.integer, Buffer.from(nonce, 'hex')));
      expect(toHex(accepted(bytes).nonce ?? new Uint8Array())).toBe(nonce);
    }
  });

  it('is refused when it cannot be written', () => {
    expect(() => encodeRequest({ ...REQUEST, digest: 'sha512' })).toThrow(RangeError);
    expect(() => encodeRequest({ ...REQUEST, policy: 'no policy' })).toThrow(RangeError);
  });

  it.each<[PkiFailure, string, Uint8Array]>([
    ['badDataFormat', 'no bytes', new Uint8Array()],
    ['badDataFormat', 'text', utf8('GET / HTTP/1.1\r\n')],
    ['badDataFormat', 'too many bytes', sequence(octetString(new Uint8Array(MAX_REQUEST)))],
    ['badDataFormat', 'bytes after its end', concat(encodeRequest(REQUEST), Uint8Array.of(0))],
    ['badDataFormat', 'another structure', sequence(SHA256)],
    ['badDataFormat', 'an element too many', sequence(integer(1), SHA256, octetString(MESSAGE))],
    [
      'badDataFormat',
      'an imprint of the wrong length',
      sequence(integer(1), imprint(DIGESTS.sha256.oid, 20)),
    ],
    [
      'badDataFormat',
      'an imprint of an octet too many',
      sequence(integer(1), imprint(DIGESTS.sha512.oid, 65)),
    ],
    [
      'badDataFormat',
      'a nonce in more octets than needed',
      sequence(integer(1), SHA256, element(TAG.integer, Uint8Array.of(0, 1))),
    ],
    [
      'badDataFormat',
      'a nonce of 130 bytes',
      sequence(integer(1), SHA256, element(TAG.integer, new Uint8Array(130).fill(1))),
    ],
    ['badDataFormat', 'certReq FALSE written out', sequence(integer(1), SHA256, boolean(false))],
    ['badDataFormat', 'fields in another order', sequence(integer(1), SHA256, boolean(true), integer(7))],
    ['badRequest', 'version 2', sequence(integer(2), SHA256)],
    ['badRequest', 'version 0', sequence(integer(0), SHA256)],
    ['badAlg', 'SHA-1', sequence(integer(1), imprint('1.3.14.3.2.26', 20))],
    ['badAlg', 'MD5', sequence(integer(1), imprint('1.2.840.113549.2.5', 16))],
    ['badAlg', 'an unknown digest', sequence(integer(1), imprint('1.2.3.4', 32))],
    ['unacceptedPolicy', 'a policy that is not offered', sequence(integer(1), SHA256, oid('1.2.3.4'))],
    [
      'unacceptedExtension',
      'an extension',
      sequence(integer(1), SHA256, element(0xa0, sequence(oid('1.2.3'), octetString(MESSAGE)))),
    ],
  ])('is refused with %s for %s', (failure, _, bytes) => {
    expect(failureOf(bytes)).toBe(failure);
  });

  it('has a message that says what to do', () => {
    expect(readRequest(sequence(integer(1), imprint('1.3.14.3.2.26', 20)), [POLICY])).toMatchObject({
      message: 'The digest algorithm SHA-1 is not accepted; use SHA-256, SHA-384 or SHA-512.',
    });
  });
});

describe('a response', () => {
  it.each(Object.keys(FAILURES) as PkiFailure[])(
    'that rejects with %s is read by us and by openssl',
    (failure) => {
      const bytes = encodeRejection(failure, 'Not now · 지금은 안 됨');
      expect(parseResponse(bytes)).toEqual({
        granted: false,
        status: 2,
        failures: [failure],
        text: 'Not now · 지금은 안 됨',
      });
      const { output } = withOpenssl(({ file, run }) =>
        run('ts', '-reply', '-in', file('r.tsr', bytes), '-text'),
      );
      expect(output).toContain('Status: Rejected.');
      const named = /Failure info: (.*)/.exec(output)?.[1];
      expect(named).toBe(OPENSSL_WORDS[failure]);
    },
  );

  it.each<[string, Uint8Array]>([
    ['grants without a token', sequence(sequence(integer(0)))],
    ['rejects with a token', sequence(sequence(integer(2)), sequence(integer(1)))],
    ['has no status', sequence(sequence())],
    ['has bytes after its end', concat(encodeGranted(sequence()), Uint8Array.of(0))],
    ['is a token without a response', sequence(oid('1.2.840.113549.1.7.2'))],
  ])('that %s is refused', (_, bytes) => {
    expect(() => parseResponse(bytes)).toThrow(expect.objectContaining({ name: 'DerError' }) as Error);
  });

  it('that waits, or that is granted with changes, is told apart', () => {
    expect(parseResponse(sequence(sequence(integer(3))))).toMatchObject({
      granted: false,
      status: 3,
      failures: [],
    });
    expect(parseResponse(sequence(sequence(integer(1)), sequence()))).toMatchObject({ granted: true });
  });
});

const OPENSSL_WORDS: Readonly<Record<PkiFailure, string>> = {
  badAlg: 'unrecognized or unsupported algorithm identifier',
  badRequest: 'transaction not permitted or supported',
  badDataFormat: 'the data submitted has the wrong format',
  timeNotAvailable: "the TSA's time source is not available",
  unacceptedPolicy: 'the requested TSA policy is not supported by the TSA',
  unacceptedExtension: 'the requested extension is not supported by the TSA',
  addInfoNotAvailable: 'the additional information requested could not be understood or is not available',
  systemFailure: 'the request cannot be handled due to system failure',
};

/** What an authority does with a request, with a key that signs as the vectors' keys do. */
function answer(request: TimeStampRequest, issuer: TokenIssuer, key: Pick<Key, 'sign'>): Uint8Array {
  const { digest, nonce, policy, certReq } = request;
  const serial = Uint8Array.from({ length: 17 }, (_, i) => (i === 0 ? 0 : 0xf0 + i));
  const info = { policy, digest, imprint: request.imprint, serial, time: NOON, accuracy: 1500, nonce };
  const token = prepareToken(info, issuer, certReq);
  return token.finish(key.sign(token.toSign, issuer.digest));
}

describe('a token of our own', () => {
  const rsa = tsa({ key: RSA_KEY });
  const issuers: [string, TokenIssuer, Key][] = [
    ...(['sha256', 'sha384', 'sha512'] as const).map((digest): [string, TokenIssuer, Key] => [
      `RSA with ${digest}`,
      { certificates: [rsa.der, ROOT.der], signature: 'rsa', digest },
      RSA_KEY,
    ]),
    ...(['sha256', 'sha384', 'sha512'] as const).map((digest): [string, TokenIssuer, Key] => [
      `P-256 with ${digest}`,
      { certificates: [TSA.der], signature: 'ecdsa', digest },
      TSA.key,
    ]),
  ];
  const roots = certificatesOfPem(pemOf(ROOT.der));

  it.each(issuers)('by %s counts, and openssl verifies it against the request', (_, issuer, key) => {
    const requestBytes = encodeRequest({ ...REQUEST, policy: POLICIES[1] });
    const token = answer(accepted(requestBytes), issuer, key);
    const verdict = verifyToken({
      token,
      stamped: { message: MESSAGE },
      roots,
      ...(REQUEST.nonce && { nonce: REQUEST.nonce }),
      policy: POLICIES[1],
    });
    expect(verdict).toMatchObject({
      counts: true,
      stamp: { time: NOON, latest: NOON + 1500, accuracy: 1500, policy: POLICIES[1], notRevokedAsOf: null },
    });
    const { output, passed } = withOpenssl(({ file, run }) =>
      run(
        ...[
          'ts',
          '-verify',
          '-queryfile',
          file('q.tsq', requestBytes),
          '-in',
          file('r.tsr', encodeGranted(token)),
        ],
        ...['-CAfile', file('root.pem', pemOf(ROOT.der)), '-attime', String(Math.floor(NOON / 1000))],
      ),
    );
    expect([passed, output]).toEqual([true, expect.stringContaining('Verification: OK')]);
  });

  it('has no certificate unless the request asks for it, and then counts with one at hand', () => {
    const issuer: TokenIssuer = { certificates: [TSA.der], signature: 'ecdsa', digest: 'sha256' };
    const token = answer(accepted(encodeRequest({ ...REQUEST, certReq: false })), issuer, TSA.key);
    const input = { token, stamped: { message: MESSAGE }, roots };
    expect(verifyToken(input)).toMatchObject({ counts: false, fault: 'signer_certificate_missing' });
    expect(verifyToken({ ...input, certificates: [TSA.der] })).toMatchObject({ counts: true });
  });

  it('shows in openssl what it was made of', () => {
    const issuer: TokenIssuer = { certificates: [TSA.der], signature: 'ecdsa', digest: 'sha256' };
    const token = answer(accepted(encodeRequest(REQUEST)), issuer, TSA.key);
    const { output } = withOpenssl(({ file, run }) =>
      run('ts', '-reply', '-in', file('t.der', token), '-token_in', '-token_out', '-text'),
    );
    expect(output).toContain('Time stamp: Jun  1 12:00:00.25 2026 GMT');
    expect(output).toContain('Accuracy: 0x01 seconds, 0x01F4 millis, unspecified micros');
    expect(output).toContain('Nonce: 0xFF010203');
    expect(output).toContain('Serial number: 0xF1F2F3F4F5F6F7F8F9FAFBFCFDFEFF00');
  });

  it.each<[string, Partial<{ accuracy: number; imprint: Uint8Array; time: number; policy: string }>]>([
    ['an accuracy of 0', { accuracy: 0 }],
    ['an accuracy of half a millisecond', { accuracy: 0.5 }],
    ['an imprint of another length', { imprint: new Uint8Array(20) }],
    ['no time', { time: Number.NaN }],
    ['no policy', { policy: '' }],
  ])('cannot be made with %s', (_, wrong) => {
    const info = {
      ...{ policy: POLICY, digest: DIGESTS.sha256, imprint: REQUEST.imprint, serial: Uint8Array.of(1) },
      ...{ time: NOON, accuracy: 1000, nonce: null },
    };
    const issuer: TokenIssuer = { certificates: [TSA.der], signature: 'ecdsa', digest: 'sha256' };
    expect(() => prepareToken({ ...info, ...wrong }, issuer, true)).toThrow(RangeError);
  });
});
