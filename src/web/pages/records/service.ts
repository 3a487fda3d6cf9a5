import type { JsonObject } from '../../../proof/canonical-json.js';
import type { NextStep, RecordState } from '../../../proof/records/state.js';
import { get } from '../../lib/api.js';
import { certificateChoice } from '../../lib/certificate.js';
import { language } from '../../lib/language.js';
import { jsonRequest, readBlob, readJson } from '../../lib/request.js';
import { sessionRequest } from '../../lib/session.js';
import type { Query } from './place.js';

/** Requests about records (/openapi.json). They reject as those of api.ts do. */

/** A record as its readers see it. */
export interface RecordView {
  readonly id: string;
  readonly kind: RecordState['kind'];
  readonly status: RecordState['status'];
  /** null: it has none, or that was erased. */
  readonly title: string | null;
  readonly holder: string;
  /** Of the last event. */
  readonly sequence: number;
  /** After the last event. */
  readonly value: string;
  readonly state: RecordState;
  /** How many events wait for their block. */
  readonly waiting: number;
  /** After the latest block that changed it; null: no block has an event of it. */
  readonly sealed: { readonly height: number; readonly sequence: number } | null;
  readonly next: readonly NextStep[];
}

export interface RecordEvent {
  readonly sequence: number;
  readonly type: string;
  readonly status: 'accepted' | 'applied' | 'void';
  /** Why it is void. */
  readonly reason?: string;
  /** Of a signed event. */
  readonly note?: string;
  /** The text of an event that happened by itself. */
  readonly automatic?: string;
  readonly body?: JsonObject;
  readonly height?: number;
  readonly sealedAt?: string;
}

/** What the service takes, and what a file of an event holds. */
export interface SentEvent {
  readonly note: string;
  readonly body: JsonObject;
}

export interface RecordsPage {
  readonly records: readonly RecordView[];
  /** null: this is the last page. */
  readonly next: string | null;
}

const PAGE = 50;
/** Of one request for records in which a key has a role. */
const MOST = 200;

export function records({ words, kind, status }: Query, cursor: string | null): Promise<RecordsPage> {
  const asked = new URLSearchParams({
    limit: String(PAGE),
    ...(words === '' ? {} : { q: words }),
    ...(kind === null ? {} : { kind }),
    ...(status === '' ? {} : { status }),
    ...(cursor === null ? {} : { cursor }),
  });
  return get<RecordsPage>(`v1/records?${asked}`);
}

/** The organization's records in which one of these keys has a role, each once. */
export async function recordsOfKeys(keys: readonly string[]): Promise<readonly RecordView[]> {
  const pages = await Promise.all(
    keys.map((key) => get<RecordsPage>(`v1/records?${new URLSearchParams({ key, limit: String(MOST) })}`)),
  );
  const found = pages.flatMap((page) => page.records);
  return [...new Map(found.map((record) => [record.id, record])).values()];
}

/** All events, in their order. */
async function eventsOf(id: string): Promise<readonly RecordEvent[]> {
  const events: RecordEvent[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const asked: URLSearchParams = new URLSearchParams({
      limit: '1000',
      ...(cursor === '' ? {} : { cursor }),
    });
    const page: { readonly events: readonly RecordEvent[]; readonly next: string | null } = await get(
      `v1/records/${id}/events?${asked}`,
    );
    events.push(...page.events);
    cursor = page.next;
  }
  return events;
}

export interface Loaded {
  readonly record: RecordView;
  /** All that are known, in their order. */
  readonly events: readonly RecordEvent[];
}

export async function loadRecord(id: string): Promise<Loaded> {
  const [record, events] = await Promise.all([get<RecordView>(`v1/records/${id}`), eventsOf(id)]);
  return { record, events };
}

export async function historyFile(id: string): Promise<Blob> {
  return readBlob(await sessionRequest(`v1/records/${id}/history`, {}));
}

/** A PDF with the history inside, in the reader's language and time zone. */
export async function recordCertificate(id: string): Promise<Blob> {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const query = new URLSearchParams({
    lang: certificateChoice().bilingual ? 'ko-en' : language(),
    tz: timeZone,
  });
  return readBlob(await sessionRequest(`v1/records/${id}/certificate.pdf?${query}`, {}));
}

/**
 * Submits an event: safe to repeat with the same key. Answers when the event is sealed, or after some seconds.
 * @param id of the record; null: the event begins it
 * @returns the id of the record
 */
export async function submit(id: string | null, event: SentEvent, key: string): Promise<string> {
  const { headers, ...rest } = jsonRequest('POST', event);
  const path = id === null ? 'v1/records' : `v1/records/${id}/events`;
  const response = await sessionRequest(path, {
    ...rest,
    headers: { ...headers, 'Idempotency-Key': key, Prefer: 'wait=10' },
  });
  return ((await readJson(response)) as { readonly record: string }).record;
}
