import { access as assertThere } from 'node:fs/promises';
import { join } from 'node:path';
import { Access, AccessError, type AccessErrorCode } from '../auth/index.js';
import type { AccessStore } from '../store/index.js';
import { loadKeys } from '../service/keys.js';
import { Failure, fileFailure, usageError } from './failure.js';
import {
  databaseFailure,
  databasePlace,
  openDatabase,
  type DatabasePlace,
  type DatabaseOptions,
} from './database.js';
import { EXIT, type ExitCode, type Io } from './io.js';

/** What administration commands work with. */
export interface Administration {
  readonly access: Access;
  /** To look up by name what `access` looks up by id. */
  readonly store: AccessStore;
  readonly place: DatabasePlace;
}

/** Commands that sign and check no tokens do not need the service's secret. */
const NO_SECRET = new Uint8Array(32);
const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Refused by a rule of the service: exit code 1 instead of 2. */
const REFUSED: ReadonlySet<AccessErrorCode> = new Set([
  'last_owner',
  'last_operator',
  'owner_exists',
  'user_exists',
]);

/**
 * Opens the service's database, runs `work`, and closes the database.
 * @throws {Failure}
 */
export async function administer(
  values: DatabaseOptions,
  io: Io,
  { makesDatabase, needsSecret }: { readonly makesDatabase: boolean; readonly needsSecret: boolean },
  work: (administration: Administration) => Promise<ExitCode>,
): Promise<ExitCode> {
  const place = databasePlace(values, io);
  const secret = needsSecret ? await readSecret(place) : NO_SECRET;
  const { store, close } = await openDatabase(place, makesDatabase ? 'make' : 'current');
  try {
    const access = new Access({
      store: store.access,
      rateLimits: store.rateLimits,
      secret,
      origin: 'command line',
      policy: place.config.access,
      oidc: null,
      logger: QUIET,
    });
    return await work({ access, store: store.access, place });
  } catch (error) {
    throw failureOf(error);
  } finally {
    await close();
  }
}

/** The secret of a service that has been started before; it is never created here. */
async function readSecret({ config, dataDir }: DatabasePlace): Promise<Uint8Array> {
  if (dataDir === null) {
    throw usageError("missing --data-dir DIR: it contains the service's secret");
  }
  for (const [given, name] of [
    [config.logKey, 'log.key'],
    [config.receiptKey, 'receipt.key'],
  ] as const) {
    const path = join(dataDir, 'keys', name);
    if (given !== null) continue;
    await assertThere(path).catch((error: unknown) => {
      throw fileFailure(error, path);
    });
  }
  return (await loadKeys({ ...config, dataDir })).access;
}

function failureOf(error: unknown): unknown {
  if (!(error instanceof AccessError)) return databaseFailure(error);
  const { code, message } = error;
  return new Failure('refused', message, {
    code,
    cause: error,
    exitCode: REFUSED.has(code) ? EXIT.failed : EXIT.usage,
  });
}
