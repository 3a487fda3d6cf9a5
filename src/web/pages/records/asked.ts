import { signal } from '@preact/signals';
import type { ClosedBy, SigningKind, SigningStatus } from '../../../messages/signing.js';
import type { JsonObject } from '../../../proof/canonical-json.js';
import { change, get } from '../../lib/api.js';
import { jsonRequest } from '../../lib/request.js';
import { sessionRequest } from '../../lib/session.js';
import { recordsOfKeys } from './service.js';

/** Requests to sign, for the organization that makes them (docs/signing.md). They reject as those of api.ts do. */

export interface SigningRequest {
  readonly id: string;
  readonly kind: SigningKind;
  readonly status: SigningStatus;
  readonly closedBy: ClosedBy | null;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly expiresAt: string;
  /** When an e-mail was last ordered. */
  readonly mailedAt: string | null;
  readonly mailFailedAt: string | null;
  /** null: erased, as the other texts. */
  readonly title: string | null;
  /** Of a contract. */
  readonly document: { readonly sha256: string } | null;
  readonly name: string | null;
  readonly email: string | null;
  /** The verifier key that the person gave. */
  readonly key: string | null;
  /** RFC 3339. */
  readonly keyGivenAt: string | null;
  readonly reason: string | null;
  /** The contract that names the key, the item or the work. */
  readonly record: string | null;
}

export interface AskLink {
  readonly token: string;
  /** Whether it is sent by e-mail. */
  readonly mailed: boolean;
}

export interface NewRequest {
  readonly kind: SigningKind;
  /** Of a contract. */
  readonly title?: string;
  readonly document?: { readonly sha256: string; readonly size: number; readonly name?: string };
  /** The item or work. */
  readonly record?: string;
  /** What a claim shall state. */
  readonly claim?: JsonObject;
  readonly name: string;
  readonly email?: string;
  readonly message?: string;
  readonly language: 'en' | 'ko';
  /** RFC 3339. */
  readonly expiresAt: string;
}

/** The latest requests: enough for a person to look through. */
export async function signingRequests(): Promise<readonly SigningRequest[]> {
  const page = await get<{ readonly requests: readonly SigningRequest[] }>('v1/signing-requests?limit=200');
  return page.requests;
}

/** Those for a record. */
export async function requestsFor(record: string): Promise<readonly SigningRequest[]> {
  const page = await get<{ readonly requests: readonly SigningRequest[] }>(
    `v1/signing-requests?limit=200&record=${record}`,
  );
  return page.requests;
}

export const askByLink = (request: NewRequest) =>
  change<{ readonly request: SigningRequest; readonly link: AskLink }>(
    'POST',
    'v1/signing-requests',
    request,
  );

export async function remind(id: string): Promise<AskLink> {
  return (await change<{ readonly link: AskLink }>('POST', `v1/signing-requests/${id}/reminder`, {})).link;
}

export async function withdraw(id: string): Promise<void> {
  await sessionRequest(`v1/signing-requests/${id}/withdrawal`, jsonRequest('POST', {}));
}

/**
 * Asks for the signature of the contract that names the person's key, and is for the document that they were shown.
 * @returns null: there is no such contract yet
 */
export async function askForSignature({ id, key, document }: SigningRequest): Promise<SigningRequest | null> {
  if (key === null || document === null) return null;
  const contract = (await recordsOfKeys([key])).find(
    ({ state }) =>
      state.kind === 'contract' &&
      state.status === 'open' &&
      state.document === document.sha256 &&
      state.parties.some((party) => party.key === key),
  );
  if (contract === undefined) return null;
  return change<SigningRequest>('POST', `v1/signing-requests/${id}/contract`, { record: contract.id });
}

/** The link, for the person. The token is in the fragment, which browsers do not send. */
export function askLink(page: string, { token }: AskLink): string {
  return new URL(`sign.html#token=${token}`, page).href;
}

/** Keys that people have given under links, for forms that name keys. */
export const givenKeys = signal<readonly SigningRequest[]>([]);

/**
 * Those for a contract, or for this record. Best effort: a key can be pasted as well.
 * @param record id of the item or work; null: the keys are for a contract
 */
export function loadGivenKeys(record: string | null): void {
  givenKeys.value = [];
  signingRequests().then(
    (requests) => {
      givenKeys.value = requests.filter(
        ({ key, status, kind, record: about }) =>
          key !== null &&
          status === 'key_given' &&
          (record === null ? kind === 'contract' : about === record),
      );
    },
    () => undefined,
  );
}
