import { createHash } from 'node:crypto';
import type { Acknowledged, Answered, Receipted } from './ledger.js';

export type Shape = 'json' | 'multipart' | 'raw' | 'ndjson';

export interface Plan {
  readonly shape: Shape;
  /** The documents' texts. In JSON, only digests are sent. */
  readonly texts: readonly string[];
  readonly key: string | null;
}

/** refused: digests that a service reported as not accepted. unknown: it could not say. */
export interface Outcome extends Answered {
  readonly answer: string;
  readonly complete: boolean;
  readonly refused: readonly string[];
  /** A response that must never be given. */
  readonly wrong: string | null;
}

/** After these codes nothing of the request is in the chain; after outcome_unknown it may be. */
const NOTHING_ACCEPTED = new Set(['unavailable', 'queue_full', 'clock_behind', 'stopping']);
const TIMEOUT_MS = 60_000;

interface Item {
  readonly id: string;
  readonly sha256: string;
  readonly position: number;
  readonly entry: string;
  readonly receipt?: Omit<Receipted, 'entries'>;
  readonly error?: { readonly code: string };
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Sends the documents once, and reads as much of the response as arrives. Never rejects: a lost connection is
 * an outcome.
 */
export async function submit(url: string, plan: Plan): Promise<Outcome> {
  const lines: Item[] = [];
  try {
    const response = await send(url, plan);
    if (!response.ok) return await refusal(response, plan);
    if (plan.shape === 'ndjson') {
      await readLines(response, lines);
      return streamed(plan, lines, 'responded');
    }
    const { notarizations, receipt } = (await response.json()) as {
      notarizations: Item[];
      receipt?: Omit<Receipted, 'entries'>;
    };
    const complete = notarizations.length === plan.texts.length;
    const wrong = complete
      ? null
      : `${notarizations.length} notarizations for ${plan.texts.length} documents`;
    // A repeated request whose documents have been sealed has none.
    const receipts =
      receipt === undefined ? [] : [{ ...receipt, entries: notarizations.map(({ entry }) => entry) }];
    return { answer: 'accepted', complete, items: notarizations, receipts, refused: [], wrong };
  } catch {
    // Lines that arrived before the connection broke are acknowledgements too.
    return streamed(plan, lines, 'connection lost');
  }
}

function send(url: string, { shape, texts, key }: Plan): Promise<Response> {
  const headers: Record<string, string> = key === null ? {} : { 'Idempotency-Key': key };
  const post = (type: string | null, body: BodyInit): Promise<Response> =>
    fetch(`${url}/v1/notarizations`, {
      method: 'POST',
      headers: type === null ? headers : { ...headers, 'Content-Type': type },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  switch (shape) {
    case 'json':
      return post(
        'application/json',
        JSON.stringify({ documents: texts.map((text) => ({ sha256: digestOf(text) })) }),
      );
    case 'ndjson':
      return post(
        'application/x-ndjson',
        texts.map((text) => `${JSON.stringify({ sha256: digestOf(text) })}\n`).join(''),
      );
    case 'raw':
      return post('application/octet-stream', texts.join(''));
    case 'multipart': {
      const form = new FormData();
      texts.forEach((text, i) => {
        form.append('file', new Blob([text]), `document-${i}.txt`);
      });
      return post(null, form);
    }
  }
}

async function refusal(response: Response, { shape, texts }: Plan): Promise<Outcome> {
  const { code } = (await response.json()) as { code: string };
  const nothing = NOTHING_ACCEPTED.has(code) && shape !== 'ndjson';
  const expected = response.status === 503 && (NOTHING_ACCEPTED.has(code) || code === 'outcome_unknown');
  return {
    answer: code,
    complete: false,
    items: [],
    receipts: [],
    refused: nothing ? texts.map(digestOf) : [],
    wrong: expected ? null : `${response.status} ${code}`,
  };
}

async function readLines(response: Response, lines: Item[]): Promise<void> {
  let rest = '';
  for await (const text of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) lines.push(JSON.parse(part) as Item);
  }
}

/** Lines in a chunk of a stream with a key. */
const CHUNK_LINES = 1000;

/** Each is on the last accepted line of its chunk. A chunk that was sealed before a retry has none. */
function receiptsOf(accepted: readonly Item[], key: string | null): Receipted[] {
  const receipts: Receipted[] = [];
  let entries: string[] = [];
  for (const [i, { entry, receipt }] of accepted.entries()) {
    if (key !== null && i % CHUNK_LINES === 0) entries = [];
    entries.push(entry);
    if (receipt === undefined) continue;
    receipts.push({ ...receipt, entries });
    entries = [];
  }
  return receipts;
}

function streamed({ texts, key }: Plan, lines: readonly Item[], answer: string): Outcome {
  const accepted = lines.filter(({ error }) => error === undefined);
  const failed = lines.flatMap(({ error }, i) => (error === undefined ? [] : [{ code: error.code, i }]));
  const unexpected = failed.find(({ code }) => !NOTHING_ACCEPTED.has(code) && code !== 'outcome_unknown');
  return {
    answer,
    complete: accepted.length === texts.length,
    items: accepted satisfies readonly Acknowledged[],
    receipts: receiptsOf(accepted, key),
    refused: failed.flatMap(({ code, i }) => (NOTHING_ACCEPTED.has(code) ? [digestOf(texts[i] ?? '')] : [])),
    wrong: unexpected === undefined ? null : `line ${unexpected.i + 1}: ${unexpected.code}`,
  };
}
