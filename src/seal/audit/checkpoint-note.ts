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
 * one signature line. Without a key all must be signed under one name and key id, and nothing is known of the signatures.
 */
export class CheckpointNotes {
  readonly #key: VerifierKey | null;
  /** OpenSSL checks a signature ten times as fast as portable code, and a chain has one for every block. */
  readonly #publicKey: KeyObject | null;
  #signer: Pick<NoteSignature, 'name' | 'keyId'> | null;
  origin: string | null;

  constructor(key: VerifierKey | null) {
    this.#key = key;
    this.#signer = key;
    this.origin = key?.name ?? null;
    this.#publicKey = key === null ? null : importKey(key);
  }

  get checksSignatures(): boolean {
    return this.#key !== null;
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
    const [line, ...others] = note.signatures;
    if (line === undefined || others.length > 0) return mismatch('it must carry one signature');
    if (formatNote(note) !== text) return mismatch('it is not in its canonical spelling');
    this.origin ??= checkpoint.origin;
    this.#signer ??= line;
    if (line.name !== this.#signer.name || !equal(line.keyId, this.#signer.keyId)) {
      const expected =
        this.#key === null
          ? `${this.#signer.name}+${toHex(this.#signer.keyId)}`
          : formatVerifierKey(this.#key);
      return badSignature(
        `it is signed by ${describe(`${line.name}+${toHex(line.keyId)}`)}, not by ${expected}`,
      );
    }
    if (this.#publicKey !== null && !verify(null, Buffer.from(note.text), this.#publicKey, line.signature)) {
      return badSignature('its signature does not hold');
    }
    const { root, size: signedSize } = checkpoint;
    if (checkpoint.origin !== this.origin) return mismatch(`it is of the log ${describe(checkpoint.origin)}`);
    if (signedSize !== size) return mismatch(`it is for ${signedSize} blocks`);
    if (formatCheckpoint({ origin: this.origin, size, root, extensions: [] }) !== note.text) {
      return mismatch('it says more than origin, size and root');
    }
    return { good: true, root };
  }
}

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
