import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { Choice, Choices, Field, FieldState, Form } from '../../components/fields.js';
import { Modal } from '../../components/modal.js';
import { announce } from '../../lib/announce.js';
import { counted } from '../../lib/format.js';
import { session } from '../../lib/session.js';
import { partTags } from '../../lib/tags.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/register.js';
import { MAX_TAG_LENGTH } from './query.js';
import { changeTags, type Registered, type Results } from './results.js';
import { withTags } from './tags.js';

export const mayTag = (): boolean => ['owner', 'notary'].includes(session.current?.user?.role ?? '');

interface TagDialogProps {
  readonly rows: readonly Registered[];
  readonly results: Results;
  readonly onClose: () => void;
}

/** Adds tags to documents, and removes those that were added before. */
export function TagDialog({ rows, results, onClose }: TagDialogProps) {
  const t = messages();
  const known = useMemo(() => [...new Set(rows.flatMap(({ addedTags = [] }) => addedTags))].sort(), []);
  const removed = useSignal<readonly string[]>([]);
  const typed = useMemo(
    () =>
      new FieldState({
        name: 'tags',
        optional: known.length > 0,
        check: (value) =>
          partTags(value).some(({ length }) => length > MAX_TAG_LENGTH) ? common().tooLong : null,
      }),
    [],
  );
  return (
    <Modal
      heading={t.tagsHeading(counted(rows.length))}
      onClose={onClose}
      dirty={() => typed.changed || removed.value.length > 0}
    >
      {(close) => (
        <Form
          name="tags"
          fields={[typed]}
          submit={t.tagsSave}
          onCancel={close}
          own={() => ({ ...messages().problems, invalid_body: messages().tooManyTags })}
          send={async () => {
            const add = partTags(typed.value);
            const remove = removed.value;
            if (add.length + remove.length > 0) {
              const changed = await changeTags(
                rows.map(({ id }) => id),
                add,
                remove,
              );
              results.put(rows.map((row) => withTags(results.row(row.id) ?? row, add, remove)));
              announce(messages().tagsChanged(counted(changed)));
            }
            onClose();
          }}
        >
          <Field of={typed} label={t.tagsAdd} hint={t.tagsAddHint} />
          {known.length === 0 ? null : (
            <Choices legend={t.tagsRemove}>
              {known.map((tag) => (
                <Choice
                  key={tag}
                  type="checkbox"
                  name="remove"
                  label={<bdi>{tag}</bdi>}
                  checked={removed.value.includes(tag)}
                  onChange={(on) => {
                    removed.value = on
                      ? [...removed.value, tag]
                      : removed.value.filter((each) => each !== tag);
                  }}
                />
              ))}
            </Choices>
          )}
          <p class="hint">{t.tagsExplained}</p>
        </Form>
      )}
    </Modal>
  );
}
