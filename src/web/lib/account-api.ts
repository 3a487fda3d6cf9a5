import { jsonRequest, readBlob, request } from './request.js';
import { type OrganizationName, type Role, sessionRequest } from './session.js';
import { begin, change, get, remove } from './api.js';
import { language } from './language.js';

/** Requests about people, organizations, keys and the access log. Each rejects with ProblemError or UnreachableError. */

export interface Invitation {
  /** null: for the first administrator, who enters an address. */
  readonly email: string | null;
  readonly name: string | null;
  readonly firstOperator: boolean;
  /** Whether the person becomes an administrator. */
  readonly operator: boolean;
  /** The organization that they join; null: none, or they already belong to it. */
  readonly organization: OrganizationName | null;
  /** Whether the person chooses a password, enters their own, or may do either. */
  readonly password: 'new' | 'own' | 'either';
  /** With 'either': the other organizations that the password opens. */
  readonly memberships: readonly OrganizationName[];
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
  /** Whether it goes to the person by e-mail. */
  readonly mailed: boolean;
}

export interface OrganizationUser {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
  /** null: invited, not yet accepted. */
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
  /** The first characters of the key. */
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
  readonly requiresPasskey: boolean;
}

/** What the service needs of a passkey that has signed, in base64url. */
export interface Assertion {
  readonly id: string;
  readonly clientData: string;
  readonly authenticatorData: string;
  readonly userHandle: string;
  readonly signature: string;
}

export async function signIn(email: string, password: string): Promise<void> {
  await begin('v1/session', { email, password, cookies: true });
}

export const DIGEST_TIMES = ['off', 'at_once', 'hourly', 'daily'] as const;

export interface DigestChoice {
  /** How often the person is told by e-mail what is new. */
  readonly every: (typeof DIGEST_TIMES)[number];
}

export const digest = () => get<DigestChoice>('v1/session/digest');
export const chooseDigest = (every: DigestChoice['every']) =>
  change<DigestChoice>('PUT', 'v1/session/digest', { every, language: language() });

/** Ends the e-mails that the link came with. */
export async function unsubscribe(token: string): Promise<void> {
  const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
  await request(`unsubscribe?token=${encodeURIComponent(token)}`, { method: 'POST', body });
}

/** A link for a new password goes to the address, if it is somebody's. */
export async function askForPasswordReset(email: string): Promise<void> {
  await request('v1/password-resets', jsonRequest('POST', { email, language: language() }));
}

export async function redeemPasswordReset(token: string, password: string): Promise<void> {
  await request('v1/password-resets/redeem', jsonRequest('POST', { token, password }));
}

export async function inspectInvitation(token: string): Promise<Invitation> {
  return (await begin('v1/invitations/inspect', { token })) as Invitation;
}

export async function redeemInvitation(
  token: string,
  given: {
    readonly email?: string;
    readonly name?: string;
    readonly password?: string;
    readonly replacesPassword?: true;
    /** Instead of the password. */
    readonly passkey?: Assertion;
    /** The name of the first administrator's organization. */
    readonly organization?: string;
  },
): Promise<void> {
  await begin('v1/invitations/redeem', { token, ...given, cookies: true });
}

/** For the person who is signed in. */
export async function redeemInvitationSignedIn(token: string): Promise<void> {
  await change<unknown>('POST', 'v1/invitations/redeem', { token, cookies: true });
}

export const signOut = () => remove('v1/session');
export const leaveOrganization = (id: string) => remove(`v1/session/organizations/${id}`);
export const changePassword = (current: string, next: string) =>
  change<unknown>('POST', 'v1/session/password', { current, next, cookies: true });

export async function ownSessions(): Promise<readonly OwnSession[]> {
  return (await get<{ readonly sessions: readonly OwnSession[] }>('v1/session/others')).sessions;
}

export const endSession = (id: string) => remove(`v1/session/others/${id}`);
export const endOtherSessions = () => remove('v1/session/others');

/** @param organization null: the current organization */
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
    { ...user, language: language() },
  );

export const setRole = (id: string, role: Role) => change<unknown>('PATCH', `v1/users/${id}`, { role });
export const removeUser = (id: string) => remove(`v1/users/${id}`);
export const inviteAgain = (id: string, organization: string | null = null) =>
  change<{ readonly invitation: IssuedInvitation }>(
    'POST',
    `${within(`v1/users/${id}/invitation`, organization)}${organization === null ? '?' : '&'}language=${language()}`,
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
  /** null: this is the last page. */
  readonly next: string | null;
}

export interface AccessLogPage {
  readonly events: readonly AccessEvent[];
  /** Of the people, organizations and keys that the events mention, by id. */
  readonly names: Readonly<Record<string, string>>;
  /** null: this is the last page. */
  readonly next: string | null;
}

type EventQuery = Readonly<Record<string, string>>;

export const accessLog = (query: EventQuery) =>
  get<AccessLogPage>(`v1/access-log?${new URLSearchParams(query).toString()}`);

/** All events that match. */
export async function accessLogCsv(query: EventQuery): Promise<Blob> {
  const path = `v1/access-log?${new URLSearchParams({ ...query, format: 'csv' }).toString()}`;
  return readBlob(await sessionRequest(path, {}));
}

export async function organizations(cursor: string | null): Promise<Page<Organization>> {
  const query = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`;
  const found = await get<{ readonly organizations: readonly Organization[]; readonly next: string | null }>(
    `v1/organizations${query}`,
  );
  return { items: found.organizations, next: found.next };
}

export const createOrganization = (organization: {
  readonly name: string;
  readonly limits: Limits;
  /** Whether the caller is its first owner. */
  readonly owned: boolean;
}) => change<Organization>('POST', 'v1/organizations', organization);
export const organization = (id: string) => get<Organization>(`v1/organizations/${id}`);
export const requirePasskeys = (id: string, required: boolean) =>
  change<Organization>('PUT', `v1/organizations/${id}/passkeys`, { required });
export const updateOrganization = (
  id: string,
  organization: { readonly name?: string; readonly limits?: Limits; readonly disabled?: boolean },
) => change<Organization>('PATCH', `v1/organizations/${id}`, organization);
