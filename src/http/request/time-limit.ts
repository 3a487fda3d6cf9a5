import type { Response } from 'express';

export interface TimeLimit {
  readonly signal: AbortSignal;
  dispose(): void;
}

/** Aborts when the time is over, the client has gone, or the service is stopping. Leaves no listener behind once disposed. */
export function timeLimit(res: Response, stopping: AbortSignal, milliseconds: number | null): TimeLimit {
  const controller = new AbortController();
  const abort = () => {
    controller.abort();
  };
  const timer = milliseconds === null ? undefined : setTimeout(abort, milliseconds);
  res.on('close', abort);
  stopping.addEventListener('abort', abort);
  if (stopping.aborted || res.destroyed) abort();
  return {
    signal: controller.signal,
    dispose() {
      clearTimeout(timer);
      res.off('close', abort);
      stopping.removeEventListener('abort', abort);
    },
  };
}
