import { createHash } from 'node:crypto';
import request, { type Response } from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Accepted, Block, Blocks, Chain, type Notarization } from '../../src/http/schemas/resources.js';
import {
  checkSignature,
  leafHash,
  parseNote,
  parsePolicy,
  parseProof,
  parseVerifierKey,
  policyOfKeys,
  PROOF_MEDIA_TYPE,
  toHex,
  verify,
} from '../../src/proof/index.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let sealed: Notarization;
beforeAll(async () => {
  service = await startService();
  sealed = await notarize('first', { name: 'Ü "1".pdf', author: 'A' });
  await notarize('second');
  await notarize('third');
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const api = () => request(service.url);
/** Bodies as bytes, whatever their type. */
const raw = (path: string) =>
  api()
    .get(path)
    .buffer(true)
    .parse((res, done) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('end', () => {
        done(null, Buffer.concat(chunks));
      });
    });
const bytes = (res: Response) => res.body as Buffer;

/** The parts of a streamed response as they arrive. */
async function* textOf(res: globalThis.Response): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  const reader = (res.body as ReadableStream<Uint8Array>).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    yield decoder.decode(part.value, { stream: true });
  }
}

async function notarize(text: string, details?: object, url = service.url, query = '?wait=sealed') {
  const res = await request(url)
    .post(`/v1/notarizations${query}`)
    .send({ documents: [{ sha256: sha256(text), ...(details === undefined ? {} : { details }) }] });
  const [only] = Accepted.parse(res.body).notarizations;
  if (only === undefined) throw new Error('nothing was accepted');
  return only;
}

describe('a notarization', () => {
  test('is found only by its exact id', async () => {
    const res = await api().get(sealed.links.self).expect(200);
    expect(res.body).toEqual(sealed);
    const [position = '', salt = ''] = sealed.id.split('-');
    const wrongSalt = `${salt.slice(0, -1)}${salt.endsWith('0') ? '1' : '0'}`;
    for (const id of [
      `${position}-${wrongSalt}`,
      position,
      `0${sealed.id}`,
      `${sealed.id} `,
      '99999999-0000000000000000',
      'x',
    ]) {
      const missing = await api()
        .get(`/v1/notarizations/${encodeURIComponent(id)}`)
        .expect(404);
      expect(missing.body).toMatchObject({ code: 'notarization_not_found' });
    }
  });

  test('has a proof that verifies offline, with details unless they are left out', async () => {
    const res = await raw(sealed.links.proof).expect(200);
    expect(res.headers['content-type']).toBe(PROOF_MEDIA_TYPE);
    expect(res.headers['content-disposition']).toBe(
      `attachment; filename="_ _1_.pdf.ingam.json"; filename*=UTF-8''%C3%9C%20%221%22.pdf.ingam.json`,
    );
    const proof = parseProof(bytes(res).toString());
    expect(proof.details).toEqual({ name: 'Ü "1".pdf', author: 'A' });
    const policy = policyOfKeys([parseVerifierKey(service.verifierKey)]);
    expect(verify({ proof, document: null, policy }).verdict).toBe('verified');
    const stranger = await raw(`${sealed.links.proof}?disclose=none`).expect(200);
    expect(parseProof(bytes(stranger).toString()).details).toBeUndefined();
    expect(bytes(stranger).toString()).not.toContain('pdf');
    expect(stranger.headers['content-disposition']).not.toContain('pdf');
  });

  test('has a pending proof before it is sealed', async () => {
    await using idle = await startService({ sealing: false });
    const waiting = await notarize('p', undefined, idle.url, '');
    const res = await request(idle.url).get(waiting.links.proof).buffer(true).expect(202);
    expect(res.headers['retry-after']).toBe('1');
    const proof = parseProof(res.text);
    const { receiptKeys } = idle.deps.log;
    expect(verify({ proof, document: null, policy: null, receiptKeys }).verdict).toBe('pending');
  });

  test('reports its status by events', async () => {
    await using idle = await startService({ sealing: false });
    const waiting = await notarize('p', undefined, idle.url, '');
    const res = await fetch(idle.url + waiting.links.events);
    expect(res.headers.get('content-type')).toContain('text/event-stream');
    const parts = textOf(res);
    let text = '';
    while (!text.includes('event: accepted')) text += (await parts.next()).value ?? '';
    expect(text).toContain('retry: ');
    idle.startSealing();
    for await (const part of parts) text += part;
    expect(text).toMatch(/event: sealed\ndata: \{.*"status":"sealed".*\}\n\n$/);
    const again = await fetch(idle.url + waiting.links.events);
    expect(await again.text()).toMatch(/event: sealed\n/);
  });

  test('an event stream ends when the client disconnects or the service stops', async () => {
    await using idle = await startService({ sealing: false });
    const waiting = await notarize('p', undefined, idle.url, '');
    const controller = new AbortController();
    await fetch(idle.url + waiting.links.events, { signal: controller.signal });
    controller.abort();
    const staying = await fetch(idle.url + waiting.links.events);
    idle.beginStop();
    expect(await staying.text()).not.toContain('event: sealed');
  });
});

