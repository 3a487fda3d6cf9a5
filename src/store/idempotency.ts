import type { Everyday } from './everyday.js';
import { safe } from './rows.js';
import type { IdempotencyRecord } from './types.js';

export async function idempotencyRecord(
  everyday: Everyday,
  scope: string,
  key: string,
): Promise<IdempotencyRecord | null> {
  const row = await everyday.ask('reading an idempotency key', (prisma) =>
    prisma.idempotency.findUnique({ where: { scope_key: { scope, key } } }),
  );
  if (row === null) return null;
  const { fingerprint, firstPosition, entryCount, createdAt } = row;
  return { fingerprint, firstPosition: safe(firstPosition), entryCount, createdAt: safe(createdAt) };
}

export async function expireIdempotency(everyday: Everyday, beforeMs: number): Promise<number> {
  const { count } = await everyday.ask('expiring idempotency keys', (prisma) =>
    prisma.idempotency.deleteMany({ where: { createdAt: { lt: beforeMs } } }),
  );
  return count;
}
