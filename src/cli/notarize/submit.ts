import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Readable } from 'node:stream';
import {
  type DocumentFacts,
  type JsonObject,
  PENDING_FORMAT,
  type PendingProof,
  type Policy,
  type ProofFile,
  toHex,
  utf8,
} from '../../proof/index.js';
import { Failure, failureOf, fileFailure } from '../failure.js';
import { assertWritable, type HashedDocument } from '../files.js';
import { fsPath } from '../paths.js';
import { isAboutCaller, type ServiceClient, ServiceRefusal } from '../service-client.js';
import { readAccepted, type Submitted } from './accepted.js';
import { examineDocuments, type FailedTask, type FoundDocument, type Task } from './documents.js';
import { forEachOf } from '../find-files.js';
import {
  assertFits,
  awaitProof,
  type Expected,
  expectedOf,
  fetchProof,
  keepEarlier,
  replacePending,
  writeProof,
} from './proofs.js';
import { progressMessages } from '../messages/progress.js';
import { createProgress, grouped, type Io, type Progress, Rate } from '../io.js';
import { notarizeMessages } from '../messages/notarize.js';

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
  /** The path of the receipt, which is kept because the seal came later than it promises. */
  readonly lateReceipt?: string;
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
  /** Uploaded documents are to be kept. */
  readonly keep: boolean;
  readonly force: boolean;
  /** Documents per request, default 1,000. */
  readonly batch?: number;
  /**
   * Called before each request that submits digests. What it returns is the Idempotency-Key: whoever has kept it with the
   * submissions can repeat the request after a crash, and nothing is notarized twice. By default a random one.
   */
  readonly keyFor?: (submissions: readonly Submission[]) => Promise<string>;
}

/** A file that the service has accepted. */
interface Accepted extends Task {
  readonly expected: Expected;
  /** What the service has promised; null: it was sealed when the service responded. */
  readonly pending: PendingProof | null;
  /** The pending proof is on disk. */
  written: boolean;
  keptAs: string | null;
}

const FETCH_AT_ONCE = 8;
const WRITE_AT_ONCE = 8;
const UPLOAD_AT_ONCE = 2;
const DEFAULT_BATCH = 1000;

/**
 * Notarizes a set of files. After an interruption every file that the service has accepted has a proof on
 * disk: a pending one is written as soon as the service has responded, and replaced by the final one later.
 */
export class Notarizing {
  readonly results: DocumentResult[] = [];
  readonly #options: NotarizingOptions;
  /**
   * Set when no further request can succeed: the service is unreachable or rejects the caller, or the user
   * stops.
   */
  #end: Failure | null = null;
  #rate = new Rate(0);

  constructor(options: NotarizingOptions) {
    this.#options = options;
  }

