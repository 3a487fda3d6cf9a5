import { assertNotReencoded, concat, describe, fromBase64, toBase64, utf8Decode } from './bytes.js';
import { ProofError } from './errors.js';

/**
 * Signed notes: c2sp.org/signed-note. Notes are untrusted input: only their canonical spelling is accepted.
 */

const EM_DASH = '\u2014';
const KEY_ID_LENGTH = 4;
const MAX_SIGNATURES = 100; // as Go's sumdb/note; the specification asks for at least 16

export interface NoteSignature {
  readonly name: string;
  readonly keyId: Uint8Array;
  /** What follows the key id: its form depends on the key's type. */
  readonly signature: Uint8Array;
}

export interface Note {
  /** The signed text, including its final LF. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** @throws {ProofError} malformed_note, malformed_text, reencoded_text or malformed_base64 */
export function parseNote(source: string | Uint8Array): Note {
  const note = typeof source === 'string' ? source : utf8Decode(source);
  assertNotReencoded(note);
  // Of the characters below U+0020 only LF is allowed. A lone surrogate has no UTF-8 form that could be
  // signed.
  if (/[\u0000-\u0009\u000b-\u001f]|\p{Surrogate}/u.test(note)) {
    const what = note.includes('\r\n')
      ? 'the note has carriage returns, which its signature does not cover; it was saved anew'
      : 'the note holds control characters';
    throw new ProofError('malformed_note', what);
  }
  const split = note.lastIndexOf('\n\n');
  if (split === -1)
    throw new ProofError('malformed_note', 'the note has no blank line between text and signatures');
  const block = note.slice(split + 2);
  if (!block.endsWith('\n'))
    throw new ProofError('malformed_note', 'the note does not end with a signature line');
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) {
    throw new ProofError('malformed_note', `a note has at most ${MAX_SIGNATURES} signatures`);
  }
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}

function parseSignatureLine(line: string): NoteSignature {
  const [dash, name = '', encoded, ...rest] = line.split(' ');
  if (dash !== EM_DASH || !isKeyName(name) || encoded === undefined || rest.length > 0) {
    throw new ProofError(
      'malformed_note',
      `a signature line reads "${EM_DASH} NAME BASE64": ${describe(line)}`,
    );
  }
  const bytes = fromBase64(encoded, 'a signature');
  if (bytes.length <= KEY_ID_LENGTH)
    throw new ProofError('malformed_note', 'a signature line holds no signature');
  return { name, keyId: bytes.slice(0, KEY_ID_LENGTH), signature: bytes.slice(KEY_ID_LENGTH) };
}

export function formatNote(note: Note): string {
  const lines = note.signatures.map(
    ({ name, keyId, signature }) => `${EM_DASH} ${name} ${toBase64(concat(keyId, signature))}\n`,
  );
  return `${note.text}\n${lines.join('')}`;
}

/** The name of a key. */
export function isKeyName(name: string): boolean {
  // White_Space is Unicode's own property; \s differs from it (U+0085, U+FEFF).
  return name !== '' && !/[\p{White_Space}+]|\p{Surrogate}/u.test(name);
}
