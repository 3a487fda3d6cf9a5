import { leastSigners } from '../../../proof/cosignature.js';
import { printable, ProofError } from '../../../proof/errors.js';
import { parseVerifierKey, type VerifierKey } from '../../../proof/note.js';
import { parsePolicy, type Policy, policyOfKeys, type RetiredKey } from '../../../proof/policy.js';
import type { Verification } from '../../../proof/verify.js';
import { element, setText } from '../../lib/dom.js';
import { counted, formatNumber } from '../../lib/format.js';
import { messages } from '../../messages/verify.js';

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

/** A witness of a policy, and what a proof has of it. */
export interface Signer {
  readonly name: string;
  /** When it states to have signed, in seconds since the Unix epoch; null: its signature is not there, or false. */
  readonly time: number | null;
  /** Whether the quorum is about it. */
  readonly counts: boolean;
}

/** Whose cosignatures a policy asks for, and which of them a proof has. */
export interface Quorum {
  /** The fewest that can be enough; 0: none are asked for. Where groups are nested, as many of the wrong ones are not. */
  readonly needed: number;
  /** Of those that count. */
  readonly signed: number;
  readonly of: number;
  /** In the order of the policy. */
  readonly signers: readonly Signer[];
}

/** @returns null when the policy names nobody who could cosign */
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
  // A group is defined below its members: from the last to the first, each is known to count before its members are.
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

/** Whom the reader believes, with honest words about the difference. `onChange` follows every key stroke. */
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
  const service = radio('service', t.trustService, t.trustServiceExplained);
  const given = radio('own', t.trustOwn, t.trustOwnExplained);

  function radio(source: TrustSource, label: string, explained: string) {
    const input = element('input', {
      type: 'radio',
      name: 'trust',
      value: source,
      id: `trust-${source}`,
      'aria-describedby': `trust-${source}-explained`,
      onchange: () => {
        changed();
        if (source === 'own') field.focus();
      },
    });
    input.checked = chosen.source === source;
    const row = element(
      'div',
      { class: 'choice' },
      input,
      element('label', { for: input.id }, label),
      element('p', { id: `trust-${source}-explained` }, explained),
    );
    return { input, row };
  }
  function show() {
    own.hidden = !given.input.checked;
    const { says, wrong } = judged(field.value);
    setText(state, says);
    field.setAttribute('aria-invalid', String(wrong));
  }
  function changed() {
    show();
    onChange({ source: given.input.checked ? 'own' : 'service', pasted: field.value });
  }
  show();
  return element(
    'fieldset',
    { class: 'choices' },
    element('legend', {}, t.trustLegend),
    service.row,
    given.row,
    own,
    element('p', { class: 'fine-print' }, t.trustPage, ' ', element('code', {}, COMMAND)),
  );
}

function judged(pasted: string): { readonly says: string; readonly wrong: boolean } {
  try {
    const policy = parseTrust(pasted);
    return { says: policy === null ? messages().trustFieldEmpty : policySentence(policy), wrong: false };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return { says: messages().trustFieldWrong, wrong: true };
  }
}

/** What was pasted, as it will be used. */
function policySentence(policy: Policy): string {
  const t = messages();
  const quorum = quorumOf(policy);
  // A log that is changing its key has several under its one name.
  const keys = [...policy.logs, ...policy.retired.map(({ key }) => key)];
  const logs = [...new Set(keys.map(({ name }) => printable(name)))].join(', ');
  const retired = policy.retired.map(retiredSentence);
  if (quorum === null || quorum.needed === 0) return [t.trustFieldKeys(logs), ...retired].join(' ');
  const names = quorum.signers.filter(({ counts }) => counts).map(({ name }) => printable(name));
  const needed = formatNumber(quorum.needed);
  const demand = t.trustFieldPolicy(logs, needed, formatNumber(quorum.of), names.join(', '));
  return [demand, ...retired].join(' ');
}

/** What a key that its log has given up is still believed for. */
export function retiredSentence({ key, until }: RetiredKey): string {
  return messages().retiredKey(printable(key.name), counted(until));
}

/** What a service has written into the file as it handed it out (src/http/calls/offline-page.ts). */
export interface EmbeddedTrust {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Name of the service's log. */
  readonly origin: string;
  /** c2sp.org/tlog-policy. */
  readonly policy: string;
  /** Verifier key that receipts of the service are signed with. */
  readonly receiptKey: string;
}

/** @returns null for a file that no service has handed out */
export function readEmbeddedTrust(text: string): EmbeddedTrust | null {
  if (text.trim() === '') return null;
  const { at, origin, policy, receiptKey } = JSON.parse(text) as Partial<Record<string, unknown>>;
  const whole =
    typeof at === 'number' &&
    typeof origin === 'string' &&
    typeof policy === 'string' &&
    typeof receiptKey === 'string';
  if (!whole) throw new Error('what the service wrote into this file cannot be read');
  return { at, origin, policy, receiptKey };
}
