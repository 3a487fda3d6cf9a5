import { parsePolicy, policyOfKeys, type Policy } from '../../proof/policy.js';
import { ProofError } from '../../proof/errors.js';
import { parseVerifierKey, type VerifierKey } from '../../proof/note.js';
import * as api from '../api.js';

/** `service`: the keys that the service publishes. `own`: what the reader pasted. */
export type TrustSource = 'service' | 'own';

export interface Trust {
  readonly source: TrustSource;
  /** null: nobody is believed, because nothing was given or the service could not be asked. */
  readonly policy: Policy | null;
  /** Keys that are believed for receipts; only the service names any. */
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

/** Rejects as the API's calls do, and with ProofError when the service publishes no readable key. */
export async function serviceTrust(signal: AbortSignal): Promise<Trust> {
  const { verifierKey, receiptKey } = await api.chain(signal);
  return {
    source: 'service',
    policy: policyOfKeys([parseVerifierKey(verifierKey)]),
    receiptKeys: [parseVerifierKey(receiptKey)],
  };
}
