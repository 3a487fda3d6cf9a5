/** Why an input of this folder's parsers was refused. Closed: a new code is a change of the public interface. */
export type ProofErrorCode =
  | 'malformed_text' // not UTF-8, or characters that the format forbids
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
  | 'malformed_policy'
  | 'malformed_proof'
  | 'unsupported_format'; // a well-formed file of another format or version

/** Thrown for malformed input. A well-formed proof that does not hold is never an error: it is a verdict. */
export class ProofError extends Error {
  readonly code: ProofErrorCode;

  constructor(code: ProofErrorCode, message: string) {
    super(message);
    this.name = 'ProofError';
    this.code = code;
  }
}
