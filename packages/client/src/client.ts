import { toHex } from '../../../src/proof/bytes.js';
import { type DocumentSource, hashDocument } from '../../verifier/src/document.js';
import { ConnectionError } from './problem.js';
import { type ClientOptions, pause, type Sent, Transport } from './transport.js';
import {
  type Accepted,
  type AcceptedEvent,
  type Chain,
  type Details,
  type DocumentInput,
  type EventInput,
  type Notarization,
  type Operations,
  OPERATIONS,
  READING,
  type RecordEvent,
  type RecordResource,
  type ResultLine,
  type Verification,
} from './types.js';

export interface CallOptions {
  /** Ends the call, waiting included: it then rejects with the reason of the signal. */
  readonly signal?: AbortSignal;
}
export interface SubmitOptions extends CallOptions {
  /** Respond only when the documents are sealed, or after a minute. Default: as soon as they are stored durably. */
  readonly wait?: boolean;
  /**
   * The same key with the same documents gives the same answer for 24 hours. Keep it with your own data, and a program
   * that was killed in the middle can repeat the call. Default: a new one, so that retries within the call are safe.
   */
  readonly idempotencyKey?: string;
}

/** Documents of one request of `notarizeStream`; the service commits a stream in chunks of so many. */
const CHUNK = 1000;
const CHUNKS_AT_ONCE = 4;
const DEFAULT_PAUSE_MS = 1000;

type Id = keyof Operations;
type Input<O extends Id> = Omit<Operations[O], 'answer'>;
type RegisterQuery = NonNullable<Operations['listNotarizations']['query']>;

/** A client of one service. Its methods throw ProblemError when the service refuses, and ConnectionError without an answer. */
export class IngamClient {
  readonly #transport: Transport;

  /** @throws {TypeError} for an address that is none */
  constructor(options: ClientOptions) {
    this.#transport = new Transport(options);
  }

  /** Notarizes a document by its digest: the document itself stays here. */
  async notarize(
    document: DocumentSource,
    { details, ...options }: SubmitOptions & { readonly details?: Details } = {},
  ): Promise<Notarization> {
    const digest = await digestOf(document);
    const { notarizations } = await this.notarizeDigests(
      [{ ...digest, ...(details === undefined ? {} : { details }) }],
      options,
    );
    const [first] = notarizations;
    if (first?.sha256 !== digest.sha256) throw new ConnectionError('the answer is about another document');
    return first;
  }

