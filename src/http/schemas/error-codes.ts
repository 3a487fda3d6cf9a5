import type { AccessErrorCode } from '../../auth/index.js';
import type { IntakeErrorCode } from '../../intake/index.js';
import type { RefusalCode } from '../../proof/index.js';
import type { SigningErrorCode } from '../../signing/index.js';
import type { WebhookErrorCode } from '../../webhooks/index.js';

/** Why a request failed. Clients rely on these codes: adding one changes the API. */
export type ApiErrorCode =
  | 'malformed_request' // request line, headers, or percent-encoding
  | 'unsupported_header' // says of the body what this service does not check
  | 'digest_mismatch' // the body is not what its sender declared
  | 'invalid_parameter' // in the query or the path
  | 'invalid_idempotency_key'
  | 'malformed_json' // not JSON, or JSON that parsers read differently
  | 'invalid_body' // JSON that does not match the schema
  | 'invalid_details'
  | 'invalid_file_name'
  | 'malformed_multipart'
  | 'missing_boundary'
  | 'truncated_multipart' // the announced closing boundary is missing
  | 'unexpected_field'
  | 'too_many_parts'
  | 'missing_file'
  | 'empty_document'
  | 'incomplete_body' // fewer bytes than Content-Length, or the client disconnected
  | 'malformed_proof'
  | 'malformed_history'
  | 'unknown_time_zone'
  | 'line_too_long'
  | 'not_found'
  | 'notarization_not_found'
  | 'block_not_found'
  | 'no_state'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'too_large'
  | 'unsupported_media_type'
  | 'unsupported_encoding'
  | 'headers_too_large'
  | 'unknown_host' // not a name of this service
  | 'not_verified' // by this service itself, so there is no certificate
  | 'quorum_missing' // too few members have cosigned so far
  | 'internal'
  | 'invalid_record_key' // in Ingam-Record-Key
  | 'invalid_publication' // the note by which a holder publishes a record
  | 'not_published' // a record
  | 'not_sealed' // the event, or what is to be erased
  | 'key_missing' // the data key of a notarization
  | 'legal_hold'
  | 'not_erasable' // the log needs it, or it is an event of a record
  | 'hold_not_found'
  | 'no_vault' // this service keeps no documents
  | 'document_not_kept'
  | 'document_damaged' // what the vault has of it is not what it was given
  | 'vault_full' // for this organization
  | 'vault_unavailable'
  | 'vault_key_missing'
  | 'range_not_satisfiable'
  | 'lift_requested' // before
  | 'lift_not_requested'
  | 'second_person_required'
  | 'hold_lifted' // before
  | AccessErrorCode
  | IntakeErrorCode
  | SigningErrorCode
  | WebhookErrorCode
  /** An event is refused: the codes are those of every verifier (docs/records.md). */
  | RefusalCode;

interface ErrorKind {
  readonly status: number;
  readonly title: string;
}

/** What the service answers an event with that it refuses. `too_large` has the same meaning everywhere. */
const REFUSALS: Readonly<Record<Exclude<RefusalCode, 'too_large'>, ErrorKind>> = {
  malformed_event: { status: 422, title: 'Malformed event' },
  wrong_log: { status: 422, title: 'Event for another log' },
  wrong_record: { status: 422, title: 'Event of another record' },
  malformed_body: { status: 422, title: 'Malformed body of an event' },
  body_mismatch: { status: 422, title: 'Body is not the one that the note names' },
  malformed_key: { status: 422, title: 'Key cannot sign events' },
  unknown_type: { status: 422, title: 'Unknown type of event' },
  duplicate_party: { status: 422, title: 'Party named twice' },
  unknown_party: { status: 422, title: 'Unknown party' },
  unknown_condition: { status: 422, title: 'Unknown condition' },
  unknown_contest: { status: 422, title: 'Unknown contest' },
  cyclic_effect: { status: 422, title: 'Record depends on itself' },
  missing_signature: { status: 403, title: 'Signature missing' },
  bad_signature: { status: 403, title: 'Invalid signature' },
  unexpected_signature: { status: 403, title: 'Signature of another key' },
  not_holder: { status: 403, title: 'Key is not that of the holder' },
  unknown_record: { status: 404, title: 'Record not found' },
  stale_value: { status: 409, title: 'Another event came first' },
  wrong_sequence: { status: 409, title: 'Wrong sequence' },
  wrong_kind: { status: 409, title: 'Wrong kind of record' },
  wrong_status: { status: 409, title: 'Record does not take this event now' },
  not_your_turn: { status: 409, title: 'Others come first' },
  already_signed: { status: 409, title: 'Already signed' },
  already_declined: { status: 409, title: 'Already declined' },
  already_fulfilled: { status: 409, title: 'Already fulfilled' },
  already_contested: { status: 409, title: 'Already contested' },
  no_offer: { status: 409, title: 'Nothing is offered' },
  no_change: { status: 409, title: 'Nothing would change' },
  not_recoverable: { status: 409, title: 'Record cannot be recovered' },
  too_late: { status: 409, title: 'Deadline has passed' },
};

