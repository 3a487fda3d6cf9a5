import type { HttpDeps } from '../deps.js';
import type { Route } from '../route.js';
import type { Readiness } from '../schema/resources.js';
import { watchedRoutes } from './watched.js';

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
