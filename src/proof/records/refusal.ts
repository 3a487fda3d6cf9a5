import { printable } from '../errors.js';

/**
 * Why an event is refused (docs/records.md). A closed union, the same for the service and for every verifier.
 */
export type RefusalCode =
  // The note.
  | 'malformed_event' // not an event note
  | 'wrong_log'
  | 'wrong_record' // names another record than the one that it is for
  | 'unknown_record'
  | 'wrong_sequence'
  | 'stale_value' // another event came first
  | 'missing_signature'
  | 'bad_signature'
  | 'unexpected_signature' // of a key that need not sign, or a second one of the same key
  // The body.
  | 'malformed_body'
  | 'body_mismatch' // not the body that the note names
  | 'too_large'
  | 'malformed_key'
  // The rules.
  | 'unknown_type'
  | 'wrong_kind'
  | 'wrong_status'
  | 'not_your_turn'
  | 'already_signed'
  | 'no_offer'
  | 'cyclic_effect'
  | 'not_recoverable'
  | 'unknown_condition'
  | 'unknown_party';

/** Thrown for an event that its record does not take. */
export class RecordRefusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(printable(message));
    this.name = 'RecordRefusal';
    this.code = code;
  }
}
