import { button, element, uniqueId } from '../../lib/dom.js';
import { Field } from '../../components/form.js';
import { counted } from '../../lib/format.js';
import {
  EVERYTHING,
  filterCount,
  isDigestBeginning,
  isEverything,
  MAX_TAG_LENGTH,
  MAX_WORDS_LENGTH,
  type Query,
} from './query.js';
import { messages } from '../../messages/register.js';
import { common } from '../../messages/common.js';

/** Normalizes a typed digest: without spaces, in lower case. */
export function digestOf(typed: string): string {
  return typed.replaceAll(/\s/g, '').toLowerCase();
}

/** The search form: words, and the other conditions in a collapsed part. */
export function searchForm(query: Query, apply: (query: Query) => void): HTMLElement {
  const t = messages();
  const fields = fieldsOf(query);
  const status = statusChoice(query.status);
  const filters = element(
    'details',
    { class: 'filters', open: filterCount(query) > 0 },
    element('summary', {}, filterCount(query) === 0 ? t.filters : t.filtersSet(counted(filterCount(query)))),
    element(
      'div',
      { class: 'form' },
      element(
        'div',
        { class: 'field-row' },
        ...[fields.digest, fields.tag, fields.from, fields.to].map((field) => field.element),
        status.element,
      ),
      element(
        'div',
        { class: 'form-actions' },
        element('button', { class: 'button', name: 'apply' }, t.applyFilters),
      ),
    ),
  );
  const send = (event: Event) => {
    event.preventDefault();
    const wrong = Object.values(fields).filter((field) => !field.check());
    const [first] = wrong;
    if (first !== undefined) {
      if (first !== fields.words) filters.open = true;
      first.input.focus();
      return;
    }
    apply({
      words: fields.words.value,
      tag: fields.tag.value,
      digest: digestOf(fields.digest.value),
      from: fields.from.value,
      to: fields.to.value,
      status: status.value,
      order: query.order,
    });
  };
  return element(
    'form',
    { class: 'search', role: 'search', novalidate: true, 'data-form': 'search', onsubmit: send },
    element(
      'div',
      { class: 'search-line' },
      fields.words.element,
      element('button', { class: 'button is-primary', name: 'search' }, t.search),
    ),
    element(
      'div',
      { class: 'search-more' },
      filters,
      isEverything(query)
        ? null
        : button(
            t.clear,
            () => {
              apply({ ...EVERYTHING, order: query.order });
            },
            { class: 'button is-quiet clear' },
          ),
    ),
  );
}

function fieldsOf(query: Query) {
  const t = messages();
  const short = (length: number) => (value: string) => (value.length > length ? common().tooLong : null);
  const from = new Field({
    name: 'from',
    label: t.from,
    type: 'date',
    optional: 'quietly',
    value: query.from,
  });
  return {
    words: new Field({
      name: 'words',
      label: t.search,
      hint: t.searchHint,
      type: 'search',
      optional: 'quietly',
      value: query.words,
      check: short(MAX_WORDS_LENGTH),
    }),
    digest: new Field({
      name: 'digest',
      label: t.digestStarts,
      optional: 'quietly',
      value: query.digest,
      check: (value) => (isDigestBeginning(digestOf(value)) ? null : t.digestWrong),
    }),
    tag: new Field({
      name: 'tag',
      label: t.tag,
      optional: 'quietly',
      value: query.tag,
      check: short(MAX_TAG_LENGTH),
    }),
    from,
    to: new Field({
      name: 'to',
      label: t.to,
      type: 'date',
      optional: 'quietly',
      value: query.to,
      check: (value) => (from.value !== '' && value < from.value ? t.daysReversed : null),
    }),
  };
}

function statusChoice(chosen: Query['status']) {
  const t = messages();
  const select = element(
    'select',
    { class: 'input', id: uniqueId('status'), name: 'status' },
    element('option', { value: '' }, t.anyStatus),
    element('option', { value: 'accepted' }, t.onlyAccepted),
    element('option', { value: 'sealed' }, t.onlySealed),
  );
  select.value = chosen ?? '';
  return {
    element: element('div', { class: 'field' }, element('label', { for: select.id }, t.status), select),
    get value(): Query['status'] {
      return select.value === 'accepted' || select.value === 'sealed' ? select.value : null;
    },
  };
}
