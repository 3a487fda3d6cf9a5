/** Runs `work` on every item, at most `limit` at a time. When one rejects, no further ones begin, and this rejects. */
export async function forEachOf<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  // All take from one iterator, so each item is taken once.
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
