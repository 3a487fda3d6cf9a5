// Imports nothing of this service: the process that only distributes connections loads this file too, and
// stays small.
import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';

/** How long responses may take once the server is closing, before their connections are cut. */
const DRAIN_MS = 5000;
/**
 * Connections that may wait to be accepted; the operating system may allow fewer. Node's default of 511
 * rejects bursts.
 */
const BACKLOG = 4096;

/** Resolves with the server's URL once it listens. @throws the socket's error */
export async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  server.listen(port, host, BACKLOG);
  await once(server, 'listening');
  const { address, port: bound, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
}

/** Connections that another process has accepted for a server. */
const injected = new WeakMap<HttpServer, Set<Socket>>();

/** Lets a server that does not listen itself serve a connection, under its own limits. */
export function injectConnection(server: HttpServer, socket: Socket): void {
  let sockets = injected.get(server);
  if (sockets === undefined) {
    injected.set(server, (sockets = new Set()));
    // Node starts to enforce the time limits of connections when a server starts to listen.
    server.emit('listening');
  }
  const open = sockets.add(socket);
  socket.once('close', () => open.delete(socket));
  server.emit('connection', socket);
  socket.resume();
}

/**
 * Finishes the responses in progress and closes idle connections. Cuts the connections that remain after
 * `drainMs`.
 */
export async function closeServer(server: HttpServer, drainMs = DRAIN_MS): Promise<void> {
  const sockets = [...(injected.get(server) ?? [])];
  const closed = Promise.all([once(server, 'close'), ...sockets.map(whenClosed)]);
  server.close();
  server.closeIdleConnections();
  const cut = setTimeout(() => {
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
  }, drainMs);
  await closed;
  clearTimeout(cut);
}

/** Not `once`, which rejects when a client resets the connection, and would end the shutdown early. */
function whenClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });
}
