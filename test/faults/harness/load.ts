import { setTimeout as delay } from 'node:timers/promises';
import { Ledger } from './ledger.js';
import type { Random } from './random.js';
import type { Scene } from './scene.js';
import { digestOf, submit, type Outcome, type Plan, type Shape } from './submit.js';
import { WAIT_LIMIT_MS, waitFor } from './wait.js';

export interface LoadOptions {
  /** The services now: addresses change when a service restarts. */
  readonly urls: () => readonly string[];
  readonly clients?: number;
  /** Maximum number of lines in one stream, default 1,200: a little more than one commit takes. */
  readonly maxLines?: number;
  /** Between the requests of one client; more where a scenario mostly waits. */
  readonly pauseMs?: number;
  /** How long requests with a key are repeated after the end; by default as long as anything may take. */
  readonly patienceMs?: number;
}

export interface Load {
  readonly ledger: Ledger;
  /** Resolves when at least `count` more notarizations have been acknowledged since the call. */
  progress(count: number): Promise<void>;
  /** Sends no new documents, and resolves when every request with a key has been accepted. */
  finish(): Promise<void>;
}

const RETRY_MS = 100;
/**
 * Between the requests of one client: without a pause, checking the result would take longer than the run.
 */
const PAUSE_MS = 100;
const SHAPES: readonly Shape[] = ['json', 'json', 'json', 'multipart', 'raw', 'ndjson'];

/**
 * Clients that keep submitting whatever happens to the services: they retry requests with a key, and give up
 * requests without one.
 */
export function startLoad(scene: Scene, options: LoadOptions): Load {
  const ledger = new Ledger();
  const stop = new AbortController();
  const { signal } = stop;
  scene.evidence('the load', () => ledger.summary());
  const clients = Array.from({ length: options.clients ?? 4 }, (_, i) =>
    client(scene.random.fork(`client ${i}`), `client-${i}`, ledger, options, signal),
  );
  scene.defer(async () => {
    stop.abort();
    await Promise.allSettled(clients);
  });
  return {
    ledger,
    progress: async (count) => {
      const goal = ledger.acknowledged.size + count;
      await waitFor(
        `${count} more acknowledgements`,
        () => ledger.wrong.length > 0 || ledger.acknowledged.size >= goal,
      );
      if (ledger.wrong.length > 0)
        throw new Error(`responses that no service may give: ${ledger.wrong.join('; ')}`);
    },
    finish: async () => {
      stop.abort();
      await Promise.all(clients);
      scene.say(ledger.summary());
    },
  };
}

async function client(
  random: Random,
  name: string,
  ledger: Ledger,
  { urls, maxLines = 1200, pauseMs = PAUSE_MS, patienceMs = WAIT_LIMIT_MS }: LoadOptions,
  signal: AbortSignal,
): Promise<void> {
  for (let request = 0; !signal.aborted; request++) {
    const plan = planOf(random, `${name}-${request}`, maxLines);
    for (const text of plan.texts) ledger.sent.add(digestOf(text));
    const target = (): string => random.pick(urls());
    const outcome = await untilAccepted(target, plan, ledger, signal, patienceMs);
    if (outcome !== null && plan.key !== null && random.chance(0.1)) {
      await sameAgain(target(), plan, outcome, ledger);
    }
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

function planOf(random: Random, name: string, maxLines: number): Plan {
  const shape = random.pick(SHAPES);
  const most = { json: 20, multipart: 3, raw: 1, ndjson: maxLines }[shape];
  const texts = Array.from({ length: random.integer(1, most) }, (_, i) => `${name} ${i}`);
  return { shape, texts, key: random.chance(0.5) ? name : null };
}

/** null: it was not accepted, and is not retried. */
async function untilAccepted(
  target: () => string,
  plan: Plan,
  ledger: Ledger,
  signal: AbortSignal,
  patienceMs: number,
): Promise<Outcome | null> {
  let deadline = Number.POSITIVE_INFINITY;
  for (;;) {
    const outcome = await submit(target(), plan);
    ledger.count(outcome.answer);
    ledger.accept(outcome);
    if (outcome.wrong !== null) {
      ledger.wrong.push(`${plan.shape}: ${outcome.wrong}`);
      return null;
    }
    if (outcome.complete) return outcome;
    if (plan.key === null) {
      for (const digest of outcome.refused) ledger.refused.add(digest);
      return null;
    }
    if (signal.aborted) deadline = Math.min(deadline, performance.now() + patienceMs);
    if (performance.now() > deadline) {
      ledger.wrong.push(
        `a request with a key is not accepted although all faults are over: ${outcome.answer}`,
      );
      return null;
    }
    await delay(RETRY_MS);
  }
}

/** A key always yields the same response, from every process; but no receipt once the documents are sealed. */
async function sameAgain(url: string, plan: Plan, first: Outcome, ledger: Ledger): Promise<void> {
  const again = await submit(url, plan);
  ledger.accept(again);
  if (!again.complete) return;
  const withReceipts = again.receipts.length > 0;
  const told = ({ items, receipts }: Outcome): string =>
    JSON.stringify([items.map(({ id, entry }) => [id, entry]), withReceipts ? receipts : []]);
  if (told(again) !== told(first)) ledger.wrong.push(`the response for key ${plan.key ?? ''} has changed`);
}
