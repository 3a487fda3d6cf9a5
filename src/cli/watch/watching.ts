import { randomUUID } from 'node:crypto';
import { dirname, join, relative } from 'node:path';
import { PENDING_FORMAT, type Policy } from '../../proof/index.js';
import { Failure, failureOf, isMissing } from '../failure.js';
import { Leftovers, PROOF_SUFFIX, readProof, throwIfStopped } from '../files.js';
import { forEachOf, shownPath } from '../find-files.js';
import type { Io } from '../io.js';
import { examineDocuments, type FailedTask, type FoundDocument, type Task } from '../notarize/documents.js';
import { expectedOf, fetchProof, occupantOf, replacePending } from '../notarize/proofs.js';
import { type DetailsOf, type DocumentResult, Notarizing, type Submission } from '../notarize/submit.js';
import { withSuffix } from '../paths.js';
import { type ServiceClient, ServiceRefusal } from '../service-client.js';
import { Memory } from './memory.js';
import type { Report } from './report.js';
import type { Source, WatchedDocument } from './source.js';
import { type Sending, type SentDocument, WatchState } from './state.js';

/** Documents of one request, whose results are on disk before the next one. */
const BATCH = 1000;
const FETCH_AT_ONCE = 8;
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 60_000;
const USUAL_PAUSE_MS = 1000;
/** Writing the state takes at most this part of the time: that of a million documents takes seconds. */
const SAVING_PART = 0.05;

export interface WatchOptions {
  readonly io: Io;
  readonly service: ServiceClient;
  readonly detailsOf: DetailsOf;
  readonly policy: Policy | null;
  readonly report: Report;
  /** Between the end of one listing and the beginning of the next one. */
  readonly intervalMs: number;
  /** One pass, and how long it waits for seals at its end; null: until it is stopped. */
  readonly once: { readonly waitMs: number } | null;
}

/** Whether it can be different later, without anybody doing anything about the document. */
function isOutage(failure: Failure): boolean {
  if (failure.reason === 'unreachable') return true;
  return failure instanceof ServiceRefusal && ([408, 429].includes(failure.status) || failure.status >= 500);
}

/** Whether every request of this caller is rejected, until somebody changes the key or the address. */
const isFatal = (failure: Failure): boolean =>
  failure.reason === 'interrupted' ||
  (failure instanceof ServiceRefusal && [401, 403, 421].includes(failure.status));

/** Whether nothing is to be said against the document itself. */
function concernsAll(failure: Failure): boolean {
  // The failure of what was accepted has another in it.
  const own = failure.cause instanceof Failure ? failure.cause : failure;
  return isOutage(own) || isFatal(own);
}

interface Versioned {
  readonly inside: string;
  readonly version: string;
}

/** Watches one source. */
export class Watching {
  readonly #source: Source;
  readonly #state: WatchState;
  readonly #options: WatchOptions;
  /** The versions at the last complete listing, of what may still be written to. */
  #seen = new Map<string, string>();
  /** The versions of what was refused: it is not tried again. */
  readonly #refused = new Map<string, string>();
  /** null: the last attempt succeeded. */
  #outage: Failure | null = null;
  #attempts = 0;
  #pauseMs = USUAL_PAUSE_MS;
  readonly #memory = new Memory();
  readonly #leftovers = new Leftovers();
  /** When the state may be written again before the end of a round. */
  #saveFrom = 0;

  private constructor(source: Source, state: WatchState, options: WatchOptions) {
    this.#source = source;
    this.#state = state;
    this.#options = options;
  }

  /** @throws {Failure} malformed, unreadable: its state */
  static async open(source: Source, options: WatchOptions): Promise<Watching> {
    return new Watching(source, await WatchState.open(source.root), options);
  }

