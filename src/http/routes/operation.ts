import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import type { SourceStatus } from '../../anchoring/index.js';
import { isLoopback } from '../../auth/index.js';
import type { ChainState } from '../../log/index.js';
import { CLOCK_TOLERANCE_MS, type DatabaseProblem } from '../../store/index.js';
import type { HttpDeps } from '../context.js';
import { isForwarded } from '../requests/headers.js';
import { ApiError } from '../responses/errors.js';
import { formatTime } from '../responses/representation.js';
import { json, type Route } from '../route.js';
import { Health, Readiness } from '../schemas/resources.js';

/** For operators and their monitoring. */
export function operationRoutes(deps: HttpDeps): Route[] {
  return monitoringRoutes({
    readySummary: 'Whether a document would be accepted and sealed now',
    metrics: async () => {
      const { registry } = deps.metrics;
      return {
        text: await (deps.serviceMetrics?.() ?? registry.metrics()),
        contentType: registry.contentType,
      };
    },
    metricsToken: deps.metricsToken,
    readiness: () => readinessOf(deps),
  });
}

/** Call once for each registry. */
export function registerGauges(deps: HttpDeps): void {
  deps.metrics.watch(
    {
      queued: () => deps.intake.queued + deps.events.queued,
      lagSeconds: async () => lagOf(await deps.log.state()) / 1000,
      sealingProblem: () => deps.sealer.status.problem?.code ?? null,
      durability: deps.durability,
      unconfirmedCommits: deps.unconfirmedCommits,
    },
    deps.background,
  );
  const { authority } = deps;
  if (authority === null) return;
  deps.metrics.watchAuthority(
    {
      clockProblem: async () => (await authority.clockProblem())?.code ?? null,
      clockOffset: () => (authority.guard.offset === null ? null : authority.guard.offset / 1000),
      certificateEnds: async () => (await authority.keys.current()).notAfter / 1000,
    },
    deps.background,
  );
}

type ReadinessProblem = Readiness['problems'][number];

/** Ready: a submission would be accepted and sealed now, as far as the latest ones were. */
async function readinessOf(deps: HttpDeps): Promise<Readiness> {
  const { leading, problem: sealing } = deps.sealer.status;
  const problems: ReadinessProblem[] = [];
  if (deps.stopping.aborted) problems.push({ code: 'stopping', message: 'The service is shutting down.' });
  const database = deps.databaseProblem();
  if (database !== null) problems.push(DATABASE_PROBLEMS[database]);
  const [state, accepting, anchors] = await Promise.all([
    deps.log.state().catch(() => null),
    database === null ? deps.intake.problem() : null,
    deps.anchors.read().catch(() => []),
  ]);
  const clock = state === null ? null : clockProblem(state);
  if (clock !== null) problems.push(clock);
  if (sealing !== null && !(sealing.code === 'clock_behind' && clock !== null)) {
    problems.push({ code: sealing.code, message: `Sealing stalled: ${sealing.message}` });
  }
  if (accepting !== null && !(accepting.code === 'clock_behind' && clock !== null)) {
    problems.push({ code: 'accepting', message: `Submissions fail: ${accepting.message}` });
  }
  // A database that was rolled back responds, and the problem of sealing says what is wrong with it.
  if (state === null && database === null && sealing?.code !== 'rolled_back')
    problems.push(DATABASE_PROBLEMS.silent);
  const lag = state === null ? null : lagOf(state);
  if (lag !== null && lag > deps.maxLagMs) {
    const seconds = Math.round(lag / 1000);
    problems.push({ code: 'lag', message: `The oldest unsealed entry has waited for ${seconds} s.` });
  }
  const late = anchors.filter((each) => each.late).map(warningOf);
  const warnings = [...late, ...(state === null ? [] : await timeStampWarnings(deps))];
  const { durability } = deps;
  return { ready: problems.length === 0, leading, lagMs: lag, durability: durability(), problems, warnings };
}

function warningOf({ name, size }: SourceStatus): Readiness['warnings'][number] {
  const message = `Anchoring is late: blocks from height ${size} on have no anchor of the time source ${name}.`;
  return { code: 'anchoring_late', message };
}

/** @returns none of what needs the database when that does not respond: `problems` says so */
async function timeStampWarnings({ authority }: HttpDeps): Promise<Readiness['warnings']> {
  if (authority === null) return [];
  const [clock, certificate] = await Promise.all([
    authority.clockProblem().catch(() => null),
    authority.certificateWarning(),
  ]);
  return [
    ...(clock === null ? [] : [{ code: 'tsa_clock', message: `No time-stamps are given. ${clock.message}` }]),
    ...(certificate === null ? [] : [{ code: 'tsa_certificate', message: certificate }]),
  ];
}

const DATABASE_PROBLEMS: Readonly<Record<DatabaseProblem, ReadinessProblem>> = {
  silent: { code: 'database', message: 'The database does not respond.' },
  standby: {
    code: 'durability',
    message: 'Commits wait for a synchronous standby of the database that does not respond.',
  },
  unreplicated: {
    code: 'durability',
    message: 'The database has no synchronous standby, which INGAM_REQUIRE_SYNC demands.',
  },
};

/** Times in the chain never go back: nothing is accepted, or sealed, before this clock has reached them. */
function clockProblem({ latestTime, tip }: ChainState): ReadinessProblem | null {
  const until = Math.max(latestTime, tip?.sealedAt ?? 0) - CLOCK_TOLERANCE_MS;
  const seconds = Math.ceil((until - Date.now()) / 1000);
  if (seconds <= 0) return null;
  return {
    code: 'clock_behind',
    message: `The clock of this machine is ${seconds} s too far behind the chain: check its time synchronization.`,
    until: formatTime(until),
  };
}

/** Age of the oldest unsealed entry, in milliseconds. */
function lagOf({ waitingSince }: ChainState): number {
  return waitingSince === null ? 0 : Math.max(0, Date.now() - waitingSince);
}
export interface Monitored {
  /** For the API's description: what readiness means. */
  readonly readySummary: string;
  readonly metrics: () => Promise<{ readonly text: string; readonly contentType: string }>;
  /** With which other machines may read the metrics now; null: none may. */
  readonly metricsToken: () => string | null;
  readonly readiness: () => Promise<Readiness>;
}

/** Health, readiness and metrics, of the service or of a member's node. */
export function monitoringRoutes({ readySummary, metrics, metricsToken, readiness }: Monitored): Route[] {
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
        description:
          'They show how much is notarized. So they are for this machine itself, and for whoever sends `INGAM_METRICS_TOKEN` as a bearer token.',
        headers: { Authorization: '`Bearer` and the token; not needed on this machine.' },
        responses: { 200: { description: 'Text exposition format.', content: { 'text/plain': 'text' } } },
        errors: ['unauthenticated'],
      },
      async handle(req, res) {
        assertMayReadMetrics(req, metricsToken());
        const { text, contentType } = await metrics();
        res.set('Content-Type', contentType).send(Buffer.from(text));
      },
    },
  ];
}

/** A proxy on this machine passes on requests of others. */
function assertMayReadMetrics(req: Request, token: string | null): void {
  if (isLoopback(req.socket.remoteAddress ?? '') && !isForwarded(req)) return;
  const given = /^Bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
  if (token !== null && given !== undefined && timingSafeEqual(digestOf(given), digestOf(token))) return;
  throw new ApiError(
    'unauthenticated',
    'Metrics are shown on the machine of the service, and elsewhere with its INGAM_METRICS_TOKEN as a bearer token.',
  );
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