describe('blocks', () => {
  test('are listed highest first, page by page', async () => {
    const { blocks } = Blocks.parse((await api().get('/v1/blocks').expect(200)).body);
    const heights = blocks.map(({ height }) => height);
    expect(heights).toEqual(heights.toSorted((a, b) => b - a));
    expect(heights.at(-1)).toBe(0);
    const paged: number[] = [];
    let next: string | undefined = '/v1/blocks?limit=1';
    while (next !== undefined) {
      const page = Blocks.parse((await api().get(next).expect(200)).body);
      paged.push(...page.blocks.map(({ height }) => height));
      next = page.links.next;
    }
    expect(paged).toEqual(heights);
  });

  test('are found by height, and their header has their hash', async () => {
    const block = Block.parse(
      (
        await api()
          .get(sealed.links.block ?? '')
          .expect(200)
      ).body,
    );
    const header = await raw(block.links.header).expect(200);
    expect(header.headers['content-type']).toBe('application/octet-stream');
    expect(header.headers['cache-control']).toContain('immutable');
    expect(bytes(header)).toHaveLength(134);
    expect(bytes(header).toString('base64')).toBe(block.header);
    expect(sha256(bytes(header))).toBe(block.hash);
    expect((await api().get('/v1/blocks/99999').expect(404)).body).toMatchObject({ code: 'block_not_found' });
    for (const height of ['-1', '01', '1e1', '9007199254740993', 'x']) {
      expect((await api().get(`/v1/blocks/${height}`).expect(400)).body).toMatchObject({
        code: 'invalid_parameter',
      });
    }
  });
});

describe('the log', () => {
  test('state, checkpoint and policy agree', async () => {
    const chain = Chain.parse((await api().get('/v1/chain').expect(200)).body);
    expect(chain.verifierKey).toBe(service.verifierKey);
    expect(chain.size).toBe(chain.nextPosition);
    const checkpoint = await api().get('/checkpoint').expect(200);
    expect(checkpoint.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(checkpoint.text).toBe(chain.checkpoint);
    const key = parsePolicy(chain.policy).logs[0];
    expect(key && checkSignature(parseNote(checkpoint.text), key).state).toBe('good');
  });

  test('tiles and entry bundles agree, and missing ones return 404', async () => {
    const { height } = Chain.parse((await api().get('/v1/chain')).body);
    const width = (height ?? 0) + 1;
    const tile = await raw(`/tile/0/000.p/${width}`).expect(200);
    const bundle = bytes(await raw(`/tile/entries/000.p/${width}`).expect(200));
    expect(tile.headers['cache-control']).toContain('immutable');
    const hashes = Array.from({ length: width }, (_, i) => {
      const start = i * 136;
      expect(bundle.readUInt16BE(start)).toBe(134);
      return toHex(leafHash(bundle.subarray(start + 2, start + 136)));
    });
    expect(bytes(tile).toString('hex')).toBe(hashes.join(''));
    const missing = [
      '/tile/0/000',
      `/tile/0/000.p/${width + 1}`,
      '/tile/0/001',
      '/tile/0/0',
      '/tile/64/000',
      '/tile/00/000',
      '/tile/0/000.p/0',
      '/tile/0/000.p/256',
      '/tile/0/x000/000',
      '/tile/1/000.p/1',
      '/tile/entries/000',
      '/tile/entries/001.p/1',
      '/tile/0',
      '/tile/x/000.p/1',
    ];
    for (const path of missing) {
      expect((await api().get(path)).status, path).toBe(404);
    }
  });

  test('is empty before the first block', async () => {
    await using empty = await startService({ sealing: false });
    await request(empty.url).get('/checkpoint').expect(404);
    const chain = Chain.parse((await request(empty.url).get('/v1/chain').expect(200)).body);
    expect(chain).toMatchObject({
      height: null,
      size: 0,
      nextPosition: 0,
      difficulty: null,
      checkpoint: null,
    });
    expect((await request(empty.url).get('/v1/blocks').expect(200)).body).toEqual({ blocks: [], links: {} });
    await request(empty.url).get('/tile/0/000.p/1').expect(404);
  });
});
