// Imports nothing of this service: see listen.ts.
import type { Server, Socket } from 'node:net';

/** Connections are worth waiting for while one arrives in so many milliseconds on average. */
const EACH_MS = 2;
/** For so long, too few have arrived to tell. */
const FIRST_MS = 20;
/** No connection waits longer for others. */
const LONGEST_MS = 500;
/** Between so many, the first of their requests are answered. */
const AT_ONCE = 256;

/**
 * Serves connections, many at once: Node passes on one new connection in each iteration of its event loop, and an iteration is long
 * once the connections before it have requests. So while others follow, those that have arrived wait unread (docs/performance.md).
 */
export class Arrivals {
  readonly #serve: (socket: Socket) => void;
  readonly #now: () => number;
  #waiting: Socket[] = [];
  /** When the first of them has arrived. */
  #since = 0;
  #limit: NodeJS.Timeout | undefined;
  #next: NodeJS.Immediate | undefined;

  /** @param now milliseconds of a monotonic clock */
  constructor(serve: (socket: Socket) => void, now = () => performance.now()) {
    this.#serve = serve;
    this.#now = now;
  }

  /** @param others whether others follow */
  add(socket: Socket, others: boolean): void {
    if (this.#waiting.length === 0) this.#since = this.#now();
    this.#waiting.push(socket);
    const ms = this.#now() - this.#since;
    if (others && ms < Math.min(LONGEST_MS, FIRST_MS + EACH_MS * this.#waiting.length)) {
      // Others may not come after all.
      this.#limit ??= setTimeout(() => {
        this.serve();
      }, LONGEST_MS);
    } else this.serve();
  }

  /** Serves all that wait, in their order. */
  serve(): void {
    clearTimeout(this.#limit);
    this.#limit = undefined;
    for (const socket of this.#waiting.splice(0, AT_ONCE)) this.#serve(socket);
    if (this.#waiting.length === 0) return;
    this.#next ??= setImmediate(() => {
      this.#next = undefined;
      this.serve();
    });
  }

  /** Ends those that wait. */
  close(): void {
    clearTimeout(this.#limit);
    clearImmediate(this.#next);
    for (const socket of this.#waiting.splice(0)) socket.destroy();
  }
}

/** Adds what `server` accepts, unread. Others follow until an iteration of the event loop has brought none. */
export function addAccepted(server: Server, arrivals: Arrivals): void {
  let isBurst = false;
  let arrived = false;
  const turn = () => {
    setImmediate(() => {
      isBurst = arrived;
      arrived = false;
      if (isBurst) turn();
      else arrivals.serve();
    });
  };
  server.on('connection', (socket) => {
    arrived = true;
    arrivals.add(socket, isBurst);
    if (isBurst) return;
    isBurst = true;
    turn();
  });
}
