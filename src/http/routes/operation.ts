import { queryOf } from '../requests/query.js';
import { NoQuery } from '../schemas/documents.js';
import { Health, Readiness } from '../schemas/resources.js';
import type { HttpDeps } from '../deps.js';
import type { Route } from '../route.js';

/** For who runs the service and for the machines that watch it. */
export function operationRoutes(deps: HttpDeps): Route[] {
  return watchedRoutes({
    readyWhen: 'Whether documents are being accepted and sealed',
    figures: async () => {
      const { registry } = deps.metrics;
      return { text: await (deps.figures?.() ?? registry.metrics()), contentType: registry.contentType };
    },
    readiness: () => readinessOf(deps),
  });
}

/** The figures that are read when somebody asks for them. Once for each registry. */
export function watchFigures(deps: HttpDeps): void {
  deps.metrics.watch({
    queued: () => deps.intake.queued,
    lagSeconds: async () => (await lagMs(deps)) / 1000,
  });
}

async function readinessOf(deps: HttpDeps): Promise<Readiness> {
  const { leading, problem } = deps.sealer.status;
  const problems: { code: string; message: string }[] = [];
  if (deps.stopping.aborted) problems.push({ code: 'stopping', message: 'The service is shutting down.' });
  if (problem !== null) {
    problems.push({ code: problem.code, message: `Sealing stands still: ${problem.message}` });
  }
  let lag: number | null = null;
  try {
    lag = await lagMs(deps);
    if (lag > deps.maxLagMs) {
      problems.push({
        code: 'lag',
        message: `The oldest entry has waited ${Math.round(lag / 1000)} s for its seal.`,
      });
    }
  } catch {
    problems.push({ code: 'database', message: 'The database does not answer.' });
  }
  return { ready: problems.length === 0, leading, lagMs: lag, problems };
}

/** Age of the oldest entry that no block holds; rejects while the database is away. */
async function lagMs({ log }: HttpDeps): Promise<number> {
  const { waitingSince } = await log.state();
  return waitingSince === null ? 0 : Math.max(0, Date.now() - waitingSince);
}

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
