import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import type { TestService } from '../support/service.js';

/**
 * Passes requests on to the service, and spoils some of its answers.
 * @param fail for the request with this number, from 1: the status in place of that of the service, which has dealt with
 *   the request; null: it has ended the connection; undefined: the answer is passed on
 */
export async function proxyOf(
  service: Pick<TestService, 'url'>,
  fail: (count: number, socket: { destroy(): void }) => number | null | undefined,
) {
  let count = 0;
  const keys: unknown[] = [];
  const server: Server = createServer((req, res) => {
    keys.push(req.headers['idempotency-key']);
    const status = fail(++count, res.socket ?? expect.fail());
    if (status === null) return;
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', () => {
      const { method, headers } = req;
      const onward = request(new URL(req.url ?? '', service.url), { method, headers }, (answer) => {
        if (status === undefined) {
          res.writeHead(answer.statusCode ?? 0, answer.headers);
          answer.pipe(res);
          return;
        }
        // The service has dealt with it, and its answer is lost.
        answer.resume();
        res.writeHead(status, { 'retry-after': '0' }).end('<html>');
      });
      onward.end(Buffer.concat(parts));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
