import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
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
