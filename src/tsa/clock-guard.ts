import type { Background, BackgroundTask } from '../background/index.js';
import { askTime, NtpError, type ClockOffset, type NtpServer } from './sntp.js';

/** Why no time can be stated at the moment. */
export interface ClockProblem {
  readonly code:
    /** The chain has later times than this clock. */
    | 'behind_chain'
    /** It was set while the service ran. */
    | 'was_set'
    /** The time servers say that it is wrong. */
    | 'wrong'
    /** The time servers have not been reached, or not for long. */
    | 'unchecked';
  /** One English sentence that says what to do. */
  readonly message: string;
}

export interface ClockGuardOptions {
  /** The largest error of the clock that is accepted, in milliseconds: what tokens state. */
  readonly accuracyMs: number;
  /** Whom to compare the clock with; none: it is compared with the chain and with itself only. */
  readonly servers: readonly NtpServer[];
  readonly background: Background;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: () => number;
  /** Milliseconds of a clock that nobody sets. */
  readonly steady?: () => number;
}

const ASK_EVERY_MS = 64_000;
const ASK_AGAIN_MS = 16_000;
/** When the clock was set while the servers were asked. */
const ASK_NOW_MS = 1000;
/** A clock that nobody corrects drifts by less than 100 ms in this time. */
const COMPARISON_LASTS_MS = 900_000;
const WATCH_EVERY_MS = 1000;
const LONGEST_LOOK_MS = 20;

/**
 * Decides whether this machine's clock may date tokens. It is trusted when it is not behind the chain, has not
 * been set since it was last compared, and, if there are time servers, most of them agree with it.
 */
export class ClockGuard {
  readonly now: () => number;
  readonly #options: ClockGuardOptions;
  readonly #steady: () => number;
  readonly #asking: BackgroundTask;
  #watch: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Difference between the two clocks. It changes when one of them is set. */
  #difference: number;
  /** By how much this clock was set since it was last compared, in milliseconds. */
  #set = 0;
  #last: { readonly at: number; readonly agreed: boolean; readonly offset: number } | null = null;
  #comparing: Promise<void> | null = null;
  readonly #stop = new AbortController();

  constructor(options: ClockGuardOptions) {
    this.#options = options;
    this.now = options.clock ?? Date.now;
    this.#steady = options.steady ?? (() => performance.now());
    this.#asking = options.background.task('comparing the clock with time servers');
    this.#difference = this.#measure() ?? 0;
  }

