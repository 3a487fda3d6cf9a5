import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connections } from './connections.js';
import type { StoreLog, Subscription } from './store.js';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;

/** Calls `listener` with the number that comes over `channel`, and with null after every (re)connection. */
export function listen(
  connections: Connections,
  log: StoreLog,
  channel: string,
  listener: (number: number | null) => void,
): Subscription {
  const stop = new AbortController();
  const running = run(connections, log, channel, listener, stop.signal);
  return {
    close: async () => {
      stop.abort();
      await running;
    },
  };
}

/** Listens until it is stopped. A connection that goes away is opened again, later and later while that fails. */
async function run(
  connections: Connections,
  log: StoreLog,
  channel: string,
  listener: (number: number | null) => void,
  stop: AbortSignal,
): Promise<void> {
  let retryMs = FIRST_RETRY_MS;
  while (!stop.aborted) {
    try {
      const client = await connections.dedicated();
      // Rejects on abort and on an error, which both mean the same here.
      const ended = once(client, 'end', { signal: stop }).catch(() => undefined);
      client.on('notification', ({ payload }) => {
        listener(Number(payload));
      });
      try {
        await client.query(`LISTEN ${channel}`);
        retryMs = FIRST_RETRY_MS;
        listener(null);
        await ended;
      } finally {
        await client.end().catch(() => undefined);
      }
    } catch (error) {
      log.warn({ err: error, channel, retryMs }, 'not listening for what other processes write');
      await delay(retryMs, undefined, { signal: stop }).catch(() => undefined);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    }
  }
}
