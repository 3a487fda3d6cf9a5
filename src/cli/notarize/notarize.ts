import { basename, resolve } from 'node:path';
import {
  isObject,
  type Json,
  type JsonObject,
  parseStrictJson,
  PENDING_FORMAT,
  type PendingProof,
  type Policy,
  type ProofFile,
} from '../../proof/index.js';
import { defineCommand } from '../command.js';
import { Failure, usageError } from '../failure.js';
import { type HashedDocument, malformed, readText } from '../files.js';
import { createProgress, type Io, printJson, type Progress } from '../io.js';
import {
  isAboutCaller,
  KEY_OPTION,
  openService,
  SERVER_OPTIONS,
  type ServiceClient,
  ServiceRefusal,
} from '../service-client.js';
import { loadTrust } from '../trust-store.js';
import {
  examineDocuments,
  type FailedTask,
  findDocuments,
  forEachOf,
  type FoundDocument,
  type Task,
} from './documents.js';
import { awaitProof, type Expected, expectedOf, fetchProof, keepEarlier, writeProof } from './proofs.js';
import { exitCodeOf, printSummary, summaryJson } from './report.js';
import { type Submission, submitDigests, type Submitted, uploadDocument } from './submit.js';

/** Details of the documents. */
export const DETAILS_OPTIONS = {
  title: {
    type: 'string',
    value: 'TEXT',
    help: 'details of the documents, sealed as a salted hash: title',
  },
  author: { type: 'string', value: 'TEXT', help: 'author' },
  reference: {
    type: 'string',
    value: 'TEXT',
    help: 'your reference number: of a case, an order, a contract',
  },
  note: { type: 'string', value: 'TEXT', help: 'note' },
  tag: {
    type: 'string',
    multiple: true,
    value: 'TEXT',
    help: 'tag for searching; may be repeated',
  },
  details: { type: 'string', value: 'FILE', help: 'JSON file with details; options take precedence' },
  names: { type: 'boolean', help: 'include the name of each file' },
} as const;

interface DetailsValues {
  readonly title: string | undefined;
  readonly author: string | undefined;
  readonly reference: string | undefined;
  readonly note: string | undefined;
  readonly tag: readonly string[];
  readonly details: string | undefined;
  readonly names: boolean;
}

/** Returns the details of the document at `path`, or undefined if there are none. */
export type DetailsOf = (path: string) => JsonObject | undefined;

/** @throws {Failure} when the file of --details is not a JSON object. The service validates its contents. */
export async function readDetails(values: DetailsValues, io: Io): Promise<DetailsOf> {
  const base = values.details === undefined ? {} : await readObject(values.details, io);
  const common: JsonObject = {
    ...base,
    ...(values.title === undefined ? {} : { title: values.title }),
    ...(values.author === undefined ? {} : { author: values.author }),
    ...(values.reference === undefined ? {} : { reference: values.reference }),
    ...(values.note === undefined ? {} : { note: values.note }),
    ...(values.tag.length === 0 ? {} : { tags: values.tag }),
  };
  return (path) => {
    const details = values.names ? { ...common, name: basename(path) } : common;
    return Object.keys(details).length === 0 ? undefined : details;
  };
}

async function readObject(path: string, io: Io): Promise<JsonObject> {
  const text = await readText(resolve(io.cwd, path), path);
  let value: Json;
  try {
    value = parseStrictJson(text);
  } catch (error) {
    throw malformed(error, path, 'JSON file');
  }
  if (!isObject(value)) throw new Failure('malformed', `${path} must contain a JSON object`);
  return value;
}

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

export interface NotarizingOptions {
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

/** Notarizes a set of files. After an interruption every file is either done (its proof is on disk) or untouched. */
export class Notarizing {
  readonly results: DocumentResult[] = [];
  readonly #options: NotarizingOptions;
  /** Set when no further request can succeed: the service is unreachable or rejects the caller, or the user stops. */
  #end: Failure | null = null;

  constructor(options: NotarizingOptions) {
    this.#options = options;
  }

