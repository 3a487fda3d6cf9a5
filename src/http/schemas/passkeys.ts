import { z } from 'zod';
import { Cookies, Id, Name, Secret } from './inputs.js';
import { Time } from './resources.js';

/** Requests and responses about passkeys. What browsers make is checked in auth/webauthn.ts. */

/** As bytes. */
const Bytes = z
  .string()
  .max(16_384)
  .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url without padding')
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64url')));

export const PasskeyAssertion = z
  .strictObject({
    id: Bytes,
    clientData: Bytes.describe('`response.clientDataJSON`.'),
    authenticatorData: Bytes,
    userHandle: Bytes,
    signature: Bytes,
  })
  .describe('A PublicKeyCredential that `navigator.credentials.get` has given, its bytes in base64url.');
export type PasskeyAssertion = z.infer<typeof PasskeyAssertion>;

export const SignInWithPasskey = z.strictObject({
  passkey: PasskeyAssertion,
  organization: Id.exactOptional().describe(
    'The organization to act for; needed by people who belong to several.',
  ),
  cookies: Cookies,
});

export const FreshProof = z
  .union([z.strictObject({ password: Secret }), z.strictObject({ passkey: PasskeyAssertion })])
  .describe('The caller’s own password, or a passkey that they have.');
export type FreshProof = z.infer<typeof FreshProof>;

export const NewPasskeyInput = z.strictObject({
  name: Name,
  clientData: Bytes.describe('`response.clientDataJSON`.'),
  authenticatorData: Bytes.describe('`response.getAuthenticatorData()`.'),
});
export const PasskeyProof = z.strictObject({ proof: FreshProof });
export const PasskeyName = z.strictObject({ name: Name });
export const PasskeyNeed = z.strictObject({
  needed: z.boolean().describe('Whether signing in takes a passkey: the password alone is not enough then.'),
  proof: FreshProof,
});

const Challenge = z.string().describe('In base64url. Valid for five minutes, and once.');
const RpId = z.string().describe('The host name that passkeys are for.');

export const PasskeyChallenge = z.strictObject({ challenge: Challenge, rpId: RpId });

export const PasskeyCreation = z.strictObject({
  challenge: Challenge,
  rpId: RpId,
  user: z.strictObject({ id: z.string().describe('In base64url.'), email: z.string(), name: z.string() }),
  known: z.array(z.string()).describe('Ids of the caller’s passkeys, in base64url.'),
});

export const Passkey = z.strictObject({
  id: z.string(),
  name: z.string(),
  rpId: RpId,
  createdAt: Time,
  lastUsedAt: Time.nullable(),
});
export type Passkey = z.infer<typeof Passkey>;

export const Passkeys = z.strictObject({
  passkeys: z.array(Passkey).describe('Oldest first.'),
  needed: z.boolean().describe('Whether the caller’s password alone is not enough to sign in.'),
});
