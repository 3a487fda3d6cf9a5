import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Background, BackgroundTask } from '../background/index.js';
import type { Webhook } from '../background/webhook.js';
import { utf8 } from '../proof/index.js';
import type { Kept, NewAnchor, PendingAnchor, Store, StoredCheckpoint, StoreLog } from '../store/index.js';
import { completeTimestamp, submitDigest } from './calendar.js';
import type { Checker } from './checker.js';
import { SourceError, type Limits } from './request.js';
import type { CalendarSource, TimeSources, TsaSource } from './sources.js';
import { extentOf, GIVEN_UP_MS, LATE_MARGIN_MS, readStatus, type SourceStatus } from './status.js';
import { RevocationLists, stamp } from './tsa.js';

export interface AnchoringOptions {
  readonly store: Store;
  readonly sources: TimeSources;
  /** Name of the log, for alarms. */
  readonly origin: string;
  /** Whether this process seals: of several processes only the leader asks time sources. */
  readonly leads: () => boolean;
  readonly checker: Checker;
  readonly log: StoreLog;
  readonly background: Background;
  readonly webhook: Webhook;
  /** Called with each alarm as well, for the webhooks of organizations. */
  readonly onLate?: ((alarm: object) => void) | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: () => number;
  readonly timeoutMs?: number | undefined;
  readonly lateMarginMs?: number | undefined;
  readonly alarmAfterMs?: number | undefined;
  /** Called after each request for an anchor. */
  readonly onResponse?: (source: string, outcome: string) => void;
}

/** How often to check whether this process leads, and whether a source is due. */
const CHECK_MS = 250;
const STATUS_MS = 10_000;
/** How long a source may be late before it raises an alarm, and how often it does so again. */
const ALARM_AFTER_MS = 30 * 60_000;
const ALARM_AGAIN_MS = 24 * 3_600_000;
const FIRST_PAUSE_MS = 1000;
const LAST_PAUSE_MS = 5 * 60_000;
/** How often at most a calendar is asked for what it has promised. */
const COMPLETE_MS = 10 * 60_000;
const MAX_PENDING = 1000;

/** One source, as the leader drives it. Times are monotonic. */
interface Run {
  readonly source: TsaSource | CalendarSource;
  readonly task: BackgroundTask;
  /** Size of the largest checkpoint that it need not be asked about any more. */
  submitted: number;
  /** Whether a request is running. */
  busy: boolean;
  dueAt: number;
  failures: number;
  /** When a calendar may be asked again for what it has promised. */
  completeAt: number;
}

/**
 * Has the log's checkpoints anchored, each source at its own interval and on its own: a source that is slow or
 * away delays neither sealing nor the others. A source gets the newest checkpoint, which covers whatever it
 * has missed.
 */
export class Anchoring {
  readonly #options: AnchoringOptions;
  readonly #task: BackgroundTask;
  readonly #completing: BackgroundTask;
  readonly #lists: RevocationLists;
  readonly #stop = new AbortController();
  readonly #requests = new Set<Promise<void>>();
  readonly #clock: () => number;
  /** null: this process has not led yet, or must read anew what is stored. */
  #runs: Run[] | null = null;
  #latest: StoredCheckpoint | null = null;
  /** Whether there may be a later one than `#latest`. */
  #stale = true;
  #status: readonly SourceStatus[] = [];
  #statusAt = 0;
  /** Since when each source is late, and when its alarm was raised last. By the clock. */
  readonly #late = new Map<string, { readonly since: number; alarmedAt: number | null }>();
  #running: Promise<void> | null = null;
  #wake: () => void = () => undefined;

