import { nodeVerifyEd25519 } from '../node-crypto.js';
import {
  checkSignature,
  formatVerifierKey,
  isSignedBy,
  parseCheckpoint,
  parseNote,
  ProofError,
  type Checkpoint,
  type LogKeys,
  type Note,
  type VerifierKey,
} from '../proof/index.js';
import { Refusal } from './refusal.js';

interface ReadCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: Note;
  /** The note as it came. */
  readonly text: string;
}

/** A checkpoint whose signatures by the log hold. */
export interface SignedCheckpoint extends ReadCheckpoint {
  /** The keys of the log that signed it. */
  readonly keys: readonly VerifierKey[];
}

/** Signed by every key that must sign at this size, and by none that must not. @throws {Refusal} malformed, unsigned */
export function openCheckpoint(text: string, keys: LogKeys): SignedCheckpoint {
  const read = readCheckpoint(text);
  const signers = keys.at(read.checkpoint.size);
  if (
    !signers.some(({ name }) => name === read.checkpoint.origin) ||
    !isSignedBy(read.note, signers, nodeVerifyEd25519)
  )
    throw unsigned(read, signers);
  return { ...read, keys: signers };
}

/** Signed by one of these keys at least, and by none of them badly. @throws {Refusal} malformed, unsigned */
export function openSignedByAny(text: string, keys: readonly VerifierKey[]): SignedCheckpoint {
  const read = readCheckpoint(text);
  const own = keys.filter(({ name }) => name === read.checkpoint.origin);
  const states = own.map((key) => checkSignature(read.note, key, nodeVerifyEd25519).state);
  if (!states.includes('good') || states.includes('bad')) throw unsigned(read, keys);
  return { ...read, keys: own.filter((_, i) => states[i] === 'good') };
}

/** @throws {Refusal} malformed */
export function readCheckpoint(text: string): ReadCheckpoint {
  try {
    const note = parseNote(text);
    return { note, checkpoint: parseCheckpoint(note.text), text };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    throw new Refusal('malformed', `the checkpoint is not one: ${error.message}`, { where: 'checkpoint' });
  }
}

export function unsigned({ checkpoint }: ReadCheckpoint, keys: readonly VerifierKey[]): Refusal {
  const names = keys.map(({ name }) => name);
  const of = names.length > 1 ? `the ${names.length} keys of ${names[0] ?? ''}` : (names[0] ?? '');
  return new Refusal('unsigned', `the checkpoint of ${checkpoint.origin} is not signed by ${of}`, {
    where: 'checkpoint',
    expected: keys.map(formatVerifierKey).join(' and '),
    found: checkpoint.origin,
  });
}
