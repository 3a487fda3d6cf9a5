import type { Express, Request, Response } from 'express';
import { ProviderError } from '../../auth/index.js';
import { clearCookie, clientOf, readCookie, setCookie, setCookies } from '../auth/authenticate.js';
import { contextOf, type HttpDeps } from '../context.js';

/**
 * The addresses between the page and the company's identity provider. Browsers are led there and back, so failures
 * are told by the account page, in the reader's language. No address comes from a request: whoever comes back is led
 * to the account page, which knows where they were.
 */
export function mountProvider(app: Express, { access, hosts, logger }: HttpDeps): void {
  const { provider } = access;
  if (provider === null) return;
  const mount = (path: string, lead: (req: Request, res: Response) => Promise<string>) => {
    // To the folder of the pages, which may be below another path.
    const account = `${'../'.repeat(path.split('/').length - 2) || './'}account.html`;
    app.get(path, async (req: Request, res: Response) => {
      contextOf(req).route = path;
      res.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
      let to;
      try {
        to = (await lead(req, res)) || account;
      } catch (error) {
        const problem = error instanceof ProviderError ? error.problem : 'failed';
        if (problem === 'failed')
          logger.error({ err: error }, 'a sign-in at the identity provider failed here');
        contextOf(req).errorCode = `provider_${problem}`;
        to = `${account}#provider=${problem}`;
      }
      res.redirect(302, to);
    });
  };

  mount('/sign-in', async (_, res) => {
    const { address, binding, lifetimeMs } = await provider.begin();
    setCookie(res, 'provider', binding, lifetimeMs, hosts);
    return address.href;
  });

  mount('/sign-in/callback', async (req, res) => {
    const binding = readCookie(req, 'provider', hosts);
    clearCookie(res, 'provider', hosts);
    const { tokens } = await provider.finish(queryOf(req), binding, clientOf(req));
    setCookies(res, tokens, hosts);
    return '';
  });

  // Who is signed in here has signed out before, by a request that no other site can make.
  mount('/sign-out', async () => {
    const address = await provider.signOutAddress();
    if (address === null) throw new ProviderError('no_sign_out');
    return address.href;
  });
}

function queryOf({ originalUrl }: Request): string {
  return /\?.*$/s.exec(originalUrl)?.[0] ?? '';
}
