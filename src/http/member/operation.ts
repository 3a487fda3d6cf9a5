import { watchedRoutes } from '../calls/watched.js';
import type { Route } from '../route.js';
import type { MemberDeps } from './deps.js';

/** For who runs the node and for the machines that watch it. */
export function memberOperationRoutes({ member, metrics, stopping }: MemberDeps): Route[] {
  metrics.watch(() => member.status());
  return watchedRoutes({
    readyWhen: 'Whether the log is being followed',
    figures: async () => {
      const { registry } = metrics;
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
    readiness: async () => {
      const problems = await problemsOf();
      return { ready: problems.length === 0, leading: false, lagMs: null, problems };
    },
  });

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
