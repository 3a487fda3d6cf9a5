import { isObject, type Json, type JsonObject } from '../../../proof/canonical-json.js';
import type { ContractState } from '../../../proof/records/state.js';
import { givesTexts } from '../../../proof/records/texts.js';
import type { RecordEvent } from './service.js';

/** The body that has the present terms of a contract; null: it was erased. */
export function termsBody(events: readonly RecordEvent[]): JsonObject | null {
  const last = events.findLast(
    ({ type, sequence, status }) => status !== 'void' && givesTexts(type, sequence),
  );
  return last?.body ?? null;
}

/** The names that the terms give the parties. */
export function partyNames(terms: JsonObject | null): readonly string[] {
  return partiesOf(terms).map(({ name }) => (typeof name === 'string' ? name : ''));
}

/** The names of the conditions. */
export function conditionNames(terms: JsonObject | null): readonly string[] {
  return objectsOf(terms?.['conditions']).flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
}

/** The present terms, as a form for new ones begins: with the keys that the parties have now. */
export function presentTerms(state: ContractState, events: readonly RecordEvent[]): JsonObject | null {
  const terms = termsBody(events);
  if (terms === null) return null;
  const parties = partiesOf(terms).map((party, i) => ({
    ...party,
    key: state.parties[i]?.key ?? party['key'] ?? '',
  }));
  return { ...terms, parties };
}

function partiesOf(terms: JsonObject | null): readonly JsonObject[] {
  return objectsOf(terms?.['parties']);
}

function objectsOf(json: Json | undefined): readonly JsonObject[] {
  return Array.isArray(json) ? (json as readonly Json[]).filter(isObject) : [];
}
