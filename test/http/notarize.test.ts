import { createHash } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Accepted, Notarization } from '../../src/http/schemas/resources.js';
import {
  checkSignature,
  decodeEntry,
  detailsDigestOf,
  entryLeafHash,
  fromBase64,
  parseNote,
  parseReceipt,
  rootFromInclusionPath,
  toHex,
} from '../../src/proof/index.js';
import { bearer, createKey, createOrganization } from '../support/people.js';
import { ORIGIN } from '../support/parts.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const api = () => request(service.url);

function accepted(body: unknown): Accepted {
  return Accepted.parse(body);
}

/** The same notarizations, and the same receipt unless a block holds them by now. */
function expectSame(again: unknown, first: unknown): void {
  const [before, after] = [accepted(first), accepted(again)];
  expect(after.notarizations.map(({ id }) => id)).toEqual(before.notarizations.map(({ id }) => id));
  if (after.notarizations.every(({ status }) => status === 'accepted')) expect(after.receipt).toBeDefined();
  if (after.receipt !== undefined) expect(after.receipt).toEqual(before.receipt);
}

describe('multipart', () => {
  test('a file is hashed, named and accepted, with a valid receipt', async () => {
    const res = await api()
      .post('/v1/notarizations')
      .attach('file', Buffer.from('hello'), 'contract.pdf')
      .expect(201);
    const { notarizations, receipt } = accepted(res.body);
    const [only] = notarizations;
    expect(only).toMatchObject({ sha256: sha256('hello'), size: 5, details: { name: 'contract.pdf' } });
    expect(res.headers['location']).toBe(only?.links.self);
    const { index, path, note: text } = receipt ?? expect.fail();
    const note = parseNote(text);
    const [receiptKey = expect.fail()] = service.deps.log.receiptKeys;
    expect(checkSignature(note, receiptKey).state).toBe('good');
    const entry = decodeEntry(fromBase64(only?.entry ?? ''));
    const promised = parseReceipt(note.text);
    expect(promised).toMatchObject({ origin: ORIGIN, acceptedAt: entry.acceptedAt });
    const hashes = path.map((hash) => fromBase64(hash));
    const root = rootFromInclusionPath(entryLeafHash(entry), index, promised.count, hashes);
    expect(toHex(root)).toBe(toHex(promised.root));
    expect(toHex(entry.detailsDigest)).toBe(toHex(detailsDigestOf(entry.salt, { name: 'contract.pdf' })));
  });

  test('several files keep their order, and details apply to all or to each', async () => {
    const all = await api()
      .post('/v1/notarizations')
      .field('details', JSON.stringify({ author: 'A' }))
      .attach('file', Buffer.from('1'), 'one.txt')
      .attach('file', Buffer.from('22'), 'two.txt')
      .expect(201);
    expect(accepted(all.body).notarizations.map(({ size, details }) => ({ size, details }))).toEqual([
      { size: 1, details: { name: 'one.txt', author: 'A' } },
      { size: 2, details: { name: 'two.txt', author: 'A' } },
    ]);
    expect(all.headers['location']).toBeUndefined();
    const each = await api()
      .post('/v1/notarizations')
      .attach('file', Buffer.from('1'), 'one.txt')
      .attach('file', Buffer.from('22'), 'two.txt')
      .field('details', JSON.stringify([{ name: 'other' }, null]))
      .expect(201);
    expect(accepted(each.body).notarizations.map(({ details }) => details)).toEqual([
      { name: 'other' },
      { name: 'two.txt' },
    ]);
  });

  test.each([
    ['UTF-8 bytes', Buffer.from('filename="계약서 ü.pdf"'), '계약서 ü.pdf'],
    ['Latin-1 bytes', Buffer.from('filename="gr\u00fcn.pdf"', 'latin1'), 'grün.pdf'],
    ['RFC 5987', Buffer.from('filename="x"; filename*=UTF-8\'\'%ED%95%9C.pdf'), '한.pdf'],
    ['RFC 5987 with a quotation mark', Buffer.from('filename="x"; filename*=UTF-8\'\'a%22b'), 'a"b'],
    ['percent signs', Buffer.from('filename="100%25 of 50%.pdf"'), '100%25 of 50%.pdf'],
  ])('accepts a file name in %s', async (_, parameter, name) => {
    const body = Buffer.concat([
      Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; '),
      parameter,
      Buffer.from('\r\nContent-Type: application/pdf\r\n\r\nx\r\n--b--\r\n'),
    ]);
    const res = await fetch(`${service.url}/v1/notarizations`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: new Uint8Array(body),
    });
    expect(res.status).toBe(201);
    expect(accepted(await res.json()).notarizations[0]?.details).toEqual({ name });
  });
});

