import type { Request, Response } from 'express';
import { Slices } from '../../background/slices.js';
import { EventRefused } from '../../intake/index.js';
import { contextOf, type HttpDeps } from '../context.js';
import { bodyOf, check, parseJson } from '../requests/body.js';
import { type Line, LineSplitter } from '../requests/ndjson.js';
import { idempotencyKeyOf } from '../requests/parameters.js';
import { ApiError, problemOf, toApiError } from '../responses/errors.js';
import { acceptedEventJson } from '../responses/records.js';
import { EventInput } from '../schemas/records.js';
import { LinePace, type Results, ResultStream, submitWhenRoom } from './result-stream.js';
import { acceptEvent, MAX_EVENT_BYTES } from './submit-event.js';

/** Events of one request in progress at once: they share commits. */
const IN_FLIGHT = 256;

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
  readonly #results: ResultStream;

  constructor(deps: HttpDeps, req: Request, res: Response) {
    this.#deps = deps;
    this.#req = req;
    this.#res = res;
    this.#idempotencyKey = idempotencyKeyOf(req);
    this.#results = new ResultStream(req, res, IN_FLIGHT);
  }

  /** Rejects only if no result line has been sent. */
  async run(): Promise<void> {
    await this.#results.run(() => this.#read());
  }

  async #read(): Promise<void> {
    const splitter = new LineSplitter(MAX_EVENT_BYTES);
    const pace = new LinePace(this.#deps, this.#req);
    const slices = new Slices();
    for await (const bytes of bodyOf(this.#req)) {
      pace.arrived();
      for (const line of splitter.push(bytes)) {
        pace.lineArrived();
        if (slices.isOver) await slices.next();
        await this.#submit(line);
        if (this.#results.failure !== null) return;
      }
      pace.reading();
    }
    for (const line of splitter.end()) await this.#submit(line);
  }

  async #submit(line: Line): Promise<void> {
    await this.#results.whenRoom();
    await this.#deps.events.whenRoom();
    if (this.#results.isOver) return;
    this.#results.add(this.#process(line, ++this.#lines));
  }

  /** Never rejects: a failure that is not the line's own ends the stream. */
  async #process(line: Line, number: number): Promise<Results> {
    const { requestId, route } = contextOf(this.#req);
    try {
      return { bytes: lineOf({ line: number, ...(await this.#accept(line, number)) }), failed: false };
    } catch (thrown) {
      const error = toApiError(thrown);
      if (error.code === 'internal')
        this.#deps.logger.error({ requestId, route, err: error.cause }, 'unexpected error');
      const failed = !(thrown instanceof EventRefused || thrown instanceof ApiError);
      if (failed) this.#results.fail(error);
      return { bytes: lineOf({ line: number, error: problemOf(error, requestId) }), failed };
    }
  }

  async #accept(line: Line, number: number): Promise<object> {
    if (line === null) throw new ApiError('line_too_long', `A line has at most ${MAX_EVENT_BYTES} bytes.`);
    const input = check(EventInput, parseJson(line));
    // A request's own key has no space: line 1 of K cannot be the request with key "K 1".
    const key = this.#idempotencyKey === null ? null : `${this.#idempotencyKey} ${number}`;
    const accepted = await submitWhenRoom(this.#deps.events, () =>
      acceptEvent(this.#deps, this.#req, this.#res, 'ndjson', input, null, key),
    );
    return acceptedEventJson(accepted, null);
  }
}

function lineOf(result: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(result)}\n`);
}
