/** Starts the worker from its own file. */
export function openHashWorker(): Worker {
  return new Worker(new URL('./hash-worker.ts', import.meta.url), { type: 'module' });
}
