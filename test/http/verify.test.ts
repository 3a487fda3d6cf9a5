import { createHash, randomBytes } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Accepted, type Notarization, Problem, Verification } from '../../src/http/schemas/resources.js';
import { isPdf, parseProofOrCertificate } from '../../src/proof/index.js';
import { startService, type TestService } from '../support/service.js';
import { loadVectors, proofBytes } from '../vectors/load.js';

const FILE = Buffer.from('the document');
const DIGEST = createHash('sha256').update(FILE).digest('hex');

let service: TestService;
let sealed: Notarization;
let proofText: string;
beforeAll(async () => {
  service = await startService();
  const res = await request(service.url).post('/v1/notarizations?wait=sealed').attach('file', FILE, 'd.txt');
  const [only] = Accepted.parse(res.body).notarizations;
  if (only === undefined) throw new Error('nothing was accepted');
  sealed = only;
  proofText = (await request(service.url).get(sealed.links.proof).buffer(true)).text;
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

const api = () => request(service.url);

function verification(res: { readonly status: number; readonly body: unknown }): Verification {
  expect(res.status).toBe(200);
  return Verification.parse(res.body);
}

function failures({ steps }: Verification) {
  return steps.flatMap(({ code }) => (code === null ? [] : [code]));
}

describe('a document', () => {
  test('is verified by digest, by JSON and as a file, with its notarizations', async () => {
    const responses = [
      await api().get(`/v1/verify/${DIGEST}`),
      await api().post('/v1/verify').send({ sha256: DIGEST }),
      await api().post('/v1/verify').send({ sha256: DIGEST, size: FILE.length }),
      await api().post('/v1/verify').attach('file', FILE, 'renamed.txt'),
    ];
    for (const result of responses.map(verification)) {
      expect(result).toMatchObject({ verdict: 'verified', sha256: DIGEST, more: false });
      // Without the part that shows details: whoever has the digest gets this.
      expect(result.notarizations.map(({ id }) => id)).toEqual([/^[0-9]+-[0-9a-f]+/.exec(sealed.id)?.[0]]);
      expect(result.steps.length).toBeGreaterThan(5);
    }
  });

  test('is found by its digest as people have it, in every call', async () => {
    const groups = DIGEST.match(/.{1,4}/g)?.join(' ') ?? '';
    for (const typed of [DIGEST.toUpperCase(), `sha256:${DIGEST}`, `SHA256: ${groups}`, ` ${DIGEST}\r\n`]) {
      const responses = [
        await api().get(`/v1/verify/${encodeURIComponent(typed)}`),
        await api().post('/v1/verify').send({ sha256: typed }),
      ];
      for (const result of responses.map(verification)) {
        expect(result).toMatchObject({ verdict: 'verified', sha256: DIGEST });
      }
      const line = `${JSON.stringify({ sha256: typed })}\n`;
      const sent = [
        await api()
          .post('/v1/notarizations')
          .send({ documents: [{ sha256: typed }] }),
        await api().post('/v1/notarizations').type('application/x-ndjson').send(line).buffer(true),
      ];
      for (const { status, text } of sent) {
        expect(status).toBeLessThan(300);
        expect(text).toContain(DIGEST);
      }
    }
    await api().get(`/v1/verify/sha512:${DIGEST}`).expect(400);
  });

  test('is unknown if nobody has notarized it', async () => {
    const digest = randomBytes(32).toString('hex');
    const result = verification(await api().get(`/v1/verify/${digest}`));
    expect(result).toEqual({ verdict: 'unknown', sha256: digest, steps: [], notarizations: [], more: false });
  });

  test('is pending until it is sealed', async () => {
    await using idle = await startService({ sealing: false });
    await request(idle.url).put('/v1/notarizations').send(FILE).expect(201);
    const result = verification(await request(idle.url).get(`/v1/verify/${DIGEST}`));
    expect(result).toMatchObject({ verdict: 'pending', notarizations: [{ status: 'accepted' }] });
  });

  test('is verified although someone notarized its digest with a wrong length before', async () => {
    await using other = await startService();
    const post = (document: object) =>
      request(other.url)
        .post('/v1/notarizations?wait=sealed')
        .send({ documents: [document] })
        .expect(201);
    await post({ sha256: DIGEST, size: 1 });
    await post({ sha256: DIGEST, size: FILE.length });
    const result = verification(await request(other.url).post('/v1/verify').attach('file', FILE, 'd.txt'));
    expect(result.verdict).toBe('verified');
    expect(result.notarizations.map(({ size }) => size)).toEqual([1, FILE.length]);
  });

  test('may have more notarizations than are shown', async () => {
    await using other = await startService();
    const documents = Array.from({ length: 101 }, () => ({ sha256: DIGEST }));
    await request(other.url).post('/v1/notarizations').send({ documents }).expect(201);
    const result = verification(await request(other.url).get(`/v1/verify/${DIGEST}`));
    expect(result.more).toBe(true);
    expect(result.notarizations.map(({ position }) => position)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
  });
});

describe('a proof', () => {
  test('is verified as object, text and file, with and without its document', async () => {
    const responses = [
      await api()
        .post('/v1/verify')
        .send({ proof: JSON.parse(proofText) as object }),
      await api().post('/v1/verify').send({ proof: proofText, sha256: DIGEST }),
      await api().post('/v1/verify').attach('proof', Buffer.from(proofText), 'd.txt.ingam.json'),
      await api().post('/v1/verify').attach('file', FILE, 'd.txt').field('proof', proofText),
    ];
    for (const result of responses.map(verification)) expect(result.verdict).toBe('verified');
  });

  test('is invalid for another document', async () => {
    const result = verification(
      await api().post('/v1/verify').attach('file', Buffer.from('other'), 'd.txt').field('proof', proofText),
    );
    expect(result.verdict).toBe('invalid');
    expect(failures(result)).toContain('document_digest_mismatch');
  });

  test('is rejected with unknown keys, such as __proto__', async () => {
    const text = `{"proof":${proofText.replace('{', '{"__proto__":{},')}}`;
    const res = await api().post('/v1/verify').set('Content-Type', 'application/json').send(text).expect(400);
    expect(Problem.parse(res.body).code).toBe('malformed_proof');
  });
});

/** The codes that depend on trust: this service does not know the keys of the vectors. */
const OF_TRUST = new Set([
  'no_trusted_key',
  'untrusted_log',
  'bad_log_signature',
  'bad_cosignature',
  'quorum_missing',
  'bad_receipt_signature',
  'time_missing',
]);

function isProof(bytes: Uint8Array): boolean {
  try {
    parseProofOrCertificate(bytes);
    return true;
  } catch {
    return false;
  }
}

describe('anchors', () => {
  test('are reported, each with why it does not count', async () => {
    const vector = loadVectors('time').find(({ name }) => name === 'interval') ?? expect.fail();
    const res = await api()
      .post('/v1/verify')
      .attach('proof', Buffer.from(proofBytes(vector)), 'p.json');
    const { verdict, time } = verification(res);
    expect(verdict).toBe('untrusted');
    expect(time).toEqual({
      ...{ notBefore: null, notAfter: null, sources: [], of: 0, conflict: null },
      anchors: [
        expect.objectContaining({ index: 0, type: 'beacon', counts: false, fault: 'untrusted_source' }),
        expect.objectContaining({ index: 1, type: 'rfc3161', counts: false, fault: 'untrusted_note' }),
      ],
    });
  });

  test('are none in a proof without anchors, and not spoken of without a proof', async () => {
    const res = await api().post('/v1/verify').send({ sha256: DIGEST });
    expect(verification(res).time).toMatchObject({ notAfter: null, anchors: [] });
    const unknown = await api()
      .post('/v1/verify')
      .send({ sha256: '0'.repeat(64) });
    expect(verification(unknown)).not.toHaveProperty('time');
  });
});

describe('proof vectors', () => {
  // The service takes no trust policy from callers: vectors of malformed ones are not for it.
  const vectors = loadVectors().filter(
    (vector) => !('error' in vector.expected) || !isProof(proofBytes(vector)),
  );
  test.each(vectors.map((vector) => [`${vector.folder}/${vector.name}`, vector] as const))(
    '%s',
    async (_, vector) => {
      const post = api()
        .post('/v1/verify')
        .attach('proof', Buffer.from(proofBytes(vector)), 'p.json');
      const res =
        vector.document === null
          ? await post
          : await post.attach('file', Buffer.from(vector.document, 'hex'), 'f');
      if ('error' in vector.expected) {
        const tooLarge = res.status === 413;
        expect([400, 413]).toContain(res.status);
        if (tooLarge) return;
        const problem = Problem.parse(res.body);
        expect(['malformed_proof', 'malformed_multipart']).toContain(problem.code);
        // One of the malformed files is a PDF, and certificates are accepted too.
        const code = isPdf(proofBytes(vector)) ? 'malformed_certificate' : vector.expected.error;
        if (problem.code === 'malformed_proof') expect(problem.errors?.[0]?.message).toContain(code);
        return;
      }
      const result = verification(res);
      expect(result.verdict).not.toBe('verified');
      const expected = vector.expected.failed.map(({ code }) => code).filter((code) => !OF_TRUST.has(code));
      expect(failures(result).filter((code) => !OF_TRUST.has(code))).toEqual(expected);
      if (expected.length > 0) expect(result.verdict).toBe('invalid');
    },
  );
});
