import type { Request, Response } from 'express';
import { timeLimit } from './send.js';

export const EVENT_STREAM_TYPE = 'text/event-stream';
/** Shorter than the idle timeouts of proxies and of this service. */
const HEARTBEAT_MS = 15_000;
const RECONNECT_MS = 2000;

/**
 * Answers with server-sent events (WHATWG HTML §9.2), which `send` writes with `sendEvent`. Browsers reconnect by
 * themselves when it is over.
 * @param longest how long the stream may last, in milliseconds; null: any time
 * @param send its signal aborts when the time is over, the client disconnects or the service stops
 */
export async function streamEvents(
  req: Request,
  res: Response,
  { stopping, longest }: { readonly stopping: AbortSignal; readonly longest: number | null },
  send: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  res.writeHead(200, {
    'Content-Type': `${EVENT_STREAM_TYPE}; charset=utf-8`,
    // Otherwise nginx would buffer the events.
    'X-Accel-Buffering': 'no',
  });
  if (req.method === 'HEAD') {
    res.end();
    return;
  }
  res.write(`retry: ${RECONNECT_MS}\n\n`);
  const heartbeat = setInterval(() => {
    res.write(': waiting\n\n');
  }, HEARTBEAT_MS);
  const limit = timeLimit(res, stopping, longest);
  try {
    await send(limit.signal);
  } finally {
    limit.dispose();
    clearInterval(heartbeat);
  }
  res.end();
}

/**
 * @param id what a client that reconnects sends as Last-Event-ID; null: none
 * @returns false: wait until the client has read enough
 */
export function sendEvent(
  res: Response,
  { id, name, data }: { readonly id: string | null; readonly name: string; readonly data: object },
): boolean {
  return res.write(`${id === null ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}