  /** Failures of files or of the service are reported in `results`, for each file; this does not reject for them. */
  async run(documents: readonly FoundDocument[]): Promise<void> {
    const { io, upload, batch: size = DEFAULT_BATCH } = this.#options;
    const { fresh, pending } = this.#sort(await examineDocuments(documents, io));
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

  #sort(examined: readonly (Task | FailedTask)[]): { fresh: Task[]; pending: Accepted[] } {
    const fresh: Task[] = [];
    const pending: Accepted[] = [];
    for (const task of examined) {
      if ('failure' in task) {
        this.#fail(task.found, task.failure);
        continue;
      }
      const { found, document, occupant } = task;
      if (this.#options.force || occupant.kind === 'nothing' || occupant.kind === 'earlier') fresh.push(task);
      else if (occupant.kind === 'final') {
        this.results.push({ found, document, status: 'present', proof: occupant.proof });
      } else if (occupant.kind === 'pending') {
        pending.push({ ...task, expected: expectedOf(occupant.proof), written: true, keptAs: null });
      } else {
        const message = `${found.proofPath} exists and is not a proof; it was not changed`;
        this.#fail(found, new Failure('conflict', message, { hint: 'Use --force to replace it.' }));
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
        if (refused.size === 0) this.#fail(task.found, error);
        else if (refused.has(i)) this.#fail(task.found, new Failure('refused', refused.get(i) ?? ''));
      }
      // A request is accepted as a whole or not at all: retry without the files whose names were rejected.
      return refused.size === 0 ? [] : this.#submit(tasks.filter((_, i) => !refused.has(i)));
    }
  }

  async #upload(tasks: readonly Task[]): Promise<Accepted[]> {
    const { service, io } = this.#options;
    const all: Accepted[] = [];
    await forEachOf(tasks, UPLOAD_AT_ONCE, (task) =>
      this.#guard(task.found, async () => {
        // Services reject empty uploads; the digest of an empty file is enough.
        if (task.document.size === 0) {
          all.push(...(await this.#submit([task])));
          return;
        }
        all.push(
          accepted(task, await uploadDocument(service, this.#submissionOf(task), io.signal), undefined),
        );
      }),
    );
    return all;
  }

  #submissionOf({ found, document }: Task): Submission {
    return { path: found.path, document, details: this.#options.detailsOf(found.path) };
  }

  /** Fetches and writes the proofs of accepted files. */
  async #finish(items: readonly Accepted[], progress: Progress): Promise<void> {
    const start = performance.now();
    const finishOne = (item: Accepted) =>
      this.#guard(item.found, async () => {
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

  async #guard(found: FoundDocument, work: () => Promise<void>): Promise<void> {
    try {
      this.#throwIfEnded();
      await work();
    } catch (error) {
      this.#fail(found, error);
    }
  }

  #fail(found: FoundDocument, error: unknown): void {
    if (!(error instanceof Failure)) throw error;
    if (['unreachable', 'interrupted'].includes(error.reason) || isAboutCaller(error)) this.#end = error;
    this.results.push({ found, document: null, status: 'failed', failure: error });
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

/** The documents of a batch whose names were rejected (`documents[3].details.name`), by index. */
function refusedNames(error: unknown): Map<number, string> {
  const refused = new Map<number, string>();
  for (const { path, message } of error instanceof ServiceRefusal ? error.faults : []) {
    const match = /^documents\[([0-9]{1,5})\]\.details\.name$/.exec(path);
    if (match !== null) refused.set(Number(match[1]), `the service rejected its name: it ${message}`);
  }
  return refused;
}

const DEFAULT_TIMEOUT_SECONDS = 120;

export const notarizeCommand = defineCommand({
  name: 'notarize',
  summary: 'notarize files and folders, and save their proofs',
  usage: 'FILE…|FOLDER… [--server URL] [--out DIR]',
  text: `Hashes the files on this machine and sends only their digests (and details that you give, such as --title), waits
until they are sealed, and writes FILE.ingam.json next to each file. Folders are processed recursively; files named
*.ingam.json are skipped.

Files that have a final proof are skipped, and pending proofs are replaced with final ones: after an interruption,
run the same command again. If a file has changed since its proof was made, the old proof is renamed with its time,
and FILE.ingam.json becomes the proof of the current file.

The paths of the proofs are written to standard output, one per line.
Exit code: 0 all done, 1 some files failed, 2 nothing could be done, 3 accepted but not sealed in time.`,
  options: {
    ...SERVER_OPTIONS,
    ...KEY_OPTION,
    out: { type: 'string', value: 'DIR', help: 'write the proofs to this folder' },
    wait: { type: 'boolean', help: 'wait until sealed (default)' },
    'no-wait': { type: 'boolean', help: 'write pending proofs now; run "ingam upgrade" later' },
    timeout: {
      type: 'string',
      value: 'SECONDS',
      help: `how long to wait until sealed (default: ${DEFAULT_TIMEOUT_SECONDS})`,
    },
    upload: { type: 'boolean', help: 'upload the documents, so that the service hashes them too' },
    force: { type: 'boolean', help: 'notarize files again that have a proof, and replace the proof' },
    ...DETAILS_OPTIONS,
    json: { type: 'boolean', help: 'print the outcome for each file as JSON' },
  },
  positionals: { min: 1, max: Infinity, missing: 'missing FILE or FOLDER' },
  async run({ values, positionals }, io) {
    if (values.wait && values['no-wait']) throw usageError('--wait and --no-wait cannot be used together');
    const waitMs = values['no-wait'] ? 0 : parseSeconds(values.timeout) * 1000;
    const service = openService(values, io);
    const detailsOf = await readDetails(values, io);
    const trust = await loadTrust({ trust: undefined, key: [] }, io);
    const found = await findDocuments(positionals, values.out ?? null, io);
    // Check that the service answers before hashing for hours.
    const chain = service.object(await service.request('v1/chain'));
    const notarizing = new Notarizing({
      io,
      service,
      detailsOf,
      policy: trust.policy,
      waitMs,
      upload: values.upload,
      force: values.force,
    });
    await notarizing.run(found.documents);
    const result = {
      ...found,
      origin: typeof chain['origin'] === 'string' ? chain['origin'] : service.url.href,
      results: notarizing.results,
      stopped: io.signal.aborted,
      pendingWanted: values['no-wait'],
      policy: trust.policy,
    };
    if (values.json) printJson(io.stdout, summaryJson(result));
    else printSummary(result, io);
    return exitCodeOf(result);
  },
});

function parseSeconds(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TIMEOUT_SECONDS;
  if (!/^[0-9]{1,7}$/.test(text)) throw usageError('--timeout must be a whole number of seconds');
  return Number(text);
}
