import { printable, ProofError } from '../../../proof/errors.js';
import { parseVerifierKey, type VerifierKey } from '../../../proof/verifier-key.js';
import {
  leastSigners,
  parsePolicy,
  type Policy,
  policyOfKeys,
  type RetiredKey,
} from '../../../proof/policy.js';
import type { Verification } from '../../../proof/verify.js';
import { choice, choices } from '../../components/form.js';
import { element, setText } from '../../lib/dom.js';
import { counted, formatNumber } from '../../lib/format.js';
import { messages } from '../../messages/verify.js';

/** `service`: from the service, by request or embedded in the page. `own`: entered by the user. */
type TrustSource = 'service' | 'own';

export interface Trust {
  readonly source: TrustSource;
  /** null: nothing is trusted, because nothing was entered or the service is unreachable. */
  readonly policy: Policy | null;
  /** Trusted keys for receipts; only the service names any. */
  readonly receiptKeys: readonly VerifierKey[];
}

/**
 * Parses one or more verifier keys, one per line, or a trust policy.
 * @returns null for an empty text
 * @throws ProofError if it is neither
 */
export function parseTrust(pasted: string): Policy | null {
  const lines = pasted.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  if (lines.length === 0) return null;
  // A key contains no white space; every line of a policy does, except comments.
  if (lines.every((line) => !/\s/.test(line))) return policyOfKeys(lines.map(parseVerifierKey));
  return parsePolicy(pasted);
}

/** Trusts nothing if the text cannot be parsed; the field shows that. */
export function ownTrust(pasted: string): Trust {
  try {
    return { source: 'own', policy: parseTrust(pasted), receiptKeys: [] };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return { source: 'own', policy: null, receiptKeys: [] };
  }
}

/** A member in a policy and its signature in a proof. */
export interface Signer {
  readonly name: string;
  /** Time of the signature in seconds since the Unix epoch; null: absent or invalid. */
  readonly time: number | null;
  /** Whether it counts toward the quorum. */
  readonly counts: boolean;
}

/** The cosignatures that a policy requires and those that a proof has. */
export interface Quorum {
  /**
   * The fewest that can meet the quorum; 0: none required. With nested groups, not every set of this size
   * does.
   */
  readonly needed: number;
  /** Among those that count. */
  readonly signed: number;
  readonly of: number;
  /** In the order of the policy. */
  readonly signers: readonly Signer[];
}

/** @returns null if the policy names no members */
export function quorumOf(
  policy: Policy | null,
  cosignatures: Verification['cosignatures'] = [],
): Quorum | null {
  if (policy === null || policy.witnesses.size === 0) return null;
  const counting = countingNames(policy);
  const times = new Map(cosignatures.map(({ witness, time }) => [witness, time]));
  const signers = [...policy.witnesses.keys()].map((name) => ({
    name,
    time: times.get(name) ?? null,
    counts: policy.quorum === null || counting.has(name),
  }));
  const counted = signers.filter(({ counts }) => counts);
  return {
    needed: leastSigners(policy),
    signed: counted.filter(({ time }) => time !== null).length,
    of: counted.length,
    signers,
  };
}

function countingNames({ quorum, groups }: Policy): ReadonlySet<string | null> {
  const counting = new Set([quorum]);
  // A group is defined after its members, so groups are visited from the last to the first.
  for (const [name, { members }] of [...groups].reverse()) {
    if (counting.has(name)) for (const member of members) counting.add(member);
  }
  return counting;
}

const COMMAND = 'ingam verify FILE PROOF --key KEY';

export interface TrustChoice {
  readonly source: TrustSource;
  readonly pasted: string;
}

