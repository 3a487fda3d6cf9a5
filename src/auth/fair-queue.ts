import { AccessError } from './context.js';

interface Waiter {
  readonly start: () => void;
  readonly reject: (error: AccessError) => void;
}

/** After so many reserved tasks in a row, one of the others runs. */
const RESERVED_IN_A_ROW = 3;

/**
 * Limits how many tasks run at once and how many wait. Networks take turns, and whoever floods the queue takes
 * places only from themselves: when it is full, the network with the most waiting tasks loses its latest.
 * Reserved tasks wait in places of their own and run first, though not always.
 */
export class FairQueue {
  readonly #maxRunning: number;
  readonly #reserved: Turns;
  readonly #others: Turns;
  #running = 0;
  #reservedInARow = 0;

  /** @param limits `maxWaiting` of reserved tasks, and as many others */
  constructor(limits: { readonly maxRunning: number; readonly maxWaiting: number }) {
    this.#maxRunning = limits.maxRunning;
    this.#reserved = new Turns(limits.maxWaiting);
    this.#others = new Turns(limits.maxWaiting);
  }

  /**
   * @param network whose turn it takes
   * @throws {AccessError} busy: `task` was not started
   */
  async run<T>(network: string, isReserved: boolean, task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#maxRunning) {
      this.#running++;
    } else {
      // A task that ends hands its slot to the next, so the count stays the same.
      await new Promise<void>((start, reject) => {
        (isReserved ? this.#reserved : this.#others).add(network, { start, reject });
      });
    }
    try {
      return await task();
    } finally {
      const next = this.#next();
      if (next === null) this.#running--;
      else next.start();
    }
  }

  #next(): Waiter | null {
    const isOthersTurn = this.#reservedInARow >= RESERVED_IN_A_ROW;
    const reserved = isOthersTurn && this.#others.size > 0 ? null : this.#reserved.take();
    this.#reservedInARow = reserved === null ? 0 : this.#reservedInARow + 1;
    return reserved ?? this.#others.take();
  }
}

/** Waiters by network; the network that comes next is the first. */
class Turns {
  readonly #max: number;
  readonly #byNetwork = new Map<string, Waiter[]>();
  size = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Rejects this waiter or another one if there are too many. */
  add(network: string, waiter: Waiter): void {
    const own = this.#byNetwork.get(network) ?? [];
    own.push(waiter);
    this.#byNetwork.set(network, own);
    this.size++;
    if (this.size > this.#max) this.#drop(network);
  }

  take(): Waiter | null {
    const [first] = this.#byNetwork;
    if (first === undefined) return null;
    const [network, waiters] = first;
    const waiter = waiters.shift() ?? null;
    this.#byNetwork.delete(network);
    if (waiters.length > 0) this.#byNetwork.set(network, waiters);
    this.size--;
    return waiter;
  }

  /** @param latest the network that loses its waiter if none has more */
  #drop(latest: string): void {
    let [network, waiters] = [latest, this.#byNetwork.get(latest) ?? []];
    for (const each of this.#byNetwork) if (each[1].length > waiters.length) [network, waiters] = each;
    waiters.pop()?.reject(busy());
    if (waiters.length === 0) this.#byNetwork.delete(network);
    this.size--;
  }
}

function busy(): AccessError {
  return new AccessError('busy', 'too many sign-ins in progress; try again in a few seconds', {
    retryAfterSeconds: 5,
  });
}
