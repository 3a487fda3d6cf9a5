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
  | 'malformed_key' // a key in the body that cannot sign events
  | 'too_large'
  // The rules.
  | 'unknown_type'
  | 'wrong_kind' // an event, or another record, of another kind
  | 'wrong_status'
  | 'not_your_turn'
  | 'already_signed'
  | 'already_declined'
  | 'already_fulfilled'
  | 'already_contested'
  | 'no_offer' // nothing is offered or assigned
  | 'no_change' // what it asks for is so already
  | 'not_holder' // the key is not that of the other record's holder
  | 'not_recoverable' // no recovery key, or no recovery has started
  | 'too_late' // the deadline has come
  | 'duplicate_party' // the key or the name of another party
  | 'unknown_party'
  | 'unknown_condition'
  | 'unknown_contest'
  | 'cyclic_effect'; // a condition or an effect that names its own record

/** Thrown for an event that its record does not take. */
export class RecordRefusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(printable(message));
    this.name = 'RecordRefusal';
    this.code = code;
  }
}
