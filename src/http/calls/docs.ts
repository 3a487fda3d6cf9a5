import express, { type Express, type Request, type Response } from 'express';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { contextOf } from '../request/request-context.js';
import { openApi } from '../schema/openapi.js';
import type { Route } from '../route.js';

const VERSION = '1.0.0';
const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];
/** Swagger UI draws its icons from data: addresses; it needs no inline script and no other host. */
const DOCS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Addresses are relative: the service may live under a path of some other server. */
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Ingam API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" type="image/png" href="docs/favicon-32x32.png">
</head>
<body>
<div id="docs"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/initializer.js"></script>
</body>
</html>
`;

const INITIALIZER = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  validatorUrl: null,
});
`;

/** /openapi.json, and /docs that shows it with files from this service alone. */
export function mountDocs(app: Express, routes: readonly Route[]): void {
  const description = Buffer.from(JSON.stringify(openApi(routes, VERSION)));
  const send = (path: string, type: string, body: string | Buffer) => {
    app.get(path, (req: Request, res: Response) => {
      contextOf(req).route = path;
      if (req.path !== path) {
        // Behind a slash, relative addresses would lead elsewhere.
        res.redirect(308, `..${path}`);
        return;
      }
      res.set({ 'Content-Type': type, 'Cache-Control': 'no-cache', 'Content-Security-Policy': DOCS_CSP });
      res.send(Buffer.from(body));
    });
  };
  send('/openapi.json', 'application/json; charset=utf-8', description);
  send('/docs', 'text/html; charset=utf-8', PAGE);
  send('/docs/initializer.js', 'text/javascript; charset=utf-8', INITIALIZER);
  const directory = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  for (const asset of ASSETS) {
    app.get(`/docs/${asset}`, (req, res, next) => {
      contextOf(req).route = '/docs/*';
      res.sendFile(join(directory, asset), { maxAge: '1h' }, (error?: Error) => {
        if (error !== undefined && !res.headersSent) next(error);
      });
    });
  }
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
