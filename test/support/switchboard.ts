import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** An address that stays the same while what stands behind it comes, goes, and is cut off. */
export interface Switchboard extends AsyncDisposable {
  readonly url: string;
  /** Where connections go; null: they are refused, and those that there are break. */
  connectTo(url: string | null): void;
}

export async function createSwitchboard(): Promise<Switchboard> {
  const open = new Set<Socket>();
  let target: URL | null = null;
  const server = createServer((client) => {
    if (target === null) {
      client.destroy();
      return;
    }
    const behind = connect(Number(target.port), target.hostname);
    for (const socket of [client, behind]) {
      open.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('close', () => {
      open.delete(client);
      behind.destroy();
    });
    behind.on('close', () => {
      open.delete(behind);
      client.destroy();
    });
    client.pipe(behind).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connectTo = (url: string | null): void => {
    target = url === null ? null : new URL(url);
    if (url === null) for (const socket of open) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connectTo,
    [Symbol.asyncDispose]: async () => {
      connectTo(null);
      server.close();
      await once(server, 'close');
    },
  };
}
