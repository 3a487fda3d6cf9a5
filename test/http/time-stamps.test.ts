import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.js';
import { ANONYMOUS_LIMITS, ANONYMOUS_PRINCIPAL } from '../../src/auth/index.js';
import { Problem, Readiness, Register, Verification } from '../../src/http/schemas/resources.js';
import { concat, type Json, parseProof, toHex, utf8 } from '../../src/proof/index.js';
import { element, integer, nullValue, octetString, oid, sequence } from '../../src/proof/time/der-writer.js';
import {
  certificatesOfPem,
  describeName,
  QUERY_TYPE,
  readClaims,
  verifyToken,
} from '../../src/proof/time/rfc3161.js';
import { StoreError } from '../../src/store/index.js';
import { pemOf, withOpenssl } from '../support/openssl.js';
import { LOG_KEY } from '../support/parts.js';
import { bearer, createKey, createOrganization } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { askTsa, createTsaKey, MESSAGE, tokenOf, tsq } from '../support/tsa.js';
import { until } from '../support/until.js';

const SHA1 = '1.3.14.3.2.26';
const MD5 = '1.2.840.113549.2.5';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const POLICY = '1.3.6.1.4.1.55555.1';

let key: string;
let service: TestService;
beforeAll(async () => {
  key = await createTsaKey('rsa');
  service = await startService({ tsa: { key }, trustProxy: 1 });
});
afterAll(() => service[Symbol.asyncDispose]());

/** A request by hand, for what no encoder would write. */
function query(parts: {
  version?: number;
  algorithm?: string;
  imprint?: Uint8Array;
  policy?: string;
  nonce?: Uint8Array;
  more?: Uint8Array;
}): Uint8Array {
  const { version = 1, algorithm = SHA256, imprint = new Uint8Array(32), policy, nonce, more } = parts;
  return sequence(
    integer(version),
    sequence(sequence(oid(algorithm), nullValue()), octetString(imprint)),
    ...(policy === undefined ? [] : [oid(policy)]),
    ...(nonce === undefined ? [] : [element(0x02, nonce)]),
    ...(more === undefined ? [] : [more]),
  );
}

const EXTENSIONS = element(0xa0, sequence(oid('1.2.3.4'), octetString(Uint8Array.of(1))));

