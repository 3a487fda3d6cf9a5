import DataLoader from 'dataloader';

/** Ids in one query. */
const MAX_BATCH = 1000;

/**
 * Has those who ask at one moment ask together, and the next ones while a query runs. Nothing is remembered: each answer was read after
 * its question was put.
 */
export function batched<V>(
  load: (ids: readonly string[]) => Promise<readonly (V | null)[]>,
): (id: string) => Promise<V | null> {
  let running: Promise<unknown> = Promise.resolve();
  const loader = new DataLoader<string, V | null>(
    async (ids) => {
      const unique = [...new Set(ids)];
      const query = load(unique);
      running = query.catch(() => undefined);
      const found = new Map((await query).map((value, i) => [unique[i], value]));
      return ids.map((id) => found.get(id) ?? null);
    },
    {
      cache: false,
      maxBatchSize: MAX_BATCH,
      batchScheduleFn: (dispatch) => {
        setImmediate(() => void running.then(dispatch));
      },
    },
  );
  return (id) => loader.load(id);
}
