import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, context, ROOT_CONTEXT, type Span, trace, type Tracer } from '@opentelemetry/api';
import { afterEach, expect, test } from 'vitest';
import { traced, tracedQuery, traceRequest } from '../../src/background/tracing.js';
import { StoreError } from '../../src/store/index.js';

interface Recorded {
  name: string;
  readonly above: string | null;
  readonly attributes: Record<string, unknown>;
  failed: boolean;
  ended: boolean;
}

/** The part of an SDK that is needed to see what the program does with the interface. */
function recordSpans(): Recorded[] {
  const spans: Recorded[] = [];
  const names = new WeakMap<Span, Recorded>();
  const contexts = new AsyncLocalStorage<Context>();
  context.setGlobalContextManager({
    active: () => contexts.getStore() ?? ROOT_CONTEXT,
    with: (active, run, self, ...values) => contexts.run(active, () => run.call(self as never, ...values)),
    bind: (_, target) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  });
  const startSpan: Tracer['startSpan'] = (name, options, parent = context.active()) => {
    const above = trace.getSpan(parent);
    const recorded: Recorded = {
      name,
      above: above === undefined ? null : (names.get(above)?.name ?? null),
      attributes: { ...options?.attributes },
      failed: false,
      ended: false,
    };
    spans.push(recorded);
    const span = {
      isRecording: () => true,
      updateName: (to: string) => (recorded.name = to),
      setAttribute: (key: string, value: unknown) => (recorded.attributes[key] = value),
      setAttributes: (more: object) => Object.assign(recorded.attributes, more),
      setStatus: () => (recorded.failed = true),
      end: () => (recorded.ended = true),
    } as unknown as Span;
    names.set(span, recorded);
    return span;
  };
  const startActiveSpan = (name: string, options: object, run: (span: Span) => unknown) => {
    const span = startSpan(name, options);
    return context.with(trace.setSpan(context.active(), span), run, undefined, span);
  };
  const tracer = { startSpan, startActiveSpan } as Tracer;
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  return spans;
}

afterEach(() => {
  trace.disable();
  context.disable();
});

test('without an SDK the work is done, and nothing else', async () => {
  expect(await traced('work', () => Promise.resolve(1))).toBe(1);
});

test('a request has a span with its route, and what it waits for has spans below it', async () => {
  const spans = recordSpans();
  expect(await traced('background work', () => Promise.resolve(1))).toBe(1);
  expect(spans).toEqual([]);

  const request = traceRequest('GET', {}, 'request-1');
  await new Promise((resolve) => {
    request.enter(() => {
      const failing = () => Promise.reject(new StoreError('unavailable', 'a secret'));
      tracedQuery('entry', failing).catch(resolve);
    });
  });
  request.end({ route: '/v1/notarizations/{id}', status: 503, errorCode: 'unavailable' });
  expect(spans).toEqual([
    {
      name: 'GET /v1/notarizations/{id}',
      above: null,
      attributes: {
        'http.request.method': 'GET',
        'ingam.request_id': 'request-1',
        'http.route': '/v1/notarizations/{id}',
        'http.response.status_code': 503,
        'error.type': 'unavailable',
      },
      failed: true,
      ended: true,
    },
    {
      name: 'postgresql entry',
      above: 'GET',
      attributes: {
        'db.system.name': 'postgresql',
        'db.query.summary': 'entry',
        'error.type': 'unavailable',
      },
      failed: true,
      ended: true,
    },
  ]);
  expect(JSON.stringify(spans)).not.toContain('secret');
});
