import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { expect, test } from 'vitest';
import { Readiness } from '../../src/http/schemas/resources.js';
import { startMember } from '../support/member.js';
import { until } from '../support/until.js';

test.each<[string, RequestListener]>([
  ['never responds', () => undefined],
  ['begins a response and stops', (_, res) => res.writeHead(200).write('ingam')],
])('a log that accepts connections and %s is reported, and does not stop the node', async (_, respond) => {
  let requests = 0;
  const upstream = createServer((req, res) => {
    requests++;
    respond(req, res);
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  try {
    await using node = await startMember({ upstream: url, peers: [url], requestTimeoutMs: 200 });
    const { problems } = await until(
      'the node to report it',
      async () => Readiness.parse((await request(node.url).get('/readyz')).body),
      ({ ready }) => !ready,
    );
    expect(problems.map(({ code }) => code)).toEqual(['unavailable']);
    const before = requests;
    await until('further attempts', () => requests > before + 1);
    await request(node.url).get('/v1/member').expect(200);
  } finally {
    upstream.closeAllConnections();
    upstream.close();
  }
});
