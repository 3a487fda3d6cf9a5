import { DATABASE_LIMITS } from '../background/time-limits.js';
import { tracedQuery } from '../background/tracing.js';
import type { Connections, StoreLog } from './connections.js';
import { DEADLOCK, isRolledBack, nothingWritten, sqlStateOf, StoreError } from './errors.js';
import type { Prisma, PrismaClient } from './prisma/client.js';
import { type Durability, DURABILITY } from './replication.js';

export type Transaction = Prisma.TransactionClient;

/** The key of the store that a transaction belongs to, for what is written inside it. */
const ROW_KEYS = new WeakMap<Transaction, Uint8Array>();

/** Under which rows of this transaction get their MACs; null: they get none. */
export function rowKeyOf(tx: Transaction): Uint8Array | null {
  return ROW_KEYS.get(tx) ?? null;
}

const ATTEMPTS = 4;

/**
 * Prisma's own limits, later than those of the pool and of the server (see `Connections`): these say more
 * exactly what happened.
 */
const LIMITS = {
  maxWait: DATABASE_LIMITS.connectMs + DATABASE_LIMITS.marginMs,
  timeout: 2 * (DATABASE_LIMITS.statementMs + DATABASE_LIMITS.marginMs),
};

/**
 * Reads and writes the tables of people and access with Prisma, on the store's pool. Prisma is loaded when it
 * is first used: commands that only read the chain start without it.
 */
export class PrismaAccess {
  readonly #connections: Connections;
  readonly #log: StoreLog;
  #client: Promise<PrismaClient> | null = null;

  constructor(connections: Connections, log: StoreLog) {
    this.#connections = connections;
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
   *   during COMMIT, or the commit is not confirmed.
   */
  transaction<T>(doing: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return tracedQuery('transaction', () => this.#transaction(doing, work));
  }

  async #transaction<T>(doing: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const prisma = await this.#load();
    for (let attempt = 1; ; attempt++) {
      this.#connections.assertWritable();
      const progress = { isCommitting: false };
      const { unconfirmed } = this.#connections;
      const limit = commitLimit(this.#connections);
      try {
        const done = prisma.$transaction(async (tx) => {
          const { rowKey } = this.#connections;
          if (rowKey !== null) ROW_KEYS.set(tx, rowKey);
          const result = await work(tx);
          if (this.#connections.requiresSync) this.#connections.assertReplicated(await durabilityOf(tx));
          progress.isCommitting = true;
          limit.begin();
          return result;
        }, LIMITS);
        const result = await Promise.race([done, limit.reached]);
        // Of this or another commit at the same time.
        if (this.#connections.unconfirmed !== unconfirmed) throw new Error('the standby did not confirm it');
        return result;
      } catch (error) {
        if (sqlStateOf(error) === DEADLOCK && attempt < ATTEMPTS) continue;
        // Without a COMMIT the server rolls back, whether it receives a ROLLBACK or the connection ends.
        if (!progress.isCommitting || isRolledBack(error)) throw nothingWritten(error, doing);
        const message = error instanceof Error ? error.message : String(error);
        throw new StoreError('outcome_unknown', `${doing}: the outcome of COMMIT is unknown: ${message}`, {
          cause: error,
        });
      } finally {
        limit.end();
      }
    }
  }

  async close(): Promise<void> {
    const prisma = await this.#client;
    await prisma?.$disconnect();
  }

  async #load(): Promise<PrismaClient> {
    return (this.#client ??= load(this.#connections, this.#log));
  }
}

async function durabilityOf(tx: Transaction): Promise<Durability | undefined> {
  const rows = await tx.$queryRawUnsafe<{ durability: Durability }[]>(`SELECT ${DURABILITY} AS durability`);
  return rows[0]?.durability;
}

/** Prisma's own limit does not end a COMMIT. The connection is closed by the watch of `Connections`. */
function commitLimit(connections: Connections) {
  let begin: () => void = () => undefined;
  let end: () => void = () => undefined;
  const reached = new Promise<never>((_, reject) => {
    begin = () => {
      end = connections.limitCommit(() => {
        reject(new Error('the server, or its synchronous standby, did not respond'));
      }, DATABASE_LIMITS.commitMs);
    };
  });
  return {
    reached,
    begin,
    end: () => {
      end();
    },
  };
}

async function load({ pool, schema }: Connections, log: StoreLog): Promise<PrismaClient> {
  const [{ PrismaPg }, { PrismaClient }] = await Promise.all([
    import('@prisma/adapter-pg'),
    import('./prisma/client.js'),
  ]);
  const lost = (error: Error): void => {
    log.warn({ err: error }, 'a database connection was lost');
  };
  return new PrismaClient({
    adapter: new PrismaPg(pool, { schema, onPoolError: lost, onConnectionError: lost }),
    errorFormat: 'minimal',
  });
}

/** Prisma needs bytes that own their buffer; those of a signature or a row may be a view of a larger one. */
export function bytes(value: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(value);
}
