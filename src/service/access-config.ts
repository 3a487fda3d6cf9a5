import { z } from 'zod';
import { type AccessConfig, isLoopback, type OidcConfig } from '../auth/index.js';
import type { Role } from '../store/index.js';
import { clientText, httpUrl, integer, printedText, proxies, type Values } from './settings.js';

/** Who may do what, at which address people reach the service, and the company's own identity provider. */

/** Values with spaces, commas or equals signs need JSON. */
const OidcRoles = z.array(
  z
    .strictObject({
      value: z.string().min(1),
      role: z.enum(['owner', 'notary', 'auditor']),
      organization: z.string().min(1),
    })
    .transform(({ value, role, organization }) => ({
      claimValue: value,
      role,
      organizationId: organization,
    })),
);
const OIDC_ROLES_JSON = '[{"value": "Legal team", "role": "notary", "organization": "org_…"}]';

const roles = z.string().transform((text, context) => {
  if (text.trimStart().startsWith('[')) {
    const { success, data } = OidcRoles.safeParse(jsonOrNull(text));
    if (success) return data;
    context.addIssue(`must read VALUE=ROLE@ORGANIZATION, or be JSON of the form ${OIDC_ROLES_JSON}`);
    return z.NEVER;
  }
  return text
    .split(/[\s,]+/)
    .filter((item) => item !== '')
    .flatMap((item) => {
      const match = /^(.+)=(owner|notary|auditor)@([^@=\s]+)$/.exec(item);
      if (match?.[1] !== undefined && match[3] !== undefined) {
        return [{ claimValue: match[1], role: match[2] as Role, organizationId: match[3] }];
      }
      context.addIssue(
        `must read VALUE=ROLE@ORGANIZATION, separated by spaces; got ${JSON.stringify(item)}. Values with spaces or commas need JSON: ${OIDC_ROLES_JSON}`,
      );
      return [];
    });
});

const scopes = z
  .string()
  .regex(
    /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/,
    'must be names of scopes, separated by single spaces',
  )
  .refine(
    (text) => text.split(' ').includes('openid'),
    'must contain openid: without it the provider does not say who signs in',
  );

/** The path of a claim: text with dots, or a JSON list of names that may contain dots. */
const claimPath = z.string().transform((text, context): string | readonly string[] => {
  if (!text.trimStart().startsWith('[')) return text;
  const { success, data } = z.array(z.string().min(1)).min(1).safeParse(jsonOrNull(text));
  if (success) return data;
  context.addIssue(
    'must be the name of a claim, or a JSON list such as ["resource_access", "my.client", "roles"]',
  );
  return z.NEVER;
});

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** Pages are addressed relative to it: without a slash at its end, its last part would be lost. */
function asFolder(url: URL): URL {
  const folder = new URL(url);
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  return folder;
}

export const ACCESS_SETTINGS = {
  INGAM_ANONYMOUS: z.enum(['on', 'off']).nullable().default(null),
  INGAM_VERIFICATION: z.enum(['public', 'private']).default('public'),
  INGAM_PUBLIC_URL: httpUrl.transform(asFolder).nullable().default(null),
  INGAM_TRUST_PROXY: proxies.default(0),
  INGAM_OPERATOR_EMAIL: z.string().nullable().default(null),
  INGAM_OPERATOR_PASSWORD: z.string().nullable().default(null),
  INGAM_OIDC_ISSUER: z.string().nullable().default(null),
  INGAM_OIDC_AUDIENCE: z.string().nullable().default(null),
  INGAM_OIDC_JWKS_URL: httpUrl.nullable().default(null),
  INGAM_OIDC_ROLE_CLAIM: claimPath.default('roles'),
  INGAM_OIDC_ROLES: roles.default([]),
  INGAM_OIDC_ACCESS_TOKENS_ONLY: z.enum(['on', 'off']).default('off'),
  INGAM_OIDC_CLIENT_ID: clientText.nullable().default(null),
  INGAM_OIDC_CLIENT_SECRET: clientText.nullable().default(null),
  INGAM_OIDC_SCOPES: scopes.default('openid profile email'),
  INGAM_OIDC_NAME: printedText.max(60, 'must have at most 60 characters').nullable().default(null),
  INGAM_OIDC_SESSION_MINUTES: integer(5, 720).default(60),
};

type AccessValues = Values<typeof ACCESS_SETTINGS>;
type Name = keyof AccessValues;

