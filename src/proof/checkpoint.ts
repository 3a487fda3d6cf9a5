import { describe, fromBase64, fromDecimal, toBase64, utf8Decode } from './bytes.js';
import { ProofError } from './errors.js';
import { HASH_LENGTH } from './hash.js';
import { parseNote, type Note } from './note.js';

/** The state of a log at a size: the text of a signed note (c2sp.org/tlog-checkpoint). */
export interface Checkpoint {
  /** The log's name, equal to its key's name. */
  readonly origin: string;
  /** Number of leaves; for this project's log, of blocks. */
  readonly size: number;
  /** RFC 6962 root over them. */
  readonly root: Uint8Array;
  /** Further non-empty lines. This project's log never writes any. */
  readonly extensions: readonly string[];
}

export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checkpoint;
  return `${[origin, size, toBase64(root), ...extensions].join('\n')}\n`;
}

/**
 * @param text a note's text, with its final LF
 * @throws {ProofError} malformed_checkpoint, malformed_number or malformed_base64
 */
export function parseCheckpoint(text: string): Checkpoint {
  if (!text.endsWith('\n'))
    throw new ProofError('malformed_checkpoint', 'a checkpoint ends with a line feed');
  const [origin, size, root, ...extensions] = text.slice(0, -1).split('\n');
  if (
    origin === undefined ||
    origin === '' ||
    size === undefined ||
    root === undefined ||
    extensions.includes('')
  ) {
    throw new ProofError(
      'malformed_checkpoint',
      `a checkpoint must have an origin, a size and a root: ${describe(text)}`,
    );
  }
  return {
    origin,
    size: fromDecimal(size, 'the size of a checkpoint'),
    root: fromBase64(root, 'the root of a checkpoint', HASH_LENGTH),
    extensions,
  };
}

/** A note whose text is a checkpoint. */
export interface CheckpointNote {
  readonly note: Note;
  readonly checkpoint: Checkpoint;
}

/**
 * Parses a signed checkpoint. The caller verifies its signatures.
 * @throws {ProofError} as `parseNote` and `parseCheckpoint` do
 */
export function parseCheckpointNote(text: string): CheckpointNote {
  const note = parseNote(text);
  return { note, checkpoint: parseCheckpoint(note.text) };
}

/** A log's request for a witness's cosignature (c2sp.org/tlog-witness, "add-checkpoint"). */
export interface AddCheckpoint {
  /** The size that the witness cosigned last, as far as the log knows; 0: none. */
  readonly oldSize: number;
  /** RFC 6962 consistency proof from `oldSize`. */
  readonly path: readonly Uint8Array[];
  /** The whole signed checkpoint. */
  readonly note: string;
}

/** Content type of a 409 response, whose body is the size that the witness cosigned last. */
export const SIZE_MEDIA_TYPE = 'text/x.tlog.size';
const MAX_PATH = 63;

export function formatAddCheckpoint({ oldSize, path, note }: AddCheckpoint): string {
  return `old ${oldSize}\n${path.map((hash) => `${toBase64(hash)}\n`).join('')}\n${note}`;
}

/** @throws {ProofError} malformed_note, malformed_text, malformed_number or malformed_base64 */
export function parseAddCheckpoint(source: Uint8Array): AddCheckpoint {
  const body = utf8Decode(source);
  const split = body.indexOf('\n\n');
  if (split === -1)
    throw new ProofError('malformed_note', 'the request must have a blank line before the checkpoint');
  const [first = '', ...hashes] = body.slice(0, split).split('\n');
  if (!first.startsWith('old '))
    throw new ProofError('malformed_note', 'the request must begin with "old" and a size');
  if (hashes.length > MAX_PATH)
    throw new ProofError('malformed_note', `a consistency proof has at most ${MAX_PATH} hashes`);
  return {
    oldSize: fromDecimal(first.slice('old '.length), 'the old size'),
    path: hashes.map((hash) => fromBase64(hash, 'a hash of the consistency proof', HASH_LENGTH)),
    note: body.slice(split + 2),
  };
}
