import { printable } from '../errors.js';

/** Why a token does not count. Stable: scripts may depend on it. */
export type TokenFault =
  // Its form.
  | 'too_large'
  | 'not_der'
  | 'not_a_time_stamp' // well-formed, but no signed data over a TSTInfo
  | 'malformed_token'
  | 'malformed_time_stamp' // the TSTInfo: version, serial number, time, accuracy
  | 'signer_count' // none, or more than one
  // What it says.
  | 'imprint_mismatch'
  | 'nonce_mismatch'
  | 'policy_mismatch'
  | 'accuracy_too_low'
  | 'unknown_critical_extension' // of the time-stamp or of a certificate
  // Who signed it.
  | 'signer_certificate_missing'
  | 'malformed_certificate'
  | 'attribute_missing'
  | 'content_type_mismatch'
  | 'message_digest_mismatch'
  | 'signing_certificate_missing' // no attribute that names the certificate
  | 'signing_certificate_mismatch'
  | 'weak_algorithm'
  | 'weak_key'
  | 'unsupported_algorithm'
  | 'bad_signature'
  // What its certificate is for.
  | 'purpose_missing' // no extended key usage
  | 'purpose_not_critical'
  | 'purpose_not_alone'
  | 'purpose_other' // one purpose, but not time-stamping
  | 'key_usage'
  // The chain to a pinned root.
  | 'untrusted_root'
  | 'not_a_ca'
  | 'path_too_long'
  | 'bad_certificate_signature'
  | 'not_yet_valid'
  | 'expired'
  | 'revoked';

/** Thrown and caught within this folder: callers of `verifyToken` get its code in the verdict. */
export class TokenRefusal extends Error {
  readonly code: TokenFault;

  constructor(code: TokenFault, message: string) {
    super(printable(message));
    this.name = 'TokenRefusal';
    this.code = code;
  }
}
