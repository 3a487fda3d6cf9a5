import {
  address,
  connection,
  jsonRequest,
  localProblem,
  parseJson,
  readBlob,
  readJson,
  readProblem,
  ProblemError,
  request,
  UnreachableError,
  readBody,
} from './request.js';
import { type OrganizationName, type Role, session, sessionRequest } from './session.js';
import { certificateChoice, type Certified } from './certificate.js';
import { language } from './language.js';

/** The API's resources (/openapi.json), as far as the pages read them. */

export interface Notarization {
  readonly id: string;
  readonly sha256: string;
  readonly size: number | null;
  /** RFC 3339. */
  readonly acceptedAt: string;
  readonly status: 'accepted' | 'sealed' | 'cosigned' | 'anchored';
  readonly position: number;
  readonly sealedAt?: string;
  readonly block?: { readonly height: number; readonly index: number };
  /** Absent before sealing and where the log has no members. */
  readonly cosigned?: Cosigned;
  readonly details?: Details;
}

/** How many members have cosigned a block, of how many, and the fewest that can meet the quorum. */
export interface Cosigned {
  readonly signed: number;
  readonly of: number;
  readonly needed: number;
}

/** Details that the owner gave; keys without a value are absent. */
export interface Details {
  readonly name?: string;
  readonly title?: string;
  readonly author?: string;
  readonly reference?: string;
  readonly note?: string;
  readonly tags?: readonly string[];
}

export interface DocumentInput {
  readonly sha256: string;
  readonly details?: Details;
}

export interface Accepted {
  readonly notarizations: readonly Notarization[];
}

export interface Block {
  readonly height: number;
  readonly firstPosition: number;
  readonly entryCount: number;
  readonly sealedAt: string;
}

export interface Chain {
  readonly origin: string;
  readonly verifierKey: string;
  readonly receiptKeys: readonly string[];
  /** The service's own trust policy (c2sp.org/tlog-policy). */
  readonly policy: string;
  /** Height of the last block; null if there is none. */
  readonly height: number | null;
  /** Number of sealed entries. */
  readonly size: number;
  /** Number of accepted entries. */
  readonly nextPosition: number;
  /** Number of blocks that the quorum has cosigned; absent where the log has no members. */
  readonly cosigned?: number;
}

export interface Lookup {
  readonly notarizations: readonly Notarization[];
  readonly more: boolean;
}

/** Requests to the API. Each rejects with ProblemError, UnreachableError, or the AbortError of its signal. */

export function chain(signal?: AbortSignal): Promise<Chain> {
  return getPublic('v1/chain', signal);
}

export function block(height: number, signal?: AbortSignal): Promise<Block> {
  return getPublic(`v1/blocks/${height}`, signal);
}

export function notarization(id: string, signal?: AbortSignal): Promise<Notarization> {
  return get(`v1/notarizations/${id}`, signal);
}

export function lookUp(sha256: string, signal?: AbortSignal): Promise<Lookup> {
  return get(`v1/verify/${sha256}`, signal);
}

/** HTML of the verifier in one file, without the keys of any service. */
export async function offlineVerifier(): Promise<string> {
  return readBody((await request('verifier.html', {})).text());
}

/** The text of the proof; a pending proof until the notarization is sealed. */
export async function proofText(id: string, signal?: AbortSignal): Promise<string> {
  const path = `v1/notarizations/${id}/proof`;
  const response = await sessionRequest(path, { signal: signal ?? null });
  return readBody(response.text());
}

/**
 * The certificate of a sealed notarization, in the language and with what the user has chosen, and with times in
 * their time zone.
 */
export async function certificate({ id, name, own }: Certified, signal?: AbortSignal): Promise<Blob> {
  const choice = certificateChoice();
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const query = new URLSearchParams({
    lang: choice.bilingual ? 'ko-en' : language(),
    tz: timeZone,
    ...(choice.name && name !== null ? { name } : {}),
    ...(choice.organization && own === true ? { disclose: 'all' } : {}),
  });
  return readBlob(
    await sessionRequest(`v1/notarizations/${id}/certificate.pdf?${query}`, { signal: signal ?? null }),
  );
}

/** Notarizes digests. Safe to repeat with the same idempotency key and documents. */
export async function notarizeDigests(
  documents: readonly DocumentInput[],
  key: string,
  signal?: AbortSignal,
): Promise<Accepted> {
  const { headers, ...rest } = jsonRequest('POST', { documents });
  const response = await sessionRequest('v1/notarizations', {
    ...rest,
    headers: { ...headers, 'Idempotency-Key': key },
    signal: signal ?? null,
  });
  return (await readJson(response)) as Accepted;
}

/**
 * Uploads a file. Uses XMLHttpRequest, because fetch reports no upload progress. Safe to repeat with the same
 * idempotency key and file.
 * @param details null: none besides the file's name, which is always sent
 * @param onSent receives the number of request bytes sent so far
 */
