import { p256 } from '@noble/curves/nist.js';
import { toBase64 } from '../../../../src/proof/index.js';
import { encodeAssertion, passkeyChallenge } from '../../../../src/proof/records/passkey.js';
import { formatPasskey, parseEventKey } from '../../../../src/proof/records/keys.js';
import { sha256 } from '../keys.js';

// An authenticator with a browser, in software: as they behave, or as a forger would have them.

/** What this assertion has other than it should have. */
export interface Strange {
  readonly rpId?: string;
  /** UP is 1, UV is 4; by default both. */
  readonly flags?: number;
  readonly counter?: number;
  /** Behind the counter. */
  readonly extensions?: Uint8Array;
  /** Changes the members of clientDataJSON. */
  readonly client?: Record<string, unknown>;
  /** Changes the text of clientDataJSON, before it is signed. */
  readonly clientText?: (text: string) => string;
  /** Changes r and s, in hexadecimal of 64 digits. */
  readonly numbers?: (r: string, s: string) => readonly [string, string];
  /** Changes the signature in DER, after it is made. */
  readonly der?: (der: Uint8Array) => Uint8Array;
  /** Signed instead of authenticator data and hash. */
  readonly signed?: (message: Uint8Array) => Uint8Array;
}

export class Authenticator {
  readonly #secret: Uint8Array;
  readonly rpId: string;
  readonly vkey: string;
  readonly point: Uint8Array;

  constructor(name: string, rpId: string, seed = `passkey ${name}`) {
    this.#secret = sha256(seed);
    this.rpId = rpId;
    this.point = p256.getPublicKey(this.#secret, true);
    this.vkey = formatPasskey(name, { point: this.point, rpId });
  }

  /** The signature of a note's text, as in the note without the key id. */
  sign(text: string, strange: Strange = {}): Uint8Array {
    const { rpId = this.rpId, flags = 5, counter = 0, extensions = new Uint8Array(), clientText } = strange;
    const data = Buffer.alloc(5);
    data.writeUInt8(flags);
    data.writeUInt32BE(counter, 1);
    const authenticatorData = Buffer.concat([sha256(rpId), data, extensions]);
    const client = {
      type: 'webauthn.get',
      challenge: Buffer.from(passkeyChallenge(text)).toString('base64url'),
      origin: `https://${this.rpId}`,
      crossOrigin: false,
      ...strange.client,
    };
    const json = JSON.stringify(client);
    const clientDataJson = Buffer.from(clientText === undefined ? json : clientText(json));
    const message = Buffer.concat([authenticatorData, sha256(clientDataJson)]);
    const raw = Buffer.from(p256.sign(sha256(strange.signed?.(message) ?? message), this.#secret, { prehash: false, lowS: true })).toString('hex');
    const [r, s] = strange.numbers?.(raw.slice(0, 64), raw.slice(64)) ?? [raw.slice(0, 64), raw.slice(64)];
    const der = derOf(r, s);
    return encodeAssertion({ authenticatorData, clientDataJson, signature: strange.der?.(der) ?? der });
  }

  /** The line of a note. */
  line(text: string, strange: Strange = {}): string {
    const { name, keyId } = parseEventKey(this.vkey);
    return `\u2014 ${name} ${toBase64(Buffer.concat([keyId, this.sign(text, strange)]))}\n`;
  }
}

/** Ecdsa-Sig-Value. */
export function derOf(r: string, s: string): Uint8Array {
  const integer = (hex: string) => {
    const digits = hex.replace(/^(00)+(?=..)/, '');
    const padded = Number.parseInt(digits.slice(0, 2), 16) >= 0x80 ? `00${digits}` : digits;
    return Buffer.concat([Buffer.of(0x02, padded.length / 2), Buffer.from(padded, 'hex')]);
  };
  const body = Buffer.concat([integer(r), integer(s)]);
  return new Uint8Array(Buffer.concat([Buffer.of(0x30, body.length), body]));
}

/** n − s: signs as s does. */
export function highS(s: string): string {
  const { n } = p256.Point.CURVE();
  return (n - BigInt(`0x${s}`)).toString(16).padStart(64, '0');
}

export const ORDER = p256.Point.CURVE().n.toString(16).padStart(64, '0');
