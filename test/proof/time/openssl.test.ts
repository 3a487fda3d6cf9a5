import { describe, expect, it } from 'vitest';
import { DIGESTS, encodeRequest } from '../../../src/proof/time/rfc3161.js';
import { fromBase64 } from '../../../src/proof/index.js';
import { pemOf, withOpenssl } from '../../support/openssl.js';
import { loadTokenVectors, tokenBytes, type NamedTokenVector } from '../../vectors/load-tokens.js';

/** What `openssl ts -verify` says of a vector at the time that its token states. */
function opensslOf(vector: NamedTokenVector): { passed: boolean; output: string } {
  const { roots, certificates = [], nonce, policy, expected } = vector;
  const message = Buffer.from(vector.message, 'hex');
  const at = Date.parse('time' in expected ? expected.time : '2026-06-01T12:00:00Z');
  return withOpenssl(({ file, run }) => {
    const request = encodeRequest({
      digest: 'sha256',
      imprint: DIGESTS.sha256.hash(message),
      nonce: nonce === undefined ? null : Buffer.from(nonce, 'hex'),
      certReq: true,
      policy: policy ?? null,
    });
    const subject =
      nonce === undefined && policy === undefined
        ? ['-data', file('message', message)]
        : ['-queryfile', file('query.tsq', request)];
    const pem = (list: readonly string[]) => list.map((each) => pemOf(fromBase64(each))).join('');
    return run(
      ...['ts', '-verify', ...subject, '-in', file('token.der', tokenBytes(vector)), '-token_in'],
      ...[
        '-CAfile',
        file('roots.pem', pem(roots)),
        '-attime',
        String(Math.floor(at / 1000)),
        '-partial_chain',
      ],
      ...(certificates.length === 0 ? [] : ['-untrusted', file('more.pem', pem(certificates))]),
    );
  });
}

describe('stock openssl', () => {
  it.each(loadTokenVectors().map((vector) => [`${vector.folder}/${vector.name}`, vector] as const))(
    'says of %s what it should',
    (_, vector) => {
      const { passed, output } = opensslOf(vector);
      const agreed = !('fault' in vector.expected);
      expect({ passed, output }).toEqual({ passed: vector.openssl?.accepts ?? agreed, output });
      // A reason is given only where it is needed.
      expect(vector.openssl?.accepts).not.toBe(agreed);
    },
  );
});