export function upload(
  file: File,
  details: Details | null,
  { key, keep }: { readonly key: string; readonly keep: boolean },
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Accepted> {
  const path = `v1/notarizations${keep ? '?vault=keep' : ''}`;
  return session.run(true, (headers) =>
    uploadOnce(path, file, details, { ...headers, 'Idempotency-Key': key }, onSent, signal),
  );
}

function uploadOnce(
  path: string,
  file: File,
  details: Details | null,
  headers: Readonly<Record<string, string>>,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Accepted> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    const cancel = () => {
      call.abort();
    };
    const settle = (finish: () => void) => () => {
      signal.removeEventListener('abort', cancel);
      finish();
    };
    call.open('POST', address(path));
    for (const [name, value] of Object.entries(headers)) call.setRequestHeader(name, value);
    call.setRequestHeader('Accept', 'application/json');
    call.upload.onprogress = (event) => {
      onSent(event.loaded);
    };
    call.onload = settle(() => {
      connection.reached();
      try {
        resolve(readUpload(call));
      } catch (error) {
        reject(error instanceof Error ? error : localProblem('not_understood'));
      }
    });
    call.onerror = settle(() => {
      connection.lost();
      reject(new UnreachableError());
    });
    call.onabort = settle(() => {
      reject(signal.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError'));
    });
    signal.addEventListener('abort', cancel);
    const form = new FormData();
    // Before the file, so that the service has the details when the file arrives.
    // With the name: that of the part cannot hold every name exactly.
    form.append('details', JSON.stringify({ name: file.name, ...details }));
    form.append('file', file, file.name);
    call.send(form);
  });
}

function readUpload(call: XMLHttpRequest): Accepted {
  if (call.status >= 200 && call.status < 300) return parseJson(call.responseText) as Accepted;
  throw new ProblemError(readProblem(call.status, call.responseText, call.getResponseHeader('Retry-After')));
}

/** The event stream of one notarization. The caller closes it. */
export function events(id: string): EventSource {
  return new EventSource(address(`v1/notarizations/${id}/events`));
}

/** Reads a public resource. */
async function getPublic<T>(path: string, signal: AbortSignal | undefined): Promise<T> {
  return (await readJson(await request(path, { signal: signal ?? null }))) as T;
}

/** Reads a resource whose content depends on who is signed in. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await readJson(await sessionRequest(path, { signal: signal ?? null }))) as T;
}

/** Requests of the account page. Each rejects with ProblemError or UnreachableError. */

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

/** A request that begins a session: it needs no session and refreshes none. */
export async function begin(path: string, body: unknown): Promise<unknown> {
  const { headers, ...rest } = jsonRequest('POST', body);
  return readJson(await request(path, { ...rest, headers: { ...headers, ...session.headers() } }));
}

export async function change<T>(method: 'POST' | 'PATCH' | 'PUT', path: string, body: unknown): Promise<T> {
  return (await readJson(await sessionRequest(path, jsonRequest(method, body)))) as T;
}

async function remove(path: string): Promise<void> {
  await sessionRequest(path, { method: 'DELETE' });
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
export const WEBHOOK_TYPES = [
  'notarization.sealed',
  'notarization.cosigned',
  'notarization.anchored',
  'record.event',
  'contract.executed',
  'contract.expired',
  'contract.deadline_near',
  'key.created',
  'key.revoked',
  'anchor.late',
  'member.alarm',
] as const;
export type WebhookType = (typeof WEBHOOK_TYPES)[number];

export interface NewWebhook {
  readonly name: string;
  readonly url: string;
  readonly types: readonly WebhookType[];
}

export interface Webhook extends NewWebhook {
  readonly id: string;
  readonly status: 'enabled' | 'retrying' | 'disabled';
  readonly disabledBecause: 'person' | 'failed' | 'gone' | null;
  readonly nextAttemptAt: string | null;
  readonly formerSecretUntil: string | null;
  readonly createdAt: string;
}

export interface WebhookWithSecret {
  readonly webhook: Webhook;
  readonly secret: string;
}

export interface WebhookAttempt {
  readonly message: string;
  readonly type: string;
  readonly attempt: number;
  readonly at: string;
  readonly ms: number;
  /** null: there was no answer. */
  readonly status: number | null;
  readonly outcome:
    | 'delivered'
    | 'status'
    | 'timeout'
    | 'address_refused'
    | 'unknown_host'
    | 'tls'
    | 'connection';
}

export async function webhooks(): Promise<readonly Webhook[]> {
  return (await get<{ readonly webhooks: readonly Webhook[] }>('v1/webhooks')).webhooks;
}
export const createWebhook = (webhook: NewWebhook) =>
  change<WebhookWithSecret>('POST', 'v1/webhooks', webhook);
export const changeWebhook = (id: string, input: Partial<NewWebhook> & { readonly enabled?: boolean }) =>
  change<Webhook>('PATCH', `v1/webhooks/${id}`, input);
export const deleteWebhook = (id: string) => remove(`v1/webhooks/${id}`);
export const rotateWebhookSecret = (id: string) =>
  change<WebhookWithSecret>('POST', `v1/webhooks/${id}/secret`, {});
export const testWebhook = (id: string) => change<WebhookAttempt>('POST', `v1/webhooks/${id}/test`, {});
export interface WebhookAttemptsPage {
  readonly attempts: readonly WebhookAttempt[];
  /** null: this is the last page. */
  readonly next: string | null;
}
/** The latest first. @param cursor `next` of the page before */
export const webhookAttempts = (id: string, cursor: string | null = null) =>
  get<WebhookAttemptsPage>(`v1/webhooks/${id}/attempts${cursor === null ? '' : `?cursor=${cursor}`}`);
/** Tells it everything again that has happened since. */
export const replayWebhook = (id: string, time: string) =>
  change<Webhook>('POST', `v1/webhooks/${id}/replay`, { from: { time } });

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
