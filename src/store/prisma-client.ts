import type pg from 'pg';
import { nothingWritten } from './errors.js';
import type { PrismaClient } from './prisma/client.js';
import type { StoreLog } from './store.js';

/**
 * Everyday reads and writes go through Prisma, on the same pool as the hot path. It is loaded when it is first asked: that takes 0.11 s,
 * a third of the start of a command that only reads the chain.
 */
export class Everyday {
  readonly #pool: pg.Pool;
  readonly #log: StoreLog;
  #prisma: Promise<PrismaClient> | null = null;

  constructor(pool: pg.Pool, log: StoreLog) {
    this.#pool = pool;
    this.#log = log;
  }

  /**
   * For reads and for writes that may be repeated: a failure is reported as "nothing written".
   * @throws {StoreError} unavailable, refused
   */
  async ask<T>(doing: string, query: (prisma: PrismaClient) => Promise<T>): Promise<T> {
    const prisma = await (this.#prisma ??= openPrisma(this.#pool, this.#log));
    try {
      return await query(prisma);
    } catch (error) {
      throw nothingWritten(error, doing);
    }
  }

  async close(): Promise<void> {
    const prisma = await this.#prisma;
    await prisma?.$disconnect();
  }
}

async function openPrisma(pool: pg.Pool, log: StoreLog): Promise<PrismaClient> {
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
