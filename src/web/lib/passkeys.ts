import type { Assertion } from './account-api.js';
import { begin, change, get } from './api.js';
import { localProblem } from './request.js';
import { sessionRequest } from './session.js';

/** Passkeys: what the browser makes, and the requests about them. Each rejects as other requests do. */

export interface Passkey {
  readonly id: string;
  readonly name: string;
  /** The host name that it works for. */
  readonly rpId: string;
  readonly createdAt: string;
  /** null: never. */
  readonly lastUsedAt: string | null;
}

export interface OwnPasskeys {
  readonly passkeys: readonly Passkey[];
  /** Whether the password alone is not enough to sign in. */
  readonly needed: boolean;
}

/** How the person shows that it is still they who use the page. */
export type Proof = { readonly password: string } | { readonly passkey: Assertion };

interface Creation {
  readonly challenge: string;
  readonly rpId: string;
  readonly user: { readonly id: string; readonly email: string; readonly name: string };
  readonly known: readonly string[];
}

/** ES256 and RS256. */
const ALGORITHMS = [-7, -257];

/** Whether this browser has passkeys, at this address. */
export function browserHasPasskeys(): boolean {
  return 'PublicKeyCredential' in window && 'credentials' in navigator;
}

/**
 * Lets the person choose a passkey of theirs.
 * @throws ProblemError `passkey_cancelled`: they did not, or the browser has none; `passkey_failed`
 */
export async function askForPasskey(): Promise<Assertion> {
  const { challenge, rpId } = (await begin('v1/session/passkey/challenge', {})) as Creation;
  const credential = await attempt(() =>
    navigator.credentials.get({
      publicKey: { challenge: bytesOf(challenge), rpId, userVerification: 'required' },
    }),
  );
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    id: textOf(credential.rawId),
    clientData: textOf(response.clientDataJSON),
    authenticatorData: textOf(response.authenticatorData),
    userHandle: textOf(response.userHandle ?? new ArrayBuffer(0)),
    signature: textOf(response.signature),
  };
}

export async function signInWithPasskey(passkey: Assertion): Promise<void> {
  await begin('v1/session/passkey', { passkey, cookies: true });
}

/**
 * Makes a passkey on a device of the person.
 * @throws ProblemError `passkey_cancelled`, `passkey_known`: that device has one of this person; `passkey_failed`
 */
export async function addPasskey(name: string, proof: Proof): Promise<Passkey> {
  const { challenge, rpId, user, known } = await change<Creation>('POST', 'v1/passkeys/challenge', { proof });
  const credential = await attempt(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: bytesOf(challenge),
        rp: { id: rpId, name: 'Ingam' },
        user: { id: bytesOf(user.id), name: user.email, displayName: user.name },
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
        excludeCredentials: known.map((id) => ({ type: 'public-key', id: bytesOf(id) })),
        authenticatorSelection: {
          residentKey: 'required',
          requireResidentKey: true,
          userVerification: 'required',
        },
        attestation: 'none',
      },
    }),
  );
  const response = credential.response as AuthenticatorAttestationResponse;
  return change<Passkey>('POST', 'v1/passkeys', {
    name,
    clientData: textOf(response.clientDataJSON),
    authenticatorData: textOf(response.getAuthenticatorData()),
  });
}

export const ownPasskeys = () => get<OwnPasskeys>('v1/passkeys');

const path = (id: string) => `v1/passkeys/${id}`;
const send = (method: string, to: string, body: unknown) =>
  sessionRequest(to, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

export async function renamePasskey(id: string, name: string): Promise<void> {
  await send('PATCH', path(id), { name });
}

export async function removePasskey(id: string, proof: Proof): Promise<void> {
  await send('POST', `${path(id)}/removal`, { proof });
}

/** @param needed whether signing in takes a passkey from now on */
export async function needPasskey(needed: boolean, proof: Proof): Promise<void> {
  await send('PATCH', 'v1/passkeys', { needed, proof });
}

/** Browsers say little about why there is no answer, so that pages learn nothing about the devices. */
async function attempt(work: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    return (await work()) as PublicKeyCredential;
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    if (name === 'InvalidStateError') throw localProblem('passkey_known');
    if (name === 'NotAllowedError' || name === 'AbortError') throw localProblem('passkey_cancelled');
    throw localProblem('passkey_failed');
  }
}

function bytesOf(base64Url: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64Url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function textOf(bytes: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
