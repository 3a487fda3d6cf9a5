import { fromHex } from '../../proof/bytes.js';
import type { JsonObject } from '../../proof/canonical-json.js';
import { HASH_LENGTH } from '../../proof/hash.js';
import { formatNote } from '../../proof/note.js';
import { formatPublication, type PublishableKind, type Shown } from '../../proof/records/publication.js';
import { chain, get } from './api.js';
import type { KeyKind, RecordSigner } from './record-keys.js';
import { jsonRequest, ProblemError } from './request.js';
import { sessionRequest } from './session.js';

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

/** @param after the time of the note before, in milliseconds since the Unix epoch: the new one must be later */
export async function publish(
  id: string,
  shows: readonly Shown[],
  signer: RecordSigner,
  after: number,
): Promise<void> {
  const { origin } = await chain();
  const record = fromHex(id, HASH_LENGTH);
  const text = formatPublication({ origin, record, shows, time: Math.max(Date.now(), after + 1) });
  const note = formatNote({ text, signatures: [await signer.sign(text)] });
  await sessionRequest(`v1/records/${id}/publication`, jsonRequest('PUT', { note }));
}

export async function withdraw(id: string): Promise<void> {
  await sessionRequest(`v1/records/${id}/publication`, { method: 'DELETE' });
}

/** Where everybody sees the record, at the address of this page. */
export function publicAddress(id: string): string {
  return new URL(`r/${id}`, document.baseURI).href;
}

/** The path of the history file. */
export function publishedHistory(id: string): string {
  return `./v1/records/${id}/publication/history`;
}
