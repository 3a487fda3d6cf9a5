import type { AccessErrorCode } from '../../auth/index.js';
import type { IntakeErrorCode } from '../../intake/index.js';

/** Why a request was not served. Stable and closed: clients decide by it, and a new code is a change of the API. */
export type ApiErrorCode =
  | 'malformed_request' // not HTTP as it should be: request line, headers, percent-encoding
  | 'invalid_parameter' // of the query or the path
  | 'invalid_idempotency_key'
  | 'malformed_json' // not JSON, or not the strict form that everybody reads alike
  | 'invalid_body' // JSON of the wrong shape
  | 'invalid_details'
  | 'invalid_file_name'
  | 'malformed_multipart'
  | 'missing_boundary'
  | 'truncated_multipart' // the closing boundary never came: cut off, or another boundary than announced
  | 'unexpected_field'
  | 'too_many_parts'
  | 'missing_file'
  | 'empty_document'
  | 'incomplete_body' // fewer bytes than Content-Length, or the client went away
  | 'malformed_proof'
  | 'unknown_time_zone'
  | 'line_too_long'
  | 'not_found'
  | 'notarization_not_found'
  | 'block_not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'too_large'
  | 'unsupported_media_type'
  | 'unsupported_encoding'
  | 'headers_too_large'
  | 'unknown_host' // addressed to a name that is not this service's
  | 'not_verified' // by this service itself: there is no certificate of it
  | 'quorum_missing' // too few witnesses have cosigned until now
  | 'internal'
  | AccessErrorCode
  | IntakeErrorCode;

interface ErrorKind {
  readonly status: number;
  readonly title: string;
}

/** The one place where codes become HTTP statuses. Mistakes of the client are 4xx; what passes by itself is 503. */
export const API_ERRORS: Readonly<Record<ApiErrorCode, ErrorKind>> = {
  malformed_request: { status: 400, title: 'The request is malformed' },
  invalid_parameter: { status: 400, title: 'A parameter is not valid' },
  invalid_idempotency_key: { status: 400, title: 'The Idempotency-Key is not valid' },
  malformed_json: { status: 400, title: 'The JSON is malformed' },
  invalid_body: { status: 400, title: 'The body is not valid' },
  invalid_details: { status: 400, title: 'The details are not valid' },
  invalid_file_name: { status: 400, title: 'The file name is not valid' },
  malformed_multipart: { status: 400, title: 'The multipart body is malformed' },
  missing_boundary: { status: 400, title: 'The multipart boundary is missing' },
  truncated_multipart: { status: 400, title: 'The multipart body does not end' },
  unexpected_field: { status: 400, title: 'A multipart field is not expected' },
  too_many_parts: { status: 400, title: 'The multipart body has too many parts' },
  missing_file: { status: 400, title: 'There is no document' },
  empty_document: { status: 400, title: 'The document is empty' },
  incomplete_body: { status: 400, title: 'The body is incomplete' },
  malformed_proof: { status: 400, title: 'The proof is malformed' },
  unknown_time_zone: { status: 400, title: 'The time zone is not known' },
  invalid_email: { status: 400, title: 'The e-mail address is not valid' },
  invalid_password: { status: 400, title: 'The password cannot be taken' },
  invalid_network: { status: 400, title: 'The network is not valid' },
  invalid_value: { status: 400, title: 'A value is not valid' },
  invalid_invitation: { status: 400, title: 'The invitation is not good any more' },
  unauthenticated: { status: 401, title: 'This needs a credential' },
  invalid_credentials: { status: 401, title: 'The address or the password is wrong' },
  invalid_token: { status: 401, title: 'The credential is not good' },
  token_expired: { status: 401, title: 'The access token is over' },
  forbidden: { status: 403, title: 'This is not allowed' },
  address_not_allowed: { status: 403, title: 'The API key is not for this network' },
  csrf: { status: 403, title: 'The request does not come from a page of this service' },
  organization_not_found: { status: 404, title: 'There is no such organization' },
  user_not_found: { status: 404, title: 'There is no such user' },
  key_not_found: { status: 404, title: 'There is no such API key' },
  not_found: { status: 404, title: 'There is no such resource' },
  notarization_not_found: { status: 404, title: 'There is no such notarization' },
  block_not_found: { status: 404, title: 'There is no such block' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  request_timeout: { status: 408, title: 'The request stopped coming' },
  user_exists: { status: 409, title: 'The user is there already' },
  last_owner: { status: 409, title: 'An organization needs an owner' },
  last_operator: { status: 409, title: 'The service needs an operator' },
  owner_exists: { status: 409, title: 'The organization has an owner' },
  not_verified: { status: 409, title: 'The notarization does not verify' },
  erased: { status: 410, title: 'The notarization has been erased' },
  line_too_long: { status: 413, title: 'The line is too long' },
  too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not taken' },
  unsupported_encoding: { status: 415, title: 'The content encoding is not taken' },
  unknown_host: { status: 421, title: 'This service does not go by that name' },
  idempotency_mismatch: { status: 422, title: 'The Idempotency-Key was used for something else' },
  sign_in_blocked: { status: 429, title: 'Too many attempts to sign in' },
  limit_exceeded: { status: 429, title: 'A limit is reached' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'Something went wrong here' },
  quorum_missing: { status: 503, title: 'The quorum has not cosigned yet' },
  queue_full: { status: 503, title: 'Too much is waiting' },
  clock_behind: { status: 503, title: 'The clock of the service is behind' },
  unavailable: { status: 503, title: 'The database is away' },
  outcome_unknown: { status: 503, title: 'It is not known whether this was accepted' },
  busy: { status: 503, title: 'Too many passwords are being checked' },
  issuer_unavailable: { status: 503, title: 'The identity provider is away' },
  stopping: { status: 503, title: 'The service is shutting down' },
};