/** The codes with which an event can be refused. */
export const REFUSAL_CODES = [...Object.keys(REFUSALS), 'too_large'] as readonly RefusalCode[];

/**
 * The HTTP status and the title of each code. Client errors are 4xx; temporary failures are 503.
 */
export const API_ERRORS: Readonly<Record<ApiErrorCode, ErrorKind>> = {
  ...REFUSALS,
  malformed_request: { status: 400, title: 'Malformed request' },
  unsupported_header: { status: 400, title: 'Unsupported header' },
  digest_mismatch: { status: 400, title: 'Digest of the body differs' },
  invalid_parameter: { status: 400, title: 'Invalid parameter' },
  invalid_idempotency_key: { status: 400, title: 'Invalid Idempotency-Key' },
  malformed_json: { status: 400, title: 'Malformed JSON' },
  invalid_body: { status: 400, title: 'Invalid request body' },
  invalid_details: { status: 400, title: 'Invalid details' },
  invalid_file_name: { status: 400, title: 'Invalid file name' },
  malformed_multipart: { status: 400, title: 'Malformed multipart body' },
  missing_boundary: { status: 400, title: 'Multipart boundary missing' },
  truncated_multipart: { status: 400, title: 'Multipart body truncated' },
  unexpected_field: { status: 400, title: 'Unexpected multipart field' },
  too_many_parts: { status: 400, title: 'Too many multipart parts' },
  missing_file: { status: 400, title: 'Document missing' },
  empty_document: { status: 400, title: 'Empty document' },
  incomplete_body: { status: 400, title: 'Incomplete request body' },
  malformed_proof: { status: 400, title: 'Malformed proof' },
  malformed_history: { status: 400, title: 'Malformed history' },
  invalid_record_key: { status: 400, title: 'Invalid Ingam-Record-Key' },
  unknown_time_zone: { status: 400, title: 'Unknown time zone' },
  invalid_email: { status: 400, title: 'Invalid e-mail address' },
  invalid_password: { status: 400, title: 'Password not acceptable' },
  invalid_network: { status: 400, title: 'Invalid network' },
  invalid_value: { status: 400, title: 'Invalid value' },
  invalid_mail_address: { status: 400, title: 'Invalid e-mail address' },
  invalid_webhook_url: { status: 400, title: 'Address not allowed for webhooks' },
  unknown_place: { status: 400, title: 'No such place in the chain' },
  invalid_signing_link: { status: 400, title: 'Link opens nothing' },
  invalid_key_offer: { status: 422, title: 'Key not accepted' },
  invalid_reset_link: { status: 400, title: 'Link for a new password expired or already used' },
  invalid_invitation: { status: 400, title: 'Invitation expired or already used' },
  invalid_publication: { status: 422, title: 'Publication not accepted' },
  unauthenticated: { status: 401, title: 'Authentication required' },
  invalid_credentials: { status: 401, title: 'Wrong e-mail address or password' },
  invalid_passkey: { status: 401, title: 'Passkey not accepted' },
  passkey_needed: { status: 401, title: 'Passkey needed' },
  passkey_required: { status: 403, title: 'The organization requires a passkey' },
  invalid_token: { status: 401, title: 'Invalid credential' },
  token_expired: { status: 401, title: 'Access token expired' },
  forbidden: { status: 403, title: 'Permission denied' },
  address_not_allowed: { status: 403, title: 'API key not allowed from this network' },
  csrf: { status: 403, title: 'Cross-site request rejected' },
  organization_not_found: { status: 404, title: 'Organization not found' },
  user_not_found: { status: 404, title: 'User not found' },
  passkey_not_found: { status: 404, title: 'Passkey not found' },
  key_not_found: { status: 404, title: 'API key not found' },
  not_found: { status: 404, title: 'Not found' },
  notarization_not_found: { status: 404, title: 'Notarization not found' },
  block_not_found: { status: 404, title: 'Block not found' },
  signing_request_not_found: { status: 404, title: 'Request to sign not found' },
  webhook_not_found: { status: 404, title: 'Webhook not found' },
  hold_not_found: { status: 404, title: 'Legal hold not found' },
  no_state: { status: 404, title: 'No state statement' },
  not_published: { status: 404, title: 'Record not published' },
  document_not_kept: { status: 404, title: 'Document not kept' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  request_timeout: { status: 408, title: 'Request timed out' },
  user_exists: { status: 409, title: 'User already exists' },
  last_owner: { status: 409, title: 'Organization needs an owner' },
  last_operator: { status: 409, title: 'Service needs an operator' },
  owner_exists: { status: 409, title: 'Organization already has an owner' },
  no_mail_server: { status: 409, title: 'This service sends no e-mails' },
  passkeys_unavailable: { status: 409, title: 'No passkeys at this address' },
  too_many_webhooks: { status: 409, title: 'Too many webhooks' },
  signing_request_closed: { status: 409, title: 'Request to sign is closed' },
  signing_not_ready: { status: 409, title: 'Not ready to sign' },
  contract_differs: { status: 409, title: 'Contract does not fit the request' },
  event_not_asked: { status: 403, title: 'Event not asked for' },
  not_sealed: { status: 409, title: 'Not sealed yet' },
  legal_hold: { status: 409, title: 'Under a legal hold' },
  no_vault: { status: 409, title: 'Service keeps no documents' },
  not_erasable: { status: 409, title: 'Cannot be erased' },
  lift_requested: { status: 409, title: 'Lifting already requested' },
  lift_not_requested: { status: 409, title: 'Lifting not requested' },
  second_person_required: { status: 409, title: 'Another person must approve' },
  hold_lifted: { status: 409, title: 'Legal hold already lifted' },
  not_verified: { status: 409, title: 'Notarization could not be verified' },
  erased: { status: 410, title: 'Notarization erased' },
  key_missing: { status: 410, title: 'Data key missing' },
  line_too_long: { status: 413, title: 'Line too long' },
  too_large: { status: 413, title: 'Request too large' },
  vault_full: { status: 413, title: 'Vault quota used up' },
  unsupported_media_type: { status: 415, title: 'Unsupported content type' },
  unsupported_encoding: { status: 415, title: 'Unsupported content encoding' },
  range_not_satisfiable: { status: 416, title: 'Range not satisfiable' },
  unknown_host: { status: 421, title: 'Unknown host name' },
  idempotency_mismatch: { status: 422, title: 'Idempotency-Key already used' },
  sign_in_blocked: { status: 429, title: 'Too many failed sign-ins' },
  limit_exceeded: { status: 429, title: 'Limit exceeded' },
  headers_too_large: { status: 431, title: 'Headers too large' },
  internal: { status: 500, title: 'Internal error' },
  document_damaged: { status: 500, title: 'Kept document damaged' },
  quorum_missing: { status: 503, title: 'Quorum not yet reached' },
  queue_full: { status: 503, title: 'Service overloaded' },
  clock_behind: { status: 503, title: 'Service clock behind' },
  unavailable: { status: 503, title: 'Database unavailable' },
  vault_unavailable: { status: 503, title: 'Vault unavailable' },
  vault_key_missing: { status: 503, title: 'Vault key missing' },
  outcome_unknown: { status: 503, title: 'Outcome unknown' },
  busy: { status: 503, title: 'Too many sign-ins in progress' },
  issuer_unavailable: { status: 503, title: 'Identity provider unavailable' },
  stopping: { status: 503, title: 'Service shutting down' },
};
