import { readJson } from '../../lib/request.js';
import { sessionRequest } from '../../lib/session.js';

export type HappenedKind =
  | 'notarized'
  | 'sealed'
  | 'cosigned'
  | 'anchored'
  | 'details_published'
  | 'details_withdrawn'
  | 'proof_downloaded'
  | 'certificate_downloaded'
  | 'register_exported'
  | 'hold_placed'
  | 'hold_lift_requested'
  | 'hold_lifted'
  | 'event_body_erased'
  | 'notarization_erased';

export interface Happened {
  readonly at: string;
  readonly kind: HappenedKind;
  /** `key:<id>`, `person:<id>`; null: the log, or nobody is known. */
  readonly by: string | null;
  readonly block?: number;
  readonly source?: string;
}

export interface HistoryPage {
  /** The newest first. */
  readonly events: readonly Happened[];
  /** By `by`. */
  readonly names: Readonly<Record<string, string>>;
  readonly next: string | null;
}

/** What happened to a notarization. Rejects as the requests of api.ts do. */
export async function history(id: string, cursor: string | null): Promise<HistoryPage> {
  const query = cursor === null ? '' : `?cursor=${cursor}`;
  return (await readJson(await sessionRequest(`v1/notarizations/${id}/history${query}`, {}))) as HistoryPage;
}
