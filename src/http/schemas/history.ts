import { z } from 'zod';
import type { HappenedKind } from '../../messages/document-history.js';
import { decimal } from './documents.js';
import { Count, Time } from './resources.js';

/** What happened to one notarization. */

export const HISTORY_KINDS = [
  'notarized',
  'sealed',
  'cosigned',
  'anchored',
  'details_published',
  'details_withdrawn',
  'proof_downloaded',
  'certificate_downloaded',
  'document_downloaded',
  'register_exported',
  'hold_placed',
  'hold_lift_requested',
  'hold_lifted',
  'event_body_erased',
  'notarization_erased',
] as const satisfies readonly HappenedKind[];

export const HistoryQuery = z.strictObject({
  limit: decimal(1, 1000).exactOptional().describe('Most events of the access log in a page; default 100.'),
  cursor: decimal(0, Number.MAX_SAFE_INTEGER).exactOptional().describe('`next` of the previous page.'),
});

export const HistoryEvent = z.strictObject({
  at: Time.describe(
    'Of `cosigned`, as the members state it; of `anchored`, when the service had the anchor, which says itself for which time it stands.',
  ),
  kind: z
    .enum(HISTORY_KINDS)
    .describe(
      '`register_exported`: the whole register, without conditions. Downloads and exports are recorded once a day (UTC) for each person or API key.',
    ),
  by: z.string().nullable().describe('`key:<id>`, `person:<id>`; null: the log itself, or nobody is known.'),
  block: Count.exactOptional().describe('Height, of `sealed`.'),
  source: z.string().exactOptional().describe('Name of the time source, of `anchored`.'),
  hold: z.string().exactOptional().describe('Id of the legal hold.'),
});
export type HistoryEvent = z.infer<typeof HistoryEvent>;

export const History = z.strictObject({
  events: z.array(HistoryEvent).describe('Newest first.'),
  names: z
    .record(z.string(), z.string())
    .describe('Of the people and keys, by `by`; only for those who may read the access log.'),
  next: z.string().nullable().describe('`cursor` for the next page; null: this is the last page.'),
});