  constructor(options: AnchoringOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    const { background } = options;
    this.#task = background.task('anchoring');
    this.#completing = background.task('completing anchors');
    const lists = background.task('fetching revocation lists');
    this.#lists = new RevocationLists(options.checker, (url, error) => {
      lists.failed(error);
    });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when all requests have ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#running;
    await Promise.all(this.#requests);
  }

  async #run(): Promise<void> {
    const subscription = this.#options.store.onSealed(() => {
      this.#stale = true;
    });
    while (!this.#stop.signal.aborted) {
      const succeeded = await this.#task.run(async () => {
        if (this.#options.leads()) await this.#turn();
        // The next term begins with what is stored: another process may have anchored in between.
        else this.#runs = null;
      });
      if (succeeded) await this.#pause();
      else {
        this.#stale = true;
        await this.#task.pause(this.#stop.signal);
      }
    }
    await subscription.close();
  }

  async #turn(): Promise<void> {
    this.#runs ??= await this.#open();
    if (this.#stale) {
      this.#stale = false;
      this.#latest = await this.#options.store.checkpoint();
    }
    if (performance.now() >= this.#statusAt) await this.#review();
    const latest = this.#latest;
    if (latest === null) return;
    for (const run of this.#runs) {
      const now = performance.now();
      if (run.busy) continue;
      if (run.submitted < latest.size && now >= run.dueAt && this.#isWanted(run)) this.#submit(run, latest);
      else if (run.source.type === 'bitcoin' && now >= run.completeAt) this.#complete(run, run.source);
    }
  }

  /** What each source has anchored, by this process or another. A restart does not shorten the intervals. */
  async #open(): Promise<Run[]> {
    const { store, sources, background } = this.#options;
    const now = this.#clock();
    const states = await store.anchorStates();
    return sources.anchors.map((source): Run => {
      const { submitted, lastAt } = extentOf(source, states, now);
      // The clock may have been set back since.
      const left = lastAt === null ? 0 : Math.min(Math.max(lastAt + source.everyMs - now, 0), source.everyMs);
      const task = background.task('anchoring', { fields: { source: source.name } });
      return {
        ...{ source, task, submitted, busy: false, failures: 0 },
        ...{ dueAt: performance.now() + left, completeAt: performance.now() },
      };
    });
  }

  /** Standby sources are asked while another of their kind is late. */
  #isWanted({ source: { type, standby } }: Run): boolean {
    return !standby || this.#status.some((each) => each.type === type && each.late);
  }

  #submit(run: Run, checkpoint: StoredCheckpoint): void {
    const { store, onResponse } = this.#options;
    const { source } = run;
    this.#begin(run, async () => {
      try {
        const anchor = await this.#ask(source, checkpoint);
        await store.addAnchor(anchor, this.#clock());
        [run.submitted, run.failures] = [checkpoint.size, 0];
        run.dueAt = performance.now() + source.everyMs;
        run.task.succeeded();
        onResponse?.(source.name, 'anchored');
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        // Half of the pause is random, so that sources that went away together are not asked together.
        const pause = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** run.failures) * (0.5 + Math.random() / 2);
        const asked = error instanceof SourceError ? error.retryAfterMs : 0;
        run.failures = Math.min(run.failures + 1, 20);
        run.dueAt = performance.now() + Math.max(pause, asked);
        run.task.failed(error);
        onResponse?.(source.name, error instanceof SourceError ? error.code : 'internal');
        // What was written may have been lost with the connection, or not: the next turn reads it.
        if (!(error instanceof SourceError)) run.submitted = await this.#readSubmitted(run);
      }
    });
  }

  async #readSubmitted(run: Run): Promise<number> {
    try {
      return extentOf(run.source, await this.#options.store.anchorStates(), this.#clock()).submitted;
    } catch {
      return run.submitted;
    }
  }

  /** @throws {SourceError} */
  async #ask(source: TsaSource | CalendarSource, checkpoint: StoredCheckpoint): Promise<NewAnchor> {
    const note = utf8(checkpoint.note);
    const place = { size: checkpoint.size, source: source.name };
    switch (source.type) {
      case 'tsa': {
        const stamped = await stamp(source, note, this.#options.checker, this.#lists, this.#limits);
        return { type: 'rfc3161', ...place, ...stamped };
      }
      case 'bitcoin': {
        const digest = new Uint8Array(createHash('sha256').update(note).digest());
        return { type: 'pending', ...place, ots: await submitDigest(source, digest, this.#limits) };
      }
    }
  }

  #complete(run: Run, source: CalendarSource): void {
    const { store, sources, onResponse } = this.#options;
    run.completeAt = performance.now() + Math.min(source.everyMs, COMPLETE_MS);
    const { node } = sources;
    if (node === null) return;
    this.#begin(run, async () => {
      await this.#completing.run(async () => {
        const all = await store.pendingAnchors(this.#clock() - GIVEN_UP_MS, MAX_PENDING);
        for (const pending of all.filter((each) => each.source === source.name)) {
          if (this.#stop.signal.aborted) return;
          const completed = await completeTimestamp(source, pending.ots, node, this.#limits);
          if (completed === null) continue;
          await store.addAnchor({ ...placeOf(pending), type: 'bitcoin', ...completed }, this.#clock());
          onResponse?.(source.name, 'completed');
        }
      });
      // One that was given up is submitted again.
      run.submitted = await this.#readSubmitted(run);
    });
  }

  get #limits(): Limits {
    return { signal: this.#stop.signal, timeoutMs: this.#options.timeoutMs };
  }

  /** One request of a source at a time. */
  #begin(run: Run, work: () => Promise<void>): void {
    run.busy = true;
    const request = work().finally(() => {
      run.busy = false;
      this.#requests.delete(request);
      this.#wake();
    });
    this.#requests.add(request);
  }

  async #review(): Promise<void> {
    const { store, sources, lateMarginMs = LATE_MARGIN_MS } = this.#options;
    this.#statusAt = performance.now() + Math.min(STATUS_MS, Math.max(lateMarginMs, CHECK_MS));
    const now = this.#clock();
    this.#status = await readStatus(store, sources, now, lateMarginMs);
    for (const status of this.#status) this.#raise(status, now);
  }

  #raise({ name, type, late, size, waitingSince, pending }: SourceStatus, now: number): void {
    const { log, webhook, origin, onLate, alarmAfterMs = ALARM_AFTER_MS } = this.#options;
    if (!late) {
      if (this.#late.delete(name)) log.info({ source: name }, 'anchoring is in time again');
      return;
    }
    const state = this.#late.get(name) ?? { since: now, alarmedAt: null };
    this.#late.set(name, state);
    const { since, alarmedAt } = state;
    if (now - since < alarmAfterMs || (alarmedAt !== null && now - alarmedAt < ALARM_AGAIN_MS)) return;
    state.alarmedAt = now;
    const fields = { source: name, type, blocks: size, pending, waitingSince };
    const message = `the time source ${name} is late: blocks from height ${size} on have no anchor of it`;
    log.error(fields, message);
    webhook.post({ origin, reason: 'anchoring_late', message, ...fields });
    onLate?.({ source: name, type, blocks: size });
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(end, CHECK_MS);
      this.#wake = end;
      if (this.#stop.signal.aborted) end();
    });
  }
}

function placeOf({ size, source }: Kept<PendingAnchor>) {
  return { size, source };
}