/** The choice of the trusted key. `onChange` is called for every keystroke. */
export function trustView(chosen: TrustChoice, onChange: (chosen: TrustChoice) => void): HTMLElement {
  const t = messages();
  const field = element('textarea', {
    id: 'trust-field',
    rows: 3,
    spellcheck: 'false',
    autocapitalize: 'off',
    autocomplete: 'off',
    'aria-describedby': 'trust-hint trust-state',
    oninput: () => {
      changed();
    },
  });
  field.value = chosen.pasted;
  const state = element('p', { id: 'trust-state', class: 'field-state', role: 'status' });
  const own = element(
    'div',
    { class: 'own-trust' },
    element('label', { for: 'trust-field' }, t.trustField),
    field,
    element('p', { id: 'trust-hint', class: 'hint' }, t.trustFieldHint),
    state,
  );
  const source = (value: TrustSource, label: string, explained: string) =>
    choice({
      type: 'radio',
      name: 'trust',
      value,
      label,
      explained,
      id: `trust-${value}`,
      checked: chosen.source === value,
      onchange: () => {
        changed();
        if (value === 'own') field.focus();
      },
    });
  const service = source('service', t.trustService, t.trustServiceExplained);
  const given = source('own', t.trustOwn, t.trustOwnExplained);

  function show() {
    own.hidden = !given.input.checked;
    const { message, wrong } = describePasted(field.value);
    setText(state, message);
    field.setAttribute('aria-invalid', String(wrong));
  }
  function changed() {
    show();
    onChange({ source: given.input.checked ? 'own' : 'service', pasted: field.value });
  }
  show();
  return choices(
    t.trustLegend,
    service.element,
    given.element,
    own,
    element('p', { class: 'fine-print' }, t.trustPage, ' ', element('code', {}, COMMAND)),
  );
}

function describePasted(pasted: string): { readonly message: string; readonly wrong: boolean } {
  try {
    const policy = parseTrust(pasted);
    return { message: policy === null ? messages().trustFieldEmpty : policySentence(policy), wrong: false };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return { message: messages().trustFieldWrong, wrong: true };
  }
}

/** Describes the entered policy. */
function policySentence(policy: Policy): string {
  const t = messages();
  const quorum = quorumOf(policy);
  // A log with a key rotation in progress has several keys under one name.
  const keys = [...policy.logs, ...policy.retired.map(({ key }) => key)];
  const logs = [...new Set(keys.map(({ name }) => printable(name)))].join(', ');
  const retired = policy.retired.map(retiredSentence);
  if (quorum === null || quorum.needed === 0) return [t.trustFieldKeys(logs), ...retired].join(' ');
  const names = quorum.signers.filter(({ counts }) => counts).map(({ name }) => printable(name));
  const needed = formatNumber(quorum.needed);
  const demand = t.trustFieldPolicy(logs, needed, formatNumber(quorum.of), names.join(', '));
  return [demand, ...retired].join(' ');
}

/** Describes the limited trust in a retired key. */
export function retiredSentence({ key, until }: RetiredKey): string {
  return messages().retiredKey(printable(key.name), counted(until));
}

/** What a service embeds in the offline file (src/http/routes/pages.ts). */
export interface EmbeddedTrust {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Origin of the service's log. */
  readonly origin: string;
  /** c2sp.org/tlog-policy. */
  readonly policy: string;
  /** Verifier keys for the receipts of the service. */
  readonly receiptKeys: readonly string[];
}

/** The offline file as no service has issued it. */
export function withoutTrust(html: string): string {
  return html.replace(/(<script type="application\/json" id="made">)[^<]*/, '$1');
}

/** @returns null for a file that no service has issued */
export function readEmbeddedTrust(text: string): EmbeddedTrust | null {
  if (text.trim() === '') return null;
  const { at, origin, policy, receiptKeys } = JSON.parse(text) as Partial<Record<string, unknown>>;
  const whole =
    typeof at === 'number' &&
    typeof origin === 'string' &&
    typeof policy === 'string' &&
    Array.isArray(receiptKeys);
  if (!whole) throw new Error('what the service wrote into this file cannot be read');
  return { at, origin, policy, receiptKeys: receiptKeys as readonly string[] };
}
