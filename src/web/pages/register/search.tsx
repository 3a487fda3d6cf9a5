import { useEffect, useMemo, useRef } from 'preact/hooks';
import { digestDigits } from '../../../proof/bytes.js';
import { Button } from '../../components/button.js';
import { Field, FieldState, Select } from '../../components/fields.js';
import { useSignal } from '@preact/signals';
import { counted } from '../../lib/format.js';
import { readPasted } from '../../lib/pasted.js';
import { toHex } from '../../../proof/bytes.js';
import { session } from '../../lib/session.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/register.js';
import { maySeeHolds } from './erasure.js';
import {
  EVERYTHING,
  filterCount,
  isDigestBeginning,
  isEverything,
  MAX_TAG_LENGTH,
  MAX_WORDS_LENGTH,
  periods,
  type Place,
  placeAddress,
  type Query,
} from './query.js';
import type { Names } from './results.js';
import { submitterText } from './row.js';

interface SearchProps {
  readonly query: Query;
  /** Of those who submit, as far as they are known. */
  readonly names: Names;
  readonly go: (place: Place) => void;
}

/** Words, a fingerprint or a notarization ID; the other conditions are in a part that opens. */
export function Search({ query, names, go }: SearchProps) {
  const t = messages();
  const { words, tag, digest, from, to } = query;
  const fields = useMemo(() => fieldsOf(query), [words, tag, digest, from, to]);
  const status = useSignal<Query['status']>(query.status);
  const by = useSignal(query.by);
  const hold = useSignal(query.hold);
  // A chip or a link has led to another search.
  useEffect(() => {
    status.value = query.status;
    by.value = query.by;
    hold.value = query.hold;
  }, [query.status, query.by, query.hold]);
  const filters = useRef<HTMLDetailsElement>(null);
  const count = filterCount(query);
  const list = (conditions: Partial<Query>) => {
    go({ kind: 'list', query: { ...EVERYTHING, order: query.order, size: query.size, ...conditions } });
  };
  const send = () => {
    const found = readPasted(fields.words.value, new URL('./', document.baseURI).href);
    if (found !== null && found !== 'elsewhere') {
      if (found.id !== null) go({ kind: 'one', id: found.id, query });
      else if (found.sha256 !== null) list({ digest: toHex(found.sha256) });
      return;
    }
    const [wrong] = Object.values(fields).filter((field) => !field.check());
    if (wrong !== undefined) {
      if (wrong !== fields.words && filters.current !== null) filters.current.open = true;
      wrong.input?.focus();
      return;
    }
    list({
      words: fields.words.value,
      tag: fields.tag.value,
      digest: digestDigits(fields.digest.value),
      from: fields.from.value,
      to: fields.to.value,
      status: status.value,
      by: by.value,
      hold: hold.value,
    });
  };
  return (
    <form
      class="search"
      role="search"
      noValidate
      data-form="search"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="search-line">
        <Field of={fields.words} label={t.search} hint={t.searchHint} type="search" />
        <Button submit tone="primary" name="search">
          {t.search}
        </Button>
      </div>
      <div class="search-more">
        <details class="filters" ref={filters} open={count > 0}>
          <summary>{count === 0 ? t.filters : t.filtersSet(counted(count))}</summary>
          <div class="form">
            <div class="field-row">
              <Field of={fields.digest} label={t.digestStarts} />
              <Field of={fields.tag} label={t.tag} />
              <Field of={fields.from} label={t.from} type="date" />
              <Field of={fields.to} label={t.to} type="date" />
              <Select
                name="status"
                label={t.status}
                options={[
                  ['', t.anyStatus],
                  ['accepted', t.statuses.accepted],
                  ['sealed', t.statuses.sealed],
                  ['anchored', t.statuses.anchored],
                ]}
                value={status.value ?? ''}
                onChange={(chosen) => (status.value = chosen === '' ? null : chosen)}
              />
              <Select
                name="by"
                label={t.submittedBy}
                options={[['', t.anybody], ...submitters(by.value, names)]}
                value={by.value}
                onChange={(chosen) => (by.value = chosen)}
              />
              {maySeeHolds() ? (
                <Select
                  name="hold"
                  label={t.held}
                  options={[
                    ['', t.anyHold],
                    ['any', t.underHold],
                    // Chosen in the list of holds.
                    ...(['', 'any'].includes(hold.value) ? [] : [[hold.value, t.oneHold] as const]),
                  ]}
                  value={hold.value}
                  onChange={(chosen) => (hold.value = chosen)}
                />
              ) : null}
            </div>
            <div class="form-actions">
              <Button submit name="apply">
                {t.applyFilters}
              </Button>
            </div>
          </div>
        </details>
        {isEverything(query) ? null : (
          <span class="clear">
            <Button
              tone="quiet"
              onPress={() => {
                status.value = null;
                by.value = '';
                hold.value = '';
                list({});
                fields.words.input?.focus();
              }}
            >
              {t.clear}
            </Button>
          </span>
        )}
        <Chips query={query} names={names} />
      </div>
    </form>
  );
}

