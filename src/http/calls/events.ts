import type { Request, Response } from 'express';
import type { Notarization as StoredNotarization } from '../../log/index.js';
import type { HttpDeps } from '../deps.js';
import { notarizationJson, type Shown } from '../answer/representation.js';
import { timeLimit } from '../request/time-limit.js';

/** Before proxies and this service's own idle limit take the silence for a dead connection. */
const HEARTBEAT_MS = 15_000;
const RECONNECT_MS = 2000;

/** A notarization, and what of it its watcher may see. */
export interface Seen {
  readonly notarization: StoredNotarization;
  readonly shown: Shown;
}

/**
 * Server-sent events (WHATWG HTML §9.2): the status now, and each later one when it comes. The end is `sealed`, or `cosigned`
 * where the log asks witnesses.
 * @param look as it stands then; null when it is not there any more, or not for the watcher. Rejects for who is not let in any more.
 */
export async function streamEvents(
  deps: HttpDeps,
  req: Request,
  res: Response,
  first: Seen,
  look: () => Promise<Seen | null>,
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
  send(res, first);
  const heartbeat = setInterval(() => {
    res.write(': waiting\n\n');
  }, HEARTBEAT_MS);
  const limit = timeLimit(res, deps.stopping, null);
  try {
    await sendProgress(deps, res, first, look, limit.signal);
  } finally {
    limit.dispose();
    clearInterval(heartbeat);
  }
  // Before its last status was told, the browser connects again by itself.
  res.end();
}

async function sendProgress(
  { notarizations }: HttpDeps,
  res: Response,
  first: Seen,
  look: () => Promise<Seen | null>,
  signal: AbortSignal,
): Promise<void> {
  let current = first.notarization;
  const next = async (): Promise<boolean> => {
    const seen = await look();
    if (seen === null) return false;
    current = seen.notarization;
    send(res, seen);
    return true;
  };
  if (current.block === null) {
    if (!(await notarizations.whenSealed(current.position, signal)) || !(await next())) return;
  }
  if (current.block === null || current.cosigned === null || current.cosigned.quorum) return;
  if (await notarizations.whenCosigned(current.block, signal)) await next();
}

function send(res: Response, { notarization, shown }: Seen): void {
  const json = notarizationJson(notarization, shown);
  res.write(`event: ${json.status}\ndata: ${JSON.stringify(json)}\n\n`);
}
