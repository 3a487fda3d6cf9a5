import { isObject, type Json, type JsonObject } from '../../../proof/canonical-json.js';
import type { Condition } from '../../../proof/records/state.js';
import { conditionSentence } from '../../components/condition-sentence.js';
import { Time } from '../../components/time.js';
import { type Row, Values } from '../../components/values.js';
import { formatNumber } from '../../lib/format.js';
import { shownEventKey } from '../../lib/record-keys.js';
import { messages } from '../../messages/sign.js';
import type { Contract } from './asked.js';

/** The terms of a contract in words. They are what the rules made of the body that is signed (docs/records.md, "Terms"). */

const listOf = (terms: JsonObject, name: string): readonly JsonObject[] => {
  const list = terms[name];
  return Array.isArray(list) ? (list as readonly Json[]).filter(isObject) : [];
};

const textOf = (value: Json | undefined) => (typeof value === 'string' ? value : '');

export function Terms({ of: contract }: { readonly of: Contract }) {
  const t = messages();
  const { terms } = contract;
  if (terms === null) return <p class="caution">{t.termsErased}</p>;
  const parties = contract.parties.map(({ name }) => name ?? t.someone);
  const partyOf = (index: Json | undefined) => parties[Number(index)] ?? t.someone;
  const conditions = listOf(terms, 'conditions');
  const { quorum, when } = terms;
  const rows: readonly (Row | null)[] = [
    [
      t.signaturesNeeded,
      t.ofParties(
        formatNumber(typeof quorum === 'number' ? quorum : parties.length),
        formatNumber(parties.length),
      ),
    ],
    contract.deadline === null ? null : [t.deadline, <Time key="deadline" at={contract.deadline} />],
    conditions.length === 0
      ? null
      : [
          t.conditions,
          <ul key="conditions">
            {conditions.map(({ name, by }) => (
              <li key={textOf(name)}>{t.condition(textOf(name), partyOf(by))}</li>
            ))}
          </ul>,
        ],
    when === undefined || !isObject(when)
      ? null
      : [
          t.onlyIf,
          conditionSentence(when as unknown as Condition, {
            parties,
            conditions: conditions.map(({ name }) => textOf(name)),
          }),
        ],
    ...listOf(terms, 'effects').map(({ item, to }, i): Row => [
      t.effect(formatNumber(i + 1)),
      <span key="effect">
        {t.passesTo(partyOf(to))} <code>{textOf(item)}</code>
      </span>,
    ]),
  ];
  return (
    <>
      <Values of={rows} />
      <details>
        <summary>{t.terms}</summary>
        <pre tabIndex={0}>{JSON.stringify(terms, null, 2)}</pre>
      </details>
    </>
  );
}

/** Who the parties are, in their order: what the contract calls them, and their keys. */
export function Parties({ of: contract }: { readonly of: Contract }) {
  const t = messages();
  const orders = new Set(contract.parties.map(({ order }) => order));
  return (
    <ul class="sign-parties" aria-label={t.parties}>
      {contract.parties.map(({ name, key, order, answer }, index) => (
        <li key={key}>
          {t.party(
            index === contract.party ? t.yourself(name ?? t.someone) : (name ?? t.someone),
            t.answers[answer ?? 'none'],
          )}
          {orders.size > 1 ? ` (${t.order(formatNumber(order))})` : ''}{' '}
          <code class="hint">{shownEventKey(key)}</code>
        </li>
      ))}
    </ul>
  );
}
