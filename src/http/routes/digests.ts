import type { Express, Request, Response } from 'express';
import { userOf } from '../auth/authenticate.js';
import { contextOf, type HttpDeps } from '../context.js';
import { BODY_ERRORS, bodyAs, readBody } from '../requests/body.js';
import { queryOf } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import { json, type Route } from '../route.js';
import { Digest, DigestChange, UnsubscribeQuery } from '../schemas/auth.js';

const MAX_FORM_BYTES = 4096;

/** What people chose to be told by e-mail. */
export function digestRoutes({ digests }: HttpDeps): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/session/digest',
      access: 'signed_in',
      operation: {
        id: 'getDigest',
        tag: 'Session',
        summary: 'Get how often the caller is told by e-mail what is new',
        description: 'Of the organization that they act for.',
        responses: { 200: { description: 'The choice.', content: json(Digest) } },
      },
      async handle(req, res) {
        res.json(await digests.choice(userOf(req)));
      },
    },
    {
      method: 'put',
      path: '/v1/session/digest',
      access: 'signed_in',
      operation: {
        id: 'chooseDigest',
        tag: 'Session',
        summary: 'Choose how often to be told by e-mail what is new',
        description:
          'How many notarizations were sealed for the organization that the caller acts for, and what waits for its people. What is sealed before is not told.',
        body: json(DigestChange),
        responses: { 200: { description: 'Chosen.', content: json(Digest) } },
        errors: [...BODY_ERRORS, 'forbidden', 'no_mail_server'],
      },
      async handle(req, res) {
        const { every, language } = await bodyAs(req, DigestChange);
        res.json(await digests.choose(userOf(req), every, language));
      },
    },
  ];
}

/**
 * The address in the header List-Unsubscribe of each digest. A POST ends it (RFC 8058), from whatever page or program: its token
 * can do nothing else. Opening it changes nothing, because programs open the links of e-mails too: it leads to the page that
 * asks.
 */
export function mountUnsubscribe(app: Express, { digests }: Pick<HttpDeps, 'digests'>): void {
  const path = '/unsubscribe';
  const tokenOf = (req: Request, res: Response) => {
    contextOf(req).route = path;
    res.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    return queryOf(req, UnsubscribeQuery).token;
  };
  app.get(path, (req, res) => {
    res.redirect(302, `./account.html#unsubscribe=${encodeURIComponent(tokenOf(req, res))}`);
  });
  app.post(path, async (req, res) => {
    const token = tokenOf(req, res);
    const body = Buffer.from(await readBody(req, MAX_FORM_BYTES)).toString();
    if (!ONE_CLICK.test(body)) {
      throw new ApiError('invalid_body', 'Send the field List-Unsubscribe with the value One-Click.');
    }
    if (!(await digests.unsubscribe(token))) {
      throw new ApiError('invalid_parameter', 'This is no link of an e-mail of this service.');
    }
    res.status(204).end();
  });
}

/** The field, in either form that RFC 8058 §3.2 has. */
const ONE_CLICK =
  /^List-Unsubscribe=One-Click\s*$|\bname="?List-Unsubscribe"?(?:[^\r\n]*\r?\n)+?\r?\nOne-Click\r?\n/i;