/** What would keep everybody from signing in with the company's identity provider. */
export function accessMistakes(value: Partial<AccessValues>, isSet: (name: Name) => boolean): string[] {
  const onPage = isSet('INGAM_OIDC_CLIENT_ID');
  const mistakes: string[] = [];
  if (!isSet('INGAM_OIDC_ISSUER')) {
    const idle = (['INGAM_OIDC_AUDIENCE', 'INGAM_OIDC_JWKS_URL', 'INGAM_OIDC_CLIENT_ID'] as const).filter(
      isSet,
    );
    if (idle.length > 0) mistakes.push(`INGAM_OIDC_ISSUER must be set as well, for ${idle.join(', ')}`);
  } else if (!onPage && !isSet('INGAM_OIDC_AUDIENCE') && !isSet('INGAM_OIDC_JWKS_URL')) {
    mistakes.push(
      'INGAM_OIDC_ISSUER does nothing alone: set INGAM_OIDC_CLIENT_ID, for people who sign in on the page, or INGAM_OIDC_AUDIENCE and INGAM_OIDC_JWKS_URL, for tokens that the API accepts',
    );
  }
  if (!onPage) {
    const ofPage = (
      [
        ...(['INGAM_OIDC_CLIENT_SECRET', 'INGAM_OIDC_SCOPES'] as const),
        ...(['INGAM_OIDC_NAME', 'INGAM_OIDC_SESSION_MINUTES'] as const),
      ] as const
    ).filter(isSet);
    if (ofPage.length > 0) {
      mistakes.push(
        `INGAM_OIDC_CLIENT_ID must be set as well, for ${ofPage.join(', ')}: sign-in on the page`,
      );
    }
    return mistakes;
  }
  if (!isSet('INGAM_OIDC_ROLES')) {
    mistakes.push(
      'INGAM_OIDC_ROLES must be set as well: without a role nobody can sign in with INGAM_OIDC_CLIENT_ID',
    );
  }
  const { INGAM_OIDC_ISSUER: issuer, INGAM_PUBLIC_URL: publicUrl } = value;
  if (typeof issuer === 'string' && !isSafeAddress(issuer)) {
    mistakes.push(
      'INGAM_OIDC_ISSUER must be an https address for sign-in on the page; http is for loopback only',
    );
  }
  if (!isSet('INGAM_PUBLIC_URL')) {
    mistakes.push(
      'INGAM_PUBLIC_URL must be set as well: the identity provider leads people back there, to sign-in/callback',
    );
  } else if (publicUrl != null && !isSafeAddress(publicUrl.href)) {
    mistakes.push(
      'INGAM_PUBLIC_URL must be an https address for sign-in at INGAM_OIDC_ISSUER; http is for loopback only',
    );
  }
  return mistakes;
}

function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, search, hash } = new URL(text);
  const isPlain = search === '' && hash === '';
  return (
    isPlain &&
    (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, ''))))
  );
}

export function accessConfig(value: AccessValues & { readonly HOST: string }): AccessConfig {
  const { INGAM_ANONYMOUS: anonymous, INGAM_TRUST_PROXY: trustProxy } = value;
  const { INGAM_OPERATOR_EMAIL: email, INGAM_OPERATOR_PASSWORD: password } = value;
  const { INGAM_OIDC_ISSUER: issuer } = value;
  return {
    // Behind a proxy, anybody can reach loopback.
    anonymousSubmission: anonymous === null ? isLoopback(value.HOST) && trustProxy === 0 : anonymous === 'on',
    privateVerification: value.INGAM_VERIFICATION === 'private',
    publicUrl: value.INGAM_PUBLIC_URL,
    trustProxy,
    operator: email === null || password === null ? null : { email, password },
    oidc: issuer === null ? null : oidcConfig(value, issuer),
  };
}

function oidcConfig(value: AccessValues, issuer: string): OidcConfig {
  const { INGAM_OIDC_AUDIENCE: audience, INGAM_OIDC_JWKS_URL: jwksUrl } = value;
  const { INGAM_OIDC_CLIENT_ID: clientId, INGAM_PUBLIC_URL: publicUrl } = value;
  return {
    issuer,
    roleClaim: value.INGAM_OIDC_ROLE_CLAIM,
    roles: value.INGAM_OIDC_ROLES,
    tokens:
      audience === null || jwksUrl === null
        ? null
        : { audience, jwksUrl, accessTokensOnly: value.INGAM_OIDC_ACCESS_TOKENS_ONLY === 'on' },
    signIn:
      clientId === null || publicUrl === null
        ? null
        : {
            clientId,
            clientSecret: value.INGAM_OIDC_CLIENT_SECRET,
            scopes: value.INGAM_OIDC_SCOPES,
            name: value.INGAM_OIDC_NAME ?? new URL(issuer).hostname,
            publicUrl,
            sessionMinutes: value.INGAM_OIDC_SESSION_MINUTES,
          },
  };
}
