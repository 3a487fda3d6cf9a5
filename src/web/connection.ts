/** Whether the service can be reached, as the calls of the page find out, and how long to wait before the next try. */

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;

export class Connection {
  #away = false;
  readonly #listeners = new Set<() => void>();
  readonly #wakers = new Set<() => void>();

  get away(): boolean {
    return this.#away;
  }

  reached(): void {
    this.#set(false);
  }

  lost(): void {
    this.#set(true);
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Ends every pause: the reader asked for it, the network came back, or another call got through. */
  retryNow(): void {
    for (const wake of [...this.#wakers]) wake();
  }

  /**
   * Before try number `attempt` (from 1): doubling from one second to fifteen, or what the service asked for.
   * @throws the signal's reason when it aborts
   */
  async pause(attempt: number, retryAfterSeconds: number | null, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const doubled = FIRST_PAUSE_MS * 2 ** Math.min(attempt - 1, 10);
    const milliseconds = retryAfterSeconds === null ? doubled : retryAfterSeconds * 1000;
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(milliseconds, LONGEST_PAUSE_MS));
      signal.addEventListener('abort', wake);
      this.#wakers.add(wake);
    });
    signal.throwIfAborted();
  }

  #set(away: boolean): void {
    if (this.#away === away) return;
    this.#away = away;
    for (const listener of this.#listeners) listener();
    if (!away) this.retryNow();
  }
}

export const connection = new Connection();
