import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, Response } from 'express';
import { Slices } from '../../background/slices.js';
import { type Accepted, IntakeError, type NewDocument } from '../../intake/index.js';
import { contextOf, type HttpDeps, principalOf, SLOWEST_BODY } from '../context.js';
import { bodyOf } from '../requests/body.js';
import { type Line, LineSplitter, MAX_LINE_BYTES, parseDocumentLine } from '../requests/ndjson.js';
import { idempotencyKeyOf } from '../requests/parameters.js';
import { ApiError, toApiError } from '../responses/errors.js';
import { resultLines } from '../responses/ndjson.js';
import { endEarly, waitForDrain } from '../responses/send.js';
import { accept } from './submit.js';

export const NDJSON_MEDIA_TYPE = 'application/x-ndjson';
/**
 * At most so many lines are committed together; with an Idempotency-Key exactly so many, so that a retry has
 * the same chunks.
 */
const CHUNK_LINES = 1000;
/** Chunks of one request in progress at once: reading, committing and responding overlap. */
const CHUNKS_IN_FLIGHT = 8;
const FULL_QUEUE_PAUSE_MS = 20;
/** Lines that are read before the time is looked at. */
const LINES_PER_LOOK = 64;
const NOTHING: Uint8Array = new Uint8Array();

type ParsedLine = NewDocument | ApiError;

interface Results {
  readonly bytes: Uint8Array;
  readonly failed: boolean;
}

/**
 * A stream of documents, one on each line. Every line is a submission of its own and gets one result line, in
 * order. The stream is read only as fast as its chunks are committed and the client reads their results.
 */
export class StreamNotarizer {
  readonly #deps: HttpDeps;
  readonly #req: Request;
  readonly #res: Response;
  readonly #idempotencyKey: string | null;
  /** Parsed lines that are not in a chunk yet. */
  #lines: ParsedLine[] = [];
  #chunks = 0;
  #linesInChunks = 0;
  /** For each chunk in progress: resolves when its results have been written. Never rejects. */
  readonly #inFlight: Promise<void>[] = [];
  #lastWritten: Promise<void> = Promise.resolve();
  /** Resolves when the latest chunk has been charged or has failed: chunks are charged in order. */
  #lastCharged: Promise<void> = Promise.resolve();
  /** Error lines of failed chunks before the first result: until then, the whole request can still fail. */
  #heldBack: Uint8Array = NOTHING;
  #failure: ApiError | null = null;
  readonly #failed = deferred();

  constructor(deps: HttpDeps, req: Request, res: Response) {
    this.#deps = deps;
    this.#req = req;
    this.#res = res;
    this.#idempotencyKey = idempotencyKeyOf(req);
  }

  /** Rejects only if no result line has been sent. */
  async run(): Promise<void> {
    try {
      // A client that waits for the result of a failed line sends nothing that would end the read.
      await Promise.race([this.#read(), this.#failed.promise]);
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

  async #read(): Promise<void> {
    const splitter = new LineSplitter(MAX_LINE_BYTES);
    const slices = new Slices();
    const pace = new LinePace(this.#deps, this.#req);
    let read = 0;
    for await (const bytes of bodyOf(this.#req)) {
      pace.arrived();
      for (const line of splitter.push(bytes)) {
        this.#lines.push(parsed(line));
        pace.lineArrived();
        if (++read % LINES_PER_LOOK === 0 && slices.isOver) await slices.next();
        if (this.#lines.length === CHUNK_LINES) await this.#submit();
        if (this.#failure !== null) return;
      }
      // A client that sends a line and waits for its result gets it. With a key, chunks must not depend on
      // timing.
      if (this.#idempotencyKey === null) await this.#submit();
      pace.reading();
    }
    for (const line of splitter.end()) this.#lines.push(parsed(line));
    await this.#submit();
  }

  async #submit(): Promise<void> {
    if (this.#lines.length === 0) return;
    while (this.#inFlight.length >= CHUNKS_IN_FLIGHT) await this.#inFlight.shift();
    await this.#deps.intake.whenRoom();
    if (this.#failure !== null || this.#res.destroyed) return;
    const lines = this.#lines;
    this.#lines = [];
    const results = this.#process(lines, this.#chunks++, this.#linesInChunks);
    this.#linesInChunks += lines.length;
    this.#lastWritten = Promise.all([results, this.#lastWritten]).then(([own]) => this.#write(own));
    this.#inFlight.push(this.#lastWritten);
  }

  /** The results of one chunk. Never rejects: a chunk that fails sets `#failure`. */
  async #process(lines: readonly ParsedLine[], chunk: number, linesBefore: number): Promise<Results> {
    const { requestId, route } = contextOf(this.#req);
    const documents = lines.filter((line): line is NewDocument => !(line instanceof ApiError));
    const earlierCharged = this.#lastCharged;
    const charged = deferred();
    this.#lastCharged = charged.promise;
    try {
      await earlierCharged;
      if (this.#failure !== null) throw this.#failure;
      const accepted = documents.length === 0 ? null : await this.#accept(documents, chunk, charged.resolve);
      const errors = lines.map((line) => (line instanceof ApiError ? line : null));
      return { bytes: resultLines(errors, linesBefore, accepted, requestId), failed: false };
    } catch (thrown) {
      const error = toApiError(thrown);
      if (error.code === 'internal') {
        this.#deps.logger.error({ requestId, route, err: error.cause }, 'unexpected error');
      }
      this.#failure ??= error;
      this.#failed.resolve();
      const errors = lines.map((line) => (line instanceof ApiError ? line : error));
      return { bytes: resultLines(errors, linesBefore, null, requestId), failed: true };
    } finally {
      charged.resolve();
    }
  }

  async #accept(documents: readonly NewDocument[], chunk: number, onCharged: () => void): Promise<Accepted> {
    // A request's own key has no space: chunk 0 of K cannot be the request with key "K 0".
    const idempotencyKey = this.#idempotencyKey === null ? null : `${this.#idempotencyKey} ${chunk}`;
    for (;;) {
      try {
        return await accept(this.#deps, this.#req, this.#res, {
          format: 'ndjson',
          documents,
          idempotencyKey,
          onCharged,
        });
      } catch (error) {
        if (!(error instanceof IntakeError && error.code === 'queue_full')) throw error;
        // Other requests have filled the queue again. A stream waits where a single request is rejected.
        await sleep(FULL_QUEUE_PAUSE_MS);
        await this.#deps.intake.whenRoom();
      }
    }
  }

  async #write({ bytes, failed }: Results): Promise<void> {
    const res = this.#res;
    const all = this.#heldBack.length === 0 ? bytes : Buffer.concat([this.#heldBack, bytes]);
    this.#heldBack = failed && !res.headersSent ? all : NOTHING;
    if (res.destroyed || this.#heldBack.length > 0) return;
    if (!res.headersSent) {
      res.writeHead(200, { 'Content-Type': NDJSON_MEDIA_TYPE });
    }
    if (all.length === 0 || res.write(all)) return;
    await waitForDrain(res);
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

function parsed(line: Line): ParsedLine {
  try {
    return parseDocumentLine(line);
  } catch (error) {
    const problem = toApiError(error);
    if (problem.code === 'internal') throw error;
    return problem;
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
