import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { DATABASE_LIMITS } from '../background/time-limits.js';
import { DatabaseClient, type DatabaseClientConfig } from './client.js';

/**
 * The server stopped waiting for its synchronous standby because somebody cancelled the wait (01000, which is
 * every warning without a code of its own) or terminated the session (57P01). It then reports success.
 */
const UNCONFIRMED = new Set(['01000', '57P01']);

/** @param code of a notice */
export function isUnconfirmed(code: string | undefined): boolean {
  return UNCONFIRMED.has(code ?? '');
}

/** Every connection has a name of its own, by which `fence` finds its backend on the server. */
export class NamedClient extends DatabaseClient {
  readonly applicationName: string;
  /** How long this process waits for the response to a statement. */
  patienceMs = 0;
  /** Whether a commit was reported that may not be on the synchronous standby. */
  unconfirmed = false;
  /** Bytes sent when the server had answered everything. */
  #sentBefore = 0;
  #waitedMs = 0;

  constructor(config: DatabaseClientConfig = {}) {
    const applicationName = `ingam ${randomUUID()}`;
    // pg.Pool hides the password from spreading.
    super({ ...config, password: config.password, application_name: applicationName });
    this.applicationName = applicationName;
    this.setPatience(DATABASE_LIMITS.statementMs);
    // The running statement rejects with the same error. Without a listener the error would end the process.
    this.on('error', () => undefined);
    this.on('notice', ({ code }) => {
      this.unconfirmed ||= isUnconfirmed(code);
    });
    // Before the client's own listener, which sends the next statement.
    this.connection.prependListener('readyForQuery', () => {
      this.#sentBefore = this.#sent;
      this.#waitedMs = 0;
    });
  }

  /** @param serverMs how long the server lets a statement run */
  setPatience(serverMs: number): void {
    this.patienceMs = serverMs + DATABASE_LIMITS.marginMs;
  }

  /** Closes the connection when the server has owed a response for too long. To be called once a heartbeat. */
  watch(): void {
    this.#waitedMs = this.#sent === this.#sentBefore ? 0 : this.#waitedMs + DATABASE_LIMITS.heartbeatMs;
    if (this.#waitedMs > this.patienceMs) this.cut();
  }

  /** Closes the connection at once. The running statement rejects. */
  cut(): void {
    this.connection.stream.destroy();
  }

  get #sent(): number {
    return (this.connection.stream as Socket).bytesWritten;
  }
}
