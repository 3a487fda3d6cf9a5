import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, Response } from 'express';
import { type Intake, IntakeError } from '../../intake/index.js';
import { contextOf, type HttpDeps, principalOf, SLOWEST_BODY } from '../context.js';
import { ApiError, toApiError } from '../responses/errors.js';
import { endEarly, waitForDrain } from '../responses/send.js';

export const NDJSON_MEDIA_TYPE = 'application/x-ndjson';
const FULL_QUEUE_PAUSE_MS = 20;
const NOTHING: Uint8Array = new Uint8Array();

/** Result lines of a part of the request; `failed`: they are errors that end the stream. */
export interface Results {
  readonly bytes: Uint8Array;
  readonly failed: boolean;
}

/**
 * The response to a stream of lines: the results of its parts, which are in progress at the same time, in the
 * order of the parts. Ends at the first failure that is not a line's own.
 */
export class ResultStream {
  readonly #req: Request;
  readonly #res: Response;
  readonly #atOnce: number;
  /** For each part in progress: resolves when its results have been written. Never rejects. */
  readonly #inFlight: Promise<void>[] = [];
  #lastWritten: Promise<void> = Promise.resolve();
  /** Error lines of failed parts before the first result: until then, the whole request can still fail. */
  #heldBack: Uint8Array = NOTHING;
  #failure: ApiError | null = null;
  readonly #failed = deferred();

  /** @param atOnce parts in progress */
  constructor(req: Request, res: Response, atOnce: number) {
    this.#req = req;
    this.#res = res;
    this.#atOnce = atOnce;
  }

  /** null: the stream goes on. */
  get failure(): ApiError | null {
    return this.#failure;
  }

  /** Whether nothing more should be accepted. */
  get isOver(): boolean {
    return this.#failure !== null || this.#res.destroyed;
  }

  /** Ends the stream behind the results of what is in progress. */
  fail(error: ApiError): void {
    this.#failure ??= error;
    this.#failed.resolve();
  }

  /** Resolves when another part may begin. */
  async whenRoom(): Promise<void> {
    while (this.#inFlight.length >= this.#atOnce) await this.#inFlight.shift();
  }

  /** @param results must not reject */
  add(results: Promise<Results>): void {
    this.#lastWritten = Promise.all([results, this.#lastWritten]).then(([own]) => this.#write(own));
    this.#inFlight.push(this.#lastWritten);
  }

  /**
   * @param read reads the request, and adds the results of its parts
   * @throws {ApiError} only if no result line has been sent
   */
  async run(read: () => Promise<void>): Promise<void> {
    try {
      // A client that waits for the result of a failed line sends nothing that would end the read.
      await Promise.race([read(), this.#failed.promise]);
    } catch (error) {
      this.#failure ??= toApiError(error);
    }
    await this.#lastWritten;
    if (this.#failure === null) {
      await this.#write({ bytes: NOTHING, failed: false });
      this.#res.end();
      return;
    }
    if (!this.#res.headersSent) throw this.#failure;
    // Lines without a result were not accepted.
    contextOf(this.#req).errorCode = this.#failure.code;
    endEarly(this.#req, this.#res);
  }

  async #write({ bytes, failed }: Results): Promise<void> {
    const res = this.#res;
    const all = this.#heldBack.length === 0 ? bytes : Buffer.concat([this.#heldBack, bytes]);
    this.#heldBack = failed && !res.headersSent ? all : NOTHING;
    if (res.destroyed || this.#heldBack.length > 0) return;
    if (!res.headersSent) res.writeHead(200, { 'Content-Type': NDJSON_MEDIA_TYPE });
    if (all.length === 0 || res.write(all)) return;
    await waitForDrain(res);
  }
}

/** Submits again while other requests fill the queue: a stream waits where a single request is rejected. */
export async function submitWhenRoom<T>(
  intake: Pick<Intake, 'whenRoom'>,
  submit: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await submit();
    } catch (error) {
      if (!(error instanceof IntakeError && error.code === 'queue_full')) throw error;
      await sleep(FULL_QUEUE_PAUSE_MS);
      await intake.whenRoom();
    }
  }
}

/**
 * The slowest stream of a sender who is not known: a whole line within so many windows of the pace for other
 * bodies. Others may produce lines as slowly as they like. A sender that is silent is cut off sooner.
 */
const WINDOWS_PER_LINE = 2;

export class LinePace {
  readonly #limitMs: number;
  /** How long this service has waited for the line that is arriving. */
  #waitedMs = 0;
  #since = performance.now();

  constructor({ slowestBody = SLOWEST_BODY }: HttpDeps, req: Request) {
    const isKnown = principalOf(req).kind !== 'anonymous';
    this.#limitMs = isKnown ? Infinity : WINDOWS_PER_LINE * slowestBody.windowMs;
  }

  /** This service is about to read. */
  reading(): void {
    this.#since = performance.now();
  }

  /** @throws {ApiError} request_timeout */
  arrived(): void {
    this.#waitedMs += performance.now() - this.#since;
    if (this.#waitedMs <= this.#limitMs) return;
    throw new ApiError('request_timeout', 'The lines arrive too slowly.');
  }

  lineArrived(): void {
    this.#waitedMs = 0;
  }
}

export function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
