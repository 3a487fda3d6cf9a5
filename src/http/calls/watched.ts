import { queryOf } from '../request/query.js';
import type { Route } from '../route.js';
import { NoQuery } from '../schema/request-schemas.js';
import { Health, Readiness } from '../schema/resources.js';

const JSON_TYPE = 'application/json';

export interface Watched {
  /** What being ready means, for the API's description. */
  readonly readyWhen: string;
  readonly figures: () => Promise<{ readonly text: string; readonly contentType: string }>;
  readonly readiness: () => Promise<Readiness>;
}

/** What the machines that watch a service, or a member's node, ask. */
export function watchedRoutes({ readyWhen, figures, readiness }: Watched): Route[] {
  return [
    {
      method: 'get',
      path: '/healthz',
      access: 'open',
      operation: {
        id: 'health',
        tag: 'Operation',
        summary: 'Whether the process lives',
        query: NoQuery,
        responses: { 200: { description: 'It does.', content: { [JSON_TYPE]: Health } } },
        errors: ['invalid_parameter'],
      },
      handle(req, res) {
        queryOf(req, NoQuery);
        res.set('Cache-Control', 'no-store').json({ status: 'ok' });
      },
    },
    {
      method: 'get',
      path: '/readyz',
      access: 'open',
      operation: {
        id: 'readiness',
        tag: 'Operation',
        summary: readyWhen,
        query: NoQuery,
        responses: {
          200: { description: 'It is so.', content: { [JSON_TYPE]: Readiness } },
          503: { description: 'It is not; `problems` says why.', content: { [JSON_TYPE]: Readiness } },
        },
        errors: ['invalid_parameter'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const body = await readiness();
        res
          .status(body.ready ? 200 : 503)
          .set('Cache-Control', 'no-store')
          .json(body);
      },
    },
    {
      method: 'get',
      path: '/metrics',
      access: 'open',
      operation: {
        id: 'metrics',
        tag: 'Operation',
        summary: 'Figures for Prometheus',
        query: NoQuery,
        responses: { 200: { description: 'Text exposition format.', content: { 'text/plain': 'text' } } },
        errors: ['invalid_parameter'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const { text, contentType } = await figures();
        res.set({ 'Content-Type': contentType, 'Cache-Control': 'no-store' }).send(Buffer.from(text));
      },
    },
  ];
}
