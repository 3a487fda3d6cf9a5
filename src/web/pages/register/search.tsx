import { useMemo, useRef } from 'preact/hooks';
import { digestDigits } from '../../../proof/bytes.js';
import { Button } from '../../components/button.js';
import { Field, FieldState, Select } from '../../components/fields.js';
import { useSignal } from '@preact/signals';
import { counted } from '../../lib/format.js';
import { readPasted } from '../../lib/pasted.js';
import { toHex } from '../../../proof/bytes.js';
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
  type Place,
  type Query,
} from './query.js';

interface SearchProps {
  readonly query: Query;
  readonly go: (place: Place) => void;
}

/** Words, a fingerprint or a notarization ID; the other conditions are in a part that opens. */
export function Search({ query, go }: SearchProps) {
  const t = messages();
  const { words, tag, digest, from, to } = query;
  const fields = useMemo(() => fieldsOf(query), [words, tag, digest, from, to]);
  const status = useSignal<Query['status']>(query.status);
  const hold = useSignal(query.hold);
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
                  ['accepted', t.onlyAccepted],
                  ['sealed', t.onlySealed],
                  ['anchored', t.onlyAnchored],
                ]}
                value={status.value ?? ''}
                onChange={(chosen) => (status.value = chosen === '' ? null : chosen)}
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
                hold.value = '';
                list({});
                fields.words.input?.focus();
              }}
            >
              {t.clear}
            </Button>
          </span>
        )}
      </div>
    </form>
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
