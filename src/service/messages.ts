import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import type { ProcessConfig } from './build.js';

/** A process's figures, as prom-client gives them for adding up. */
export type Figures = MetricObjectWithValues<MetricValue<string>>[];

/** What the first process tells a worker. */
export type ToWorker =
  /** To one of them, before any is started. */
  | { readonly kind: 'prepare'; readonly config: SentConfig }
  | { readonly kind: 'start'; readonly config: SentConfig; readonly url: string }
  /** Sent with its socket, unless the client has gone meanwhile. */
  | { readonly kind: 'connection'; readonly id: number }
  | { readonly kind: 'stop' }
  | { readonly kind: 'figures_wanted'; readonly id: number }
  /** The answer to the worker's own `all_figures_wanted`. */
  | { readonly kind: 'all_figures'; readonly id: number; readonly text: string };

/** What a worker tells the first process. */
export type ToPrimary =
  /** It hears messages from now on. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'prepared'; readonly setUpToken: string | null }
  | { readonly kind: 'running'; readonly verifierKey: string }
  /** The connection has come. */
  | { readonly kind: 'taken'; readonly id: number }
  /** It could not prepare or start, and ends. */
  | { readonly kind: 'failed'; readonly failure: WorkerFailure }
  | { readonly kind: 'figures'; readonly id: number; readonly figures: Figures }
  | { readonly kind: 'all_figures_wanted'; readonly id: number };

export interface WorkerFailure {
  readonly message: string;
  /** The system's, such as EADDRINUSE. */
  readonly code: string | null;
  /** What to do about it: nothing, as it lies in a database that is away; name another operator; else the message tells. */
  readonly cure: 'wait' | 'operator' | null;
}

/** What of a configuration is no plain data, and what a worker has no use for, is left out. */
export type SentConfig = Omit<ProcessConfig, 'access'> & {
  readonly access: Omit<ProcessConfig['access'], 'publicUrl'> & { readonly publicUrl: string | null };
};

export function sentConfig(config: ProcessConfig): SentConfig {
  return { ...config, access: { ...config.access, publicUrl: config.access.publicUrl?.href ?? null } };
}

export function receivedConfig(config: SentConfig): ProcessConfig {
  const { publicUrl } = config.access;
  return {
    ...config,
    access: { ...config.access, publicUrl: publicUrl === null ? null : new URL(publicUrl) },
  };
}
