/** The worker as a file of the service, beside the page. */
export function openHashWorker(): Worker {
  return new Worker(new URL('./hash-worker.ts', import.meta.url), { type: 'module' });
}
