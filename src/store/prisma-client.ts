import type pg from 'pg';
import type { StoreLog } from './connections.js';
import { DEADLOCK, isRolledBack, nothingWritten, sqlStateOf, StoreError } from './errors.js';
import type { Prisma, PrismaClient } from './prisma/client.js';

export type Transaction = Prisma.TransactionClient;

const ATTEMPTS = 4;

/**
 * Prisma's own limits, later than those of the pool and of the server (see `Connections`): these say more
 * exactly what happened.
 */
const LIMITS = { maxWait: 30_000, timeout: 120_000 };

/**
 * Reads and writes the tables of people and access with Prisma, on the store's pool. Prisma is loaded when it
 * is first used: commands that only read the chain start without it.
 */
export class PrismaAccess {
  readonly #pool: pg.Pool;
  readonly #log: StoreLog;
  #client: Promise<PrismaClient> | null = null;

  constructor(pool: pg.Pool, log: StoreLog) {
    this.#pool = pool;
    this.#log = log;
  }

  /**
   * For queries that only read.
   * @param doing completes the message, such as 'reading a person'
   * @throws {StoreError} unavailable, refused
   */
  async read<T>(doing: string, query: (prisma: PrismaClient) => Promise<T>): Promise<T> {
    const prisma = await this.#load();
    try {
      return await query(prisma);
    } catch (error) {
      throw nothingWritten(error, doing);
    }
  }

  /**
   * Runs `work` in one READ COMMITTED transaction and commits it, all or nothing; what `work` throws rolls it
   * back. It is run again when the server ends it because of a deadlock, so it must do nothing but use `tx`.
   * @throws {StoreError} unavailable, refused: nothing was written. outcome_unknown: the connection was lost
   *   during COMMIT.
   */
  async transaction<T>(doing: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const prisma = await this.#load();
    for (let attempt = 1; ; attempt++) {
      const progress = { isCommitting: false };
      try {
        return await prisma.$transaction(async (tx) => {
          const result = await work(tx);
          progress.isCommitting = true;
          return result;
        }, LIMITS);
      } catch (error) {
        if (sqlStateOf(error) === DEADLOCK && attempt < ATTEMPTS) continue;
        // Without a COMMIT the server rolls back, whether it receives a ROLLBACK or the connection ends.
        if (!progress.isCommitting || isRolledBack(error)) throw nothingWritten(error, doing);
        const message = error instanceof Error ? error.message : String(error);
        throw new StoreError(
          'outcome_unknown',
          `${doing}: the connection was lost during COMMIT: ${message}`,
          {
            cause: error,
          },
        );
      }
    }
  }

  async close(): Promise<void> {
    const prisma = await this.#client;
    await prisma?.$disconnect();
  }

  async #load(): Promise<PrismaClient> {
    return (this.#client ??= load(this.#pool, this.#log));
  }
}

async function load(pool: pg.Pool, log: StoreLog): Promise<PrismaClient> {
  const [{ PrismaPg }, { PrismaClient }] = await Promise.all([
    import('@prisma/adapter-pg'),
    import('./prisma/client.js'),
  ]);
  const lost = (error: Error): void => {
    log.warn({ err: error }, 'a database connection was lost');
  };
  return new PrismaClient({
    adapter: new PrismaPg(pool, { onPoolError: lost, onConnectionError: lost }),
    errorFormat: 'minimal',
  });
}

/** Prisma needs bytes that own their buffer; those of a signature or a row may be a view of a larger one. */
export function bytes(value: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(value);
}
