import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { nothingWritten } from './pg-errors.js';
import { PrismaClient } from './prisma/client.js';
import type { StoreLog } from './types.js';

/** Everyday reads and writes go through Prisma, on the same pool as the hot path. */
export class Everyday {
  readonly #prisma: PrismaClient;

  constructor(pool: pg.Pool, log: StoreLog) {
    const lost = (error: Error): void => {
      log.warn({ err: error }, 'a database connection was lost');
    };
    this.#prisma = new PrismaClient({
      adapter: new PrismaPg(pool, { onPoolError: lost, onConnectionError: lost }),
      errorFormat: 'minimal',
    });
  }

  /**
   * For reads and for writes that may be repeated: a failure is reported as "nothing written".
   * @throws {StoreError} unavailable, refused
   */
  async ask<T>(doing: string, query: (prisma: PrismaClient) => Promise<T>): Promise<T> {
    try {
      return await query(this.#prisma);
    } catch (error) {
      throw nothingWritten(error, doing);
    }
  }

  async close(): Promise<void> {
    await this.#prisma.$disconnect();
  }
}
