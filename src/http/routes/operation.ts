import type { HttpDeps } from '../context.js';
import { json, type Route } from '../route.js';
import { Health, Readiness } from '../schemas/resources.js';

/** For operators and their monitoring. */
export function operationRoutes(deps: HttpDeps): Route[] {
  return monitoringRoutes({
    readySummary: 'Whether documents are being accepted and sealed',
    metrics: async () => {
      const { registry } = deps.metrics;
      return {
        text: await (deps.serviceMetrics?.() ?? registry.metrics()),
        contentType: registry.contentType,
      };
    },
    readiness: () => readinessOf(deps),
  });
}

/** Call once for each registry. */
export function registerGauges(deps: HttpDeps): void {
  deps.metrics.watch(
    {
      queued: () => deps.intake.queued,
      lagSeconds: async () => (await lagMs(deps)) / 1000,
    },
    deps.background,
  );
}

async function readinessOf(deps: HttpDeps): Promise<Readiness> {
  const { leading, problem } = deps.sealer.status;
  const problems: { code: string; message: string }[] = [];
  if (deps.stopping.aborted) problems.push({ code: 'stopping', message: 'The service is shutting down.' });
  if (problem !== null) {
    problems.push({ code: problem.code, message: `Sealing stalled: ${problem.message}` });
  }
  let lag: number | null = null;
  try {
    lag = await lagMs(deps);
    if (lag > deps.maxLagMs) {
      const seconds = Math.round(lag / 1000);
      problems.push({ code: 'lag', message: `The oldest unsealed entry has waited for ${seconds} s.` });
    }
  } catch {
    problems.push({ code: 'database', message: 'The database does not respond.' });
  }
  return { ready: problems.length === 0, leading, lagMs: lag, problems };
}

/** Age of the oldest unsealed entry, in milliseconds. Rejects while the database is unavailable. */
async function lagMs({ log }: HttpDeps): Promise<number> {
  const { waitingSince } = await log.state();
  return waitingSince === null ? 0 : Math.max(0, Date.now() - waitingSince);
}

export interface Monitored {
  /** For the API's description: what readiness means. */
  readonly readySummary: string;
  readonly metrics: () => Promise<{ readonly text: string; readonly contentType: string }>;
  readonly readiness: () => Promise<Readiness>;
}

/** Health, readiness and metrics, of the service or of a member's node. */
export function monitoringRoutes({ readySummary, metrics, readiness }: Monitored): Route[] {
  return [
    {
      method: 'get',
      path: '/healthz',
      access: 'open',
      operation: {
        id: 'health',
        tag: 'Operation',
        summary: 'Whether the process is alive',
        responses: { 200: { description: 'It is alive.', content: json(Health) } },
      },
      handle(req, res) {
        res.json({ status: 'ok' });
      },
    },
    {
      method: 'get',
      path: '/readyz',
      access: 'open',
      operation: {
        id: 'readiness',
        tag: 'Operation',
        summary: readySummary,
        responses: {
          200: { description: 'Ready.', content: json(Readiness) },
          503: {
            description: 'Not ready, for the reasons in `problems`.',
            content: json(Readiness),
          },
        },
      },
      async handle(req, res) {
        const body = await readiness();
        res.status(body.ready ? 200 : 503).json(body);
      },
    },
    {
      method: 'get',
      path: '/metrics',
      access: 'open',
      operation: {
        id: 'metrics',
        tag: 'Operation',
        summary: 'Metrics for Prometheus',
        responses: { 200: { description: 'Text exposition format.', content: { 'text/plain': 'text' } } },
      },
      async handle(req, res) {
        const { text, contentType } = await metrics();
        res.set('Content-Type', contentType).send(Buffer.from(text));
      },
    },
  ];
}
