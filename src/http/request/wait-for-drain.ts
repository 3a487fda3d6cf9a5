import type { Response } from 'express';

/** Resolves when what was written has been taken, or nobody is there to take it any more. */
export function waitForDrain(res: Response): Promise<void> {
  if (res.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      res.off('drain', done).off('close', done);
      resolve();
    };
    res.on('drain', done).on('close', done);
  });
}