  /** Compares the clock now, and then again and again. */
  start(): void {
    this.#watch = setInterval(() => {
      this.#compareWithItself();
    }, WATCH_EVERY_MS);
    this.#watch.unref();
    void this.compare();
  }

  stop(): void {
    this.#stop.abort();
    clearInterval(this.#watch);
    clearTimeout(this.#timer);
  }

  /** Of the latest comparison with time servers, in milliseconds; null: there was none. */
  get offset(): number | null {
    return this.#last?.offset ?? null;
  }

  /**
   * Why the clock is not trusted; null: it is.
   * @param newest the latest time in the chain
   */
  problem(newest: number): ClockProblem | null {
    this.#compareWithItself();
    const { accuracyMs } = this.#options;
    const behind = newest - this.now();
    if (behind > accuracyMs) {
      return {
        code: 'behind_chain',
        message: `The clock of this machine is ${seconds(behind)} s behind the latest time in the chain: correct it.`,
      };
    }
    return this.#serverProblem() ?? this.#setProblem();
  }

  /** Asks all time servers once. Never rejects. */
  compare(): Promise<void> {
    if (this.#options.servers.length === 0 || this.#stop.signal.aborted) return Promise.resolve();
    return (this.#comparing ??= this.#compare().finally(() => {
      this.#comparing = null;
    }));
  }

  async #compare(): Promise<void> {
    clearTimeout(this.#timer);
    this.#compareWithItself();
    const before = this.#set;
    const succeeded = await this.#asking.run(() => this.#ask());
    if (this.#stop.signal.aborted) return;
    const again = this.#set === before ? ASK_AGAIN_MS : ASK_NOW_MS;
    this.#timer = setTimeout(() => void this.compare(), succeeded ? ASK_EVERY_MS : again);
    this.#timer.unref();
  }

  async #ask(): Promise<void> {
    const { servers, accuracyMs } = this.#options;
    const before = this.#steady();
    const setBefore = this.#set;
    const answers = await Promise.allSettled(
      servers.map((server) => askTime(server, this.now, this.#stop.signal)),
    );
    const offsets = answers.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const verdict = judge(offsets, servers.length, accuracyMs);
    if (verdict === null) throw new NtpError(whyNone(answers, offsets.length, servers.length));
    this.#compareWithItself();
    // Set while they were asked: the answers are about another clock.
    if (this.#set !== setBefore) throw new NtpError('the clock was set while the time servers were asked');
    this.#last = { at: before, ...verdict };
    if (verdict.agreed) this.#set = 0;
  }

  /** null: this process was interrupted between the two clocks. */
  #measure(): number | null {
    const before = this.#steady();
    const now = this.now();
    const after = this.#steady();
    return after - before > LONGEST_LOOK_MS ? null : now - after;
  }

  #compareWithItself(): void {
    const difference = this.#measure();
    if (difference === null) return;
    const change = difference - this.#difference;
    this.#difference = difference;
    // Less is a clock that is being corrected slowly, as it should be.
    if (Math.abs(change) <= this.#options.accuracyMs) return;
    this.#set += change;
    if (this.#watch !== undefined) void this.compare();
  }

  #serverProblem(): ClockProblem | null {
    if (this.#options.servers.length === 0) return null;
    const last = this.#last;
    if (last !== null && !last.agreed) {
      const way = last.offset > 0 ? 'behind' : 'ahead of';
      return {
        code: 'wrong',
        message: `The clock of this machine is ${seconds(Math.abs(last.offset))} s ${way} the time servers: correct it.`,
      };
    }
    if (last !== null && this.#steady() - last.at <= COMPARISON_LASTS_MS) return null;
    const since = last === null ? 'has not been' : 'was last';
    return {
      code: 'unchecked',
      message: `The clock of this machine ${since} compared with the time servers${last === null ? ' yet' : ' too long ago'}: check that they can be reached (INGAM_TSA_NTP).`,
    };
  }

  #setProblem(): ClockProblem | null {
    // The two clocks are never read at the same moment.
    if (Math.abs(this.#set) <= this.#options.accuracyMs) return null;
    const way = this.#set > 0 ? 'forward' : 'back';
    const remedy =
      this.#options.servers.length === 0
        ? 'check it, and restart the service'
        : 'it is being compared with the time servers';
    return {
      code: 'was_set',
      message: `The clock of this machine was set ${way} by ${seconds(Math.abs(this.#set))} s while the service ran: ${remedy}.`,
    };
  }
}

/** What most of the servers say; null: too few answered, or they do not agree. */
function judge(
  offsets: readonly ClockOffset[],
  servers: number,
  accuracyMs: number,
): { readonly agreed: boolean; readonly offset: number } | null {
  const most = Math.floor(servers / 2) + 1;
  const within = offsets.filter(({ offset, uncertainty }) => Math.abs(offset) + uncertainty <= accuracyMs);
  const beyond = offsets.filter(({ offset, uncertainty }) => Math.abs(offset) - uncertainty > accuracyMs);
  if (within.length >= most) return { agreed: true, offset: median(within) };
  if (beyond.length >= most) return { agreed: false, offset: median(beyond) };
  return null;
}

function median(offsets: readonly ClockOffset[]): number {
  const sorted = offsets.map(({ offset }) => offset).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function whyNone(
  answers: readonly PromiseSettledResult<unknown>[],
  answered: number,
  servers: number,
): string {
  if (answered > servers / 2) return 'the time servers do not agree, or are not accurate enough';
  const reasons = answers.flatMap((each) =>
    each.status === 'rejected' && each.reason instanceof Error ? [each.reason.message] : [],
  );
  return `${servers - answered} of ${servers} time servers did not answer: ${reasons.join('; ')}`;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0);
}
