import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import {
  describe,
  equal,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  parseCheckpoint,
  parseNote,
  ProofError,
  toHex,
  type Checkpoint,
  type LogKeys,
  type Note,
  type NoteSignature,
  type VerifierKey,
} from '../../proof/index.js';
import type { AuditProblem } from './finding.js';

export type ReadNote =
  | { readonly good: true; readonly root: Uint8Array }
  | {
      readonly good: false;
      readonly problem: Extract<AuditProblem, 'note_mismatch' | 'bad_signature'>;
      readonly message: string;
    };

/**
 * Reads the notes of checkpoints, of which exactly one spelling is right: the canonical text for this log and size, a blank line,
 * a signature line of each key that signs at this size, in the order in which the log has named them. Without keys all must be signed
 * under one name and key id, and nothing is known of the signatures.
 */
export class CheckpointNotes {
  readonly #keys: LogKeys | null;
  readonly checksSignatures: boolean;
  /** OpenSSL checks a signature ten times as fast as portable code, and a chain has one for every block. */
  readonly #imported = new Map<VerifierKey, KeyObject>();
  /** Whoever signed the first note, when nobody has said who must. */
  #signer: Signer | null = null;
  origin: string | null;

  /** @param checks whether signatures are checked: the keys were not only what the database says itself */
  constructor(keys: LogKeys | null, checks: boolean) {
    this.#keys = keys;
    this.checksSignatures = checks;
    this.origin = keys?.latest[0]?.name ?? null;
  }

  read(text: string, size: number): ReadNote {
    let note: Note;
    let checkpoint: Checkpoint;
    try {
      note = parseNote(text);
      checkpoint = parseCheckpoint(note.text);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      return mismatch(`it cannot be read: ${error.message}`);
    }
    const [line] = note.signatures;
    if (line === undefined) return mismatch('it carries no signature');
    this.origin ??= checkpoint.origin;
    this.#signer ??= line;
    const keys = this.#keys?.at(size) ?? null;
    const signers: readonly Signer[] = keys ?? [this.#signer];
    if (note.signatures.length !== signers.length) {
      const count = signers.length === 1 ? 'one signature' : `${signers.length} signatures`;
      return mismatch(`it must carry ${count}`);
    }
    if (formatNote(note) !== text) return mismatch('it is not in its canonical spelling');
    for (const [i, signer] of signers.entries()) {
      const fault = this.#faultOf(note, i, signer, keys?.[i] ?? null);
      if (fault !== null) return fault;
    }
    const { root, size: signedSize } = checkpoint;
    if (checkpoint.origin !== this.origin) return mismatch(`it is of the log ${describe(checkpoint.origin)}`);
    if (signedSize !== size) return mismatch(`it is for ${signedSize} blocks`);
    if (formatCheckpoint({ origin: this.origin, size, root, extensions: [] }) !== note.text) {
      return mismatch('it says more than origin, size and root');
    }
    return { good: true, root };
  }

  #faultOf(note: Note, i: number, signer: Signer, key: VerifierKey | null): ReadNote | null {
    const line = note.signatures[i];
    if (line === undefined) return mismatch('a signature is missing');
    if (line.name !== signer.name || !equal(line.keyId, signer.keyId)) {
      const expected = key === null ? `${signer.name}+${toHex(signer.keyId)}` : formatVerifierKey(key);
      return badSignature(
        `it is signed by ${describe(`${line.name}+${toHex(line.keyId)}`)}, not by ${expected}`,
      );
    }
    if (key === null || verify(null, Buffer.from(note.text), this.#import(key), line.signature)) return null;
    return badSignature('its signature does not hold');
  }

  #import(key: VerifierKey): KeyObject {
    const known = this.#imported.get(key) ?? importKey(key);
    this.#imported.set(key, known);
    return known;
  }
}

type Signer = Pick<NoteSignature, 'name' | 'keyId'>;

function mismatch(message: string): ReadNote {
  return { good: false, problem: 'note_mismatch', message };
}

function badSignature(message: string): ReadNote {
  return { good: false, problem: 'bad_signature', message };
}

function importKey({ publicKey }: VerifierKey): KeyObject {
  const x = Buffer.from(publicKey).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}