  /**
   * Failures of files or of the service are reported in `results`, for each file; this does not reject for
   * them.
   */
  async run(documents: readonly FoundDocument[]): Promise<void> {
    await this.runExamined(documents, await examineDocuments(documents, this.#options.io));
  }

  /** The same of documents that are hashed. */
  async runExamined(
    documents: readonly FoundDocument[],
    examined: readonly (Task | FailedTask)[],
  ): Promise<void> {
    const { io, upload, batch: size = DEFAULT_BATCH } = this.#options;
    const { fresh, pending } = await this.#sort(examined);
    const progress = createProgress(io, progressMessages().notarizing, documents.length);
    this.#rate = new Rate(documents.length);
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
   * Repeats a request whose response may have been lost, with the same documents in the same order, and with its key from
   * `keyFor`. What has a proof keeps it.
   */
  async repeat(tasks: readonly Task[]): Promise<void> {
    const progress = createProgress(this.#options.io, progressMessages().notarizing, tasks.length);
    await this.#finish(await this.#submit(tasks), progress);
    progress.clear();
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
        const { proof } = occupant;
        const known = { expected: expectedOf(proof), pending: proof, written: true, keptAs: null };
        pending.push({ ...task, ...known });
      } else {
        this.#fail(task, notAProof(found.proofPath));
      }
    }
    return { fresh, pending };
  }

  async #submit(tasks: readonly Task[]): Promise<Accepted[]> {
    if (tasks.length === 0) return [];
    try {
      this.#throwIfEnded();
      const submissions = tasks.map((task) => this.#submissionOf(task));
      const { service, keyFor } = this.#options;
      const submitted = await submitDigests(service, submissions, await keyFor?.(submissions));
      return await this.#keepAll(tasks.map((task, i) => accepted(task, submitted[i])));
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
    const { service, keep } = this.#options;
    const all: Accepted[] = [];
    await forEachOf(tasks, UPLOAD_AT_ONCE, (task) =>
      this.#guard(task, async () => {
        // Services reject empty uploads; the digest of an empty file is enough, and there is nothing to keep.
        if (task.document.size === 0) {
          all.push(...(await this.#submit([task])));
          return;
        }
        const submitted = await uploadDocument(service, this.#submissionOf(task), keep);
        all.push(...(await this.#keepAll([accepted(task, submitted)])));
      }),
    );
    return all;
  }

  /**
   * Writes the pending proofs of accepted files, also when the user stops: nobody else has the receipts.
   * @returns those that could be written
   */
  async #keepAll(items: readonly Accepted[]): Promise<Accepted[]> {
    const kept = new Set<Accepted>();
    await forEachOf(items, WRITE_AT_ONCE, async (item) => {
      const { pending, expected } = item;
      try {
        const { kind } = item.occupant;
        if (kind === 'foreign' && !this.#options.force) throw notAProof(item.found.proofPath);
        // Only a repeated request finds the proof.
        if (kind === 'final') item.written = true;
        else if (pending !== null) {
          assertFits(this.#options.service, pending, expected, this.#options.policy);
          await this.#write(item, pending);
        }
        kept.add(item);
      } catch (error) {
        this.#fail(item, error);
      }
    });
    return items.filter((item) => kept.has(item));
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
        const lateReceipt = await this.#finishProof(item, proof);
        this.results.push({
          found: item.found,
          document: item.document,
          status: proof.format === PENDING_FORMAT ? 'pending' : 'sealed',
          id: item.expected.id,
          proof,
          ...(item.keptAs === null ? {} : { keptAs: item.keptAs }),
          ...(lateReceipt === null ? {} : { lateReceipt }),
        });
        const done = this.results.length;
        progress.update(
          done,
          `${grouped(done)}${this.#rate.describe(done, grouped)}, ${basename(item.found.path)}`,
        );
      });
    const last = items.at(-1);
    if (last === undefined) return;
    // Positions are sealed in order: when the last one is sealed, all others are.
    await finishOne(last);
    await forEachOf(items.slice(0, -1), FETCH_AT_ONCE, finishOne);
  }

  async #obtain(item: Accepted, start: number): Promise<ProofFile | PendingProof> {
    const { service, policy, waitMs } = this.#options;
    const { expected, pending, occupant } = item;
    if (waitMs > 0) return awaitProof(service, expected, policy, start + waitMs);
    // A pending proof of an earlier run may be final by now.
    const isNew = pending !== null && !(occupant.kind === 'pending' && occupant.proof === pending);
    return isNew ? pending : (await fetchProof(service, expected, policy)).proof;
  }

  /** @returns the path of the receipt, if it is kept because the seal came too late */
  async #finishProof(item: Accepted, proof: ProofFile | PendingProof): Promise<string | null> {
    const { pending, written, found } = item;
    if (pending === null || !written) {
      await this.#write(item, proof);
      return null;
    }
    return proof.format === PENDING_FORMAT ? null : replacePending(found.proofPath, pending, proof);
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
    const { reason, message, code, exitCode } = failure;
    if (reason === 'interrupted' || reason === 'unreachable') return failure;
    const address = new URL(`v1/notarizations/${id}/proof`, this.#options.service.url).href;
    return new Failure(reason, notarizeMessages().acceptedBut(message, id), {
      code,
      exitCode,
      cause: failure,
      hint: notarizeMessages().stillAvailable(address),
    });
  }

  #throwIfEnded(): void {
    if (this.#end !== null) throw this.#end;
  }
}

const notAProof = (path: string) =>
  new Failure('conflict', notarizeMessages().notAProof(path), { hint: notarizeMessages().useForce });

function accepted(task: Task, submitted: Submitted | undefined): Accepted {
  if (submitted === undefined) throw new RangeError('fewer notarizations than documents');
  const { pending, ...expected } = submitted;
  return { ...task, expected, pending, written: false, keptAs: null };
}

/**
 * The documents of a batch whose names were rejected (`documents[3].details.name`), or whose details are too
 * long with their names (`documents[3].details`), by index.
 */
function refusedNames(error: unknown): Map<number, string> {
  const refused = new Map<number, string>();
  for (const { path, message } of error instanceof ServiceRefusal ? error.faults : []) {
    const match = /^documents\[([0-9]{1,5})\]\.details(\.name)?$/.exec(path);
    const { refusedDetails, refusedName } = notarizeMessages();
    if (match !== null) {
      refused.set(Number(match[1]), (match[2] === undefined ? refusedDetails : refusedName)(message));
    }
  }
  return refused;
}

interface Sent {
  /** Without a size, the entry has none. */
  readonly document: DocumentFacts;
  readonly details: JsonObject | undefined;
}

export interface Submission extends Sent {
  readonly found: FoundDocument;
  readonly document: HashedDocument;
}

/**
 * Submits digests. The service accepts all of them or none.
 * @param key Idempotency-Key
 * @throws {Failure}
 */
export async function submitDigests(
  service: ServiceClient,
  submissions: readonly Sent[],
  key: string = randomUUID(),
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
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: () => body,
  });
  return readAccepted(service, answer, submissions);
}

/** Uploads a document, which the service hashes too; both digests must be equal. @throws {Failure} */
async function uploadDocument(
  service: ServiceClient,
  submission: Submission,
  keep: boolean,
): Promise<Submitted> {
  const boundary = `ingam-${randomUUID()}`;
  // The name of the file is among the details, or is not sent: the name of a part cannot hold every name.
  const details = part(boundary, 'name="details"', JSON.stringify({ name: null, ...submission.details }));
  const head = utf8(
    `${details}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="document"\r\n` +
      'Content-Type: application/octet-stream\r\n\r\n',
  );
  const tail = utf8(`\r\n--${boundary}--\r\n`);
  const answer = await service.request(`v1/notarizations${keep ? '?vault=keep' : ''}`, {
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
