import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

// An authenticator with a browser, in software: as they behave, or as a thief would have them.

export interface Place {
  readonly rpId: string;
  readonly origin: string;
}

/** What this answer has other than it should have. */
export interface Strange {
  readonly rpId?: string;
  /** UP is 1, UV is 4, a new credential 0x40, extensions 0x80. */
  readonly flags?: number;
  readonly counter?: number;
  /** Changes members of the client's data; undefined removes one. */
  readonly client?: Record<string, unknown>;
  /** Instead of the client's data. */
  readonly clientText?: string;
  /** Behind everything else in the authenticator's data. */
  readonly tail?: Uint8Array;
  /** Changes the authenticator's data before it is signed. */
  readonly data?: (data: Buffer) => Buffer;
  /** Signs instead of the passkey. */
  readonly signer?: KeyObject;
  readonly userHandle?: Uint8Array;
  readonly credentialId?: Uint8Array;
}

export interface NewCredential {
  readonly clientData: Uint8Array;
  readonly authenticatorData: Uint8Array;
}

export interface SoftAssertion extends NewCredential {
  readonly credentialId: Uint8Array;
  readonly userHandle: Uint8Array;
  readonly signature: Uint8Array;
}

const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest();

export class Authenticator {
  readonly credentialId: Uint8Array = new Uint8Array(randomBytes(32));
  readonly privateKey: KeyObject;
  readonly #cose: Buffer;
  /** null: it does not count, as synchronized passkeys. */
  counter: number | null = null;
  userHandle: Uint8Array = new Uint8Array();
  readonly place: Place;

  constructor(place: Place, kind: 'ES256' | 'RS256' = 'ES256') {
    this.place = place;
    const { publicKey, privateKey } =
      kind === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.privateKey = privateKey;
    const { x = '', y = '', n = '' } = publicKey.export({ format: 'jwk' });
    const number = (text: string) => Buffer.from(text, 'base64url');
    this.#cose =
      kind === 'ES256'
        ? Buffer.concat([hex('a5010203262001215820'), number(x), hex('225820'), number(y)])
        : Buffer.concat([hex('a401030339010020590100'), number(n), hex('2143010001')]);
  }

  create(challenge: string, userId: Uint8Array, strange: Strange = {}): NewCredential {
    this.userHandle = userId;
    const id = strange.credentialId ?? this.credentialId;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const credential = Buffer.concat([Buffer.alloc(16), length, id, this.#cose]);
    return {
      clientData: this.#clientData('webauthn.create', challenge, strange),
      authenticatorData: this.#data(0x45, credential, strange),
    };
  }

  answer(challenge: string, strange: Strange = {}): SoftAssertion {
    if (this.counter !== null) this.counter++;
    const clientData = this.#clientData('webauthn.get', challenge, strange);
    const authenticatorData = this.#data(0x05, Buffer.alloc(0), strange);
    const signed = Buffer.concat([authenticatorData, sha256(clientData)]);
    return {
      credentialId: strange.credentialId ?? this.credentialId,
      clientData,
      authenticatorData,
      userHandle: strange.userHandle ?? this.userHandle,
      signature: new Uint8Array(sign('sha256', signed, strange.signer ?? this.privateKey)),
    };
  }

  #clientData(type: string, challenge: string, { client = {}, clientText }: Strange): Uint8Array {
    const members = { type, challenge, origin: this.place.origin, crossOrigin: false, ...client };
    return new Uint8Array(Buffer.from(clientText ?? JSON.stringify(members)));
  }

  #data(flags: number, credential: Buffer, strange: Strange): Uint8Array {
    const head = Buffer.alloc(5);
    head.writeUInt8(strange.flags ?? flags);
    head.writeUInt32BE(strange.counter ?? this.counter ?? 0, 1);
    const { tail = new Uint8Array(), data = (same: Buffer) => same } = strange;
    return new Uint8Array(
      data(Buffer.concat([sha256(strange.rpId ?? this.place.rpId), head, credential, tail])),
    );
  }
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

/** As the API takes it. */
export function assertionJson({ credentialId, ...rest }: SoftAssertion): Record<string, string> {
  return jsonOf({ id: credentialId, ...rest });
}

export function jsonOf(parts: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parts).map(([name, bytes]) => [
      name,
      Buffer.from(bytes as Uint8Array).toString('base64url'),
    ]),
  );
}
