import { createServer, type Server, type Socket } from 'node:net';
import { listen } from '../http/server/listen.js';

/** Connections that may wait while no worker serves; the kernel keeps some more before they come here. */
const MOST_WAITING = 1000;

/** A process that takes connections. */
export interface Taker {
  /** Sends it the socket, of which this process keeps its own hold. */
  hand(id: number, socket: Socket): void;
}

/**
 * The one port of several processes: accepts connections and hands them to the workers in turn, unread. Each is held here until its worker has said
 * that it has it, so that one which was on its way to a worker that died is handed to another. (node:cluster loses these: such a client waits for
 * ever.)
 */
export class Door {
  readonly url: string;
  readonly #server: Server;
  readonly #takers: Taker[] = [];
  readonly #handed = new Map<number, { readonly socket: Socket; readonly taker: Taker }>();
  #waiting: Socket[] = [];
  #ids = 0;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
    server.on('connection', (socket) => {
      // That a client gives up meanwhile is nobody's fault.
      socket.on('error', () => undefined);
      this.#hand(socket);
    });
  }

  /** @throws the listening socket's error */
  static async open(address: { readonly host: string; readonly port: number }): Promise<Door> {
    const server = createServer({ pauseOnConnect: true, noDelay: true });
    return new Door(server, await listen(server, address));
  }

  /** From now on it is handed connections, those first that wait already. */
  admit(taker: Taker): void {
    this.#takers.push(taker);
    for (const socket of this.#waiting.splice(0)) this.#hand(socket);
  }

  /** It has ended: what it had not taken yet is handed to others. */
  dismiss(taker: Taker): void {
    const place = this.#takers.indexOf(taker);
    if (place !== -1) this.#takers.splice(place, 1);
    for (const [id, handed] of this.#handed) {
      if (handed.taker !== taker) continue;
      this.#handed.delete(id);
      this.#hand(handed.socket);
    }
  }

  /** The connection is its worker's alone. */
  taken(id: number): void {
    this.#handed.get(id)?.socket.destroy();
    this.#handed.delete(id);
  }

  /** Nobody comes in any more. */
  close(): void {
    this.#server.close();
    for (const socket of this.#waiting.splice(0)) socket.destroy();
  }

  #hand(socket: Socket): void {
    const taker = this.#takers.shift();
    if (taker === undefined) {
      if (this.#waiting.length < MOST_WAITING && this.#server.listening) this.#waiting.push(socket);
      else socket.destroy();
      return;
    }
    this.#takers.push(taker);
    const id = this.#ids++;
    this.#handed.set(id, { socket, taker });
    taker.hand(id, socket);
  }
}
