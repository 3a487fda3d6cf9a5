import {
  checkSignature,
  parseCheckpoint,
  parseNote,
  ProofError,
  type Checkpoint,
  type Note,
  type VerifierKey,
} from '../proof/index.js';
import { Refusal } from './refusal.js';

/** A checkpoint whose signature by the log holds. */
export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: Note;
  /** The note as it came. */
  readonly text: string;
}

/** @throws {Refusal} malformed, unsigned */
export function openCheckpoint(text: string, key: VerifierKey): SignedCheckpoint {
  let note: Note;
  let checkpoint: Checkpoint;
  try {
    note = parseNote(text);
    checkpoint = parseCheckpoint(note.text);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    throw new Refusal('malformed', `the checkpoint is not one: ${error.message}`, { where: 'checkpoint' });
  }
  if (checkpoint.origin !== key.name || checkSignature(note, key).state !== 'good') {
    throw new Refusal('unsigned', `the checkpoint of ${checkpoint.origin} is not signed by ${key.name}`, {
      where: 'checkpoint',
      expected: key.name,
      found: checkpoint.origin,
    });
  }
  return { checkpoint, note, text };
}
