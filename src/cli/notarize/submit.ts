import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import {
  decodeEntry,
  type Entry,
  equal,
  fromBase64,
  isObject,
  type Json,
  type JsonObject,
  PENDING_FORMAT,
  type PendingProof,
  type Policy,
  ProofError,
  type ProofFile,
  toHex,
  utf8,
} from '../../proof/index.js';
import { Failure, failureOf, fileFailure } from '../failure.js';
import { assertWritable, type HashedDocument } from '../files.js';
import { fsPath } from '../paths.js';
import { isAboutCaller, type ServiceAnswer, type ServiceClient, ServiceRefusal } from '../service-client.js';
import { examineDocuments, type FailedTask, forEachOf, type FoundDocument, type Task } from './documents.js';
import { awaitProof, type Expected, expectedOf, fetchProof, keepEarlier, writeProof } from './proofs.js';
import { createProgress, type Io, type Progress } from '../io.js';

/**
 * Returns the details of the document at `path`, or undefined if there are none.
 * @throws {Failure} when they cannot hold its name
 */
export type DetailsOf = (path: string) => JsonObject | undefined;

/** The outcome for one file. */
export interface DocumentResult {
  readonly found: FoundDocument;
  readonly document: HashedDocument | null;
  readonly status: 'sealed' | 'pending' | 'present' | 'failed';
  readonly id?: string;
  readonly proof?: ProofFile | PendingProof;
  /** The new path of the proof of an earlier version of the file. */
  readonly keptAs?: string;
  readonly failure?: Failure;
}

interface NotarizingOptions {
  readonly io: Io;
  readonly service: ServiceClient;
  readonly detailsOf: DetailsOf;
  readonly policy: Policy | null;
  /** How long to wait until each batch is sealed; 0: not at all. */
  readonly waitMs: number;
  readonly upload: boolean;
  readonly force: boolean;
  /** Documents per request, default 1,000. */
  readonly batch?: number;
}

/** A file that the service has accepted. */
interface Accepted extends Task {
  readonly expected: Expected;
  /** Its pending proof has been written. */
  written: boolean;
  keptAs: string | null;
}

const FETCH_AT_ONCE = 8;
const UPLOAD_AT_ONCE = 2;
const DEFAULT_BATCH = 1000;
/** After this time the pending proof is written, so that an interruption loses nothing. */
const KEEP_PENDING_AFTER_MS = 5000;

/**
 * Notarizes a set of files. After an interruption every file is either done (its proof is on disk) or
 * untouched.
 */
export class Notarizing {
  readonly results: DocumentResult[] = [];
  readonly #options: NotarizingOptions;
  /**
   * Set when no further request can succeed: the service is unreachable or rejects the caller, or the user
   * stops.
   */
  #end: Failure | null = null;

  constructor(options: NotarizingOptions) {
    this.#options = options;
  }

  /**
   * Failures of files or of the service are reported in `results`, for each file; this does not reject for
   * them.
   */
  async run(documents: readonly FoundDocument[]): Promise<void> {
    const { io, upload, batch: size = DEFAULT_BATCH } = this.#options;
    const { fresh, pending } = await this.#sort(await examineDocuments(documents, io));
    const progress = createProgress(io, 'Notarizing', documents.length);
    await this.#finish(pending, progress);
    for (let i = 0; i < fresh.length; i += size) {
      const batch = fresh.slice(i, i + size);
      const accepted = upload ? await this.#upload(batch) : await this.#submit(batch);
      await this.#finish(accepted, progress);
    }
    progress.clear();
    // Files finish in any order; report them in the order of the arguments.
    const order = new Map(documents.map((found, i) => [found, i]));
    this.results.sort((a, b) => (order.get(a.found) ?? 0) - (order.get(b.found) ?? 0));
  }

