import express, { type Express, type Request, type Response } from 'express';
import { join } from 'node:path';
import { contextOf } from '../request/request-context.js';
import { openApi } from '../schema/openapi.js';
import type { Route } from '../route.js';

const VERSION = '1.0.0';

/** /openapi.json; the page that shows it is a file like the others (public/docs.html). */
export function mountDocs(app: Express, routes: readonly Route[]): void {
  const description = Buffer.from(JSON.stringify(openApi(routes, VERSION)));
  app.get('/openapi.json', (req: Request, res: Response) => {
    contextOf(req).route = '/openapi.json';
    if (beforeSlash(req, res)) return;
    res.set({ 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-cache' });
    res.send(description);
  });
  app.get('/docs', (req, res, next) => {
    contextOf(req).route = '/docs';
    if (!beforeSlash(req, res)) next();
  });
}

/** Behind a slash, relative addresses would lead elsewhere. */
function beforeSlash(req: Request, res: Response): boolean {
  if (!req.path.endsWith('/')) return false;
  res.redirect(308, `..${req.path.slice(0, -1)}`);
  return true;
}

/** The web page's files. Those under /assets carry a hash of their content in the name. */
export function pageFiles(publicDir: string) {
  return express.static(publicDir, {
    index: 'index.html',
    extensions: ['html'],
    redirect: false,
    setHeaders(res, path) {
      const hashed = path.startsWith(join(publicDir, 'assets'));
      res.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
