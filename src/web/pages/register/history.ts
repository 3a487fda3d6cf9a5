import type { HappenedKind } from '../../../messages/document-history.js';
import { readJson } from '../../lib/request.js';
import { sessionRequest } from '../../lib/session.js';

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
