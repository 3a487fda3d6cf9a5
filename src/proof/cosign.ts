import { concat, utf8 } from './bytes.js';
import { COSIGNATURE, type NoteSignature, type NoteSigner } from './note.js';

/** c2sp.org/tlog-cosignature, Ed25519: what a witness puts under somebody's checkpoint. */

/**
 * @param text a checkpoint's text, with its final LF
 * @param signer with a key of type COSIGNATURE
 * @param time when, in seconds since the Unix epoch; not 0
 */
export function cosign(text: string, signer: NoteSigner, time: number): NoteSignature {
  if (signer.key.type !== COSIGNATURE) throw new RangeError('only cosignature keys cosign');
  if (!Number.isSafeInteger(time) || time < 1) throw new RangeError('time must be seconds after 1970');
  const signature = signer.sign(utf8(`cosignature/v1\ntime ${time}\n${text}`));
  return cosignatureLine({ name: signer.key.name, keyId: signer.key.keyId, time, signature });
}

/** The parts of a cosignature as a line of a note has them. */
export function cosignatureLine(parts: {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly time: number;
  readonly signature: Uint8Array;
}): NoteSignature {
  const seconds = new Uint8Array(8);
  new DataView(seconds.buffer).setBigUint64(0, BigInt(parts.time));
  return { name: parts.name, keyId: parts.keyId, signature: concat(seconds, parts.signature) };
}
