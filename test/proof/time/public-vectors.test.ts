import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromBase64, utf8 } from '../../../src/proof/index.js';
import {
  certificatesOfPem,
  DIGESTS,
  parseResponse,
  readRequest,
  unsigned,
  verifyToken,
  type TokenVerdict,
} from '../../../src/proof/time/rfc3161.js';

interface Vectors {
  readonly dataUtf8: string;
  readonly caPem: string;
  readonly tsaGoodPem: string;
  readonly requestsDerBase64: Readonly<Record<string, string>>;
  readonly responses: readonly {
    readonly name: string;
    readonly meaning: string;
    readonly request: string;
    readonly opensslOk: boolean;
    readonly derBase64: string;
  }[];
}

const file = join(import.meta.dirname, '../../vectors/rfc3161/openssl.json');
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
const roots = certificatesOfPem(vectors.caPem);
const POLICY = '1.3.6.1.4.1.55555.1';

/** Why some of them do not count. */
const FAULTS: Readonly<Record<string, string>> = {
  js_ed25519: 'unsupported_algorithm',
  js_extra: 'purpose_not_alone',
  js_kuenc: 'key_usage',
  js_noeku: 'purpose_missing',
  js_noess: 'signing_certificate_missing',
  js_noncrit: 'purpose_not_critical',
  // Its time is ten minutes before its certificate; openssl was not told to look.
  js_millis: 'not_yet_valid',
  openssl_nocert: 'signer_certificate_missing',
};

function requestOf(name: string) {
  return readRequest(fromBase64(vectors.requestsDerBase64[name] ?? ''), [POLICY]);
}

function judge(
  response: Vectors['responses'][number],
  more: { certificates?: Uint8Array[] } = {},
): TokenVerdict {
  const parsed = parseResponse(fromBase64(response.derBase64));
  const reading = requestOf(response.request);
  if (!parsed.granted || !reading.accepted) throw new Error('no token');
  const { nonce } = reading.request;
  return verifyToken({
    token: parsed.token,
    stamped: { message: utf8(vectors.dataUtf8) },
    roots,
    ...(nonce !== null && { nonce }),
    ...more,
  });
}

describe('responses made by openssl ts and by another library', () => {
  const granted = vectors.responses.filter(({ derBase64 }) => parseResponse(fromBase64(derBase64)).granted);

  it.each(granted.map((response) => [`${response.name}: ${response.meaning}`, response] as const))(
    '%s',
    (_, response) => {
      const verdict = judge(response);
      expect(verdict.counts ? null : verdict.fault).toBe(FAULTS[response.name] ?? null);
      expect(verdict.counts).toBe(response.opensslOk && response.name !== 'js_millis');
    },
  );

  it('count without a certificate in them when it is given', () => {
    const response = granted.find(({ name }) => name === 'openssl_nocert');
    if (response === undefined) throw new Error('no such response');
    const certificates = certificatesOfPem(vectors.tsaGoodPem).map(({ der }) => der);
    expect(judge(response, { certificates })).toMatchObject({ counts: true, stamp: { digest: 'sha256' } });
  });

  it.each([
    ['openssl_rejected_policy', 'unacceptedPolicy', 'Requested policy is not supported.'],
    ['openssl_rejected_sha1', 'badAlg', 'Message digest algorithm is not supported.'],
  ])('%s is a rejection with failure %s', (name, failure, text) => {
    const response = vectors.responses.find((each) => each.name === name);
    expect(parseResponse(fromBase64(response?.derBase64 ?? ''))).toEqual({
      granted: false,
      status: 2,
      failures: [failure],
      text,
    });
  });
});

describe('requests made by openssl ts', () => {
  it.each([
    ['req', 'sha256', true, true],
    ['req_nocert', 'sha256', true, false],
    ['req_nononce', 'sha256', false, true],
    ['req_sha512', 'sha512', true, true],
  ] as const)('%s is accepted', (name, digest, hasNonce, certReq) => {
    const reading = requestOf(name);
    if (!reading.accepted) throw new Error(reading.message);
    expect(reading.request).toMatchObject({ digest: DIGESTS[digest], certReq, policy: POLICY });
    expect(reading.request.imprint).toEqual(DIGESTS[digest].hash(utf8(vectors.dataUtf8)));
    expect(reading.request.nonce !== null).toBe(hasNonce);
    if (reading.request.nonce !== null)
      expect(unsigned(reading.request.nonce)).toEqual(reading.request.nonce);
  });

  it('with SHA-1 are refused with badAlg, and with another policy with unacceptedPolicy', () => {
    expect(requestOf('req_sha1')).toMatchObject({ accepted: false, failure: 'badAlg' });
    expect(requestOf('req_badpolicy')).toMatchObject({ accepted: false, failure: 'unacceptedPolicy' });
  });
});
