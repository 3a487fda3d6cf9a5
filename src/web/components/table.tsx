import type { Signal } from '@preact/signals';
import type { ComponentChildren, RefObject } from 'preact';
import { useId } from 'preact/hooks';
import { formatNumber } from '../lib/format.js';
import { common } from '../messages/common.js';
import { Button } from './button.js';

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

export interface Column<Row> {
  /** Unique within the table. */
  readonly id: string;
  readonly head: string;
  readonly cell: (row: Row) => ComponentChildren;
  readonly sortable?: boolean;
  readonly numeric?: boolean;
  /** Names the row, for screen readers. */
  readonly names?: boolean;
}

/** A signal, or what the page derives from its address and changes there. */
export interface Held<T> {
  value: T;
}

interface TableProps<Row> {
  /** Says what the table contains; for screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** Unique among all rows, also of other pages. */
  readonly keyOf: (row: Row) => string;
  /** What its checkbox is called; needed with `selected`. */
  readonly nameOf?: (row: Row) => string;
  /** The rows come in this order; the table only shows and changes it. */
  readonly sort?: Held<Sort>;
  /** Keys of the selected rows, also those of other pages. Absent: rows cannot be selected. */
  readonly selected?: Signal<ReadonlySet<string>>;
  /** The element whose children are the rows. */
  readonly list?: RefObject<HTMLTableSectionElement | null>;
  readonly class?: string;
  readonly rowClass?: (row: Row) => string;
}

/** Rows with headings by which they can be sorted, and checkboxes to select them. */
export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf,
  nameOf,
  sort,
  selected,
  ...rest
}: TableProps<Row>) {
  const keys = rows.map(keyOf);
  const toggle = (chosen: readonly string[], on: boolean) => {
    if (selected === undefined) return;
    const now = new Set(selected.value);
    for (const key of chosen) {
      if (on) now.add(key);
      else now.delete(key);
    }
    selected.value = now;
  };
  const count = selected === undefined ? 0 : keys.filter((key) => selected.value.has(key)).length;
  return (
    <table class={`data ${rest.class ?? ''}`}>
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {selected === undefined ? null : (
            <th scope="col" class="is-selection">
              <input
                type="checkbox"
                aria-label={common().selectAll}
                checked={count > 0 && count === keys.length}
                indeterminate={count > 0 && count < keys.length}
                onChange={({ currentTarget }) => {
                  toggle(keys, currentTarget.checked);
                }}
              />
            </th>
          )}
          {columns.map((column) => (
            <Head key={column.id} column={column} sort={sort} />
          ))}
        </tr>
      </thead>
      <tbody ref={rest.list ?? null}>
        {rows.map((row, i) => {
          const key = keys[i] ?? '';
          return (
            <tr key={key} data-key={key} class={rest.rowClass?.(row)}>
              {selected === undefined ? null : (
                <td class="is-selection">
                  <input
                    type="checkbox"
                    aria-label={common().selectNamed(nameOf?.(row) ?? key)}
                    checked={selected.value.has(key)}
                    onChange={({ currentTarget }) => {
                      toggle([key], currentTarget.checked);
                    }}
                  />
                </td>
              )}
              {columns.map(({ id, head, numeric, names, cell }) => {
                const Cell = names === true ? 'th' : 'td';
                return (
                  <Cell
                    key={id}
                    data-column={id}
                    data-head={head}
                    class={numeric === true ? 'is-number' : ''}
                    {...(names === true ? { scope: 'row' } : {})}
                  >
                    {cell(row)}
                  </Cell>
                );
              })}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

interface HeadProps<Row> {
  readonly column: Column<Row>;
  readonly sort: Held<Sort> | undefined;
}

function Head<Row>({ column: { id, head, sortable, numeric }, sort }: HeadProps<Row>) {
  const kind = numeric === true ? 'is-number' : '';
  if (sort === undefined || sortable !== true) {
    return (
      <th scope="col" class={kind}>
        {head}
      </th>
    );
  }
  const { column, descending } = sort.value;
  const here = column === id;
  return (
    <th scope="col" class={kind} aria-sort={here ? (descending ? 'descending' : 'ascending') : 'none'}>
      <button
        type="button"
        class="sort"
        onClick={() => {
          sort.value = { column: id, descending: here && !descending };
        }}
      >
        {head}
        <span class="sort-mark" aria-hidden="true" />
      </button>
    </th>
  );
}

interface PagerProps {
  /** From 0. */
  readonly page: Held<number>;
  readonly size: number;
  readonly all: number;
  /** Absent: the size cannot be chosen. */
  readonly sizes?: readonly number[];
  readonly onSize?: (size: number) => void;
}

/** Moves between the pages of a list. Nothing while there is only one. */
export function Pager({ page, size, all, sizes = [], onSize }: PagerProps) {
  const id = useId();
  const t = common();
  const last = Math.max(0, Math.ceil(all / size) - 1);
  const smallest = Math.min(size, ...sizes);
  if (all <= smallest) return null;
  const here = Math.min(page.value, last);
  const first = here * size;
  const go = (to: number) => {
    page.value = Math.max(0, Math.min(last, to));
  };
  return (
    <nav class="pager" aria-label={t.pages}>
      <Button
        held={here === 0}
        onPress={() => {
          go(here - 1);
        }}
      >
        {t.previousPage}
      </Button>
      <span class="pager-where" role="status">
        {t.pageOf(formatNumber(first + 1), formatNumber(Math.min(all, first + size)), formatNumber(all))}
      </span>
      <Button
        held={here >= last}
        onPress={() => {
          go(here + 1);
        }}
      >
        {t.nextPage}
      </Button>
      {last < 2 ? null : (
        <span class="pager-jump">
          <label for={id}>{t.page}</label>
          <input
            class="input"
            id={id}
            inputmode="numeric"
            value={formatNumber(here + 1)}
            onChange={({ currentTarget }) => {
              const typed = Number(currentTarget.value.replaceAll(/[^0-9]/g, ''));
              if (typed > 0) go(typed - 1);
              currentTarget.value = formatNumber(here + 1);
            }}
          />
        </span>
      )}
      {sizes.length < 2 ? null : (
        <span class="pager-jump">
          <label for={`${id}-size`}>{t.rowsPerPage}</label>
          <select
            class="input"
            id={`${id}-size`}
            value={String(size)}
            onChange={({ currentTarget }) => onSize?.(Number(currentTarget.value))}
          >
            {sizes.map((each) => (
              <option key={each} value={String(each)}>
                {formatNumber(each)}
              </option>
            ))}
          </select>
        </span>
      )}
    </nav>
  );
}
