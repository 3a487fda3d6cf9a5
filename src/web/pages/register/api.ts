import { type Details, notarization, type Notarization } from '../../lib/api.js';
import {
  connection,
  jsonRequest,
  localProblem,
  readJson,
  UnreachableError,
  readBody,
} from '../../lib/request.js';
import { sessionRequest } from '../../lib/session.js';
import { apiQuery, EVERYTHING, type Query } from './search.js';

const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/** Counts the rows of a CSV file (RFC 4180) chunk by chunk. */
export class RowCounter {
  #lines = 0;
  #quoted = false;

  /** Complete rows so far, without the header. */
  get rows(): number {
    return Math.max(0, this.#lines - 1);
  }

  add(bytes: Uint8Array): void {
    for (const byte of bytes) {
      // A doubled quote in a quoted field ends the field and begins it again.
      if (byte === QUOTE) this.#quoted = !this.#quoted;
      else if (byte === LINE_FEED && !this.#quoted) this.#lines += 1;
    }
  }
}

/** ingam-register-2026-01-31.csv, in the reader's time zone. */
export function csvName(now: Date): string {
  const [year, month, day] = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `ingam-register-${year ?? ''}-${month ?? ''}-${day ?? ''}.csv`;
}

/** Requests of the register. Each rejects as those of api.ts do. */

/** A notarization as its organization sees it. */
export interface Registered extends Notarization {
  /** Base64. */
  readonly entry: string;
  readonly details?: Details;
  /** Whether the details are public. */
  readonly published?: boolean;
  /** `key:<id>` or `person:<id>`. */
  readonly submittedBy?: string;
}

interface RegisterPage {
  readonly rows: readonly Registered[];
  /** null: there is no more. */
  readonly next: string | null;
}

const PAGE_LENGTH = 50;

export async function registerPage(
  query: Query,
  cursor: string | null,
  limit = PAGE_LENGTH,
): Promise<RegisterPage> {
  const { notarizations, next } = (await readJson(
    await ask({ ...apiQuery(query), limit: String(limit), ...(cursor === null ? {} : { cursor }) }),
  )) as { readonly notarizations: readonly Registered[]; readonly next: string | null };
  return { rows: notarizations, next };
}

/** @throws ProblemError also `notarization_not_found` if it is not in the organization's register */
export async function registered(id: string): Promise<Registered> {
  const { position } = await notarization(id);
  const { rows } = await registerPage(EVERYTHING, String(position + 1), 1);
  const own = rows.find((row) => row.id === id);
  // Anyone with its id can read an anonymous notarization; that does not make it the organization's.
  if (own === undefined) throw localProblem('notarization_not_found');
  return own;
}

export async function setPublished(id: string, published: boolean): Promise<void> {
  await sessionRequest(`v1/notarizations/${id}`, jsonRequest('PATCH', { published }));
}

/** Returns the proof without details. */
export async function bareProofText(id: string): Promise<string> {
  return readBody((await sessionRequest(`v1/notarizations/${id}/proof?disclose=none`, {})).text());
}

/**
 * Exports everything that matches as CSV. The browser keeps the blob outside of the page's memory.
 * @param onRows receives the number of rows so far
 */
export async function csv(
  query: Query,
  onRows: (rows: number) => void,
  signal: AbortSignal,
): Promise<{ readonly content: Blob; readonly rows: number }> {
  const { body } = await ask({ ...apiQuery(query), format: 'csv' }, signal);
  const counter = new RowCounter();
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      counter.add(chunk);
      onRows(counter.rows);
      controller.enqueue(chunk);
    },
  });
  try {
    const content = await new Response(body?.pipeThrough(counted)).blob();
    return { content, rows: counter.rows };
  } catch (error) {
    signal.throwIfAborted();
    // The service breaks off an export that it cannot finish, so that it does not look complete.
    connection.lost();
    throw new UnreachableError(error);
  }
}

function ask(query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Response> {
  const address = `v1/notarizations?${new URLSearchParams(query).toString()}`;
  return sessionRequest(address, signal === undefined ? {} : { signal });
}
