import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, Response } from 'express';
import { EventRefused, IntakeError } from '../../intake/index.js';
import { contextOf, type HttpDeps } from '../context.js';
import { bodyOf, check, parseJson } from '../requests/body.js';
import { type Line, LineSplitter } from '../requests/ndjson.js';
import { idempotencyKeyOf } from '../requests/parameters.js';
import { ApiError, problemOf, toApiError } from '../responses/errors.js';
import { acceptedEventJson } from '../responses/records.js';
import { endEarly, waitForDrain } from '../responses/send.js';
import { EventInput } from '../schemas/records.js';
import { LinePace, NDJSON_MEDIA_TYPE } from './notarize-stream.js';
import { acceptEvent, MAX_EVENT_BYTES } from './submit-event.js';

/** Events of one request in progress at once: they share commits. */
const IN_FLIGHT = 256;
const FULL_QUEUE_PAUSE_MS = 20;

/** A line's result; `failed`: the stream ends with it. */
interface Result {
  readonly line: object;
  readonly failed: boolean;
}

/**
 * A stream of events, one on each line. Every line is a submission of its own and gets one result line, in order.
 * A line that is refused costs the others nothing. The stream is read only as fast as its events are committed
 * and the client reads their results.
 */
export class EventStream {
  readonly #deps: HttpDeps;
  readonly #req: Request;
  readonly #res: Response;
  readonly #idempotencyKey: string | null;
  #lines = 0;
  /** Results that are still to be written, in the order of the lines. */
  readonly #inFlight: Promise<void>[] = [];
  #lastWritten: Promise<void> = Promise.resolve();
  #failure: ApiError | null = null;

  constructor(deps: HttpDeps, req: Request, res: Response) {
    this.#deps = deps;
    this.#req = req;
    this.#res = res;
    this.#idempotencyKey = idempotencyKeyOf(req);
  }

  /** Rejects only if no result line has been sent. */
  async run(): Promise<void> {
    try {
      await this.#read();
    } catch (error) {
      this.#failure ??= toApiError(error);
    }
    await this.#lastWritten;
    const res = this.#res;
    if (this.#failure === null) {
      if (!res.headersSent) res.writeHead(200, { 'Content-Type': NDJSON_MEDIA_TYPE });
      res.end();
      return;
    }
    if (!res.headersSent) throw this.#failure;
    // Lines without a result were not accepted.
    contextOf(this.#req).errorCode = this.#failure.code;
    endEarly(this.#req, res);
  }

  async #read(): Promise<void> {
    const splitter = new LineSplitter(MAX_EVENT_BYTES);
    const pace = new LinePace(this.#deps, this.#req);
    for await (const bytes of bodyOf(this.#req)) {
      pace.arrived();
      for (const line of splitter.push(bytes)) {
        pace.lineArrived();
        await this.#submit(line);
        if (this.#failure !== null) return;
      }
      pace.reading();
    }
    for (const line of splitter.end()) await this.#submit(line);
  }

  async #submit(line: Line): Promise<void> {
    while (this.#inFlight.length >= IN_FLIGHT) await this.#inFlight.shift();
    await this.#deps.events.whenRoom();
    if (this.#failure !== null || this.#res.destroyed) return;
    const number = ++this.#lines;
    const result = this.#process(line, number);
    this.#lastWritten = Promise.all([result, this.#lastWritten]).then(([own]) => this.#write(own));
    this.#inFlight.push(this.#lastWritten);
  }

  /** Never rejects: a failure that is not the line's own sets `#failure`. */
  async #process(line: Line, number: number): Promise<Result> {
    const { requestId, route } = contextOf(this.#req);
    try {
      return { line: { line: number, ...(await this.#accept(line, number)) }, failed: false };
    } catch (thrown) {
      const error = toApiError(thrown);
      if (error.code === 'internal')
        this.#deps.logger.error({ requestId, route, err: error.cause }, 'unexpected error');
      const failed = !(thrown instanceof EventRefused || thrown instanceof ApiError);
      if (failed) this.#failure ??= error;
      return { line: { line: number, error: problemOf(error, requestId) }, failed };
    }
  }

  async #accept(line: Line, number: number): Promise<object> {
    if (line === null) throw new ApiError('line_too_long', `A line has at most ${MAX_EVENT_BYTES} bytes.`);
    const input = check(EventInput, parseJson(line));
    // A request's own key has no space: line 1 of K cannot be the request with key "K 1".
    const key = this.#idempotencyKey === null ? null : `${this.#idempotencyKey} ${number}`;
    for (;;) {
      try {
        const accepted = await acceptEvent(this.#deps, this.#req, this.#res, 'ndjson', input, null, key);
        return acceptedEventJson(accepted, null);
      } catch (error) {
        if (!(error instanceof IntakeError && error.code === 'queue_full')) throw error;
        // Other requests have filled the queue again. A stream waits where a single request is rejected.
        await sleep(FULL_QUEUE_PAUSE_MS);
        await this.#deps.events.whenRoom();
      }
    }
  }

  async #write({ line, failed }: Result): Promise<void> {
    const res = this.#res;
    // Before the first result, the whole request can still fail.
    if (res.destroyed || (failed && !res.headersSent)) return;
    if (!res.headersSent) res.writeHead(200, { 'Content-Type': NDJSON_MEDIA_TYPE });
    if (!res.write(`${JSON.stringify(line)}\n`)) await waitForDrain(res);
  }
}