  /**
   * Returns after one pass, or when it is stopped.
   * @throws {Failure} when nothing can be done until somebody changes something; with `once` also for an outage
   */
  async run(): Promise<void> {
    // Its state is there.
    await this.#leftovers.remove(this.#source.root);
    try {
      await (this.#options.once === null ? this.#runOn() : this.#runOnce(this.#options.once.waitMs));
    } catch (error) {
      if (failureOf(error).reason !== 'interrupted') throw error;
    } finally {
      await this.#state.save();
      this.#options.report.waiting += this.#state.waiting.size;
    }
  }

  async #runOn(): Promise<void> {
    const { io, service, intervalMs } = this.#options;
    while (!io.signal.aborted) {
      if (!(await this.#attempt(() => this.#round()))) continue;
      const next = performance.now() + intervalMs;
      for (;;) {
        throwIfStopped(io.signal);
        const left = next - performance.now();
        if (left <= 0) break;
        const isWaiting = this.#state.waiting.size > 0;
        await service.pause(isWaiting ? Math.min(left, this.#pauseMs) : left);
        if (isWaiting) await this.#attempt(() => this.#upgrade());
      }
    }
  }

  async #runOnce(waitMs: number): Promise<void> {
    const { service, intervalMs, report } = this.#options;
    await this.#round();
    if (this.#seen.size > 0) {
      await service.pause(intervalMs);
      await this.#round();
    }
    for (const inside of this.#seen.keys()) report.changing(this.#source.shownOf(inside));
    const end = performance.now() + waitMs;
    for (;;) {
      await this.#upgrade();
      const left = end - performance.now();
      if (this.#state.waiting.size === 0 || left <= 0) return;
      await service.pause(Math.min(left, this.#pauseMs));
    }
  }

  /**
   * Rides out what passes by itself; whatever was not done is done in the next round.
   * @returns whether it succeeded
   */
  async #attempt(work: () => Promise<void>): Promise<boolean> {
    const { report, service } = this.#options;
    try {
      await work();
      if (this.#outage !== null) report.recovered(this.#source.shown);
      this.#outage = null;
      this.#attempts = 0;
      return true;
    } catch (error) {
      const failure = failureOf(error);
      if (!isOutage(failure)) throw error;
      if (this.#outage?.message !== failure.message) report.outage(failure);
      this.#outage = failure;
      const delay = Math.min(FIRST_DELAY_MS * 2 ** this.#attempts++, LONGEST_DELAY_MS);
      await service.pause(delay * (0.5 + Math.random() / 2));
      return false;
    }
  }

  async #round(): Promise<void> {
    const { io, report, service } = this.#options;
    await report.meet(service);
    const { sending, known } = this.#state;
    if (sending !== null) await this.#repeat(sending);
    const seen = new Map<string, string>();
    const absent = new Set(known.keys());
    let isComplete = true;
    let due: WatchedDocument[] = [];
    const notarizeDue = async () => {
      throwIfStopped(io.signal);
      for (const { inside, version } of await this.#notarize(due)) seen.set(inside, version);
      due = [];
      await this.#upgrade();
      this.#memory.tidy();
    };
    for await (const found of this.#source.list()) {
      if ('failure' in found) {
        report.failed(found.shown, found.failure);
        isComplete = false;
        continue;
      }
      const { inside, version, isSettled } = found;
      absent.delete(inside);
      if (known.get(inside) === version || this.#refused.get(inside) === version) continue;
      if (!isSettled && this.#seen.get(inside) !== version) seen.set(inside, version);
      else if (due.push(found) === BATCH) await notarizeDue();
    }
    if (due.length > 0) await notarizeDue();
    this.#seen = seen;
    await this.#upgrade();
    // What cannot be read now may be there all the same.
    if (isComplete) this.#forget(absent);
    await this.#state.save();
    this.#memory.tidy();
  }

  /** @returns those that changed while they were read */
  async #notarize(batch: readonly WatchedDocument[]): Promise<readonly WatchedDocument[]> {
    const { io, report } = this.#options;
    const changed: WatchedDocument[] = [];
    const examined = await examineDocuments(batch, io, this.#source.hash);
    throwIfStopped(io.signal);
    const versions = new Map<string, Versioned>(batch.map((document) => [document.path, document]));
    const tasks: Task[] = [];
    let outage: Failure | null = null;
    for (const [i, task] of examined.entries()) {
      const document = batch[i];
      if (!('failure' in task)) {
        if (task.occupant.kind === 'pending') this.#keepWaiting(batch[i], task.found.proofPath);
        else tasks.push(task);
      } else if (concernsAll(task.failure)) outage = task.failure;
      else if (document !== undefined && task.failure.reason === 'changed') changed.push(document);
      // What is gone before it was read is none of the failures.
      else if (!isMissing(task.failure)) report.failed(task.found.shown, task.failure);
    }
    const notarizing = this.#notarizing(versions, null, this.#options.detailsOf);
    await notarizing.runExamined(
      tasks.map(({ found }) => found),
      tasks,
    );
    await this.#take(notarizing.results, versions, tasks);
    if (outage !== null) throw outage;
    return changed;
  }

  /** Of what an earlier run has notarized. */
  #keepWaiting(document: WatchedDocument | undefined, proofPath: string): void {
    if (document === undefined) return;
    this.#state.known.set(document.inside, document.version);
    this.#state.waiting.set(relative(this.#source.root, proofPath), document.inside);
    this.#state.changed();
  }

  /** Sends a request again, whose response was lost in a crash or an outage. */
  async #repeat({ key, documents }: Sending): Promise<void> {
    const versions = new Map<string, Versioned & Pick<SentDocument, 'details'>>();
    const tasks: Task[] = [];
    for (const { inside, version, document, details } of documents) {
      const found = this.#foundOf(inside, document.size);
      versions.set(found.path, { inside, version, details });
      try {
        tasks.push({ found, document, occupant: await occupantOf(found.proofPath, document.sha256) });
      } catch (error) {
        // It has to be sent in its place all the same.
        tasks.push({ found, document, occupant: { kind: 'foreign', failure: failureOf(error) } });
      }
    }
    const notarizing = this.#notarizing(versions, key, (path) => versions.get(path)?.details);
    await notarizing.repeat(tasks);
    await this.#take(notarizing.results, versions, tasks);
  }

  /** @param key of the first request; null: a new one */
  #notarizing(
    versions: ReadonlyMap<string, Versioned>,
    key: string | null,
    detailsOf: DetailsOf,
  ): Notarizing {
    const { io, service, policy } = this.#options;
    let next = key;
    const keyFor = async (submissions: readonly Submission[]) => {
      const own = next ?? randomUUID();
      if (next === null) await this.#state.begin({ key: own, documents: sentOf(submissions, versions) });
      next = null;
      return own;
    };
    const fixed = { waitMs: 0, upload: false, keep: false, force: false, batch: BATCH };
    return new Notarizing({ io, service, policy, detailsOf, keyFor, ...fixed });
  }

  /** Keeps what has become of documents. @throws {Failure} for what concerns them all */
  async #take(
    results: readonly DocumentResult[],
    versions: ReadonlyMap<string, Versioned>,
    tasks: readonly (Task | FailedTask)[],
  ): Promise<void> {
    const { report } = this.#options;
    const { known, waiting } = this.#state;
    const earlier = new Set(
      tasks.flatMap((task) =>
        'occupant' in task &&
        task.occupant.kind === 'earlier' &&
        task.occupant.proof.format === PENDING_FORMAT
          ? [task.found.path]
          : [],
      ),
    );
    let stop: Failure | null = null;
    for (const result of results) {
      const { found, status, failure, keptAs } = result;
      const document = versions.get(found.path);
      if (document === undefined) continue;
      const { inside, version } = document;
      if (failure !== undefined) {
        if (concernsAll(failure)) stop = failure;
        // The disk may be full: the request is repeated with its key until its proofs are written.
        else if (result.id !== undefined && failure.reason === 'unreadable') stop = awayFrom(failure);
        else {
          report.failed(found.shown, failure);
          if (['refused', 'usage', 'conflict'].includes(failure.reason)) this.#refused.set(inside, version);
        }
        continue;
      }
      known.set(inside, version);
      this.#refused.delete(inside);
      await this.#leftovers.remove(dirname(found.proofPath));
      const proof = relative(this.#source.root, found.proofPath);
      if (keptAs !== undefined && earlier.has(found.path)) {
        waiting.delete(proof);
        waiting.set(relative(this.#source.root, keptAs), inside);
      }
      if (status === 'pending') waiting.set(proof, inside);
      else waiting.delete(proof);
      report.result(result);
    }
    if (results.length > 0) this.#state.changed();
    if (stop !== null) throw stop;
    await this.#saveSometimes();
    await this.#state.end();
  }

  /** Replaces pending proofs by final ones. */
  async #upgrade(): Promise<void> {
    let isSealed = true;
    await forEachOf([...this.#state.waiting], FETCH_AT_ONCE, async ([proof, inside]) => {
      // Positions are sealed in order.
      if (isSealed) isSealed = await this.#finish(proof, inside);
    });
  }

  /** @returns false if it is not sealed yet */
  async #finish(proofName: string, inside: string): Promise<boolean> {
    const { service, policy, report, io } = this.#options;
    const { waiting, known } = this.#state;
    const proofPath = join(this.#source.root, proofName);
    const done = () => {
      waiting.delete(proofName);
      this.#state.changed();
      return true;
    };
    try {
      const pending = await readProof(proofPath, shownPath(proofPath, io.cwd));
      if (pending.format !== PENDING_FORMAT) return done();
      const expected = expectedOf(pending);
      const { proof, pauseMs } = await fetchProof(service, expected, policy);
      this.#pauseMs = pauseMs;
      if (proof.format === PENDING_FORMAT) return false;
      const lateReceipt = await replacePending(proofPath, pending, proof);
      await this.#leftovers.remove(dirname(proofPath));
      const { sha256, size = 0 } = pending.document;
      report.result({
        found: { ...this.#foundOf(inside, size), proofPath },
        document: { sha256, size },
        ...{ status: 'sealed', id: expected.id, proof },
        ...(lateReceipt === null ? {} : { lateReceipt }),
      });
    } catch (error) {
      const failure = failureOf(error);
      if (concernsAll(failure)) throw failure;
      // Somebody has removed it, and then wants a new one.
      if (isMissing(error)) known.delete(inside);
      else report.failed(this.#foundOf(inside, 0).shown, failure);
    }
    return done();
  }

  #foundOf(inside: string, size: number): FoundDocument {
    const { root } = this.#source;
    const shown = this.#source.shownOf(inside);
    return { path: shown, shown, size, proofPath: withSuffix(join(root, inside), PROOF_SUFFIX) };
  }

  #forget(absent: ReadonlySet<string>): void {
    for (const inside of absent) {
      this.#state.known.delete(inside);
      this.#state.changed();
    }
  }

  async #saveSometimes(): Promise<void> {
    const start = performance.now();
    if (start < this.#saveFrom) return;
    await this.#state.save();
    const end = performance.now();
    this.#saveFrom = end + (end - start) / SAVING_PART;
  }
}

const awayFrom = ({ message, hint }: Failure) =>
  new Failure('unreachable', message, hint === null ? {} : { hint });

function sentOf(
  submissions: readonly Submission[],
  versions: ReadonlyMap<string, Versioned>,
): readonly SentDocument[] {
  return submissions.map(({ found, document, details }) => {
    const { inside = '', version = '' } = versions.get(found.path) ?? {};
    return { inside, version, document, details };
  });
}
