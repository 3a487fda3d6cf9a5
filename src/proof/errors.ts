/** Why a parser of this folder refused its input. A closed union: a new code changes the public interface. */
export type ProofErrorCode =
  | 'malformed_text' // not UTF-8, or characters that the format forbids
  | 'reencoded_text' // in UTF-16, or with a byte order mark: an editor or a shell has saved it anew
  | 'malformed_base64' // not padded standard base64, or not its canonical spelling
  | 'malformed_hex'
  | 'malformed_number' // not decimal, leading zero, or beyond 2^53 − 1
  | 'malformed_json' // not JSON, duplicate or unknown keys, wrong types
  | 'malformed_entry'
  | 'malformed_header'
  | 'malformed_path'
  | 'malformed_note'
  | 'malformed_key'
  | 'malformed_checkpoint'
  | 'malformed_receipt'
  | 'malformed_changes' // a block's change list, or an automatic event in it
  | 'malformed_policy'
  | 'malformed_proof'
  | 'malformed_history'
  | 'malformed_certificate' // a PDF that does not begin with a proof
  | 'unsupported_format'; // a well-formed file of another format or version

/**
 * Makes untrusted text safe to show. Escapes characters that could control a terminal, or hide or reorder
 * text: C0 and C1 controls, format characters such as right-to-left marks, line separators and lone
 * surrogates.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The same for JSON, which stays JSON of the same value. Its line feeds between tokens stay as well. */
export function printableJson(json: string): string {
  return json.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** Thrown for malformed input. A well-formed proof that is not valid is no error: it gets a verdict. */
export class ProofError extends Error {
  readonly code: ProofErrorCode;

  constructor(code: ProofErrorCode, message: string) {
    super(printable(message));
    this.name = 'ProofError';
    this.code = code;
  }
}
