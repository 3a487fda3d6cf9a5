import { parsePolicy, policyOfKeys, type Policy } from '../../proof/policy.js';
import { ProofError } from '../../proof/errors.js';
import { parseVerifierKey, type VerifierKey } from '../../proof/note.js';

/** `service`: what comes from the service, by an answer or in the page itself. `own`: what the reader pasted. */
export type TrustSource = 'service' | 'own';

export interface Trust {
  readonly source: TrustSource;
  /** null: nobody is believed, because nothing was given or the service could not be asked. */
  readonly policy: Policy | null;
  /** Keys that are believed for receipts; only what comes from the service names any. */
  readonly receiptKeys: readonly VerifierKey[];
}

/**
 * What people paste: one or more verifier keys, a line each, or a trust policy.
 * @returns null for an empty text
 * @throws ProofError when it is neither
 */
export function parseTrust(pasted: string): Policy | null {
  const text = pasted.replaceAll('\r\n', '\n');
  const lines = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  if (lines.length === 0) return null;
  // A key has no white space in it, and every line of a policy but a comment has.
  if (lines.every((line) => !/\s/.test(line))) return policyOfKeys(lines.map(parseVerifierKey));
  return parsePolicy(text);
}

/** Nobody, when the text cannot be read: the field itself says so. */
export function ownTrust(pasted: string): Trust {
  try {
    return { source: 'own', policy: parseTrust(pasted), receiptKeys: [] };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return { source: 'own', policy: null, receiptKeys: [] };
  }
}
