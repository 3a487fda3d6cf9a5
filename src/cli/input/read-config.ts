import { ConfigError, loadConfig, type Config } from '../../config.js';
import { Failure } from '../failure.js';
import type { Io } from '../io.js';

/** The service's configuration from the environment. @throws {Failure} usage, with every mistake */
export function readConfig(io: Io): Config {
  try {
    return loadConfig(io.env);
  } catch (error) {
    if (error instanceof ConfigError) throw new Failure('usage', error.message, { cause: error });
    throw error;
  }
}
