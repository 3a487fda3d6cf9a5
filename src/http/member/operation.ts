import { queryOf } from '../request/query.js';
import type { Route } from '../route.js';
import { NoQuery } from '../schema/request-schemas.js';
import { Health, Readiness } from '../schema/resources.js';
import type { MemberDeps } from './deps.js';

const JSON_TYPE = 'application/json';

/** For who runs the node and for the machines that watch it. */
export function memberOperationRoutes({ member, metrics, stopping }: MemberDeps): Route[] {
  metrics.watch(() => member.status());
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
        summary: 'Whether the log is being followed',
        query: NoQuery,
        responses: {
          200: { description: 'It is.', content: { [JSON_TYPE]: Readiness } },
          503: { description: 'It is not; `problems` says why.', content: { [JSON_TYPE]: Readiness } },
        },
        errors: ['invalid_parameter'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const problems = await problemsOf();
        res
          .status(problems.length === 0 ? 200 : 503)
          .set('Cache-Control', 'no-store')
          .json({ ready: problems.length === 0, leading: false, lagMs: null, problems });
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
        const text = await metrics.registry.metrics();
        res
          .set({ 'Content-Type': metrics.registry.contentType, 'Cache-Control': 'no-store' })
          .send(Buffer.from(text));
      },
    },
  ];

  async function problemsOf(): Promise<{ code: string; message: string }[]> {
    if (stopping.aborted) return [{ code: 'stopping', message: 'The node is shutting down.' }];
    try {
      const { problem } = await member.status();
      return problem === null ? [] : [{ code: problem.code, message: problem.message }];
    } catch {
      return [{ code: 'database', message: 'The database does not answer.' }];
    }
  }
}
