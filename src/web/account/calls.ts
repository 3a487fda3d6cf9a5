import { jsonRequest, readJson, request } from '../request.js';
import { session, sessionRequest, type OrganizationName, type Role } from '../session/index.js';

/** The calls of the organization page. Each rejects with RefusedError or UnreachableError. */

export interface Invitation {
  /** null: of the first operator, who says who they are. */
  readonly email: string | null;
  readonly name: string | null;
  readonly firstOperator: boolean;
  /** Which they join by it; null: none, or they are in it already. */
  readonly organization: OrganizationName | null;
  /** Whether the person has a password already, and proves to be the one by it. */
  readonly hasPassword: boolean;
}

export interface OwnSession {
  readonly id: string;
  readonly current: boolean;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  readonly address: string;
  readonly agent: string;
}

export interface IssuedInvitation {
  readonly token: string;
  readonly expiresAt: string;
}

export interface OrganizationUser {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
  /** null: invited, and not yet come. */
  readonly acceptedAt: string | null;
  readonly disabledAt: string | null;
}

export interface Limits {
  readonly requestsPerMinute: number | null;
  readonly digestsPerDay: number | null;
  readonly bytesPerDay: number | null;
}

export type Scope = 'notarize' | 'read';

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** What the key begins with. */
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly networks: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
  readonly limits: Limits;
}

export interface NewApiKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly networks: readonly string[];
  readonly expiresAt: string | null;
  readonly limits: Limits;
}

export interface AccessEvent {
  readonly id: number;
  readonly at: string;
  readonly kind: string;
  readonly organizationId: string | null;
  readonly personId: string | null;
  readonly keyId: string | null;
  readonly address: string | null;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly disabledAt: string | null;
  readonly limits: Limits;
}

/** Before there is a session: nothing is refreshed, and a cookie that is left over does not matter. */
async function begin(path: string, body: unknown): Promise<unknown> {
  const { headers, ...rest } = jsonRequest('POST', body);
  return readJson(await request(path, { ...rest, headers: { ...headers, ...session.headers() } }));
}

async function get<T>(path: string): Promise<T> {
  return (await readJson(await sessionRequest(path, {}))) as T;
}

async function change<T>(method: 'POST' | 'PATCH', path: string, body: unknown): Promise<T> {
  return (await readJson(await sessionRequest(path, jsonRequest(method, body)))) as T;
}

async function remove(path: string): Promise<void> {
  await sessionRequest(path, { method: 'DELETE' });
}

export async function signIn(email: string, password: string): Promise<void> {
  await begin('v1/session', { email, password, cookies: true });
}

export async function inspectInvitation(token: string): Promise<Invitation> {
  return (await begin('v1/invitations/inspect', { token })) as Invitation;
}

export async function redeemInvitation(
  token: string,
  given: { readonly email?: string; readonly name?: string; readonly password: string },
): Promise<void> {
  await begin('v1/invitations/redeem', { token, ...given, cookies: true });
}

export const signOut = () => remove('v1/session');
export const changePassword = (current: string, next: string) =>
  change<unknown>('POST', 'v1/session/password', { current, next, cookies: true });

export async function ownSessions(): Promise<readonly OwnSession[]> {
  return (await get<{ readonly sessions: readonly OwnSession[] }>('v1/session/others')).sessions;
}

export const endSession = (id: string) => remove(`v1/session/others/${id}`);
export const endOtherSessions = () => remove('v1/session/others');

/** @param organization of which organization; null: of one's own */
function within(path: string, organization: string | null): string {
  return organization === null ? path : `${path}?organization=${encodeURIComponent(organization)}`;
}

export async function users(organization: string | null = null): Promise<readonly OrganizationUser[]> {
  return (await get<{ readonly users: readonly OrganizationUser[] }>(within('v1/users', organization))).users;
}

export const addUser = (
  user: { readonly email: string; readonly name: string; readonly role: Role },
  organization: string | null = null,
) =>
  change<{ readonly user: OrganizationUser; readonly invitation: IssuedInvitation | null }>(
    'POST',
    within('v1/users', organization),
    user,
  );

export const setRole = (id: string, role: Role) => change<unknown>('PATCH', `v1/users/${id}`, { role });
export const removeUser = (id: string) => remove(`v1/users/${id}`);
export const inviteAgain = (id: string, organization: string | null = null) =>
  change<{ readonly invitation: IssuedInvitation }>(
    'POST',
    within(`v1/users/${id}/invitation`, organization),
    {},
  );

export async function apiKeys(): Promise<readonly ApiKey[]> {
  return (await get<{ readonly keys: readonly ApiKey[] }>('v1/keys')).keys;
}

export const createKey = (key: NewApiKey) =>
  change<{ readonly key: ApiKey; readonly secret: string }>('POST', 'v1/keys', key);
export const revokeKey = (id: string) => remove(`v1/keys/${id}`);

export interface Page<T> {
  readonly items: readonly T[];
  /** null: there is no more. */
  readonly next: string | null;
}

export async function accessLog(filter: Readonly<Record<string, string>>): Promise<Page<AccessEvent>> {
  const { events, next } = await get<{
    readonly events: readonly AccessEvent[];
    readonly next: string | null;
  }>(`v1/access-log?${new URLSearchParams(filter).toString()}`);
  return { items: events, next };
}

export async function organizations(cursor: string | null): Promise<Page<Organization>> {
  const query = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`;
  const found = await get<{ readonly organizations: readonly Organization[]; readonly next: string | null }>(
    `v1/organizations${query}`,
  );
  return { items: found.organizations, next: found.next };
}

export const createOrganization = (organization: { readonly name: string; readonly limits: Limits }) =>
  change<Organization>('POST', 'v1/organizations', organization);
export const updateOrganization = (
  id: string,
  organization: { readonly name?: string; readonly limits?: Limits; readonly disabled?: boolean },
) => change<Organization>('PATCH', `v1/organizations/${id}`, organization);
