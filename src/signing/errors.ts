/** Why a request to sign is not made, or not answered. The message is for people. */
export type SigningErrorCode =
  /** The organization has no such request. */
  | 'signing_request_not_found'
  /** The link is wrong, or was replaced, or what it opened was erased. */
  | 'invalid_signing_link'
  /** It has ended, or the contract takes no answer any more. */
  | 'signing_request_closed'
  /** The person has to give a key first, or the contract does not name it yet. */
  | 'signing_not_ready'
  /** The contract is for another document, or does not name the key that the person gave. */
  | 'contract_differs'
  /** The person did not sign the offer of the key with it. */
  | 'invalid_key_offer'
  | 'invalid_mail_address'
  /** This event is not for whoever holds the link. */
  | 'event_not_asked';

export class SigningError extends Error {
  override readonly name = 'SigningError';
  readonly code: SigningErrorCode;

  constructor(code: SigningErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
