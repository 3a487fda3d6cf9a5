import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What the relay does with a request: forward it, lose or truncate its response, or respond itself. */
export type Fate =
  | 'pass'
  | 'lose-answer'
  | 'cut-answer'
  /** Its beginning arrives. */
  | 'halve-answer'
  | { readonly status: number; readonly retryAfter?: string }
  | { readonly change: (body: string) => string };

export interface Relay extends AsyncDisposable {
  readonly url: string;
  /** `METHOD path` of every request. */
  readonly requests: string[];
}

/**
 * An HTTP relay in front of a real service.
 * @param fateOf called with a request's line and how often it was sent
 */
export async function createRelay(
  target: string,
  fateOf: (line: string, count: number) => Fate | Promise<Fate>,
): Promise<Relay> {
  const requests: string[] = [];
  const relay = async (req: IncomingMessage, res: ServerResponse) => {
    const line = `${req.method ?? ''} ${req.url ?? ''}`;
    requests.push(line);
    const fate = await fateOf(line, requests.filter((one) => one === line).length);
    if (typeof fate === 'object' && 'status' in fate) {
      req.resume();
      res.writeHead(fate.status, fate.retryAfter === undefined ? {} : { 'retry-after': fate.retryAfter });
      res.end('by the relay');
      return;
    }
    const onward = request(new URL(req.url ?? '/', target), { method: req.method, headers: req.headers });
    req.pipe(onward);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    if (fate === 'pass') {
      res.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(res);
      return;
    }
    if (typeof fate === 'object') {
      const { 'content-length': _, ...headers } = answer.headers;
      res.writeHead(answer.statusCode ?? 500, headers);
      res.end(fate.change(await text(answer)));
      return;
    }
    if (fate === 'halve-answer') {
      res.writeHead(answer.statusCode ?? 500, answer.headers);
      for await (const part of answer as AsyncIterable<Uint8Array>) {
        await new Promise((resolve) => res.write(part, resolve));
        break;
      }
      res.destroy();
      return;
    }
    // The service has processed the request, but the client gets no response.
    answer.resume();
    if (fate === 'cut-answer') {
      res.writeHead(answer.statusCode ?? 500, { 'content-length': '100000' });
      res.write('{');
      await once(answer, 'end');
    }
    res.destroy();
  };
  const server = createServer((req, res) => {
    relay(req, res).catch(() => res.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
