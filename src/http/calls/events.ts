import type { Request, Response } from 'express';
import type { Notarization as StoredNotarization } from '../../log/index.js';
import type { HttpDeps } from '../deps.js';
import { notarizationJson } from '../answer/representation.js';
import { timeLimit } from '../request/time-limit.js';

/** Before proxies and this service's own idle limit take the silence for a dead connection. */
const HEARTBEAT_MS = 15_000;
const RECONNECT_MS = 2000;

/** Server-sent events (WHATWG HTML §9.2): the status now, and `sealed` when it comes; then the end. */
export async function streamEvents(
  deps: HttpDeps,
  req: Request,
  res: Response,
  notarization: StoredNotarization,
): Promise<void> {
  res.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    // nginx would otherwise hold the events back.
    'X-Accel-Buffering': 'no',
  });
  if (req.method === 'HEAD') {
    res.end();
    return;
  }
  res.write(`retry: ${RECONNECT_MS}\n\n`);
  send(res, notarization);
  if (notarization.block === null) {
    const heartbeat = setInterval(() => {
      res.write(': waiting\n\n');
    }, HEARTBEAT_MS);
    const limit = timeLimit(res, deps.stopping, null);
    try {
      if (await deps.notarizations.whenSealed(notarization.position, limit.signal)) {
        const sealed = await deps.notarizations.find(notarization.id);
        if (sealed !== null) send(res, sealed);
      }
    } finally {
      limit.dispose();
      clearInterval(heartbeat);
    }
  }
  // Without `sealed`, the browser connects again by itself.
  res.end();
}

function send(res: Response, notarization: StoredNotarization): void {
  const json = notarizationJson(notarization);
  res.write(`event: ${json.status}\ndata: ${JSON.stringify(json)}\n\n`);
}
