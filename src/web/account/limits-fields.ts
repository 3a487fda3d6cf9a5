import { element } from '../dom.js';
import { formatBytes, formatNumber } from '../format.js';
import { keysWords } from '../messages/account-keys.js';
import type { Limits } from './calls.js';
import { Field } from '../parts/field.js';

export interface LimitsFields {
  readonly fields: readonly Field[];
  readonly element: HTMLElement;
  readonly value: Limits;
}

export function limitsFields(given: Limits | null): LimitsFields {
  const t = keysWords();
  const field = (name: keyof Limits, label: string) =>
    new Field({
      name,
      label,
      numeric: true,
      optional: 'quietly',
      value: given?.[name] == null ? '' : String(given[name]),
      check: (value) => (/^[0-9]+$/.test(value) && Number.isSafeInteger(Number(value)) ? null : t.notANumber),
    });
  const requests = field('requestsPerMinute', t.requestsPerMinute);
  const digests = field('digestsPerDay', t.digestsPerDay);
  const bytes = field('bytesPerDay', t.bytesPerDay);
  const fields = [requests, digests, bytes];
  return {
    fields,
    element: element(
      'fieldset',
      { class: 'field-set' },
      element('legend', {}, t.limits),
      element('p', { class: 'hint' }, t.limitsHint),
      element('div', { class: 'field-row' }, ...fields.map((each) => each.element)),
    ),
    get value() {
      return {
        requestsPerMinute: numberOf(requests),
        digestsPerDay: numberOf(digests),
        bytesPerDay: numberOf(bytes),
      };
    },
  };
}

function numberOf({ value }: Field): number | null {
  return value === '' ? null : Number(value);
}

/** The limits that there are, each in a sentence. */
export function limitSentences({ requestsPerMinute, digestsPerDay, bytesPerDay }: Limits): string[] {
  const t = keysWords();
  return [
    ...(requestsPerMinute === null ? [] : [t.requestsLimit(formatNumber(requestsPerMinute))]),
    ...(digestsPerDay === null ? [] : [t.digestsLimit(formatNumber(digestsPerDay))]),
    ...(bytesPerDay === null ? [] : [t.bytesLimit(formatBytes(bytesPerDay))]),
  ];
}
