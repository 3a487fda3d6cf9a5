import { join } from 'node:path';
import express, {
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { AccessError, ANONYMOUS_PRINCIPAL } from '../../auth/index.js';
import type { PublishedLog } from '../../log/index.js';
import { formatVerifierKey, fromHex, HASH_LENGTH } from '../../proof/index.js';
import { StoreError } from '../../store/index.js';
import { clientOf } from '../auth/authenticate.js';
import { contextOf, type HttpDeps } from '../context.js';
import { openApi } from '../openapi.js';
import { languageOf } from '../requests/parameters.js';
import { wantsPage } from '../responses/errors.js';
import { finishEarly, IMMUTABLE } from '../responses/send.js';
import { textFile } from '../responses/text-file.js';
import { OFFLINE_PAGE, VERIFIER_PATH, VerifierFile } from '../responses/verifier.js';
import type { Route } from '../route.js';
import { publishedRecord } from './published-records.js';

const VERSION = '1.0.0';

/** /openapi.json. Its page, public/docs.html, is a static file. */
export function mountDocs(app: Express, routes: readonly Route[]): void {
  // Made when it is first asked for: it would take a tenth of the time that the service takes to start.
  let description: Buffer | null = null;
  app.get('/openapi.json', (req: Request, res: Response) => {
    contextOf(req).route = '/openapi.json';
    if (beforeSlash(req, res)) return;
    res.set({ 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-cache' });
    res.send((description ??= Buffer.from(JSON.stringify(openApi(routes, VERSION)))));
  });
  app.get('/docs', (req, res, next) => {
    contextOf(req).route = '/docs';
    if (!beforeSlash(req, res)) next();
  });
}

/** /p/ID, the address of a proof: the page that verifies shows it. Browsers keep the fragment, a fingerprint. */
export function mountProofLinks(app: Express): void {
  app.get('/p/:id', (req: Request, res: Response, next: NextFunction) => {
    const id = /^\/p\/([0-9]{1,16}-[0-9a-f]{16}(?:-[0-9a-f]{24})?)$/.exec(req.path)?.[1];
    if (id === undefined) {
      next();
      return;
    }
    contextOf(req).route = '/p/{id}';
    res.set('Cache-Control', 'no-cache').redirect(302, `../verify.html?id=${id}`);
  });
}

/**
 * /r/ID, the address of a published record: the page that shows it. Search engines list it only if its holder has
 * chosen that.
 */
export function mountRecordLinks(app: Express, deps: Pick<HttpDeps, 'access' | 'records'>): void {
  app.get('/r/:id', (req: Request, res: Response, next: NextFunction) => {
    const id = /^\/r\/([0-9a-f]{64})$/.exec(req.path)?.[1];
    if (id === undefined) {
      next();
      return;
    }
    contextOf(req).route = '/r/{id}';
    res.set('Cache-Control', 'no-cache').redirect(302, `../record.html?id=${id}`);
  });
  app.get(['/record.html', '/record'], async (req: Request, res: Response, next: NextFunction) => {
    if (!(await isListed(deps, req))) res.set('X-Robots-Tag', 'noindex');
    next();
  });
}

async function isListed(
  { access, records }: Pick<HttpDeps, 'access' | 'records'>,
  req: Request,
): Promise<boolean> {
  const id = /[?&]id=([0-9a-f]{64})(?:&|$)/.exec(req.originalUrl)?.[1];
  if (id === undefined) return false;
  try {
    access.anonymousLimits.consumePublishedRecord(ANONYMOUS_PRINCIPAL, clientOf(req));
    const found = await publishedRecord(records, fromHex(id, HASH_LENGTH));
    return found?.publication.shows.includes('search') === true;
  } catch (error) {
    // The page says itself what it cannot load.
    if (error instanceof StoreError || error instanceof AccessError) return false;
    throw error;
  }
}

/** After a slash, relative links would be wrong. */
function beforeSlash(req: Request, res: Response): boolean {
  if (!req.path.endsWith('/')) return false;
  res.redirect(308, `..${req.path.slice(0, -1)}`);
  return true;
}

/** The web page's files. Names under /assets contain a hash of the content. */
export function pageFiles(publicDir: string) {
  return express.static(publicDir, {
    index: 'index.html',
    extensions: ['html'],
    redirect: false,
    setHeaders(res, path) {
      const hashed = path.startsWith(join(publicDir, 'assets'));
      res.setHeader('Cache-Control', hashed ? IMMUTABLE : 'no-cache');
    },
  });
}

/** What browsers get for an unknown address: public/404.html, or 404.ko.html. */
export function missingPage(publicDir: string): RequestHandler {
  const pages = { en: textFile(publicDir, '404.html'), ko: textFile(publicDir, '404.ko.html') };
  return async (req, res, next) => {
    const page = wantsPage(req) ? await pages[languageOf(req)]() : null;
    if (page === null) {
      next();
      return;
    }
    const context = contextOf(req);
    context.route = 'unknown';
    context.errorCode = 'not_found';
    // Its links are relative to the folder of the pages, which may be above the address.
    const folder = '../'.repeat(req.path.split('/').length - 2) || './';
    res.setHeader('Cache-Control', 'no-store');
    finishEarly(req, res, 404, 'text/html; charset=utf-8', page.replaceAll('="./', `="${folder}`));
  };
}

/** The element that src/web/pages/verify/trust.ts reads. Content security policies do not restrict data. */
const TRUST_ELEMENT = '<script type="application/json" id="made">';

/**
 * The offline verifier, with the service's current trust policy in it, and as it was built. Served only as a
 * download: the content security policy of this service's pages would block its inline script.
 */
export function mountOfflinePage(app: Express, publicDir: string, log: PublishedLog): void {
  const { read } = new VerifierFile(publicDir);
  app.get(`/${VERIFIER_PATH}`, async (req: Request, res: Response, next: NextFunction) => {
    contextOf(req).route = 'page';
    const page = await read();
    if (page === null) {
      next();
      return;
    }
    res.set({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Disposition': 'attachment; filename="ingam-verifier.html"',
      'Cache-Control': 'no-cache',
    });
    res.send(Buffer.from(page));
  });
  app.get(
    [`/${OFFLINE_PAGE}`, '/verify-offline'],
    async (req: Request, res: Response, next: NextFunction) => {
      contextOf(req).route = 'page';
      const page = await read();
      if (page === null) {
        next();
        return;
      }
      const at = new Date();
      res.set({
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Disposition': `attachment; filename="${fileName(log.origin, at)}"`,
        'Cache-Control': 'no-store',
      });
      res.send(Buffer.from(await withTrust(page, log, at)));
    },
  );
}

/** An origin may have any characters; the file name keeps letters, digits and dots. */
function fileName(origin: string, at: Date): string {
  const safe = origin.replaceAll(/[^a-z0-9.]+/gi, '-').slice(0, 80);
  return `ingam-verify-${safe}-${at.toISOString().slice(0, 10)}.html`;
}

async function withTrust(page: string, log: PublishedLog, at: Date): Promise<string> {
  const trust = {
    at: at.getTime(),
    origin: log.origin,
    policy: await log.policyText(),
    receiptKeys: log.receiptKeys.map(formatVerifierKey),
  };
  const start = page.indexOf(TRUST_ELEMENT) + TRUST_ELEMENT.length;
  if (start < TRUST_ELEMENT.length) throw new Error(`${OFFLINE_PAGE} has no element for the trust policy`);
  // In JSON, "<" occurs only in strings, where it can be escaped. Nothing then ends the element or begins a
  // comment.
  const json = JSON.stringify(trust).replaceAll('<', '\\u003c');
  return page.slice(0, start) + json + page.slice(start);
}
