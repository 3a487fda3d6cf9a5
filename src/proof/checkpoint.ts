import { describe, fromBase64, fromDecimal, toBase64 } from './bytes.js';
import { ProofError } from './errors.js';
import { HASH_LENGTH } from './hash.js';

/** c2sp.org/tlog-checkpoint: the head of a log, the text of a signed note. */
export interface Checkpoint {
  /** The log's name, equal to its key's name. */
  readonly origin: string;
  /** Number of leaves: of blocks, for this project's log. */
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
      `a checkpoint has an origin, a size and a root: ${describe(text)}`,
    );
  }
  return {
    origin,
    size: fromDecimal(size, 'the size of a checkpoint'),
    root: fromBase64(root, 'the root of a checkpoint', HASH_LENGTH),
    extensions,
  };
}
