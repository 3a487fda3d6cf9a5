import { createServer, type Server, type Socket } from 'node:net';
import { listen } from '../http/server/listen.js';

/**
 * Connections that may wait while no worker is available; the kernel queues some more before they are
 * accepted.
 */
const MAX_WAITING = 1000;

/** A process that serves connections. */
export interface BalancedWorker {
  /** Sends it the socket, of which this process keeps its own handle. */
  dispatch(id: number, socket: Socket): void;
}

/**
 * The one port of several processes: accepts connections and dispatches them to the workers round-robin,
 * unread. Each connection is held here until its worker has confirmed that it received it, so that one on its
 * way to a worker that dies is dispatched to another.
 */
export class Balancer {
  readonly url: string;
  readonly #server: Server;
  /** The workers in rotation; the next one is first. */
  readonly #rotation: BalancedWorker[] = [];
  readonly #dispatched = new Map<number, { readonly socket: Socket; readonly worker: BalancedWorker }>();
  #waiting: Socket[] = [];
  #nextId = 0;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
    server.on('connection', (socket) => {
      // A client may give up at any time.
      socket.on('error', () => undefined);
      this.#dispatch(socket);
    });
  }

  /** @throws the listening socket's error */
  static async open(address: { readonly host: string; readonly port: number }): Promise<Balancer> {
    const server = createServer({ pauseOnConnect: true, noDelay: true });
    return new Balancer(server, await listen(server, address));
  }

  /** Puts the worker into the rotation; connections that wait are dispatched at once. */
  add(worker: BalancedWorker): void {
    this.#rotation.push(worker);
    for (const socket of this.#waiting.splice(0)) this.#dispatch(socket);
  }

  /**
   * Takes the worker out of the rotation. What it has not received yet stays its own: it may still read the
   * message with the socket, and two processes must not read one connection.
   */
  suspend(worker: BalancedWorker): void {
    const index = this.#rotation.indexOf(worker);
    if (index !== -1) this.#rotation.splice(index, 1);
  }

  /** The worker has ended: dispatches to others what it had not received. */
  remove(worker: BalancedWorker): void {
    this.suspend(worker);
    for (const [id, dispatched] of this.#dispatched) {
      if (dispatched.worker !== worker) continue;
      this.#dispatched.delete(id);
      this.#dispatch(dispatched.socket);
    }
  }

  /** The connection belongs to its worker alone from now on. */
  received(id: number): void {
    this.#dispatched.get(id)?.socket.destroy();
    this.#dispatched.delete(id);
  }

  /** Accepts no more connections. */
  close(): void {
    this.#server.close();
    for (const socket of this.#waiting.splice(0)) socket.destroy();
  }

  #dispatch(socket: Socket): void {
    const worker = this.#rotation.shift();
    if (worker === undefined) {
      if (this.#waiting.length < MAX_WAITING && this.#server.listening) this.#waiting.push(socket);
      else socket.destroy();
      return;
    }
    this.#rotation.push(worker);
    const id = this.#nextId++;
    this.#dispatched.set(id, { socket, worker });
    worker.dispatch(id, socket);
  }
}