describe('a file name', () => {
  const digest = sha256('x');
  /** The ways in which a name can be sent. The first three can say every name exactly. */
  const ways: Readonly<Record<string, (name: string) => Promise<Response>>> = {
    'details of a digest': (name) =>
      fetch(`${service.url}/v1/notarizations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ documents: [{ sha256: digest, details: { name } }] }),
      }),
    'details of an upload': (name) => upload('document', { name }),
    'the path of a raw upload': (name) =>
      fetch(`${service.url}/v1/notarizations/${encodeURIComponent(name)}`, {
        method: 'PUT',
        body: new Blob(['x']),
      }),
    'the name of a part': (name) => upload(name, null),
  };
  function upload(fileName: string, details: object | null): Promise<Response> {
    const form = new FormData();
    if (details !== null) form.append('details', JSON.stringify(details));
    // Encodes the name as browsers do.
    form.append('file', new Blob(['x']), fileName);
    return fetch(`${service.url}/v1/notarizations`, { method: 'POST', body: form });
  }
  const detailsOf = async (res: Response) => accepted(await res.json()).notarizations[0]?.details;

  test.each(['계약서.pdf', '50%.txt', 'a b;c=d.txt', "it's", '..gitignore', 'עברית.pdf', '🙂'])(
    '%j is sealed as it is, in whatever way it is sent',
    async (name) => {
      for (const [way, send] of Object.entries(ways)) {
        const res = await send(name);
        expect({ way, status: res.status }).toEqual({ way, status: 201 });
        expect(await detailsOf(res)).toEqual({ name });
      }
    },
  );

  test.each(['100%22.txt', 'a"b.txt', 'a%0Ab'])(
    '%j is sealed as it is, or rejected where it cannot be told from another',
    async (name) => {
      const { 'the name of a part': inPart, ...exact } = ways;
      for (const send of Object.values(exact)) expect(await detailsOf(await send(name))).toEqual({ name });
      const res = await inPart?.(name);
      expect(res?.status).toBe(400);
      expect(await res?.json()).toMatchObject({
        code: 'invalid_file_name',
        detail: expect.stringContaining('cannot be told from another one') as string,
      });
    },
  );

  test.each(['a\\b.txt', 'C:\\temp\\a.txt', '../a', '..', '.', 'a\u200fb', 'a\u202eb', 'a'.repeat(256)])(
    '%j is rejected, in whatever way it is sent',
    async (name) => {
      for (const [way, send] of Object.entries(ways)) {
        // No URL ends with a dot segment: clients resolve it.
        if (way.startsWith('the path') && /^\.\.?$/.test(name)) continue;
        const res = await send(name);
        expect({ way, status: res.status }).toEqual({ way, status: 400 });
      }
    },
  );

  test('is left out on request', async () => {
    expect(await detailsOf(await upload('a.txt', { name: null }))).toBeUndefined();
    expect(await detailsOf(await upload('a\\b.txt', { name: null, title: 'T' }))).toEqual({ title: 'T' });
    const body = { documents: [{ sha256: digest, details: { name: null } }] };
    await api().post('/v1/notarizations').send(body).expect(400);
  });
});

describe('JSON', () => {
  test('digests with and without size and details', async () => {
    const documents = [
      { sha256: sha256('a') },
      { sha256: sha256('b'), size: 0 },
      { sha256: sha256('a'), size: 2 ** 53 - 1, details: { title: 'T', tags: ['x', 'y'], note: 'one\ntwo' } },
    ];
    const res = await api().post('/v1/notarizations').send({ documents }).expect(201);
    const { notarizations } = accepted(res.body);
    expect(notarizations.map(({ sha256: digest, size, details }) => ({ digest, size, details }))).toEqual(
      documents.map((document) => ({
        digest: document.sha256,
        size: document.size ?? null,
        details: document.details,
      })),
    );
    const [first] = notarizations;
    expect(notarizations.map(({ position }) => position - (first?.position ?? 0))).toEqual([0, 1, 2]);
  });

  test('10,000 documents in one request', async () => {
    const documents = Array.from({ length: 10_000 }, (_, i) => ({ sha256: sha256(String(i)) }));
    const res = await api().post('/v1/notarizations').send({ documents }).expect(201);
    expect(accepted(res.body).notarizations).toHaveLength(10_000);
  });

  test('a long response is written in slices, between which other work runs, and is whole', async () => {
    const documents = Array.from({ length: 20 }, (_, i) => ({
      sha256: sha256('x'),
      ...(i % 3 === 0 ? {} : { details: { note: `é"\\ ${i}`, name: 'b' } }),
    }));
    const send = (clockStep: number) => {
      // As if each document took longer than a slice of time.
      let now = performance.now();
      const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += clockStep));
      return api()
        .post('/v1/notarizations')
        .send({ documents })
        .expect(201)
        .then((res) => res)
        .finally(() => {
          clock.mockRestore();
        });
    };
    const res = await send(20);
    expect(res.headers['transfer-encoding']).toBe('chunked');
    const { notarizations } = Accepted.parse(res.body);
    expect(
      notarizations.map(({ sha256: digest, details }) => ({ sha256: digest, ...(details && { details }) })),
    ).toEqual(documents);
    const atOnce = await send(0.001);
    expect(atOnce.headers['content-length']).toBe(String(Buffer.byteLength(atOnce.text)));
  });
});

