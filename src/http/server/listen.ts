// Imports nothing of this service: the process that only distributes connections loads this file too, and
// stays small.
import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { addAccepted, Arrivals } from './arrivals.js';

/** How long responses may take once the server is closing, before their connections are cut. */
const DRAIN_MS = 5000;
/**
 * Connections that may wait to be accepted; the operating system may allow fewer. Node's default of 511
 * rejects bursts.
 */
const BACKLOG = 4096;
/** Larger than Node's default of 16 KiB: a long upload is paused and resumed less often. */
const READ_AHEAD_BYTES = 256 * 1024;

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Resolves with the address as a URL once the server accepts its connections. @throws the socket's error */
export async function listen(server: HttpServer, address: Address): Promise<string> {
  const acceptor = createServer({
    allowHalfOpen: true,
    pauseOnConnect: true,
    noDelay: true,
    highWaterMark: READ_AHEAD_BYTES,
  });
  const url = await bind(acceptor, address);
  const { arrivals } = connectionsOf(server, acceptor);
  addAccepted(acceptor, arrivals);
  return url;
}

/** Resolves with the server's URL once it listens. @throws the socket's error */
export async function bind(server: Server, { host, port }: Address): Promise<string> {
  server.listen(port, host, BACKLOG);
  await once(server, 'listening');
  const { address, port: bound, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
}

/** The connections of a server that does not listen itself. */
interface Connections {
  readonly arrivals: Arrivals;
  readonly open: Set<Socket>;
  /** What accepts them, if this process does. */
  readonly acceptor: Server | null;
}

const connections = new WeakMap<HttpServer, Connections>();

function connectionsOf(server: HttpServer, acceptor: Server | null = null): Connections {
  const known = connections.get(server);
  if (known !== undefined) return known;
  const open = new Set<Socket>();
  const arrivals = new Arrivals({
    serve: (socket) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      server.emit('connection', socket);
      socket.resume();
    },
    pause: () => {
      for (const socket of open) socket.pause();
    },
    resume: () => {
      for (const socket of open) socket.resume();
    },
  });
  const created = { arrivals, open, acceptor };
  connections.set(server, created);
  // Node starts to enforce the time limits of connections when a server starts to listen.
  server.emit('listening');
  return created;
}

/**
 * Lets a server that does not listen itself serve a connection, under its own limits.
 * @param others whether others follow at once
 */
export function injectConnection(server: HttpServer, socket: Socket, others = false): void {
  connectionsOf(server).arrivals.add(socket, others);
}

/**
 * Finishes the responses in progress and closes idle connections. Cuts the connections that remain after
 * `drainMs`.
 */
export async function closeServer(server: HttpServer, drainMs = DRAIN_MS): Promise<void> {
  const { arrivals, open, acceptor } = connectionsOf(server);
  acceptor?.close();
  arrivals.close();
  const sockets = [...open];
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