  /** Notarizes up to 10,000 documents by their digests: all of them, or none. */
  notarizeDigests(
    documents: readonly DocumentInput[],
    { wait = false, idempotencyKey = crypto.randomUUID(), signal }: SubmitOptions = {},
  ): Promise<Accepted> {
    return this.#json({
      method: 'POST',
      path: 'v1/notarizations',
      query: { wait: wait ? 'sealed' : undefined },
      headers: {
        'Content-Type': 'application/json',
        'Idempotency-Key': idempotencyKey,
        Prefer: wait ? 'wait=60' : undefined,
      },
      body: JSON.stringify({ documents }),
      ...only({ signal }),
    });
  }

  /**
   * Notarizes any number of documents by their digests, and gives one result for each, in order: what was accepted, or
   * why it was not. Reads ahead by a few thousand documents. Each is accepted on its own, and is not accepted twice when
   * a connection breaks.
   */
  async *notarizeStream(
    documents: AsyncIterable<DocumentInput> | Iterable<DocumentInput>,
    { signal }: CallOptions = {},
  ): AsyncGenerator<ResultLine> {
    const running: Promise<ResultLine[]>[] = [];
    let first = 0;
    try {
      for await (const chunk of chunksOf(documents)) {
        running.push(handled(this.#notarizeChunk(chunk, first, signal)));
        first += chunk.length;
        if (running.length === CHUNKS_AT_ONCE) yield* (await running.shift()) ?? [];
      }
      while (running.length > 0) yield* (await running.shift()) ?? [];
    } finally {
      await Promise.allSettled(running);
    }
  }

  async #notarizeChunk(
    chunk: readonly DocumentInput[],
    before: number,
    signal?: AbortSignal,
  ): Promise<ResultLine[]> {
    const { bytes } = await this.#transport.send({
      method: 'POST',
      path: 'v1/notarizations',
      headers: { 'Content-Type': 'application/x-ndjson', 'Idempotency-Key': crypto.randomUUID() },
      body: chunk.map((document) => `${JSON.stringify(document)}\n`).join(''),
      ...only({ signal }),
    });
    const lines = new TextDecoder().decode(bytes).split('\n').slice(0, -1);
    if (lines.length !== chunk.length)
      throw new ConnectionError('the service answered fewer documents than were sent');
    return lines.map((line, i) => ({ ...(JSON.parse(line) as ResultLine), line: before + i + 1 }));
  }

  /** Sends a document itself, so that the service hashes it and, with `keep`, keeps it in its vault. */
  async upload(
    document: Blob,
    {
      name,
      keep = false,
      wait = false,
      idempotencyKey = crypto.randomUUID(),
      signal,
    }: SubmitOptions & { readonly name?: string; readonly keep?: boolean } = {},
  ): Promise<Notarization> {
    const { notarizations } = await this.#json<Accepted>({
      method: 'PUT',
      path: 'v1/notarizations',
      query: { name, wait: wait ? 'sealed' : undefined, vault: keep ? 'keep' : undefined },
      headers: {
        'Content-Type': 'application/octet-stream',
        'Idempotency-Key': idempotencyKey,
        Prefer: wait ? 'wait=60' : undefined,
      },
      body: document,
      ...only({ signal }),
    });
    const [first] = notarizations;
    if (first === undefined) throw new ConnectionError('the answer has no notarization');
    return first;
  }

  notarization(id: string, options: CallOptions = {}): Promise<Notarization> {
    return this.call('getNotarization', { path: { id } }, options);
  }

  /** The proof file, or null while the document is not sealed yet. Verify it with @ingam/verifier before you rely on it. */
  async proof(id: string, options: CallOptions = {}): Promise<Uint8Array | null> {
    return (await this.#proof(id, options)).file;
  }

  /** The proof file, as soon as the document is sealed. */
  async waitForProof(id: string, options: CallOptions = {}): Promise<Uint8Array> {
    for (;;) {
      const { file, pauseMs } = await this.#proof(id, options);
      if (file !== null) return file;
      await pause(pauseMs, options.signal);
    }
  }

  async #proof(id: string, { signal }: CallOptions) {
    const path = `v1/notarizations/${encodeURIComponent(id)}/proof`;
    const { status, headers, bytes } = await this.#transport.send({
      method: 'GET',
      path,
      ...only({ signal }),
    });
    const seconds = Number(headers.get('retry-after') ?? Number.NaN);
    return { file: status === 200 ? bytes : null, pauseMs: seconds > 0 ? seconds * 1000 : DEFAULT_PAUSE_MS };
  }

  /** What the service itself says of a document, a proof, or both. To rely on no service, use @ingam/verifier. */
  async verify(
    { document, proof }: { readonly document?: DocumentSource; readonly proof?: Uint8Array | string },
    options: CallOptions = {},
  ): Promise<Verification> {
    const text = typeof proof === 'object' ? new TextDecoder().decode(proof) : proof;
    const body = {
      ...(document === undefined ? {} : await digestOf(document)),
      ...(text === undefined ? {} : { proof: text }),
    };
    return this.call('verify', { body }, options);
  }

  /** The state of the log: its keys, its last checkpoint, and the trust policy that its operator gives. */
  chain(options: CallOptions = {}): Promise<Chain> {
    return this.call('getChain', {}, options);
  }

  /** The notarizations of the key's organization, all pages of them. */
  register(
    query: Omit<RegisterQuery, 'order' | 'format' | 'cursor' | 'skip'> & {
      /** By time of acceptance; default: newest first. */
      readonly order?: 'newest' | 'oldest';
    } = {},
    options: CallOptions = {},
  ): AsyncGenerator<Notarization> {
    return this.#pages<Notarization>('v1/notarizations', 'notarizations', query, options);
  }

  /** A record, as its holder's key or the organization's API key may read it. */
  record(id: string, options: CallOptions = {}): Promise<RecordResource> {
    return this.call('getRecord', { path: { id } }, options);
  }

  records(
    query: NonNullable<Operations['listRecords']['query']> = {},
    options: CallOptions = {},
  ): AsyncGenerator<RecordResource> {
    return this.#pages<RecordResource>('v1/records', 'records', query, options);
  }

  /** The events of a record, in their order. */
  recordEvents(id: string, options: CallOptions = {}): AsyncGenerator<RecordEvent> {
    return this.#pages<RecordEvent>(`v1/records/${encodeURIComponent(id)}/events`, 'events', {}, options);
  }

  /** The history file of a record. Verify it with @ingam/verifier before you rely on it. */
  async history(id: string, { signal }: CallOptions = {}): Promise<Uint8Array> {
    const path = `v1/records/${encodeURIComponent(id)}/history`;
    return (await this.#transport.send({ method: 'GET', path, ...only({ signal }) })).bytes;
  }

  /**
   * Submits a signed event.
   * @param record null: it is the first event of a new record
   */
  submitEvent(
    record: string | null,
    event: EventInput,
    { wait = false, idempotencyKey = crypto.randomUUID(), signal }: SubmitOptions = {},
  ): Promise<AcceptedEvent> {
    return this.#json({
      method: 'POST',
      path: record === null ? 'v1/records' : `v1/records/${encodeURIComponent(record)}/events`,
      query: { wait: wait ? 'sealed' : undefined },
      headers: {
        'Content-Type': 'application/json',
        'Idempotency-Key': idempotencyKey,
        Prefer: wait ? 'wait=60' : undefined,
      },
      body: JSON.stringify(event),
      ...only({ signal }),
    });
  }

  /**
   * Any other operation of the API, by its name in /openapi.json. Its answer is JSON, or bytes if it is of another type.
   * Of requests that change something, only those with an Idempotency-Key are repeated.
   */
  async call<O extends Id>(
    operation: O,
    input: Input<O>,
    { signal }: CallOptions = {},
  ): Promise<Operations[O]['answer']> {
    const {
      path = {},
      query = {},
      header = {},
      body,
    } = input as {
      readonly path?: Readonly<Record<string, string | number>>;
      readonly query?: Readonly<Record<string, string | number | undefined>>;
      readonly header?: Readonly<Record<string, string | undefined>>;
      readonly body?: unknown;
    };
    const [method, template] = OPERATIONS[operation];
    const filled = template
      .slice(1)
      .replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])));
    const isRaw = body instanceof Uint8Array || body instanceof FormData;
    const type =
      body === undefined || body instanceof FormData
        ? undefined
        : isRaw
          ? 'application/octet-stream'
          : 'application/json';
    const { headers, bytes } = await this.#transport.send({
      method,
      reads: READING.has(operation),
      path: filled,
      query,
      headers: { 'Content-Type': type, ...header },
      ...(body === undefined ? {} : { body: isRaw ? (body as BodyInit) : JSON.stringify(body) }),
      ...only({ signal }),
    });
    const answered = headers.get('content-type') ?? '';
    if (bytes.length === 0) return null;
    return (/^application\/(.*\+)?json\b/.test(answered) ? parse(bytes) : bytes) as Operations[O]['answer'];
  }

  async #json<T>(sent: Sent): Promise<T> {
    return parse((await this.#transport.send(sent)).bytes) as T;
  }

  async *#pages<T>(
    path: string,
    member: string,
    query: NonNullable<Sent['query']>,
    { signal }: CallOptions,
  ): AsyncGenerator<T> {
    let cursor: string | undefined;
    do {
      const page = await this.#json<Record<string, unknown>>({
        method: 'GET',
        path,
        query: cursor === undefined ? query : { ...query, cursor },
        ...only({ signal }),
      });
      yield* page[member] as T[];
      cursor = (page['next'] as string | null) ?? undefined;
    } while (cursor !== undefined);
  }
}

/** SHA-256, in hexadecimal, and length of a document, which is read piece by piece. */
export async function digestOf(document: DocumentSource): Promise<{ sha256: string; size?: number }> {
  const { sha256, size } = await hashDocument(document);
  return { sha256: toHex(sha256), ...(size === undefined ? {} : { size }) };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new ConnectionError('the answer is not one of an Ingam service', { cause: error });
  }
}

/** Without members that are undefined. */
function only({ signal }: CallOptions | { readonly signal: AbortSignal | undefined }): CallOptions {
  return signal === undefined ? {} : { signal };
}

/** A promise whose rejection is looked at later. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

async function* chunksOf<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
