import type { JsonObject } from '../../proof/canonical-json.js';
import type { PublishableKind, Shown } from '../../proof/records/publishable.js';
import { get } from './api.js';
import type { KeyKind } from './record-keys.js';
import { ProblemError } from './request.js';

/** Works and items that their holders show to everybody (/openapi.json). */

export interface PublishedKey {
  /** Eight hexadecimal digits. */
  readonly id: string;
  /** null: unknown. */
  readonly kind: KeyKind | null;
  /** null: not shown. */
  readonly name: string | null;
}

export interface PublishedEvent {
  readonly sequence: number;
  readonly type: string;
  readonly automatic: boolean;
  readonly signers: readonly PublishedKey[];
  /** What the holder shows of it. */
  readonly body?: JsonObject;
  readonly erased?: true;
  readonly height: number;
  readonly sealedAt: string;
}

export interface PublishedRecord {
  readonly record: string;
  readonly kind: PublishableKind;
  readonly status: string;
  /** null: not shown, or erased. */
  readonly title: string | null;
  readonly holder: PublishedKey;
  readonly shows: readonly Shown[];
  readonly signedAt: string;
  readonly asOf: { readonly height: number; readonly sealedAt: string };
  readonly events: readonly PublishedEvent[];
  readonly next: string | null;
}

/** With all events. null: the record is not published. */
export async function publishedRecord(id: string): Promise<PublishedRecord | null> {
  try {
    const found = await page(id, null);
    const events = [...found.events];
    for (let { next } = found; next !== null;) {
      const more = await page(id, next);
      events.push(...more.events);
      ({ next } = more);
    }
    return { ...found, events };
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'not_published') return null;
    throw error;
  }
}

function page(id: string, cursor: string | null): Promise<PublishedRecord> {
  const query = new URLSearchParams({ limit: '1000', ...(cursor === null ? {} : { cursor }) });
  return get<PublishedRecord>(`v1/records/${id}/publication?${query}`);
}

/** Where everybody sees the record, at the address of this page. */
export function publicAddress(id: string): string {
  return new URL(`r/${id}`, document.baseURI).href;
}

/** The path of the history file. */
export function publishedHistory(id: string): string {
  return `./v1/records/${id}/publication/history`;
}
