import { createHash, randomBytes } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AcceptedEvent } from '../../src/http/schemas/records.js';
import {
  Accepted,
  Notarization,
  Problem,
  ResultLine,
  Verification,
} from '../../src/http/schemas/resources.js';
import {
  canonicalJson,
  decodeEntry,
  fromBase64,
  idWithDetails,
  notarizationId,
  parseProof,
  parseProofOrCertificate,
} from '../../src/proof/index.js';
import { bearer, createKey, createOrganization } from '../support/people.js';
import { documentBody, firstEvent, newHolder } from '../support/records.js';
import { startService, type TestService } from '../support/service.js';

const SECRET = 'secret-contract';
const DETAILS = { name: `${SECRET}.pdf`, note: '비밀', tags: ['board'] };

let service: TestService;
let waiting: TestService;
beforeAll(async () => {
  service = await startService();
  waiting = await startService({ sealing: false });
});
afterAll(async () => {
  await waiting[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

const newDigest = () => createHash('sha256').update(randomBytes(8)).digest('hex');
const get = (path: string, at: TestService) => request(at.url).get(path).buffer(true).responseType('blob');

async function notarized(at: TestService, details?: object, headers: Record<string, string> = {}) {
  const res = await request(at.url)
    .post('/v1/notarizations')
    .query(at === service ? { wait: 'sealed' } : {})
    .set(headers)
    .send({ documents: [{ sha256: newDigest(), ...(details === undefined ? {} : { details }) }] })
    .expect(201);
  const [notarization = expect.fail()] = Accepted.parse(res.body).notarizations;
  expect(res.headers['location']).toBe(notarization.links.self);
  return notarization;
}

/** The id that somebody with the document finds, without knowing anything else of it. */
async function idFromOutside({ sha256 }: Notarization, at: TestService): Promise<string> {
  const res = await request(at.url).post('/v1/verify').send({ sha256 }).expect(200);
  expect(res.text).not.toContain(SECRET);
  const { notarizations } = Verification.parse(res.body);
  const [{ id, links } = expect.fail()] = notarizations;
  expect(links.self).toBe(`/v1/notarizations/${id}`);
  const proof = parseProof((await get(links.proof, at)).body as Buffer);
  const position =
    proof.format === 'ingam-proof-v1' ? proof.block.header.firstPosition + proof.block.index : proof.position;
  expect(id).toBe(notarizationId(position, proof.entry.salt));
  return id;
}

/** Everything that is answered about a notarization. */
const CALLS = [
  '',
  '/events',
  '/proof',
  '/proof?disclose=none',
  '/proof?disclose=all',
  '/certificate.pdf',
  '/certificate.pdf?lang=ko',
  '/certificate.pdf?disclose=all',
];

const contains = (body: Buffer, text: string) =>
  body.includes(text) || body.includes(encodeURIComponent(text));

/** Whether an answer has the details, in whatever form. */
function showsDetails({ body, headers }: request.Response): boolean {
  const bytes = body as Buffer;
  const isPdf = headers['content-type'] === 'application/pdf';
  return (
    contains(bytes, SECRET) ||
    JSON.stringify(headers).includes(SECRET) ||
    (isPdf && parseProofOrCertificate(bytes).details !== undefined)
  );
}

describe.each([
  ['sealed', () => service],
  ['waiting for their block', () => waiting],
])('details of anonymous notarizations, %s,', (_, at) => {
  let notarization: Notarization;
  let outside: string;
  beforeAll(async () => {
    notarization = await notarized(at(), DETAILS);
    outside = await idFromOutside(notarization, at());
  });
  /** Without waiting for the end of an event stream. */
  const answer = async (path: string) => {
    if (!path.endsWith('/events')) return get(path, at());
    const controller = new AbortController();
    const response = await fetch(at().url + path, { signal: controller.signal });
    let text = '';
    for await (const chunk of (response.body ?? expect.fail()).pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes('data: ') && text.endsWith('\n\n')) break;
    }
    controller.abort();
    return {
      body: Buffer.from(text),
      headers: Object.fromEntries(response.headers),
    } as unknown as request.Response;
  };

  test.each(CALLS)('are not shown to somebody who has the document: GET …%s', async (call) => {
    const res = await answer(`/v1/notarizations/${outside}${call}`);
    expect(showsDetails(res)).toBe(false);
    if (call.endsWith('=all')) {
      expect(Problem.parse(JSON.parse(String(res.body))).code).toBe('notarization_not_found');
    }
    expect(contains(res.body as Buffer, notarization.id)).toBe(false);
  });

  test.each(CALLS.filter((call) => !call.includes('none')))(
    'are shown with the id from the response: GET …%s',
    async (call) => {
      expect(notarization.id).toMatch(/^[0-9]+-[0-9a-f]{16}-[0-9a-f]{24}$/);
      expect(showsDetails(await answer(`/v1/notarizations/${notarization.id}${call}`))).toBe(true);
      expect(notarization.links.self).toBe(`/v1/notarizations/${notarization.id}`);
    },
  );

  test('are the only thing that the two ids show differently', async () => {
    const { details, ...known } = notarization;
    expect(details).toEqual(DETAILS);
    const seen = Notarization.parse((await request(at().url).get(`/v1/notarizations/${outside}`)).body);
    expect({ ...seen, links: {} }).toEqual({ ...known, id: outside, links: {} });
  });

  test('belong to an id that those who know them can compute', () => {
    const entry = decodeEntry(fromBase64(notarization.entry));
    const of = (details: object) =>
      idWithDetails(notarization.position, entry, canonicalJson(details as typeof DETAILS));
    expect(of(DETAILS)).toBe(notarization.id);
    expect(of({ ...DETAILS, note: '' })).not.toBe(notarization.id);
  });

  test('need the exact id: another is answered like one that does not exist', async () => {
    const without = await notarized(at());
    const third = notarization.id.slice(outside.length);
    const wrong = [
      notarization.id.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      notarization.id.slice(0, -1),
      `${notarization.id}0`,
      notarization.id.toUpperCase(),
      `${outside}-${'0'.repeat(24)}`,
      `${outside}-`,
      // The part of another notarization, and a part where there are no details.
      `${outside}${(await notarized(at(), DETAILS)).id.replace(/^[0-9]+-[0-9a-f]+/, '')}`,
      `${without.id}${third}`,
    ].filter((id) => id !== notarization.id);
    const absent = Problem.parse((await request(at().url).get('/v1/notarizations/0-0000000000000000')).body);
    for (const id of wrong) {
      for (const call of CALLS) {
        const res = await get(`/v1/notarizations/${id}${call}`, at());
        expect([id, call, res.status]).toEqual([id, call, 404]);
        expect({ ...Problem.parse(JSON.parse(String(res.body))), requestId: '' }).toEqual({
          ...absent,
          requestId: '',
        });
      }
    }
  });
});

test('a notarization without details has a two-part id', async () => {
  const { id, links } = await notarized(service);
  expect(id).toMatch(/^[0-9]+-[0-9a-f]{16}$/);
  expect((await get(`${links.proof}?disclose=all`, service)).status).toBe(200);
});

test('a notarization of an organization has a two-part id, and is not found with a third part', async () => {
  const { secret } = await createKey(service, (await createOrganization(service)).id);
  const own = await notarized(service, DETAILS, bearer(secret));
  expect(own.id).toMatch(/^[0-9]+-[0-9a-f]{16}$/);
  const entry = decodeEntry(fromBase64(own.entry));
  const asIfAnonymous = idWithDetails(
    own.position,
    { salt: entry.salt, accountTag: new Uint8Array(16) },
    canonicalJson(DETAILS),
  );
  expect(asIfAnonymous.startsWith(`${own.id}-`)).toBe(true);
  for (const headers of [{}, bearer(secret)]) {
    await request(service.url).get(`/v1/notarizations/${asIfAnonymous}`).set(headers).expect(404);
  }
});

test('an event stream stays without details when the document is sealed while it is open', async () => {
  const at = await startService({ sealing: false });
  try {
    const notarization = await notarized(at, DETAILS);
    const outside = await idFromOutside(notarization, at);
    const streams = await Promise.all(
      [outside, notarization.id].map((id) => fetch(`${at.url}/v1/notarizations/${id}/events`)),
    );
    at.startSealing();
    const [withTwoParts = '', withThree = ''] = await Promise.all(streams.map((stream) => stream.text()));
    for (const text of [withTwoParts, withThree]) expect(text).toContain('event: sealed');
    expect(withTwoParts).not.toContain(SECRET);
    expect(withThree.split(SECRET)).toHaveLength(3);
  } finally {
    await at[Symbol.asyncDispose]();
  }
});

test('every way to submit answers with the id that shows the details, and a repetition with the same', async () => {
  const key = { 'Idempotency-Key': randomBytes(8).toString('hex') };
  const document = { sha256: newDigest(), details: DETAILS };
  const json = async (path: string) =>
    Accepted.parse(
      (
        await request(service.url)
          .post(path)
          .set(key)
          .send({ documents: [document] })
          .expect(201)
      ).body,
    ).notarizations[0]?.id ?? expect.fail();
  const first = await json('/v1/notarizations');
  expect(await json('/v1/notarizations')).toBe(first);
  expect(await json('/v1/notarizations?wait=sealed')).toBe(first);

  const lines = async () => {
    const res = await request(service.url)
      .post('/v1/notarizations')
      .set({ ...key, 'Content-Type': 'application/x-ndjson' })
      .buffer(true)
      .parse((stream, done) => {
        let text = '';
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
        stream.on('end', () => {
          done(null, text);
        });
      })
      .send(
        `${JSON.stringify({ ...document, sha256: 'a'.repeat(64) })}\n${JSON.stringify({ sha256: 'b'.repeat(64) })}\n`,
      );
    return String(res.body)
      .trim()
      .split('\n')
      .map((line) => {
        const result = ResultLine.parse(JSON.parse(line));
        return 'id' in result ? result.id : expect.fail();
      });
  };
  const streamed = await lines();
  expect(await lines()).toEqual(streamed);
  expect(streamed[1]).toMatch(/^[0-9]+-[0-9a-f]{16}$/);

  const uploaded = await request(service.url)
    .post('/v1/notarizations')
    .attach('file', randomBytes(10), `${SECRET}.pdf`)
    .expect(201);
  const raw = await request(service.url)
    .put(`/v1/notarizations/${SECRET}.pdf`)
    .set('Content-Type', 'application/octet-stream')
    .send(randomBytes(10))
    .expect(201);
  const ids = [uploaded, raw].map((res) => Accepted.parse(res.body).notarizations[0]?.id ?? expect.fail());
  for (const id of [first, streamed[0] ?? '', ...ids]) {
    const seen = await request(service.url).get(`/v1/notarizations/${id}`).expect(200);
    expect(Notarization.parse(seen.body)).toMatchObject({ id, details: { name: `${SECRET}.pdf` } });
  }
});

test('an anonymous Idempotency-Key finds the same event again, and is not taken for another event', async () => {
  const alice = newHolder('alice.example');
  const post = async (event: object) => {
    const res = await request(waiting.url).post('/v1/records').set('Idempotency-Key', 'mine').send(event);
    expect(res.status).toBe(201);
    return AcceptedEvent.parse(res.body);
  };
  const [one, other] = ['One', 'Other'].map((title) =>
    firstEvent('document.create', documentBody(alice, title), [alice]),
  );
  if (one === undefined || other === undefined) throw new Error('no events');
  const first = await post(one);
  expect(await post(one)).toEqual(first);
  expect((await post(other)).record).not.toBe(first.record);
});
