import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP relay in front of PostgreSQL that can lose what a network can lose. */
export interface Proxy extends AsyncDisposable {
  /** The given URL, through the relay. */
  readonly url: string;
  /** From the next request that contains `text` on, answers are lost; with `before`, that request is lost too. */
  loseAnswers(text: string, options?: { readonly before?: boolean }): void;
  /** Connections to the server: those open now, the most that were open at a time, and all there have been. */
  readonly connections: { readonly open: number; readonly peak: number; readonly total: number };
  /** Resolves when such a request has come. */
  readonly seen: Promise<void>;
  /** From now on nothing passes in either direction, on old and new connections: as a network that drops packets. */
  readonly freeze: () => void;
  /** Everything passes again, beginning with what was held back. */
  readonly thaw: () => void;
  /** Breaks all connections on the client's side only: the server is not told. New connections work as usual. */
  cut(): void;
  /** New connections lead to another server, as after a change of a name or of a proxy's backend. */
  redirect(url: string): void;
}

export async function createProxy(url: string): Promise<Proxy> {
  let target = new URL(url);
  const pairs = new Set<{ client: Socket; server: Socket }>();
  let rule: { text: string; before: boolean } | null = null;
  let frozen = false;
  let see: () => void = () => undefined;
  const seen = new Promise<void>((resolve) => {
    see = resolve;
  });
  const connections = { open: 0, peak: 0, total: 0 };
  const relay = createServer((client) => {
    const server = connect(Number(target.port), target.hostname);
    const pair = { client, server };
    connections.total++;
    connections.open++;
    connections.peak = Math.max(connections.peak, connections.open);
    let deaf = false;
    let mute = false;
    pairs.add(pair);
    client.on('data', (chunk) => {
      if (rule !== null && chunk.includes(rule.text)) {
        deaf = true;
        mute = rule.before;
        rule = null;
        see();
      }
      if (!mute) server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (!deaf) client.write(chunk);
    });
    if (frozen) for (const socket of [client, server]) socket.pause();
    client.on('error', () => undefined);
    server.on('error', () => undefined);
    client.on('close', () => {
      if (pairs.has(pair)) server.destroy();
    });
    server.on('close', () => {
      connections.open--;
      client.destroy();
    });
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String((relay.address() as AddressInfo).port);
  const halves: Socket[] = [];
  const cut = (): void => {
    for (const pair of pairs) {
      pairs.delete(pair);
      halves.push(pair.server);
      pair.client.destroy();
    }
  };
  return {
    url: through.href,
    connections,
    redirect: (other) => {
      target = new URL(other);
    },
    seen,
    cut,
    freeze: () => {
      frozen = true;
      for (const { client, server } of pairs) for (const socket of [client, server]) socket.pause();
    },
    thaw: () => {
      frozen = false;
      for (const { client, server } of pairs) for (const socket of [client, server]) socket.resume();
    },
    loseAnswers: (text, { before = false } = {}) => {
      rule = { text, before };
    },
    [Symbol.asyncDispose]: async () => {
      cut();
      for (const half of halves) half.destroy();
      relay.close();
      await once(relay, 'close');
    },
  };
}
