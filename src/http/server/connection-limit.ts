import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { foldAddress, isLoopback, networkOf } from '../../auth/index.js';

/** Express's compiled setting: whether the address at this hop is a trusted proxy. */
export type TrustedProxies = (address: string, hop: number) => boolean;

/**
 * Closes new connections of a network that has `most` open: slow senders would occupy them all. This machine
 * and trusted proxies, whose connections are those of many, are not limited.
 */
export function limitConnections(server: Server, most: number, isProxy: TrustedProxies): void {
  const open = new Map<string, number>();
  // Before Node's own listener, which begins to read.
  server.prependListener('connection', (socket: Socket) => {
    const address = foldAddress(socket.remoteAddress);
    if (isLoopback(address) || isProxy(address, 0)) return;
    const network = networkOf(address);
    const count = open.get(network) ?? 0;
    if (count >= most) {
      socket.destroy();
      return;
    }
    open.set(network, count + 1);
    socket.once('close', () => {
      const left = (open.get(network) ?? 1) - 1;
      if (left === 0) open.delete(network);
      else open.set(network, left);
    });
  });
}
