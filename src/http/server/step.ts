import type { NextFunction, Request, Response } from 'express';

/** Something that is done with every request, at once. What it throws is answered as what a handler throws. */
export type Step = (req: Request, res: Response) => void;

type Middleware = (req: Request, res: Response, next: NextFunction) => void;

export function inTurn(steps: readonly Step[]): Step {
  return (req, res) => {
    for (const step of steps) step(req, res);
  };
}

export function middlewareOf(step: Step): Middleware {
  return (req, res, next) => {
    step(req, res);
    next();
  };
}

/** @param middleware one that goes on before it returns */
export function stepOf(middleware: Middleware): Step {
  const next = (error?: unknown): void => {
    if (error !== undefined)
      throw error instanceof Error ? error : new Error('middleware failed', { cause: error });
  };
  return (req, res) => {
    middleware(req, res, next);
  };
}
