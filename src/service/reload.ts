import { inspect, type InspectOptions } from 'node:util';
import type { Logger } from 'pino';
import { ConfigError } from './settings.js';

export interface ReloadOptions<V> {
  readonly logger: Logger;
  /** The settings that the node runs with, by name. */
  readonly values: V;
  /** Those that may change while it runs. */
  readonly reloaded: readonly (keyof V)[];
  /** Reads them again. @throws {ConfigError} */
  readonly read: () => V;
  readonly apply: (values: V) => void;
}

/** Values are compared as texts: those of keys have functions, which are others each time. */
const WHOLE: InspectOptions = { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity };

/**
 * What a node does on SIGHUP: it reads its settings again, which can have changed as far as they are in files. Those that
 * need a restart are named. With a mistake in any of them it goes on as it was.
 */
export function reloader<V extends object>({
  logger,
  values,
  reloaded,
  read,
  apply,
}: ReloadOptions<V>): () => void {
  let used = values;
  return () => {
    try {
      const seen = read();
      const changed = (Object.keys(seen) as (keyof V)[]).filter(
        (name) => inspect(seen[name], WHOLE) !== inspect(used[name], WHOLE),
      );
      const now = changed.filter((name) => reloaded.includes(name));
      for (const name of now) used = { ...used, [name]: seen[name] };
      apply(used);
      logger.info({ changed: now }, 'settings reloaded');
      const later = changed.filter((name) => !reloaded.includes(name));
      if (later.length > 0) logger.warn({ settings: later }, 'settings have changed that need a restart');
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      logger.error(`the settings were not reloaded: ${error.mistakes.join('; ')}`);
    }
  };
}
