import { randomBytes } from 'node:crypto';
import { LOCAL, type Client, type LimitsInput } from '../../src/auth/index.js';
import type { Organization, Role, Scope } from '../../src/store/index.js';
import type { TestService } from './service.js';

/** Organizations, people and keys as tests need them, made by the machine itself. */

export const HERE: Client = { address: '127.0.0.1', agent: 'test' };
export const PASSWORD = 'correct horse battery';

export interface Someone {
  readonly personId: string;
  readonly email: string;
  /** Of a session of theirs, which acts for the organization that they were made in. */
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface Key {
  readonly id: string;
  /** The key itself. */
  readonly secret: string;
}

export function createOrganization(
  { deps: { access } }: TestService,
  name = 'Organization',
  limits: LimitsInput = {},
): Promise<Organization> {
  return access.organizations.create(LOCAL, { name, limits }, HERE);
}

export async function createUser(
  service: TestService,
  organizationId: string,
  role: Role,
  email = newEmail(),
): Promise<Someone> {
  const input = { email, name: 'Somebody', role };
  const { invitation } = await service.deps.access.users.add(LOCAL, organizationId, input, HERE);
  return comeWith(service, invitation?.token, email);
}

export async function createOperator(service: TestService, email = newEmail()): Promise<Someone> {
  const { invitation } = await service.deps.access.people.addOperator(LOCAL, email, HERE);
  return comeWith(service, invitation?.token, email);
}

export async function createKey(
  { deps: { access } }: TestService,
  organizationId: string,
  scopes: readonly Scope[] = ['notarize', 'read'],
  options: {
    readonly networks?: readonly string[];
    readonly expiresAt?: number;
    readonly limits?: LimitsInput;
  } = {},
): Promise<Key> {
  const { key, secret } = await access.keys.create(
    LOCAL,
    organizationId,
    { name: 'key', scopes, ...options },
    HERE,
  );
  return { id: key.id, secret };
}

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

async function comeWith(
  { deps: { access } }: TestService,
  token: string | undefined,
  email: string,
): Promise<Someone> {
  if (token === undefined) throw new Error(`${email} had been here before`);
  const { principal, tokens } = await access.invitations.redeem(token, { password: PASSWORD }, HERE);
  const { accessToken, refreshToken } = tokens;
  return { personId: principal.personId, email, accessToken, refreshToken };
}

function newEmail(): string {
  return `${randomBytes(6).toString('hex')}@example.com`;
}
