import type { Request, Response } from 'express';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Accepted, IntakeError, type NewDocument } from '../../intake/index.js';
import type { HttpDeps } from '../deps.js';
import { bodyOf } from '../requests/body.js';
import { endEarly, waitForDrain } from '../responses/send.js';
import { ApiError, problemOf, toApiError } from '../responses/errors.js';
import { LineSplitter, type Line, MAX_LINE_BYTES, parseDocumentLine } from '../requests/ndjson.js';
import { ACCEPTED_LINE_BYTES, acceptedLines, TextWriter } from '../responses/ndjson.js';
import { contextOf } from '../context.js';
import { idempotencyKeyOf } from '../requests/query.js';
import { accept } from './submit.js';

export const NDJSON_MEDIA_TYPE = 'application/x-ndjson';
/** Lines that are committed together, at most; with an Idempotency-Key exactly so many, so that a retry cuts alike. */
const CHUNK_LINES = 1000;
/** Chunks of one request that may be on their way at once: reading, committing and answering overlap. */
const CHUNKS_IN_FLIGHT = 8;
const FULL_QUEUE_PAUSE_MS = 20;
const RECEIPT_BYTES = 600;
const NOTHING: Uint8Array = new Uint8Array();

type ParsedLine = NewDocument | ApiError;

interface Answer {
  readonly bytes: Uint8Array;
  readonly failed: boolean;
}

/**
 * A stream of documents, one a line. Each line stands for itself and gets its line of answer, in order. Chunks are committed as
 * they come; the stream is read only as fast as they are committed and their answers taken.
 */
export class StreamNotarizer {
  readonly #deps: HttpDeps;
  readonly #req: Request;
  readonly #res: Response;
  readonly #idempotencyKey: string | null;
  /** Lines that are read and not yet in a chunk. */
  #lines: ParsedLine[] = [];
  #chunks = 0;
  #linesInChunks = 0;
  /** For each chunk on its way, resolves when its answer has been written. Never rejects. */
  readonly #inFlight: Promise<void>[] = [];
  #lastWritten: Promise<void> = Promise.resolve();
  /** Error lines of failed chunks, held back until a line goes out: while none has, the whole request can still fail. */
  #heldBack: Uint8Array = NOTHING;
  #failure: ApiError | null = null;
  readonly #failed = deferred();

  constructor(deps: HttpDeps, req: Request, res: Response) {
    this.#deps = deps;
    this.#req = req;
    this.#res = res;
    this.#idempotencyKey = idempotencyKeyOf(req);
  }

  /** Rejects only when no line of answer has been sent. */
  async run(): Promise<void> {
    try {
      // Whoever waits for the answer to a failed line sends nothing that would wake the reader.
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
    // Lines without an answer were not accepted: the client sees by their number how far it came.
    contextOf(this.#req).errorCode = this.#failure.code;
    endEarly(this.#req, this.#res);
  }

  async #read(): Promise<void> {
    const splitter = new LineSplitter(MAX_LINE_BYTES);
    for await (const bytes of bodyOf(this.#req)) {
      for (const line of splitter.push(bytes)) {
        this.#lines.push(parsed(line));
        if (this.#lines.length === CHUNK_LINES) await this.#submit();
        if (this.#failure !== null) return;
      }
      // A caller who sends one line and waits for its answer gets it; under a key, chunks must not depend on timing.
      if (this.#idempotencyKey === null) await this.#submit();
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
    const answer = this.#answer(lines, this.#chunks++, this.#linesInChunks);
    this.#linesInChunks += lines.length;
    this.#lastWritten = Promise.all([answer, this.#lastWritten]).then(([answered]) => this.#write(answered));
    this.#inFlight.push(this.#lastWritten);
  }

  /** The lines of answer to one chunk. Never rejects: a chunk that fails sets `#failure`. */
  async #answer(lines: readonly ParsedLine[], chunk: number, linesBefore: number): Promise<Answer> {
    const documents = lines.filter((line): line is NewDocument => !(line instanceof ApiError));
    try {
      const accepted = documents.length === 0 ? null : await this.#accept(documents, chunk);
      return { bytes: this.#format(lines, linesBefore, accepted), failed: false };
    } catch (thrown) {
      const error = toApiError(thrown);
      if (error.code === 'internal') {
        const { requestId, route } = contextOf(this.#req);
        this.#deps.logger.error({ requestId, route, err: error.cause }, 'unexpected error');
      }
      this.#failure ??= error;
      this.#failed.resolve();
      const errors = lines.map((line) => (line instanceof ApiError ? line : error));
      return { bytes: this.#format(errors, linesBefore, null), failed: true };
    }
  }

  async #accept(documents: readonly NewDocument[], chunk: number): Promise<Accepted> {
    // A request's own key has no space: chunk 0 of K cannot be the request with key "K 0".
    const idempotencyKey = this.#idempotencyKey === null ? null : `${this.#idempotencyKey} ${chunk}`;
    for (;;) {
      try {
        return await accept(this.#deps, this.#req, this.#res, {
          format: 'ndjson',
          documents,
          idempotencyKey,
        });
      } catch (error) {
        if (!(error instanceof IntakeError && error.code === 'queue_full')) throw error;
        // Others took the room. A stream waits where a single request is rejected.
        await sleep(FULL_QUEUE_PAUSE_MS);
        await this.#deps.intake.whenRoom();
      }
    }
  }

  #format(lines: readonly ParsedLine[], linesBefore: number, accepted: Accepted | null): Uint8Array {
    const { requestId } = contextOf(this.#req);
    const out = new TextWriter(lines.length * ACCEPTED_LINE_BYTES + RECEIPT_BYTES);
    const acceptedLine = accepted && acceptedLines(accepted, out);
    let next = 0;
    lines.forEach((parsedLine, i) => {
      const line = linesBefore + i + 1;
      if (parsedLine instanceof ApiError) {
        out.utf8(`${JSON.stringify({ line, error: problemOf(parsedLine, requestId) })}\n`);
      } else if (acceptedLine !== null) {
        acceptedLine(line, next++);
      }
    });
    return out.end();
  }

  async #write({ bytes, failed }: Answer): Promise<void> {
    const res = this.#res;
    const all = this.#heldBack.length === 0 ? bytes : Buffer.concat([this.#heldBack, bytes]);
    this.#heldBack = failed && !res.headersSent ? all : NOTHING;
    if (res.destroyed || this.#heldBack.length > 0) return;
    if (!res.headersSent) {
      res.writeHead(200, { 'Content-Type': NDJSON_MEDIA_TYPE, 'Cache-Control': 'no-store' });
    }
    if (all.length === 0 || res.write(all)) return;
    await waitForDrain(res);
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