describe('one raw file', () => {
  const body = Buffer.alloc(300_000, 7);
  test.each([
    ['POST', '/v1/notarizations?name=a%20b.pdf', 'application/octet-stream', { name: 'a b.pdf' }],
    ['POST', '/v1/notarizations', 'application/octet-stream', undefined],
    ['PUT', '/v1/notarizations', undefined, undefined],
    ['PUT', '/v1/notarizations/scan.tiff', undefined, { name: 'scan.tiff' }],
    ['PUT', '/v1/notarizations/%E2%82%AC.txt', 'application/octet-stream', { name: '€.txt' }],
  ])('%s %s', async (method, path, type, details) => {
    const res = await fetch(service.url + path, {
      method,
      body: new Uint8Array(body),
      headers: type === undefined ? {} : { 'content-type': type },
    });
    expect(res.status).toBe(201);
    const [only] = accepted(await res.json()).notarizations;
    expect(only).toMatchObject({ sha256: sha256(body), size: body.length });
    expect(only?.details).toEqual(details);
  });
});

describe('waiting for the seal', () => {
  test.each([
    ['?wait=sealed', {}],
    ['', { prefer: 'respond-async, wait=20' }],
  ])('%s %j', async (query, headers) => {
    const res = await api()
      .post(`/v1/notarizations${query}`)
      .set(headers)
      .send({ documents: [{ sha256: sha256('w') }, { sha256: sha256('v') }] })
      .expect(201);
    const { notarizations } = accepted(res.body);
    expect(notarizations.map(({ status }) => status)).toEqual(['sealed', 'sealed']);
    expect(res.headers['preference-applied']).toBe('prefer' in headers ? 'wait=20' : undefined);
    const again = await api()
      .get(notarizations[0]?.links.self ?? '')
      .expect(200);
    expect(Notarization.parse(again.body)).toEqual(notarizations[0]);
  });

  test('a wait that times out is a 201 with the status `accepted`', async () => {
    await using idle = await startService({ sealing: false });
    const res = await request(idle.url)
      .post('/v1/notarizations')
      .set('Prefer', 'wait=0')
      .send({ documents: [{ sha256: sha256('w') }] })
      .expect(201);
    expect(accepted(res.body).notarizations[0]?.status).toBe('accepted');
  });

  test('waiting clients get their response when the service stops', async () => {
    await using idle = await startService({ sealing: false });
    const waiting = request(idle.url)
      .post('/v1/notarizations?wait=sealed')
      .send({ documents: [{ sha256: sha256('w') }] })
      .then((res) => res);
    while ((await idle.store.head()).nextPosition === 0) await new Promise(setImmediate);
    idle.beginStop();
    const res = await waiting;
    expect(res.status).toBe(201);
    expect(res.headers['connection']).toBe('close');
    expect(accepted(res.body).notarizations[0]?.status).toBe('accepted');
  });
});

describe('Idempotency-Key', () => {
  test('a repeated request gets the same response, another one 422', async () => {
    const key = await createKey(service, (await createOrganization(service)).id);
    const post = (documents: object[]) =>
      api()
        .post('/v1/notarizations?wait=sealed')
        .set({ ...bearer(key.secret), 'Idempotency-Key': 'order-7' })
        .send({ documents });
    const first = await post([{ sha256: sha256('k'), details: { title: 't' } }]).expect(201);
    const second = await post([{ sha256: sha256('k'), details: { title: 't' } }]).expect(201);
    expect(second.headers['idempotent-replayed']).toBe('true');
    // Once they are sealed, proofs have taken the place of the receipt.
    expect(accepted(first.body).receipt).toBeDefined();
    expect(second.body).toEqual({ notarizations: accepted(first.body).notarizations });
    const other = await post([{ sha256: sha256('l') }]).expect(422);
    expect(other.body).toMatchObject({ code: 'idempotency_mismatch' });
  });

  test('anonymous clients cannot take each other’s keys', async () => {
    const post = (content: string) =>
      api()
        .post('/v1/notarizations')
        .set('Idempotency-Key', '1')
        .send({ documents: [{ sha256: sha256(content) }] })
        .expect(201);
    const first = await post('of one client');
    const other = await post('of another client');
    expect(other.headers['idempotent-replayed']).toBeUndefined();
    const again = await post('of one client');
    expect(again.headers['idempotent-replayed']).toBe('true');
    expectSame(again.body, first.body);
  });

  test('an upload can be repeated too', async () => {
    const post = () =>
      api().post('/v1/notarizations').set('Idempotency-Key', 'up').attach('file', Buffer.from('u'), 'u.txt');
    const first = await post().expect(201);
    const second = await post().expect(201);
    expectSame(second.body, first.body);
  });
});
