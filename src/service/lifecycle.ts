import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { DATABASE_LIMITS } from '../background/time-limits.js';
import { startEmbeddedPostgres } from '../postgres/index.js';
import type { Config } from './config.js';
import { ConfigError, type DirectoryConfig } from './settings.js';
import { type DatabaseUrls, isUnencrypted, migrate, type Store } from '../store/index.js';

/** @param drainMs as in `Shutdown.run` */
type Step = (drainMs: number | undefined) => Promise<unknown>;

/** Stops what was started, in reverse order. */
export class Shutdown {
  readonly #log: Logger;
  readonly #steps: Step[] = [];
  readonly #stores: Store[] = [];
  #done: Promise<void> | null = null;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** `step` runs before those that were added earlier. */
  add(step: Step): void {
    this.#steps.push(step);
  }

  /** Closes the store; its connections are cut when the database does not respond in time. */
  addStore(store: Store): void {
    this.#stores.push(store);
    this.add(() => store.close());
  }

  /**
   * Runs every step once, also after one that fails. Safe to call twice.
   * @param drainMs how long open responses may take before they are cut; by default some seconds
   */
  run(drainMs?: number): Promise<void> {
    return (this.#done ??= this.#run(drainMs));
  }

  /**
   * Starts something. If that fails, everything that was started before is stopped, and the error is thrown.
   */
  async onFailureOf<T>(start: () => Promise<T>): Promise<T> {
    try {
      return await start();
    } catch (error) {
      await this.run();
      throw error;
    }
  }

  async #run(drainMs: number | undefined): Promise<void> {
    const patience = setTimeout(() => {
      if (this.#stores.length > 0) this.#log.warn('the database does not respond; stopping without it');
      for (const store of this.#stores) store.abandon();
    }, DATABASE_LIMITS.abandonMs);
    for (const step of this.#steps.splice(0).reverse()) {
      await step(drainMs).catch((error: unknown) => {
        this.#log.error({ err: error }, 'a part of the service did not stop cleanly');
      });
    }
    clearTimeout(patience);
  }
}

/**
 * A container's own file system ends with the container, and the keys with it: the next one would begin a new log.
 * Volumes are file systems of their own.
 * @throws {ConfigError}
 */
export async function assertKept({ dataDir, requireVolume }: DirectoryConfig): Promise<void> {
  if (!requireVolume || (await isMounted(dataDir))) return;
  throw new ConfigError([
    `INGAM_DATA_DIR (${dataDir}) is no volume: keys and the last checkpoint would be lost with this container. Mount a volume there, or set ` +
      'INGAM_REQUIRE_VOLUME=off if this is not a container',
  ]);
}

/** Whether something is mounted on the directory, or on one above it, other than the root (proc(5), mountinfo). */
async function isMounted(path: string): Promise<boolean> {
  // Where there is no such file there are no containers either.
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return mounts.split('\n').some((line) => {
    const point = (line.split(' ')[4] ?? '/').replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    );
    return point !== '/' && (path === point || path.startsWith(`${point}/`));
  });
}

/** The database that a node is configured with; null: it starts one of its own. */
export function givenDatabase({
  databaseUrl,
  databaseOwnerUrl,
}: Pick<Config, 'databaseUrl' | 'databaseOwnerUrl'>): DatabaseUrls | null {
  return databaseUrl === null ? null : { url: databaseUrl, ownerUrl: databaseOwnerUrl ?? databaseUrl };
}

/**
 * Starts the database server of a node that is not given one.
 * @param connections the most that the server allows; by default as PostgreSQL does
 * @throws {EmbeddedError}
 */
export async function startDatabase(
  dataDir: string,
  log: Logger,
  shutdown: Shutdown,
  connections?: number,
): Promise<DatabaseUrls> {
  const database = await startEmbeddedPostgres({
    directory: join(dataDir, 'postgres'),
    log,
    ...(connections === undefined ? {} : { connections }),
  });
  shutdown.add(() => database.stop());
  return database;
}

/** @throws {StoreError} */
export async function migrateDatabase(database: DatabaseUrls, log: Logger): Promise<void> {
  if (isUnencrypted(database.url) || isUnencrypted(database.ownerUrl)) {
    log.warn(
      'the connection to PostgreSQL is not encrypted, and leaves this machine: add ?sslmode=verify-full to DATABASE_URL (docs/postgresql.md)',
    );
  }
  const migrations = await migrate(database);
  if (migrations.length > 0) log.info({ migrations }, 'database migrated');
}
