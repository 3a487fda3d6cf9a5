import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import {
  COSIGNATURE,
  ED25519,
  formOf,
  formatVerifierKey,
  toBase64,
  utf8,
  verifierKey,
  type NoteSignature,
  type NoteSigner,
} from '../../../src/proof/index.js';

/** Keys whose seeds anyone can compute: they are for vectors only. */

export function sha256(data: string | Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(data).digest());
}

export function signer(name: string, type: number = ED25519, seedOf = `vector key ${name}`): NoteSigner {
  if (formOf(type).algorithm === 'ml-dsa-44') {
    const { publicKey, secretKey } = ml_dsa44.keygen(sha256(seedOf));
    const deterministic = { extraEntropy: false } as const;
    return { key: verifierKey(name, type, publicKey), sign: (message) => ml_dsa44.sign(message, secretKey, deterministic) };
  }
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex'); // RFC 8410 PKCS #8 of a seed
  const secret = createPrivateKey({
    key: Buffer.concat([prefix, sha256(seedOf)]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' });
  return {
    key: verifierKey(name, type, new Uint8Array(spki.subarray(-32))),
    sign: (message) => new Uint8Array(sign(null, message, secret)),
  };
}

/** c2sp.org/tlog-cosignature. `seconds` since the Unix epoch. */
export function cosign(text: string, witness: NoteSigner, seconds: bigint): NoteSignature {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(seconds);
  const signature = witness.sign(utf8(`cosignature/v1\ntime ${seconds}\n${text}`));
  const { name, keyId } = witness.key;
  return { name, keyId, signature: new Uint8Array(Buffer.concat([time, signature])) };
}

export function signatureLine({ name, keyId, signature }: NoteSignature): string {
  return `\u2014 ${name} ${toBase64(new Uint8Array([...keyId, ...signature]))}\n`;
}

export const ORIGIN = 'log.example/vectors';
export const LOG = signer(ORIGIN);
export const OTHER_LOG = signer('other.example/log');
/** Another key under the same name. */
export const NAMESAKE = signer(ORIGIN, ED25519, 'vector key of a namesake');
export const RECEIPT = signer(`${ORIGIN}/receipt`);
export const WITNESSES = ['w1.example', 'w2.example', 'w3.example'].map((name) => signer(name, COSIGNATURE));

export const vkey = ({ key }: NoteSigner) => formatVerifierKey(key);

export const TRUST = `log ${vkey(LOG)}\nquorum none\n`;
export const WITNESS_LINES = WITNESSES.map((witness, i) => `witness w${i + 1} ${vkey(witness)}\n`).join('');
export const QUORUM_TRUST = `# two of three members\nlog ${vkey(LOG)} https://log.example/vectors\n${WITNESS_LINES}group members 2 w1 w2 w3\nquorum members\n`;

/** The plain (type 1) form of a witness's key, as some operators publish it. */
export function plainForm({ key }: NoteSigner): string {
  return formatVerifierKey(verifierKey(key.name, ED25519, key.publicKey));
}