  /**
   * Separates what has to be notarized from what was. Whatever can be known to go wrong with a file is found
   * out here: a file that was notarized and whose proof cannot be written would be notarized again each time.
   */
  async #sort(examined: readonly (Task | FailedTask)[]): Promise<{ fresh: Task[]; pending: Accepted[] }> {
    const fresh: Task[] = [];
    const pending: Accepted[] = [];
    const writable = new Map<string, Promise<void>>();
    const check = async ({ found }: Task) => {
      this.#options.detailsOf(found.path);
      const folder = dirname(found.proofPath);
      const known = writable.get(folder) ?? assertWritable(found.proofPath, found.proofPath);
      writable.set(folder, known);
      await known;
    };
    for (const task of examined) {
      if ('failure' in task) {
        this.#fail(task, task.failure);
        continue;
      }
      const { found, document, occupant } = task;
      if (this.#options.force || occupant.kind === 'nothing' || occupant.kind === 'earlier') {
        await this.#guard(task, async () => {
          await check(task);
          fresh.push(task);
        });
      } else if (occupant.kind === 'final') {
        this.results.push({ found, document, status: 'present', proof: occupant.proof });
      } else if (occupant.kind === 'pending') {
        pending.push({ ...task, expected: expectedOf(occupant.proof), written: true, keptAs: null });
      } else {
        const message = `${found.proofPath} exists and is not a proof; it was not changed`;
        this.#fail(task, new Failure('conflict', message, { hint: 'Use --force to replace it.' }));
      }
    }
    return { fresh, pending };
  }

  async #submit(tasks: readonly Task[]): Promise<Accepted[]> {
    if (tasks.length === 0) return [];
    try {
      this.#throwIfEnded();
      const submissions = tasks.map((task) => this.#submissionOf(task));
      const submitted = await submitDigests(this.#options.service, submissions);
      return tasks.map((task, i) => accepted(task, submitted[i], submissions[i]?.details));
    } catch (error) {
      const refused = refusedNames(error);
      for (const [i, task] of tasks.entries()) {
        if (refused.size === 0) this.#fail(task, error);
        else if (refused.has(i)) this.#fail(task, new Failure('refused', refused.get(i) ?? ''));
      }
      // A request is accepted as a whole or not at all: retry without the files whose names were rejected.
      return refused.size === 0 ? [] : this.#submit(tasks.filter((_, i) => !refused.has(i)));
    }
  }

  async #upload(tasks: readonly Task[]): Promise<Accepted[]> {
    const { service } = this.#options;
    const all: Accepted[] = [];
    await forEachOf(tasks, UPLOAD_AT_ONCE, (task) =>
      this.#guard(task, async () => {
        // Services reject empty uploads; the digest of an empty file is enough.
        if (task.document.size === 0) {
          all.push(...(await this.#submit([task])));
          return;
        }
        all.push(accepted(task, await uploadDocument(service, this.#submissionOf(task)), undefined));
      }),
    );
    return all;
  }

  #submissionOf({ found, document }: Task): Submission {
    return { found, document, details: this.#options.detailsOf(found.path) };
  }

  /** Fetches and writes the proofs of accepted files. */
  async #finish(items: readonly Accepted[], progress: Progress): Promise<void> {
    const start = performance.now();
    const finishOne = (item: Accepted) =>
      this.#guard(item, async () => {
        const proof = await this.#obtain(item, start);
        await this.#write(item, proof);
        this.results.push({
          found: item.found,
          document: item.document,
          status: proof.format === PENDING_FORMAT ? 'pending' : 'sealed',
          id: item.expected.id,
          proof,
          ...(item.keptAs === null ? {} : { keptAs: item.keptAs }),
        });
        progress.update(this.results.length);
      });
    const last = items.at(-1);
    if (last === undefined) return;
    // Positions are sealed in order: when the last one is sealed, all others are.
    await finishOne(last);
    await forEachOf(items.slice(0, -1), FETCH_AT_ONCE, finishOne);
  }

  async #obtain(item: Accepted, start: number): Promise<ProofFile | PendingProof> {
    const { service, policy, waitMs } = this.#options;
    if (waitMs === 0) return (await fetchProof(service, item.expected, policy)).proof;
    return awaitProof(service, item.expected, policy, start + waitMs, async (proof) => {
      if (!item.written && performance.now() - start > KEEP_PENDING_AFTER_MS) await this.#write(item, proof);
    });
  }

  async #write(item: Accepted, proof: ProofFile | PendingProof): Promise<void> {
    const { occupant, found, written } = item;
    const { force } = this.#options;
    if (occupant.kind === 'earlier' && !force && !written) {
      item.keptAs = await keepEarlier(found.proofPath, occupant.proof);
    }
    await writeProof(found.proofPath, proof, force || written || occupant.kind !== 'nothing');
    item.written = true;
  }

  async #guard(
    item: { readonly found: FoundDocument; readonly expected?: Expected },
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      this.#throwIfEnded();
      await work();
    } catch (error) {
      this.#fail(item, error);
    }
  }

  /** @param item with `expected` if the service has accepted it */
  #fail(
    { found, expected }: { readonly found: FoundDocument; readonly expected?: Expected },
    error: unknown,
  ): void {
    const failure = failureOf(error);
    if (['unreachable', 'interrupted'].includes(failure.reason) || isAboutCaller(failure)) {
      this.#end = failure;
    }
    this.results.push({
      found,
      document: null,
      status: 'failed',
      failure: expected === undefined ? failure : this.#acceptedBut(failure, expected),
      ...(expected === undefined ? {} : { id: expected.id }),
    });
  }

  /** So that a proof that could not be saved is not lost. */
  #acceptedBut(failure: Failure, { id }: Expected): Failure {
    const { reason, message, code, exitCode, cause } = failure;
    if (reason === 'interrupted' || reason === 'unreachable') return failure;
    const address = new URL(`v1/notarizations/${id}/proof`, this.#options.service.url).href;
    return new Failure(reason, `${message} (accepted as notarization ${id})`, {
      code,
      exitCode,
      cause,
      hint: `Proofs of accepted documents remain available: curl -o FILE.ingam.json ${address}`,
    });
  }

  #throwIfEnded(): void {
    if (this.#end !== null) throw this.#end;
  }
}

