import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { expect, test, vi } from 'vitest';
import { Slices } from '../../src/background/slices.js';
import { EventResultLine } from '../../src/http/schemas/records.js';
import { StoreError } from '../../src/store/index.js';
import { firstEvent, newHolder } from '../support/records.js';
import { startService } from '../support/service.js';

test('a client that waits for a result learns that the database is away: 503 at the start, later an error line and the end', async () => {
  let working = false;
  await using service = await startService({
    wrapStore: (store) => ({
      ...store,
      accept: (group) =>
        working ? store.accept(group) : Promise.reject(new StoreError('unavailable', 'away')),
    }),
  });
  const holder = newHolder('alice');
  const line = (title: string) => {
    const document = { sha256: createHash('sha256').update(title).digest('hex') };
    const body = { holder: holder.text, title, document };
    return `${JSON.stringify(firstEvent('document.create', body, [holder]))}\n`;
  };
  const open = (first: string) => {
    const headers = { 'content-type': 'application/x-ndjson' };
    const req = httpRequest(`${service.url}/v1/records/events`, { method: 'POST', headers });
    req.on('error', () => undefined);
    const response = once(req, 'response') as Promise<[IncomingMessage]>;
    req.write(first);
    return { req, response };
  };

  const refused = open(line('1'));
  expect((await refused.response)[0].statusCode).toBe(503);
  refused.req.destroy();

  working = true;
  const { req, response } = open(line('2'));
  const lines = createInterface({ input: (await response)[0] })[Symbol.asyncIterator]();
  const next = async () => EventResultLine.parse(JSON.parse((await lines.next()).value as string));
  expect(await next()).toMatchObject({ line: 1, sequence: 0 });
  working = false;
  req.write(line('3'));
  expect(await next()).toMatchObject({ line: 2, error: { code: 'unavailable' } });
  expect((await lines.next()).done).toBe(true);
  req.destroy();
});

test('the lines of a stream and the signatures of an event give other requests their turns in between', async () => {
  await using service = await startService({ sealing: false });
  const isOver = vi.spyOn(Slices.prototype, 'isOver', 'get').mockReturnValue(true);
  const turns = vi.spyOn(Slices.prototype, 'next');
  try {
    const headers = { 'content-type': 'application/x-ndjson' };
    const res = await fetch(`${service.url}/v1/records/events`, {
      method: 'POST',
      headers,
      body: '{}\n'.repeat(100),
    });
    expect((await res.text()).trim().split('\n')).toHaveLength(100);
    expect(turns.mock.calls.length).toBeGreaterThanOrEqual(100);
    turns.mockClear();
    const [holder, issuer] = [newHolder('alice'), newHolder('issuer')];
    const item = { title: 'Stone', serial: 'S', features: [], documents: [] };
    const body = { ...item, issuer: issuer.text, holder: holder.text };
    const answer = await fetch(`${service.url}/v1/records`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(firstEvent('item.register', body, [holder, issuer])),
    });
    expect(answer.status).toBe(201);
    // Before each of the two signatures, and behind them.
    expect(turns.mock.calls.length).toBeGreaterThanOrEqual(3);
  } finally {
    isOver.mockRestore();
    turns.mockRestore();
  }
});
