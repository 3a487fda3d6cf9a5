/** Why there is no certificate. Closed: a new code is a change of the public interface. */
export type CertificateErrorCode =
  | 'not_verified' // the proof does not hold, or nobody whom the maker believes vouches for it
  | 'unknown_time_zone'
  | 'time_out_of_range' // after the year 9999, which dates in a PDF cannot state
  | 'bad_address' // of the verify page: no http or https URL, or too long for the paper
  | 'queue_full'; // too many are being made at once

export class CertificateError extends Error {
  override readonly name = 'CertificateError';
  readonly code: CertificateErrorCode;

  constructor(code: CertificateErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
