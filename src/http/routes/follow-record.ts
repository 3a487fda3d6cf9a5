import type { Request, Response } from 'express';
import { partiesOf, type RecordState } from '../../proof/index.js';
import type { FoundRecord } from '../../intake/index.js';
import type { EventPlace } from '../../store/index.js';
import { reauthorize } from '../auth/authenticate.js';
import { logOperatorRead } from '../auth/ownership.js';
import { isReader, type ReadableRecord } from '../auth/record-access.js';
import { type HttpDeps, principalOf } from '../context.js';
import { recordEventJson } from '../responses/records.js';
import { waitForDrain } from '../responses/send.js';
import { sendEvent, streamEvents } from '../responses/server-sent.js';

const PAGE = 100;
/** Whoever reads by a key then proves it anew: a request that leaks opens no stream for ever. */
const LONGEST_BY_KEY_MS = 3_600_000;

/**
 * The events that blocks have applied to a record, automatic ones included, and each later one as soon as a block has
 * it.
 * @param after the sequence of the last event that the client has; -1: it has none
 */
export async function followRecord(
  deps: HttpDeps,
  req: Request,
  res: Response,
  { id, key }: ReadableRecord,
  after: number,
): Promise<void> {
  const { records, notarizations, access, stopping } = deps;
  const longest = key === null ? null : LONGEST_BY_KEY_MS;
  await streamEvents(req, res, { stopping, longest }, async (signal) => {
    let last = after;
    for (;;) {
      const seen = notarizations.sealedPositions;
      const found = await records.find(id);
      const newest = found.sealed?.sequence ?? -1;
      if (newest > last) {
        await reauthorize(access, 'anyone', req);
        const isReading =
          key === null ? await isReader(records, id, principalOf(req)) : hasRoleIn(found, key);
        if (!isReading && key === null) return;
        // The key still had its role when the next event was made, and may see what has ended it.
        const until = isReading ? newest : last + 1;
        await logOperatorRead(access, req, until - last);
        await sendApplied(deps, res, id, { last, until }, signal);
        last = until;
        if (!isReading) return;
      }
      if (!(await notarizations.whenSealed(seen, signal))) return;
    }
  });
}

/** Also a role that an event takes away which still waits for its block. */
function hasRoleIn({ current, sealed }: FoundRecord, key: string): boolean {
  const states = [
    ...(current === null ? [] : [current.state]),
    ...(sealed === null ? [] : [JSON.parse(sealed.state) as RecordState]),
  ];
  return states.some((state) => partiesOf(state).includes(key));
}

/** Those with a sequence in (last, until], as fast as the client reads them. */
async function sendApplied(
  { records }: HttpDeps,
  res: Response,
  id: Uint8Array,
  { last, until }: { readonly last: number; readonly until: number },
  signal: AbortSignal,
): Promise<void> {
  let after: EventPlace = { sequence: last, id: Number.MAX_SAFE_INTEGER };
  for (;;) {
    const page = await records.events(id, after, PAGE);
    for (const event of page) {
      const isApplied = event.void === null && event.height !== null && event.sequence <= until;
      if (!isApplied) continue;
      const sent = { id: String(event.sequence), name: 'applied', data: recordEventJson(event) };
      if (!sendEvent(res, sent)) await waitForDrain(res);
      if (signal.aborted) return;
    }
    const end = page.at(-1);
    if (end === undefined || page.length < PAGE || end.sequence > until) return;
    after = end;
  }
}
