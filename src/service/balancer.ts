import { createServer, type Server, type Socket } from 'node:net';
import { addAccepted, Arrivals } from '../http/server/arrivals.js';
import { type Address, bind } from '../http/server/listen.js';

/**
 * Connections that may wait while no worker is available; the kernel queues some more before they are
 * accepted.
 */
const MAX_WAITING = 1000;

/** A process that serves connections. */
export interface BalancedWorker {
  /**
   * Sends it the socket, of which this process keeps its own handle. Not called again before the worker has received it.
   * @param others whether others wait to be sent
   */
  dispatch(socket: Socket, others: boolean): void;
}

/**
 * The one port of several processes: accepts connections and dispatches them to the workers round-robin,
 * unread. Each connection is held here until its worker has confirmed that it received it, so that one on its
 * way to a worker that dies is dispatched to another.
 */
export class Balancer {
  readonly url: string;
  readonly #server: Server;
  readonly #arrivals: Arrivals;
  /** The workers in rotation; the next one is first. */
  readonly #rotation: BalancedWorker[] = [];
  /** Of each worker what it has not received, in order. Only the first has been sent. */
  readonly #lines = new Map<BalancedWorker, Socket[]>();
  #waiting: Socket[] = [];

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
    this.#arrivals = new Arrivals({
      serve: (socket) => {
        this.#dispatch(socket);
      },
    });
    server.on('connection', (socket) => {
      // A client may give up at any time.
      socket.on('error', () => undefined);
    });
    addAccepted(server, this.#arrivals);
  }

  /** @throws the listening socket's error */
  static async open(address: Address): Promise<Balancer> {
    const server = createServer({ pauseOnConnect: true, noDelay: true });
    return new Balancer(server, await bind(server, address));
  }

  /** Puts the worker into the rotation; connections that wait are dispatched at once. */
  add(worker: BalancedWorker): void {
    this.#rotation.push(worker);
    for (const socket of this.#waiting.splice(0)) this.#dispatch(socket);
  }

  /**
   * Takes the worker out of the rotation, and dispatches to others what it has not been sent yet. What it was sent stays its own: it
   * may still read the message with the socket, and two processes must not read one connection.
   */
  suspend(worker: BalancedWorker): void {
    const index = this.#rotation.indexOf(worker);
    if (index !== -1) this.#rotation.splice(index, 1);
    for (const socket of this.#lines.get(worker)?.splice(1) ?? []) this.#dispatch(socket);
  }

  /** The worker has ended: dispatches to others what it had not received. */
  remove(worker: BalancedWorker): void {
    const unsent = this.#lines.get(worker)?.splice(0) ?? [];
    this.suspend(worker);
    this.#lines.delete(worker);
    for (const socket of unsent) this.#dispatch(socket);
  }

  /** What the worker was sent last belongs to it alone from now on. */
  received(worker: BalancedWorker): void {
    const line = this.#lines.get(worker) ?? [];
    line.shift()?.destroy();
    const [next] = line;
    if (next !== undefined) worker.dispatch(next, line.length > 1);
  }

  /** Accepts no more connections. */
  close(): void {
    this.#server.close();
    this.#arrivals.close();
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
    const line = this.#lines.get(worker) ?? [];
    this.#lines.set(worker, line);
    if (line.push(socket) === 1) worker.dispatch(socket, false);
  }
}
