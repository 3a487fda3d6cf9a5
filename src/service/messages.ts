import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import type { ProcessConfig, ReloadedConfig } from './config.js';

/** The metrics of one process, in the form in which prom-client adds them up. */
export type ProcessMetrics = MetricObjectWithValues<MetricValue<string>>[];

/** From the primary process to a worker. */
export type ToWorker =
  /** To one worker, before any of them starts. */
  | { readonly kind: 'prepare'; readonly config: SentConfig }
  | { readonly kind: 'start'; readonly config: SentConfig; readonly url: string }
  /**
   * Sent with its socket, unless the client has disconnected. The worker replies with `received`; then others may follow, which wait
   * already.
   */
  | { readonly kind: 'connection'; readonly others: boolean }
  /** The worker replies with `pong`, as soon as its event loop lets it. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'reload'; readonly reloaded: ReloadedConfig }
  | { readonly kind: 'stop' }
  | { readonly kind: 'metrics_request'; readonly id: number }
  /** The reply to the worker's `all_metrics_request`. */
  | { readonly kind: 'all_metrics'; readonly id: number; readonly text: string };

/** From a worker to the primary process. */
export type ToPrimary =
  /** The program is loaded, and messages are handled. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'prepared'; readonly setUpToken: string | null }
  | { readonly kind: 'running'; readonly verifierKey: string }
  /** The connection has arrived. */
  | { readonly kind: 'received' }
  | { readonly kind: 'pong' }
  /** It could not prepare or start, and exits. */
  | { readonly kind: 'failed'; readonly failure: WorkerFailure }
  | { readonly kind: 'metrics'; readonly id: number; readonly metrics: ProcessMetrics }
  | { readonly kind: 'all_metrics_request'; readonly id: number };

export interface WorkerFailure {
  readonly message: string;
  /** The system's error code, such as EADDRINUSE; null: it is no system error. */
  readonly code: string | null;
  /**
   * How it can be fixed: by waiting for the database, or by naming another operator; null: as the message
   * says.
   */
  readonly remedy: 'wait' | 'operator' | null;
}

/** A configuration as the channel between processes can carry it: URLs would arrive as empty objects. */
export type SentConfig = Omit<ProcessConfig, 'access'> & {
  readonly access: WithTexts<ProcessConfig['access']>;
};

/** The same, with texts instead of URLs. */
type WithTexts<T> = T extends URL
  ? string
  : T extends object
    ? { readonly [K in keyof T]: WithTexts<T[K]> }
    : T;

export function sentConfig(config: ProcessConfig): SentConfig {
  const { publicUrl, oidc } = config.access;
  return {
    ...config,
    access: {
      ...config.access,
      publicUrl: publicUrl?.href ?? null,
      oidc: oidc && {
        ...oidc,
        tokens: oidc.tokens && { ...oidc.tokens, jwksUrl: oidc.tokens.jwksUrl.href },
        signIn: oidc.signIn && { ...oidc.signIn, publicUrl: oidc.signIn.publicUrl.href },
      },
    },
  };
}

export function receivedConfig(config: SentConfig): ProcessConfig {
  const { publicUrl, oidc } = config.access;
  return {
    ...config,
    access: {
      ...config.access,
      publicUrl: publicUrl === null ? null : new URL(publicUrl),
      oidc: oidc && {
        ...oidc,
        tokens: oidc.tokens && { ...oidc.tokens, jwksUrl: new URL(oidc.tokens.jwksUrl) },
        signIn: oidc.signIn && { ...oidc.signIn, publicUrl: new URL(oidc.signIn.publicUrl) },
      },
    },
  };
}
