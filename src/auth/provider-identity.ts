import { z } from 'zod';
import type { AccessStore, Organization, Role } from '../store/index.js';
import type { OidcConfig } from './context.js';
import { isId } from './values.js';

/* What the claims of an identity provider say about a person: in tokens for the API, and in a sign-in on the page. */

const text = z.string().regex(/^[^\p{C}]{1,255}$/u);

/** Claims of which a person's identity is made. */
export const IdentityClaims = z.looseObject({
  sub: text,
  name: text.optional().catch(undefined),
  preferred_username: text.optional().catch(undefined),
  email: text.optional().catch(undefined),
});
export type IdentityClaims = z.infer<typeof IdentityClaims>;

export function nameIn({ name, preferred_username: userName, email, sub }: IdentityClaims): string {
  return name ?? userName ?? email ?? sub;
}

/** The first of the configured roles that the person has in an active organization; null: none. */
export async function membershipIn(
  claims: Readonly<Record<string, unknown>>,
  { roleClaim, roles }: Pick<OidcConfig, 'roleClaim' | 'roles'>,
  store: Pick<AccessStore, 'organization'>,
): Promise<{ readonly organization: Organization; readonly role: Role } | null> {
  const values = valuesAt(claims, roleClaim);
  for (const { claimValue, role, organizationId } of roles) {
    if (!values.includes(claimValue) || !isId('org', organizationId)) continue;
    const organization = await store.organization(organizationId);
    if (organization?.disabledAt === null) return { organization, role };
  }
  return null;
}

/**
 * What a claim lists: a string, the strings of an array, or the names in an object whose values are objects or
 * true (Zitadel's roles name the organizations that grant them). A path in one text is tried as one name
 * first: some providers use URLs as names.
 */
export function valuesAt(
  claims: Readonly<Record<string, unknown>>,
  path: string | readonly string[],
): string[] {
  const names = typeof path !== 'string' ? path : Object.hasOwn(claims, path) ? [path] : path.split('.');
  const found = names.reduce<unknown>((at, name) => {
    return isRecord(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  }, claims);
  if (isRecord(found)) {
    return Object.entries(found).flatMap(([name, value]) =>
      value === true || isRecord(value) ? [name] : [],
    );
  }
  return (Array.isArray(found) ? found : [found]).filter(
    (value): value is string => typeof value === 'string',
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
