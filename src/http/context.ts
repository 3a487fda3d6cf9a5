import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { Checker, StatusView } from '../anchoring/index.js';
import { type Access, ANONYMOUS_PRINCIPAL, type Credential, type Principal } from '../auth/index.js';
import type { Background } from '../background/index.js';
import type { Issuer } from '../certificate/facts.js';
import type { CertificateWorkers } from '../certificate/workers.js';
import type { EventIntake, Intake, Submitter } from '../intake/index.js';
import type { Erasures, Notarizations, PublishedLog, Records, Register } from '../log/index.js';
import type { Digests } from '../mail/index.js';
import type { Sealer } from '../sealer/index.js';
import type { Signing } from '../signing/index.js';
import type { DatabaseProblem, Durability, Store } from '../store/index.js';
import type { Authority } from '../tsa/index.js';
import type { Vault } from '../vault/index.js';
import type { Webhooks } from '../webhooks/index.js';
import type { Metrics } from './metrics.js';

/** The slowest pace at which a body may arrive. */
export interface BodyPace {
  readonly bytesPerSecond: number;
  /**
   * Averaged over this long, in milliseconds, counting only the time in which this service was ready to read.
   */
  readonly windowMs: number;
}

export const SLOWEST_BODY: BodyPace = { bytesPerSecond: 1024, windowMs: 60_000 };

/** The host names of this service. */
export interface HostPolicy {
  /** Where people reach the service; null: not configured. */
  readonly publicUrl: URL | null;
  /** Whether it listens on loopback only. */
  readonly loopbackOnly: boolean;
}

/** What the application needs. Its creator closes these parts, after the server. */
export interface HttpDeps {
  readonly intake: Pick<Intake, 'accept' | 'knows' | 'whenRoom' | 'queued' | 'overloaded' | 'problem'>;
  /** Accepts events of records. */
  readonly events: Pick<EventIntake, 'accept' | 'whenRoom' | 'queued' | 'overloaded'>;
  readonly records: Records;
  /** Requests to sign. */
  readonly signing: Signing;
  /** What people chose to be told by e-mail. */
  readonly digests: Pick<Digests, 'choice' | 'choose' | 'unsubscribe'>;
  readonly webhooks: Webhooks;
  /** What the heartbeat knows against the database. */
  readonly databaseProblem: () => DatabaseProblem | null;
  readonly durability: () => Durability | null;
  /** Commits that the database reported although its standby had not confirmed them. */
  readonly unconfirmedCommits: () => number;
  readonly notarizations: Notarizations;
  readonly register: Register;
  readonly erasures: Pick<Erasures, 'erase' | 'find' | 'withCertificate' | 'list'>;
  /** null: this service keeps no documents. */
  readonly vault: Pick<
    Vault,
    'write' | 'keep' | 'discard' | 'ofNotarization' | 'ofRecord' | 'ofDigest' | 'has'
  > | null;
  readonly tags: Pick<Store, 'changeTags'>;
  readonly holds: Pick<Store, 'placeHold' | 'liftHold' | 'holds' | 'heldBy'>;
  readonly log: PublishedLog;
  readonly certificates: Pick<CertificateWorkers, 'create' | 'signedBy'>;
  readonly checker: Pick<Checker, 'proof' | 'history'>;
  /** As printed on certificates; null: not printed. */
  readonly issuer: Issuer | null;
  readonly sealer: Pick<Sealer, 'status'>;
  /** How far the sources of anchors have come. */
  readonly anchors: Pick<StatusView, 'read'>;
  readonly access: Access;
  /** null: this service gives no time-stamps. */
  readonly authority: Authority | null;
  /** In whose name its tokens for anonymous clients are notarized; null: in nobody's. */
  readonly timeStampOwner: Submitter | null;
  readonly hosts: HostPolicy;
  /**
   * The number of trusted proxies in front, or their addresses. 0 or []: none, and forwarding headers are
   * ignored.
   */
  readonly trustProxy: readonly string[] | number;
  readonly metrics: Metrics;
  /** With which other machines may read the metrics now; null: none may. */
  readonly metricsToken: () => string | null;
  readonly background: Background;
  /** Metrics of all processes of this service, as Prometheus text. Absent: `metrics` has them all. */
  readonly serviceMetrics?: () => Promise<string>;
  readonly logger: Logger;
  /** Directory of the web page's files. */
  readonly publicDir: string;
  /** Largest document in bytes; null: no limit. */
  readonly maxUploadBytes: number | null;
  /** By default 1 KiB/s over a minute. */
  readonly slowestBody?: BodyPace | undefined;
  /**
   * How long an entry may wait for its seal before the service reports itself as not ready, in milliseconds.
   */
  readonly maxLagMs: number;
  /** Aborts when the service begins to stop: waiting requests get their responses, and event streams end. */
  readonly stopping: AbortSignal;
}

/** What the service knows about a request besides its headers. */
export interface RequestContext {
  readonly requestId: string;
  readonly startedAt: number;
  /** The route's pattern, never the path itself: an id contains half of an entry's salt. */
  route: string;
  errorCode: string | null;
  /** The caller. Set before the handler runs; anonymous on open routes. */
  principal: Principal;
  /** How the caller authenticated; null: not at all. */
  credential: Credential | null;
}

const CONTEXT = Symbol('context');

/** Created with the first call for a request. */
export function contextOf(req: IncomingMessage & { [CONTEXT]?: RequestContext }): RequestContext {
  return (req[CONTEXT] ??= {
    requestId: requestIdFrom(req.headers['x-request-id']),
    startedAt: performance.now(),
    route: 'unknown',
    errorCode: null,
    principal: ANONYMOUS_PRINCIPAL,
    credential: null,
  });
}

/** The caller, once `admit` has authenticated them. */
export function principalOf(req: IncomingMessage): Principal {
  return contextOf(req).principal;
}

/** The caller's own id, when it is safe in a header and a log line. */
function requestIdFrom(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[A-Za-z0-9._~-]{1,128}$/.test(given) ? given : randomUUID();
}
