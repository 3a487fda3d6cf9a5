import request from 'supertest';
import { z } from 'zod';
import { PASSWORD } from './people.js';

/** Cookies as a browser keeps them. */
export type Cookies = Readonly<Record<string, string>>;

/** What a browser would send back, from the Set-Cookie lines of an answer; empty values: to be forgotten. */
export function cookiesOf(res: { readonly headers: Record<string, unknown> }): Cookies {
  const lines = z.array(z.string()).parse(res.headers['set-cookie'] ?? []);
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      return [name, value];
    }),
  );
}

export function cookieHeader(cookies: Cookies): string {
  return Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
}

/** The headers with which a page of the service sends what changes something. */
export function fromPage(cookies: Cookies): Record<string, string> {
  return { Cookie: cookieHeader(cookies), 'X-CSRF-Token': cookies['ingam-csrf'] ?? '' };
}

export async function signInAtPage(url: string, email: string): Promise<Cookies> {
  const res = await request(url)
    .post('/v1/session')
    .send({ email, password: PASSWORD, cookies: true })
    .expect(200);
  return cookiesOf(res);
}
