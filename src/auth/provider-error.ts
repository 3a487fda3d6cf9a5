/**
 * Why nobody is signed in. 'not_begun': not in this browser, or not in this quarter of an hour, or it was finished
 * before. 'refused': the provider says no, or the person has cancelled. 'invalid': the provider's answer is not one
 * to this sign-in. 'unavailable': the provider does not answer. 'no_role': none of the person's groups has a role.
 * 'blocked': too many failures in this network. 'no_sign_out': the provider offers no page to sign out.
 */
export type ProviderProblem =
  | 'not_begun'
  | 'refused'
  | 'invalid'
  | 'unavailable'
  | 'no_role'
  | 'blocked'
  | 'no_sign_out';

export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly problem: ProviderProblem;

  constructor(problem: ProviderProblem, options: ErrorOptions = {}) {
    super(`nobody was signed in at the identity provider: ${problem}`, options);
    this.problem = problem;
  }
}
