import { useEffect, useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Field, FieldState, Select } from '../../components/fields.js';
import { Load } from '../../components/load.js';
import { Resource } from '../../lib/resource.js';
import { recordMessages } from '../../messages/records.js';
import { messages } from '../../messages/records-page.js';
import { titleOf } from './facts.js';
import { EVERYTHING, type Kind, MAX_WORDS_LENGTH, recordIdIn } from './place.js';
import { records, type RecordView } from './service.js';

interface Choosable {
  readonly records: readonly RecordView[];
  /** Whether others match as well, which only more words find. */
  readonly hasMore: boolean;
}

async function choosable(kinds: readonly Kind[], words: string): Promise<Choosable> {
  const pages = await Promise.all(kinds.map((kind) => records({ ...EVERYTHING, kind, words }, null)));
  return {
    records: pages.flatMap((page) => page.records),
    hasMore: pages.some(({ next }) => next !== null),
  };
}

interface RecordChoiceProps {
  /** The field that takes an id or a link: a choice writes the id into it. */
  readonly of: FieldState;
  readonly kinds: readonly Kind[];
}

/** Chooses one of the organization's records by its name. With many, words narrow the choice. */
export function RecordChoice({ of, kinds }: RecordChoiceProps) {
  const t = messages();
  const words = useMemo(() => new FieldState({ name: 'record-words', optional: true }), []);
  const found = useMemo(
    () => new Resource(() => choosable(kinds, words.value.slice(0, MAX_WORDS_LENGTH))),
    [kinds.join(' ')],
  );
  useEffect(() => void found.load(), [found]);
  const search = () => void found.load();
  return (
    <Load of={found}>
      {({ records: all, hasMore }) => {
        const chosen = recordIdIn(of.value) ?? '';
        return (
          <>
            <Select
              name="own-record"
              label={t.ownRecord}
              options={[
                ['', all.length === 0 ? t.noOwnRecord : t.chooseOwnRecord],
                ...all.map(
                  (each) =>
                    [each.id, `${titleOf(each)} (${recordMessages().statuses[each.status]})`] as const,
                ),
              ]}
              value={all.some(({ id }) => id === chosen) ? chosen : ''}
              onChange={(id) => {
                of.type(id);
              }}
            />
            {hasMore || words.value !== '' ? (
              <div
                class="field-row"
                // The form around it is about something else.
                onKeyDown={(event) => {
                  if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return;
                  event.preventDefault();
                  search();
                }}
              >
                <Field of={words} label={t.ownRecordWords} type="search" />
                <Button onPress={search}>{t.search}</Button>
              </div>
            ) : null}
          </>
        );
      }}
    </Load>
  );
}