/** What the register says of the document with this digest. */
async function lookUp({ url }: TestService, sha256: string): Promise<Verification> {
  return Verification.parse((await request(url).get(`/v1/verify/${sha256}`).expect(200)).body);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('POST /tsa', () => {
  test.each(['rsa', 'p256'] as const)(
    'gives tokens that openssl accepts, signed by a %s key',
    async (algorithm) => {
      const pem = await createTsaKey(algorithm);
      await using own = await startService({ tsa: { key: pem } });
      const root = certificatesOfPem(pem).at(-1)?.der ?? new Uint8Array();
      for (const options of [
        ['-sha256', '-cert'],
        ['-sha384', '-cert', '-no_nonce'],
        ['-sha512', '-cert'],
      ]) {
        const made = withOpenssl(({ file, run }) => {
          file('data', MESSAGE);
          const { output } = run('ts', '-query', '-data', 'data', ...options, '-out', 'query.tsq');
          expect(output).not.toMatch(/error/i);
          return Buffer.from(run('base64', '-A', '-in', 'query.tsq').output, 'base64');
        });
        const { response } = await askTsa(own.url, made);
        const verified = withOpenssl(({ file, run }) => {
          file('data', MESSAGE);
          file('other', 'another document\n');
          file('query.tsq', made);
          file('reply.tsr', response);
          file('root.pem', pemOf(root));
          const check = (...what: string[]) =>
            run('ts', '-verify', '-in', 'reply.tsr', '-CAfile', 'root.pem', ...what);
          return {
            query: check('-queryfile', 'query.tsq').passed,
            data: check('-data', 'data').passed,
            other: check('-data', 'other').passed,
          };
        });
        expect(verified, options.join(' ')).toEqual({ query: true, data: true, other: false });
      }
    },
  );

  test('states the time at which the token itself was accepted into the log', async () => {
    const before = Date.now();
    const token = await tokenOf(service.url);
    const claims = readClaims(token);
    expect(claims.accuracy).toBe(1000);
    expect(claims.policy).toBe(POLICY);
    expect(claims.time).toBeGreaterThanOrEqual(before);
    const { notarizations } = await until(
      'the token to be sealed',
      () => lookUp(service, sha256(token)),
      ({ notarizations: found }) => found[0]?.block !== undefined,
    );
    expect(notarizations).toHaveLength(1);
    const [found] = notarizations;
    expect(Date.parse(found?.acceptedAt ?? '')).toBe(claims.time);
    expect(found?.size).toBe(token.length);
    const stored = await service.deps.notarizations.byDigest(createHash('sha256').update(token).digest(), 1);
    expect(stored.notarizations[0]?.details).toEqual({
      imprint: `sha256:${sha256(MESSAGE)}`,
      serial: claims.serial,
      policy: POLICY,
      name: `${claims.serial}.tst`,
    });
    const proof = await request(service.url)
      .get(`/v1/notarizations/${found?.id ?? ''}/proof`)
      .expect(200);
    expect(parseProof(proof.text).entry.acceptedAt).toBe(claims.time);
    // 128 random bits.
    expect(claims.serial.length).toBeGreaterThan(24);
    expect(claims.serial.length).toBeLessThanOrEqual(34);
  });

  test('gives each of many requests at once a serial number and a place in the log of its own', async () => {
    const tokens = await Promise.all(Array.from({ length: 100 }, () => tokenOf(service.url)));
    expect(new Set(tokens.map((token) => readClaims(token).serial)).size).toBe(100);
    for (const token of tokens) {
      const { notarizations } = await lookUp(service, sha256(token));
      expect(notarizations.map(({ acceptedAt }) => Date.parse(acceptedAt))).toEqual([readClaims(token).time]);
    }
  });

  test.each([
    ['8 bytes', concat(Uint8Array.of(0x7e), randomBytes(7))],
    ['20 bytes', concat(Uint8Array.of(0x7f), randomBytes(19))],
    ['64 bytes', concat(Uint8Array.of(0x01), randomBytes(63))],
    ['a zero that it needs', Uint8Array.of(0, 0xff)],
    ['a negative one', Uint8Array.of(0xff, 0x01, 0x02)],
    ['zero', Uint8Array.of(0)],
  ])('sends a nonce back bit for bit: %s', async (_, nonce) => {
    const token = await tokenOf(service.url, query({ nonce }));
    expect(Buffer.from(token).includes(Buffer.from(element(0x02, nonce)))).toBe(true);
    const roots = certificatesOfPem(key);
    const stamped = { digest: 'sha256', value: new Uint8Array(32) } as const;
    expect(verifyToken({ token, stamped, roots, certificates: roots.map(({ der }) => der) })).toMatchObject({
      counts: true,
    });
  });

  test('puts certificates into a token only when the request asks for them', async () => {
    const roots = certificatesOfPem(key);
    const own = Buffer.from(roots[0]?.der ?? []);
    const without = await tokenOf(service.url, tsq({ certReq: false }));
    const within = await tokenOf(service.url, tsq({ certReq: true }));
    expect(Buffer.from(without).includes(own)).toBe(false);
    expect(Buffer.from(within).includes(own)).toBe(true);
    const judge = (token: Uint8Array, certificates: Uint8Array[]) =>
      verifyToken({ token, stamped: { message: MESSAGE }, roots: roots.slice(-1), certificates });
    expect(judge(without, [])).toMatchObject({ counts: false, fault: 'signer_certificate_missing' });
    expect(judge(without, [own])).toMatchObject({ counts: true });
    expect(judge(within, [])).toMatchObject({ counts: true });
  });

  test.each<[string, Uint8Array, string]>([
    ['a SHA-1 digest', query({ algorithm: SHA1, imprint: new Uint8Array(20) }), 'badAlg'],
    ['an MD5 digest', query({ algorithm: MD5, imprint: new Uint8Array(16) }), 'badAlg'],
    ['a digest of the wrong length', query({ imprint: new Uint8Array(20) }), 'badDataFormat'],
    ['a policy that is not offered', query({ policy: '1.2.3.4' }), 'unacceptedPolicy'],
    ['an extension', query({ more: EXTENSIONS }), 'unacceptedExtension'],
    ['another version', query({ version: 2 }), 'badRequest'],
    ['needless zeros in a nonce', query({ nonce: Uint8Array.of(0, 1) }), 'badDataFormat'],
    ['no DER', utf8('hello'), 'badDataFormat'],
    ['nothing', new Uint8Array(), 'badDataFormat'],
    ['something behind its end', concat(query({}), Uint8Array.of(0)), 'badDataFormat'],
    ['16 KiB of garbage', randomBytes(16_384), 'badDataFormat'],
  ])('rejects %s with 200, and notarizes nothing', async (_, body, failure) => {
    const before = await service.store.head();
    const answer = await askTsa(service.url, body);
    expect(answer).toMatchObject({ granted: false, status: 2, failures: [failure] });
    expect(answer.granted ? '' : answer.text).toMatch(/^[A-Z].*\.$/);
    expect((await service.store.head()).nextPosition).toBe(before.nextPosition);
  });

  test('accepts the policy that it offers, and a Content-Type with parameters', async () => {
    await tokenOf(service.url, query({ policy: POLICY }));
    for (const type of [`${QUERY_TYPE};charset=ISO-8859-1`, `${QUERY_TYPE.toUpperCase()} ; x="y"`])
      await tokenOf(service.url, tsq(), { 'content-type': type });
  });

  test('returns 413 for more than 16 KiB, 415 for another type, and 405 for another method', async () => {
    const post = (type: string, body: Buffer) =>
      request(service.url).post('/tsa').set('Content-Type', type).send(body);
    const large = await post(QUERY_TYPE, Buffer.alloc(16_385));
    expect([large.status, Problem.parse(large.body).code]).toEqual([413, 'too_large']);
    const other = await post('application/octet-stream', Buffer.from(tsq()));
    expect([other.status, Problem.parse(other.body).code]).toEqual([415, 'unsupported_media_type']);
    await request(service.url).get('/tsa').expect(405);
  });

  test('registers a token for the organization of an API key, which finds it by the digest in it', async () => {
    const { id } = await createOrganization(service);
    const { secret } = await createKey(service, id, ['notarize', 'read']);
    const token = await tokenOf(service.url, tsq(), bearer(secret));
    const found = await request(service.url)
      .get('/v1/notarizations')
      .query({ q: sha256(MESSAGE) })
      .set(bearer(secret))
      .expect(200);
    expect(Register.parse(found.body).notarizations.map((each) => each.sha256)).toEqual([sha256(token)]);
  });

  test('registers the tokens of clients without a key for the configured organization, and no others', async () => {
    const { id } = await createOrganization(service);
    const { secret } = await createKey(service, id, ['notarize', 'read'], { limits: { digestsPerDay: 1 } });
    await using owned = await startService({
      beside: service,
      sealing: false,
      tsa: { key, organization: id },
    });
    const anonymous = [await tokenOf(owned.url), await tokenOf(owned.url)];
    const own = await tokenOf(owned.url, tsq(), bearer(secret));
    const other = await createKey(service, (await createOrganization(service)).id, ['notarize', 'read']);
    await tokenOf(owned.url, tsq(), bearer(other.secret));
    const found = await request(owned.url).get('/v1/notarizations').set(bearer(secret)).expect(200);
    const listed = Register.parse(found.body).notarizations.map((each) => [
      each.sha256,
      each.submittedBy?.slice(0, 11),
    ]);
    const byTsa = anonymous.toReversed().map((token) => [sha256(token), 'service:tsa']);
    expect(listed).toEqual([[sha256(own), expect.stringMatching(/^key:/)], ...byTsa]);
    const audited = await audit({ store: service.store, logKey: LOG_KEY.key });
    expect(audited.database.findings).toEqual([]);
    const unknown = startService({ beside: service, tsa: { key, organization: 'org_unknown' } });
    await expect(unknown).rejects.toThrow('INGAM_TSA_ORGANIZATION must be the id of an organization');
  });

  test('gives no token for a key that may not notarize, nor beyond the limit of its organization', async () => {
    const { id } = await createOrganization(service);
    const { secret: reader } = await createKey(service, id, ['read']);
    const post = (secret: string) =>
      request(service.url)
        .post('/tsa')
        .set({ ...bearer(secret), 'Content-Type': QUERY_TYPE })
        .send(Buffer.from(tsq()));
    await post(reader).expect(403);
    const { secret } = await createKey(service, id, ['notarize'], {
      limits: { digestsPerDay: 1 },
    });
    await post(secret).expect(200);
    const limited = await post(secret).expect(429);
    expect(Problem.parse(limited.body).code).toBe('limit_exceeded');
  });

  test('limits how many tokens an anonymous network gets', async () => {
    const stranger = { address: '203.0.113.9', agent: '' };
    const { anonymousLimits } = service.deps.access;
    const ask = (address: string) =>
      request(service.url)
        .post('/tsa')
        .set({ 'Content-Type': QUERY_TYPE, 'X-Forwarded-For': address })
        .send(Buffer.from(tsq()));
    await until('the limit to be reached', async () => {
      for (let i = 0; i < ANONYMOUS_LIMITS.timeStampsPerMinute; i++) {
        try {
          anonymousLimits.consumeTimeStamp(ANONYMOUS_PRINCIPAL, stranger);
        } catch {
          break;
        }
      }
      const res = await ask(stranger.address);
      return res.status === 429 ? res : null;
    });
    await ask('198.51.100.9').expect(200);
  });

  test('returns 404 where time-stamping is off', async () => {
    await using off = await startService({ sealing: false });
    for (const path of ['/tsa/policy', '/tsa/certificates']) await request(off.url).get(path).expect(404);
    await request(off.url).post('/tsa').set('Content-Type', QUERY_TYPE).send(Buffer.from(tsq())).expect(404);
  });
});

describe.concurrent('a token that is not in the log', () => {
  const broken = (fail: 'refused' | 'unknown' | 'lost') =>
    startService({
      tsa: { key },
      wrapStore: (store) => ({
        ...store,
        accept: async (group) => {
          if (fail === 'refused') throw new StoreError('unavailable', 'test');
          // Written, or not, and the answer is lost; nor can be read which.
          if (fail === 'lost') await store.accept(group);
          throw new StoreError('outcome_unknown', 'test');
        },
        ...(fail === 'refused'
          ? {}
          : { findAccepted: () => Promise.reject(new StoreError('unavailable', 'test')) }),
      }),
    });

  test('is not given out when its commit fails', async () => {
    await using own = await broken('refused');
    expect(await askTsa(own.url, tsq())).toMatchObject({ granted: false, failures: ['systemFailure'] });
  });

  test.each(['unknown', 'lost'] as const)('is not given out when its outcome is %s', async (how) => {
    await using own = await broken(how);
    expect(await askTsa(own.url, tsq())).toMatchObject({ granted: false, failures: ['systemFailure'] });
  });

  test('is not signed while the database does not answer', async () => {
    let asked = 0;
    await using own = await startService({
      tsa: { key },
      wrapStore: (store) => ({
        ...store,
        accept: (group) => (asked++, store.accept(group)),
        sealingState: () => Promise.reject(new StoreError('unavailable', 'test')),
      }),
      sealing: false,
    });
    expect(await askTsa(own.url, tsq())).toMatchObject({ granted: false, failures: ['systemFailure'] });
    expect(asked).toBe(0);
  });
});

describe.concurrent('the clock of an authority', () => {
  const setLatest = async ({ adminUrl }: TestService, milliseconds: number) => {
    const client = new pg.Client(adminUrl);
    await client.connect();
    try {
      await client.query('UPDATE head SET latest_time = $1', [milliseconds]);
    } finally {
      await client.end();
    }
  };

  test('is not trusted when it is an hour behind the log: timeNotAvailable, nothing is signed, and readyz warns', async () => {
    await using own = await startService({ tsa: { key } });
    await tokenOf(own.url);
    const { nextPosition } = await own.store.head();
    await setLatest(own, Date.now() + 3_600_000);
    const answer = await askTsa(own.url, tsq());
    expect(answer).toMatchObject({ granted: false, failures: ['timeNotAvailable'] });
    expect(answer.granted ? '' : answer.text).toMatch(/^The clock of this machine is 3\d{3} s behind/);
    expect((await own.store.head()).nextPosition).toBe(nextPosition);
    const { warnings } = Readiness.parse((await request(own.url).get('/readyz')).body as Json);
    expect(warnings).toMatchObject([
      { code: 'tsa_clock', message: expect.stringContaining('behind') as string },
    ]);
    const metrics = (await request(own.url).get('/metrics')).text;
    expect(metrics).toMatch(/^ingam_tsa_clock_untrusted 1$/m);
    expect(metrics).toMatch(/^ingam_time_stamps_total\{outcome="timeNotAvailable"\} 1$/m);
    expect(metrics).toMatch(/^ingam_time_stamps_total\{outcome="granted"\} 1$/m);
  });

  test('is not trusted after it was set while the service ran', async () => {
    let shift = 0;
    await using own = await startService({ tsa: { key }, timeStampClock: () => Date.now() + shift });
    await tokenOf(own.url);
    shift = 1500;
    expect(await askTsa(own.url, tsq())).toMatchObject({ failures: ['timeNotAvailable'] });
    const { ready, warnings } = Readiness.parse((await request(own.url).get('/readyz')).body as Json);
    expect(ready).toBe(true);
    expect(warnings.map(({ message }) => message)).toEqual([
      'No time-stamps are given. The clock of this machine was set forward by 1.5 s while the service ran: check it, and restart the service.',
    ]);
  });

  test('gives no token outside of the validity of the certificate, and readyz warns before its end', async () => {
    const elsewhen = async (years: number) => {
      const start = Date.now() - years * 365.25 * 86_400_000;
      const pem = await createTsaKey('p256', start);
      return startService({ tsa: { key: pem } });
    };
    await using ended = await elsewhen(10.1);
    expect(await askTsa(ended.url, tsq())).toMatchObject({ granted: false, failures: ['systemFailure'] });
    await using future = await elsewhen(-1);
    expect(await askTsa(future.url, tsq())).toMatchObject({ granted: false, failures: ['systemFailure'] });
    await using ending = await elsewhen(9.9);
    await tokenOf(ending.url);
    const { ready, warnings } = Readiness.parse((await request(ending.url).get('/readyz')).body as Json);
    expect([ready, warnings.map(({ code }) => code)]).toEqual([true, ['tsa_certificate']]);
  });
});

test('GET /tsa/certificates has the chain, with which tokens without certificates can be judged', async () => {
  const res = await request(service.url).get('/tsa/certificates').buffer(true).parse(textParser).expect(200);
  expect(res.headers['content-type']).toBe('application/pem-certificate-chain');
  const published = certificatesOfPem(res.body as string);
  expect(published.map(({ der }) => toHex(der))).toEqual(certificatesOfPem(key).map(({ der }) => toHex(der)));
  expect(published.map(({ subject }) => describeName(subject))).toEqual([
    expect.stringMatching(/^CN=Time-stamping authority \d{4}-\d\d-\d\d, O=Test Notary, C=KR$/),
    'CN=Time-stamping root, O=Test Notary, C=KR',
  ]);
});

function textParser(res: request.Response, done: (error: Error | null, body: string) => void): void {
  let text = '';
  res.setEncoding('utf8');
  (res as unknown as NodeJS.ReadableStream)
    .on('data', (chunk: string) => (text += chunk))
    .on('end', () => {
      done(null, text);
    });
}

test.each([
  ['en', [], 'does not compare its clock with time servers itself'],
  ['en', [{ host: 'ntp.example', port: 9 }], 'compared with a time server about every minute: ntp.example'],
  ['ko', [], '시각 서버와 직접 비교하지 않습니다'],
  ['ko', [{ host: 'ntp.example', port: 9 }], '시각 서버 1곳과 비교합니다: ntp.example'],
] as const)('GET /tsa/policy says in %s how the clock is checked: %j', async (language, servers, words) => {
  await using own = await startService({ tsa: { key, servers, accuracyMs: 1500 }, sealing: false });
  const res = await request(own.url).get('/tsa/policy').set('Accept-Language', language).expect(200);
  expect(res.headers).toMatchObject({ 'content-language': language });
  expect(res.text).toContain(`<html lang="${language}">`);
  for (const each of [words, POLICY, '1.5', 'test.example/log', '910/2014']) expect(res.text).toContain(each);
});
