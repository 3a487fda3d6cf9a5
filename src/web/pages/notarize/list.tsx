import { computed, type Signal, signal, untracked, useSignal } from '@preact/signals';
import { Select } from '../../components/fields.js';
import { Pager } from '../../components/table.js';
import { formatNumber } from '../../lib/format.js';
import { messages } from '../../messages/notarize.js';
import { Bar } from './bar.js';
import { DetailsDialog } from './details-form.js';
import { documents } from './documents.js';
import type { Item } from './item.js';
import { Row } from './row.js';
import { arranged, type Order, type View, VIEWS } from './arranged.js';

/** Rows per page: thousands of rows would slow the page down. */
const PAGE = 100;
/** Shorter lists have no filters. */
const FILTERS_FROM = 20;

/** How the list is shown; kept when all documents are removed. */
const view = signal<View>('all');
const order = signal<Order>('name');
const words = signal('');
const page = signal(0);

/** Follows the summary, and not every change of every document: there can be thousands. */
const arrangement = computed(() => {
  void documents.summary;
  const { items } = documents;
  const by = { view: view.value, order: order.value, words: words.value };
  return untracked(() => arranged(items, by));
});

/** The list of documents with its actions. */
export function List() {
  const t = messages();
  const { summary } = documents;
  const shown = arrangement.value;
  /** null: closed; 'all': the details of all documents. */
  const editing = useSignal<Item | 'all' | null>(null);
  const last = Math.max(0, Math.ceil(shown.length / PAGE) - 1);
  const first = Math.min(page.value, last) * PAGE;
  const only = summary.all === 1;
  return (
    <section class="documents" aria-labelledby="documents-heading">
      <Bar onEdit={() => (editing.value = 'all')} />
      {summary.all >= FILTERS_FROM ? <Filters /> : null}
      {shown.length === 0 ? (
        <p class="hint">{t.nothingShown}</p>
      ) : (
        <ul class="rows">
          {shown.slice(first, first + PAGE).map((item) => (
            <Row
              key={item.key}
              item={item}
              only={only}
              onEdit={() => (editing.value = only ? 'all' : item)}
            />
          ))}
        </ul>
      )}
      <Pager page={page} size={PAGE} all={shown.length} />
      {summary.sealed > 0 ? (
        <p class="after">
          {t.storeProof} <a href="./verify.html">{t.verifyLink}</a>
        </p>
      ) : null}
      {editing.value === null ? null : (
        <DetailsDialog
          item={editing.value === 'all' ? null : editing.value}
          onClose={() => (editing.value = null)}
        />
      )}
    </section>
  );
}

function Filters() {
  const t = messages();
  const labels = {
    all: t.showAll,
    undecided: t.showUndecided,
    under_way: t.showUnderWay,
    sealed: t.showSealed,
  };
  const choose =
    <Value,>(choice: Signal<Value>) =>
    (value: Value) => {
      choice.value = value;
      page.value = 0;
    };
  return (
    <div class="filters">
      <div class="field">
        <label for="documents-words">{t.filterLabel}</label>
        <input
          class="input"
          id="documents-words"
          type="search"
          value={words.value}
          onInput={({ currentTarget }) => {
            choose(words)(currentTarget.value);
          }}
        />
      </div>
      <Select
        name="view"
        label={t.showLabel}
        options={VIEWS.map((each) => [each, labels[each](formatNumber(documents.summary.views[each]))])}
        value={view.value}
        onChange={choose(view)}
      />
      <Select
        name="order"
        label={t.orderLabel}
        options={[
          ['name', t.orderName],
          ['size', t.orderSize],
          ['state', t.orderState],
        ]}
        value={order.value}
        onChange={choose(order)}
      />
    </div>
  );
}
