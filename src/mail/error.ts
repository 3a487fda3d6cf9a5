/**
 * A mail server did not take an e-mail. What it said is not here: it repeats addresses, and logs are kept longer than
 * requests.
 */
export class MailError extends Error {
  override readonly name = 'MailError';
  /** nodemailer's, such as ECONNECTION or EENVELOPE. */
  readonly code: string;
  /** RFC 5321, §4.2; null: there was no answer. */
  readonly responseCode: number | null;

  constructor(error: unknown) {
    const { code = 'unexpected', responseCode = null } = (error ?? {}) as {
      code?: string;
      responseCode?: number;
    };
    const answer = responseCode === null ? '' : ` and answered ${responseCode}`;
    super(`the mail server did not take an e-mail (${code})${answer}`);
    this.code = code;
    this.responseCode = responseCode;
  }
}
