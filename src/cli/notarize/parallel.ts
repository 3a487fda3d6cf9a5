/**
 * Runs `work` on every item, at most `limit` at a time. When one rejects, no further ones begin, and this rejects with its
 * reason once those that are running have ended.
 */
export async function forEachOf<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  let rejected = false;
  // All take from one iterator, so each item is taken once.
  const worker = async () => {
    for (const item of queue) {
      if (rejected) return;
      await work(item).catch((error: unknown) => {
        rejected = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
