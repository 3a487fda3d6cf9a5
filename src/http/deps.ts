import type { Logger } from 'pino';
import type { Access } from '../auth/index.js';
import type { CertificateWorkers } from '../certificate/workers.js';
import type { Intake } from '../intake/index.js';
import type { Notarizations, PublishedLog, Register } from '../log/index.js';
import type { Sealer } from '../sealer/index.js';
import type { HostPolicy } from './auth/origin.js';
import type { Metrics } from './metrics.js';

/** The slowest pace at which a body may arrive. Any line that people use is many times faster. */
export interface BodyPace {
  readonly bytesPerSecond: number;
  /** Averaged over this long, in milliseconds, counting only the time in which this service was ready to read. */
  readonly windowMs: number;
}

/** What the application is made of. It owns none of it: who made these also closes them, after the server. */
export interface HttpDeps {
  readonly intake: Pick<Intake, 'accept' | 'knows' | 'whenRoom' | 'queued' | 'overloaded'>;
  readonly notarizations: Notarizations;
  readonly register: Register;
  readonly log: PublishedLog;
  readonly certificates: Pick<CertificateWorkers, 'create'>;
  readonly sealer: Pick<Sealer, 'status'>;
  readonly access: Access;
  readonly hosts: HostPolicy;
  /** How many proxies stand in front, or which addresses they have; [] or 0: none, and what claims to be from one is not believed. */
  readonly trustProxy: readonly string[] | number;
  readonly metrics: Metrics;
  /** Figures of all processes of this service, in the text form of `metrics`; absent: this is the only one. */
  readonly figures?: () => Promise<string>;
  readonly logger: Logger;
  /** Directory of the web page's files. */
  readonly publicDir: string;
  /** Largest document in bytes; null: no limit. */
  readonly maxUploadBytes: number | null;
  /** How slowly the body of a request may come; by default what is right outside of tests. */
  readonly slowestBody?: BodyPace | undefined;
  /** How long an entry may wait for its seal before the service calls itself not ready, in milliseconds. */
  readonly maxLagMs: number;
  /** Aborts when the service begins to stop: waiting callers are answered then, and event streams end. */
  readonly stopping: AbortSignal;
}