/** Who can be chosen: the person, everybody whose name is known, and who is chosen already. */
function submitters(chosen: string, names: Names): readonly (readonly [string, string])[] {
  const you = `person:${session.current?.user?.id ?? ''}`;
  const known = new Set([you, ...names.keys(), ...(chosen === '' ? [] : [chosen])]);
  return [...known].map((by) => [by, submitterText(by, names) ?? by] as const);
}

/** The conditions of the search, each of which leads to the search without it, and periods to choose. */
function Chips({ query, names }: { readonly query: Query; readonly names: Names }) {
  const t = messages();
  const { tag, digest, from, to, status, by, hold } = query;
  const chip = (label: string, value: string, without: Partial<Query>) =>
    value === '' ? [] : [{ label, value, without }];
  const chips = [
    ...chip(t.tag, tag, { tag: '' }),
    ...chip(t.digestStarts, digest, { digest: '' }),
    ...chip(t.from, from, { from: '' }),
    ...chip(t.to, to, { to: '' }),
    ...chip(t.status, status === null ? '' : t.statuses[status], { status: null }),
    ...chip(t.submittedBy, by === '' ? '' : (submitterText(by, names) ?? by), { by: '' }),
    ...chip(t.held, hold === '' ? '' : hold === 'any' ? t.underHold : t.oneHold, { hold: '' }),
  ];
  const offered = from === '' && to === '' ? Object.entries(periods(new Date())) : [];
  return (
    <ul class="chips" aria-label={t.conditions}>
      {chips.map(({ label, value, without }) => (
        <li key={label}>
          <a
            class="chip"
            href={placeAddress({ kind: 'list', query: { ...query, page: 0, ...without } })}
            aria-label={t.removeCondition(label, value)}
          >
            {label}: <bdi>{value}</bdi> <span aria-hidden="true">×</span>
          </a>
        </li>
      ))}
      {offered.map(([name, period]) => (
        <li key={name}>
          <a
            class="chip is-offer"
            href={placeAddress({ kind: 'list', query: { ...query, page: 0, ...period } })}
          >
            {t.periods[name as keyof typeof t.periods]}
          </a>
        </li>
      ))}
    </ul>
  );
}

function fieldsOf(query: Query) {
  const short = (length: number) => (value: string) => (value.length > length ? common().tooLong : null);
  const from = new FieldState({ name: 'from', optional: true, value: query.from });
  return {
    words: new FieldState({
      name: 'words',
      optional: true,
      value: query.words,
      check: short(MAX_WORDS_LENGTH),
    }),
    digest: new FieldState({
      name: 'digest',
      optional: true,
      value: query.digest,
      check: (value) => (isDigestBeginning(value) ? null : messages().digestWrong),
    }),
    tag: new FieldState({ name: 'tag', optional: true, value: query.tag, check: short(MAX_TAG_LENGTH) }),
    from,
    to: new FieldState({
      name: 'to',
      optional: true,
      value: query.to,
      check: (value) => (from.value !== '' && value < from.value ? messages().daysReversed : null),
    }),
  };
}
