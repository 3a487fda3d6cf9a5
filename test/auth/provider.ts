import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { OidcConfig, OidcSignIn } from '../../src/auth/index.js';
import { createIssuer, type Issuer, type Signing } from './issuer.js';

/** A company's identity provider with its pages: a real server for the authorization code flow. */
export interface Provider extends AsyncDisposable {
  readonly url: string;
  readonly issuer: Issuer;
  /** @param publicUrl of the service, with a slash at its end */
  config(publicUrl: string, change?: Partial<OidcSignIn>): OidcConfig;
  /** What it does other than it should. */
  strange: Strange;
  /** Codes and tokens that it has sent. */
  readonly secrets: string[];
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** What the last request for tokens had in its header and body. */
  readonly tokenRequest: { readonly authorization: string | null; readonly body: URLSearchParams } | null;
  /** The person signs in: where the provider leads the browser back. */
  answer(address: URL): URL;
  stop(): Promise<void>;
}

export interface Strange {
  /** Changes what it says of itself; undefined: left out. */
  readonly metadata?: Record<string, unknown>;
  /** Changes parameters of the address that leads back; null: left out. */
  readonly answer?: Record<string, string | null>;
  /** Changes the ID token. */
  readonly idToken?: Partial<Signing>;
  /** Instead of a response to the request for that path. */
  readonly responses?: Readonly<
    Record<string, { readonly status: number; readonly body: string } | 'silence'>
  >;
  /** Changes the response with tokens. */
  readonly tokens?: Record<string, unknown>;
  readonly userInfo?: Record<string, unknown>;
}

export const CLIENT_ID = 'ingam-page';
export const CLIENT_SECRET = 'a secret: with a colon & a space';

interface Code {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
}

export async function createProvider(
  roles: OidcConfig['roles'],
  roleClaim: OidcConfig['roleClaim'] = 'roles',
): Promise<Provider> {
  const issuer = await createIssuer(roles, roleClaim);
  const codes = new Map<string, Code>();
  const asked: string[] = [];
  const secrets: string[] = [];
  let tokenRequest: Provider['tokenRequest'] = null;
  let made = 0;

  const json = (res: ServerResponse, status: number, body: unknown) =>
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  const metadata = () => ({
    issuer: provider.url,
    authorization_endpoint: `${provider.url}/authorize`,
    token_endpoint: `${provider.url}/token`,
    userinfo_endpoint: `${provider.url}/userinfo`,
    end_session_endpoint: `${provider.url}/logout`,
    jwks_uri: issuer.config.tokens.jwksUrl.href,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'ES256'],
    authorization_response_iss_parameter_supported: true,
    ...provider.strange.metadata,
  });

  const exchange = async (req: IncomingMessage, res: ServerResponse) => {
    const body = new URLSearchParams(await text(req));
    tokenRequest = { authorization: req.headers.authorization ?? null, body };
    const code = codes.get(body.get('code') ?? '');
    codes.delete(body.get('code') ?? '');
    const verifier = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url');
    const isValid =
      code !== undefined && verifier === code.challenge && body.get('redirect_uri') === code.redirectUri;
    if (!isValid) {
      json(res, 400, { error: 'invalid_grant' });
      return;
    }
    const { idToken = {}, tokens } = provider.strange;
    const claims = { iss: provider.url, aud: CLIENT_ID, nonce: code.nonce, ...idToken.claims };
    const id_token = issuer.sign({ ...idToken, claims });
    const access_token = `access-token-${made}-of-the-provider`;
    secrets.push(access_token, id_token);
    json(res, 200, { access_token, token_type: 'Bearer', expires_in: 300, id_token, ...tokens });
  };

  const server = createServer((req, res) => {
    const address = new URL(req.url ?? '/', provider.url);
    asked.push(address.pathname);
    const instead = provider.strange.responses?.[address.pathname];
    if (instead === 'silence') return;
    if (instead !== undefined) {
      res.writeHead(instead.status, { 'content-type': 'application/json' }).end(instead.body);
      return;
    }
    switch (address.pathname) {
      case '/.well-known/openid-configuration':
        json(res, 200, metadata());
        return;
      case '/authorize':
        res.writeHead(302, { location: provider.answer(address).href }).end();
        return;
      case '/token':
        void exchange(req, res);
        return;
      case '/userinfo':
        json(res, 200, { sub: '248289761001', ...provider.strange.userInfo });
        return;
      case '/logout': {
        const back = address.searchParams.get('post_logout_redirect_uri') ?? '/';
        res.writeHead(302, { location: back }).end();
        return;
      }
      default:
        res.writeHead(404).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  const provider: Provider = {
    url,
    issuer,
    strange: {},
    asked,
    secrets,
    get tokenRequest() {
      return tokenRequest;
    },
    config: (publicUrl, change = {}) => ({
      issuer: url,
      roleClaim,
      roles,
      tokens: null,
      signIn: {
        ...{ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, scopes: 'openid profile email' },
        ...{ name: 'Company', publicUrl: new URL(publicUrl), sessionMinutes: 60 },
        ...change,
      },
    }),
    answer: (address) => {
      const given = address.searchParams;
      const redirectUri = given.get('redirect_uri') ?? '';
      const code = `code-${made++}-of-the-provider`;
      secrets.push(code);
      codes.set(code, {
        nonce: given.get('nonce') ?? '',
        challenge: given.get('code_challenge') ?? '',
        redirectUri,
      });
      const back = new URL(redirectUri);
      const answer = { code, state: given.get('state'), iss: url, ...provider.strange.answer };
      for (const [name, value] of Object.entries(answer))
        if (value !== null) back.searchParams.set(name, value);
      return back;
    },
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await issuer[Symbol.asyncDispose]();
    },
  };
  return provider;
}
