import {
  context,
  propagation,
  ROOT_CONTEXT,
  type Attributes,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

/*
 * Spans for OpenTelemetry. This program brings the interface alone: whoever wants traces loads an SDK before it (`node --import`),
 * which the standard variables configure. Without one every call here does nothing.
 *
 * No span has an address, a name, an id or a message of an error: an id contains part of a salt, and names are personal data.
 */

const tracer = () => trace.getTracer('ingam');

/** Runs `work` in a span below that of the request that waits for it. Without one there is no span. */
export async function traced<T>(
  name: string,
  work: () => Promise<T>,
  attributes: Attributes = {},
): Promise<T> {
  const above = trace.getActiveSpan();
  if (above === undefined || !above.isRecording()) return work();
  return tracer().startActiveSpan(name, { kind: SpanKind.INTERNAL, attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      fail(span, error instanceof Error && 'code' in error ? String(error.code) : 'unexpected');
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The same for a statement, or several, that a database runs. */
export function tracedQuery<T>(name: string, work: () => Promise<T>): Promise<T> {
  return traced(`postgresql ${name}`, work, { 'db.system.name': 'postgresql', 'db.query.summary': name });
}

/** What a request turned out to be. */
export interface Outcome {
  /** The route's pattern. */
  readonly route: string;
  readonly status: number;
  /** The code of the error that the client was told; null: none. */
  readonly errorCode: string | null;
}

/** The span of a request. */
export interface RequestTrace {
  /** Runs `next`, and what follows from it, in the span. */
  enter(next: () => void): void;
  end(outcome: Outcome): void;
}

/** Begins the span of a request, below that of the client if it sent one (W3C Trace Context). */
export function traceRequest(method: string, headers: object, requestId: string): RequestTrace {
  const parent = propagation.extract(ROOT_CONTEXT, headers);
  const attributes = { 'http.request.method': method, 'ingam.request_id': requestId };
  const span = tracer().startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
  return {
    enter: (next) => {
      context.with(trace.setSpan(parent, span), next);
    },
    end: ({ route, status, errorCode }) => {
      span.updateName(`${method} ${route}`);
      span.setAttributes({ 'http.route': route, 'http.response.status_code': status });
      if (status >= 500) fail(span, errorCode ?? String(status));
      span.end();
    },
  };
}

function fail(span: Span, type: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', type);
}
