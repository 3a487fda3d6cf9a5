// Imports nothing of this service: see listen.ts.
import type { Server, Socket } from 'node:net';

/** With so many, what is being served waits too. */
const MANY = 8;
/** No connection waits longer for others. Then, nothing waits for as long. */
const LONGEST_MS = 500;
/** Between so many, the first of their requests are answered. */
const AT_ONCE = 256;

interface ArrivalOptions {
  readonly serve: (socket: Socket) => void;
  /** Stops reading from what is being served, and reads again. */
  readonly pause?: () => void;
  readonly resume?: () => void;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/**
 * Serves connections, many at once: Node passes on one new connection in each iteration of its event loop, and an iteration is as long
 * as the requests of the others take. So while many follow, those that have arrived wait unread, and so do the others
 * (docs/performance.md).
 */
export class Arrivals {
  readonly #serve: (socket: Socket) => void;
  readonly #pause: () => void;
  readonly #resume: () => void;
  readonly #now: () => number;
  #waiting: Socket[] = [];
  /** When the first of them has arrived. */
  #since = 0;
  /** Until then, none waits. */
  #notBefore = -Infinity;
  #isPaused = false;
  #limit: NodeJS.Timeout | undefined;
  #next: NodeJS.Immediate | undefined;

  constructor({
    serve,
    pause = () => undefined,
    resume = () => undefined,
    now = () => performance.now(),
  }: ArrivalOptions) {
    this.#serve = serve;
    this.#pause = pause;
    this.#resume = resume;
    this.#now = now;
  }

  /** @param others whether others follow */
  add(socket: Socket, others: boolean): void {
    const now = this.#now();
    if (this.#waiting.length === 0) this.#since = now;
    this.#waiting.push(socket);
    const isLate = now - this.#since >= LONGEST_MS;
    if (isLate) this.#notBefore = now + LONGEST_MS;
    if (!others || now < this.#notBefore) {
      this.serve();
      return;
    }
    // Others may not come after all.
    this.#limit ??= setTimeout(() => {
      this.serve();
    }, LONGEST_MS);
    if (this.#isPaused || this.#waiting.length < MANY) return;
    this.#isPaused = true;
    this.#pause();
  }

  /** Serves all that wait, in their order. */
  serve(): void {
    clearTimeout(this.#limit);
    this.#limit = undefined;
    if (this.#isPaused) this.#resume();
    this.#isPaused = false;
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
