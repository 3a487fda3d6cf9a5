import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import type { Role } from '../store/index.js';

/** What the operator decides about access, by environment (config.ts reads it with everything else). */
export interface AccessConfig {
  /** Whether strangers may notarize. */
  readonly anonymousSubmission: boolean;
  /** Whether verifying needs an account, which then sees its own notarizations alone. */
  readonly privateVerification: boolean;
  /** Where people reach the service; null: where it listens. */
  readonly publicUrl: URL | null;
  /** How many proxies stand in front, or which addresses they have: whose word is taken for the client's address. */
  readonly trustProxy: number | readonly string[];
  /** Made at the start when there is no operator yet. */
  readonly operator: { readonly email: string; readonly password: string } | null;
  readonly oidc: OidcConfig | null;
}

/** Tokens of an external OpenID Connect issuer that are accepted as ours. */
export interface OidcConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: URL;
  /** Path of the claim that holds the person's groups or roles there: `roles`, `realm_access.roles`. */
  readonly roleClaim: string;
  /** Which value of that claim is which role in which account. */
  readonly roles: readonly OidcRole[];
}

export interface OidcRole {
  readonly claimValue: string;
  readonly role: Role;
  readonly accountId: string;
}

const httpUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'must be an http(s) address',
  )
  .transform((text) => new URL(text));

const proxies = z.string().transform((text, context) => {
  if (/^[0-9]$/.test(text)) return Number(text);
  const list = text.split(/[\s,]+/).filter((item) => item !== '');
  for (const item of list.filter((each) => !isNetwork(each))) {
    context.addIssue(
      `must be a number of proxies, or addresses and networks: ${JSON.stringify(item)} is neither`,
    );
  }
  return list;
});

const roles = z.string().transform((text, context) =>
  text
    .split(/[\s,]+/)
    .filter((item) => item !== '')
    .flatMap((item) => {
      const match = /^(.+)=(owner|notary|auditor)@([^@=\s]+)$/.exec(item);
      if (match?.[1] !== undefined && match[3] !== undefined) {
        return [{ claimValue: match[1], role: match[2] as Role, accountId: match[3] }];
      }
      context.addIssue(`must read VALUE=ROLE@ACCOUNT, separated by spaces; got ${JSON.stringify(item)}`);
      return [];
    }),
);

/** Settings of the environment, by name. */
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
  INGAM_OIDC_ROLE_CLAIM: z.string().default('roles'),
  INGAM_OIDC_ROLES: roles.default([]),
};

type Values = z.infer<z.ZodObject<typeof ACCESS_SETTINGS>>;

/** @returns the settings' meaning, and what does not fit together in them */
export function accessConfig(value: Values, host: string): { config: AccessConfig; mistakes: string[] } {
  const mistakes = [
    ...together(value, ['INGAM_OPERATOR_EMAIL', 'INGAM_OPERATOR_PASSWORD']),
    ...together(value, ['INGAM_OIDC_ISSUER', 'INGAM_OIDC_AUDIENCE', 'INGAM_OIDC_JWKS_URL']),
  ];
  const { INGAM_OPERATOR_EMAIL: email, INGAM_OPERATOR_PASSWORD: password } = value;
  const { INGAM_OIDC_ISSUER: issuer, INGAM_OIDC_AUDIENCE: audience, INGAM_OIDC_JWKS_URL: jwksUrl } = value;
  const proxied = value.INGAM_TRUST_PROXY !== 0;
  const config: AccessConfig = {
    // Behind a proxy, whoever comes to loopback can be anybody.
    anonymousSubmission:
      value.INGAM_ANONYMOUS === null ? isLoopback(host) && !proxied : value.INGAM_ANONYMOUS === 'on',
    privateVerification: value.INGAM_VERIFICATION === 'private',
    publicUrl: value.INGAM_PUBLIC_URL,
    trustProxy: value.INGAM_TRUST_PROXY,
    operator: email === null || password === null ? null : { email, password },
    oidc:
      issuer === null || audience === null || jwksUrl === null
        ? null
        : {
            issuer,
            audience,
            jwksUrl,
            roleClaim: value.INGAM_OIDC_ROLE_CLAIM,
            roles: value.INGAM_OIDC_ROLES,
          },
  };
  return { config, mistakes };
}

/** Pages of the service are addressed relative to it: without a slash at its end, its last part would be lost. */
function asFolder(url: URL): URL {
  const folder = new URL(url);
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  return folder;
}

/** Whether only this machine can reach what listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function together(value: Values, names: readonly (keyof Values)[]): string[] {
  const missing = names.filter((name) => value[name] === null);
  if (missing.length === 0 || missing.length === names.length) return [];
  return [`${missing.join(', ')} must be set as well: ${names.join(', ')} go together`];
}

function isNetwork(text: string): boolean {
  if (/^(loopback|linklocal|uniquelocal)$/.test(text)) return true;
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  if (!/^[0-9]{1,3}$/.test(prefix)) return false;
  try {
    new BlockList().addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
    return true;
  } catch {
    return false;
  }
}
