import { useRef } from 'preact/hooks';
import { printable, ProofError } from '../../../proof/errors.js';
import type { Policy } from '../../../proof/policy.js';
import { Choice, Choices } from '../../components/fields.js';
import { counted, formatNumber } from '../../lib/format.js';
import { messages } from '../../messages/verify.js';
import type { Checks } from './checks.js';
import { parseTrust, quorumOf, trustOf, type TrustSource } from './trust.js';

const COMMAND = 'ingam verify FILE PROOF --key KEY';

/** Whose signatures count, in one line, and the choice of another below it. */
export function TrustLine({ checks }: { readonly checks: Checks }) {
  const t = messages();
  const field = useRef<HTMLTextAreaElement>(null);
  const { source, pasted } = checks.trust;
  const choose = (chosen: TrustSource) => {
    checks.trust = { source: chosen, pasted };
    if (chosen === 'own') requestAnimationFrame(() => field.current?.focus());
  };
  const { message, wrong } = describePasted(pasted);
  const now = trustOf(checks.trust);
  return (
    <details class="trust" data-trust={now} open={source === 'own'}>
      <summary>
        <span>{t.trustNow[now]}</span> <span class="trust-change">{t.trustChange}</span>
      </summary>
      <div class="trust-choice">
        <Choices legend={t.trustLegend}>
          <Choice
            type="radio"
            name="trust"
            label={t.trustService}
            explained={t.trustServiceExplained}
            checked={source === 'service'}
            onChange={() => {
              choose('service');
            }}
          />
          <Choice
            type="radio"
            name="trust"
            label={t.trustOwn}
            explained={t.trustOwnExplained}
            checked={source === 'own'}
            onChange={() => {
              choose('own');
            }}
          />
          {source === 'service' ? null : (
            <div class="own-trust">
              <label for="trust-field">{t.trustField}</label>
              <textarea
                id="trust-field"
                ref={field}
                rows={3}
                spellcheck={false}
                autocapitalize="off"
                autocomplete="off"
                aria-describedby="trust-hint trust-state"
                aria-invalid={wrong}
                value={pasted}
                onInput={({ currentTarget }) => {
                  checks.trust = { source, pasted: currentTarget.value };
                }}
              />
              <p class="hint" id="trust-hint">
                {t.trustFieldHint}
              </p>
              <p class="field-state" id="trust-state" role="status">
                {message}
              </p>
            </div>
          )}
        </Choices>
        <p class="fine-print">
          {t.trustPage} <code>{COMMAND}</code>
        </p>
      </div>
    </details>
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
  const retired = policy.retired.map(({ key, until }) => t.retiredKey(printable(key.name), counted(until)));
  if (quorum === null || quorum.needed === 0) return [t.trustFieldKeys(logs), ...retired].join(' ');
  const names = quorum.signers.filter(({ counts }) => counts).map(({ name }) => printable(name));
  const needed = formatNumber(quorum.needed);
  const demand = t.trustFieldPolicy(logs, needed, formatNumber(quorum.of), names.join(', '));
  return [demand, ...retired].join(' ');
}