function accepted(task: Task, submitted: Submitted | undefined, details: JsonObject | undefined): Accepted {
  if (submitted === undefined) throw new RangeError('fewer notarizations than documents');
  const expected = { ...submitted, ...(details === undefined ? {} : { details }) };
  return { ...task, expected, written: false, keptAs: null };
}

/**
 * The documents of a batch whose names were rejected (`documents[3].details.name`), or whose details are too
 * long with their names (`documents[3].details`), by index.
 */
function refusedNames(error: unknown): Map<number, string> {
  const refused = new Map<number, string>();
  for (const { path, message } of error instanceof ServiceRefusal ? error.faults : []) {
    const match = /^documents\[([0-9]{1,5})\]\.details(\.name)?$/.exec(path);
    const what = match?.[2] === undefined ? 'details: they' : 'name: it';
    if (match !== null) refused.set(Number(match[1]), `the service rejected its ${what} ${message}`);
  }
  return refused;
}

interface Submitted {
  readonly id: string;
  readonly entry: Entry;
  /** The details as stored by the service, which may add the file name of an upload. */
  readonly details?: JsonObject;
}

interface Submission {
  readonly found: FoundDocument;
  readonly document: HashedDocument;
  readonly details: JsonObject | undefined;
}

/** Submits digests. The service accepts all of them or none. @throws {Failure} */
async function submitDigests(
  service: ServiceClient,
  submissions: readonly Submission[],
): Promise<Submitted[]> {
  const body = JSON.stringify({
    documents: submissions.map(({ document, details }) => ({
      sha256: toHex(document.sha256),
      size: document.size,
      ...(details === undefined ? {} : { details }),
    })),
  });
  const answer = await service.request('v1/notarizations', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: () => body,
  });
  return readAccepted(service, answer, submissions);
}

/** Uploads a document, which the service hashes too; both digests must be equal. @throws {Failure} */
async function uploadDocument(service: ServiceClient, submission: Submission): Promise<Submitted> {
  const boundary = `ingam-${randomUUID()}`;
  // The name of the file is among the details, or is not sent: the name of a part cannot hold every name.
  const details = part(boundary, 'name="details"', JSON.stringify({ name: null, ...submission.details }));
  const head = utf8(
    `${details}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="document"\r\n` +
      'Content-Type: application/octet-stream\r\n\r\n',
  );
  const tail = utf8(`\r\n--${boundary}--\r\n`);
  const answer = await service.request('v1/notarizations', {
    method: 'POST',
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'idempotency-key': randomUUID(),
    },
    body: (sent, signal) =>
      Readable.toWeb(Readable.from(multipart(head, submission.found, tail, signal, sent))) as NonNullable<
        RequestInit['body']
      >,
  });
  const [accepted] = readAccepted(service, answer, [submission]);
  if (accepted === undefined) throw service.unexpected('it returned no notarization');
  return accepted;
}

async function* multipart(
  head: Uint8Array,
  { path, shown }: FoundDocument,
  tail: Uint8Array,
  signal: AbortSignal,
  sent: () => void,
): AsyncGenerator<Uint8Array> {
  yield head;
  try {
    const chunks = createReadStream(fsPath(path), { signal, highWaterMark: 256 * 1024 });
    for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
      yield chunk;
      sent();
    }
  } catch (error) {
    // Not taken for a failure of the connection: the other files can be sent.
    throw signal.aborted ? error : fileFailure(error, shown);
  }
  yield tail;
}

function part(boundary: string, disposition: string, body: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${body}\r\n`;
}

/** One notarization for each submission, in the same order. */
function readAccepted(
  service: ServiceClient,
  answer: ServiceAnswer,
  submissions: readonly Submission[],
): Submitted[] {
  const list = service.object(answer)['notarizations'];
  if (!Array.isArray(list) || list.length !== submissions.length) {
    throw service.unexpected('it returned another number of notarizations than documents sent');
  }
  return submissions.map(({ document }, i) => {
    const accepted = readOne(service, (list as readonly Json[])[i]);
    if (!equal(accepted.entry.digest, document.sha256)) {
      throw new Failure(
        'refused',
        'the service received different bytes: the file changed during the upload, or the connection is faulty',
      );
    }
    return accepted;
  });
}

function readOne(service: ServiceClient, value: Json | undefined): Submitted {
  const id = isObject(value) ? value['id'] : undefined;
  const entry = isObject(value) ? value['entry'] : undefined;
  const details = isObject(value) ? value['details'] : undefined;
  if (typeof id !== 'string' || !/^[0-9a-z-]{1,64}$/.test(id) || typeof entry !== 'string') {
    throw service.unexpected('a notarization has no id or entry');
  }
  try {
    return {
      id,
      entry: decodeEntry(fromBase64(entry)),
      ...(isObject(details) ? { details } : {}),
    };
  } catch (error) {
    if (error instanceof ProofError) throw service.unexpected(error.message, error);
    throw error;
  }
}
