import type { Request, Response } from 'express';
import { Slices } from '../../background/slices.js';
import type { Accepted, NewDocument } from '../../intake/index.js';
import { contextOf, type HttpDeps } from '../context.js';
import { bodyOf } from '../requests/body.js';
import { type Line, LineSplitter, MAX_LINE_BYTES, parseDocumentLine } from '../requests/ndjson.js';
import { idempotencyKeyOf } from '../requests/parameters.js';
import { ApiError, toApiError } from '../responses/errors.js';
import { resultLines } from '../responses/ndjson.js';
import { deferred, LinePace, type Results, ResultStream, submitWhenRoom } from './result-stream.js';
import { accept } from './submit.js';

/**
 * At most so many lines are committed together; with an Idempotency-Key exactly so many, so that a retry has
 * the same chunks.
 */
const CHUNK_LINES = 1000;
/** Chunks of one request in progress at once: reading, committing and responding overlap. */
const CHUNKS_IN_FLIGHT = 8;
/** Lines that are read before the time is looked at. */
const LINES_PER_LOOK = 64;

type ParsedLine = NewDocument | ApiError;

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
  /** Resolves when the latest chunk has been charged or has failed: chunks are charged in order. */
  #lastCharged: Promise<void> = Promise.resolve();
  readonly #results: ResultStream;

  constructor(deps: HttpDeps, req: Request, res: Response) {
    this.#deps = deps;
    this.#req = req;
    this.#res = res;
    this.#idempotencyKey = idempotencyKeyOf(req);
    this.#results = new ResultStream(req, res, CHUNKS_IN_FLIGHT);
  }

  /** Rejects only if no result line has been sent. */
  async run(): Promise<void> {
    await this.#results.run(() => this.#read());
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
        if (this.#results.failure !== null) return;
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
    await this.#results.whenRoom();
    await this.#deps.intake.whenRoom();
    if (this.#results.isOver) return;
    const lines = this.#lines;
    this.#lines = [];
    this.#results.add(this.#process(lines, this.#chunks++, this.#linesInChunks));
    this.#linesInChunks += lines.length;
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
      if (this.#results.failure !== null) throw this.#results.failure;
      const accepted = documents.length === 0 ? null : await this.#accept(documents, chunk, charged.resolve);
      const errors = lines.map((line) => (line instanceof ApiError ? line : null));
      return { bytes: resultLines(errors, linesBefore, accepted, requestId), failed: false };
    } catch (thrown) {
      const error = toApiError(thrown);
      if (error.code === 'internal') {
        this.#deps.logger.error({ requestId, route, err: error.cause }, 'unexpected error');
      }
      this.#results.fail(error);
      const errors = lines.map((line) => (line instanceof ApiError ? line : error));
      return { bytes: resultLines(errors, linesBefore, null, requestId), failed: true };
    } finally {
      charged.resolve();
    }
  }

  async #accept(documents: readonly NewDocument[], chunk: number, onCharged: () => void): Promise<Accepted> {
    // A request's own key has no space: chunk 0 of K cannot be the request with key "K 0".
    const idempotencyKey = this.#idempotencyKey === null ? null : `${this.#idempotencyKey} ${chunk}`;
    const format = 'ndjson';
    return submitWhenRoom(this.#deps.intake, () =>
      accept(this.#deps, this.#req, this.#res, { format, documents, idempotencyKey, onCharged }),
    );
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
