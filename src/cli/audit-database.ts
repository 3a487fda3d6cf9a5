import { usageError } from './failure.js';
import type { ExitCode, Io } from './io.js';

export function auditDatabase(values: object, io: Io): Promise<ExitCode> {
  return Promise.reject(usageError(`nothing to audit for ${Object.keys(values).length} in ${io.cwd}`));
}
