import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Choice, Field, FieldState, Form } from '../../components/fields.js';
import { Modal } from '../../components/modal.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/notarize.js';
import {
  type DetailsFault,
  MAX_LENGTH,
  readDetails,
  sizeFault,
  tagsFault,
  textFault,
  writeDetails,
} from './details.js';
import { documents } from './documents.js';
import type { Item } from './item.js';
import { mode, withNames } from './settings.js';

interface DetailsDialogProps {
  /** null: the details of all documents. */
  readonly item: Item | null;
  readonly onClose: () => void;
}

/** The details of one document, or of all. */
export function DetailsDialog({ item, onClose }: DetailsDialogProps) {
  const t = messages();
  const { items } = documents;
  const given = item === null ? documents.common : item.details;
  const names = useSignal(withNames.value);
  const fields = useMemo(() => {
    const value = writeDetails(given);
    const state = (name: keyof typeof value, check: (text: string) => DetailsFault | null) =>
      new FieldState({ name, value: value[name], optional: true, check: (text) => sentenceOf(check(text)) });
    return {
      title: state('title', (text) => textFault(text, MAX_LENGTH.title)),
      author: state('author', (text) => textFault(text, MAX_LENGTH.author)),
      reference: state('reference', (text) => textFault(text, MAX_LENGTH.reference)),
      note: state('note', (text) => textFault(text, MAX_LENGTH.note, true)),
      tags: state('tags', tagsFault),
    };
  }, []);
  const { title, author, reference, note, tags } = fields;
  const all = Object.values(fields);
  const chosen = item === null && mode.value === 'digest';
  const keep = (details: ReturnType<typeof readDetails>, withName: boolean) => {
    if (item === null) documents.setCommon(details, chosen ? withName : null);
    else documents.setDetails(item, details);
    onClose();
  };
  const send = () => {
    const details = readDetails({
      title: title.value,
      author: author.value,
      reference: reference.value,
      note: note.value,
      tags: tags.value,
    });
    if (sizeFault(details) === null) keep(details, names.value);
    else note.fail(() => messages().detailFaults.too_large);
  };
  const [first] = items;
  const heading =
    item !== null
      ? t.detailsFor(item.path)
      : items.length === 1
        ? t.detailsFor(first?.path ?? '')
        : t.detailsForAll;
  const precedence =
    item !== null ? t.detailsForOneExplained : items.length > 1 ? t.detailsForAllExplained : null;
  return (
    <Modal heading={heading} onClose={onClose} dirty={() => all.some((field) => field.changed)}>
      {(close) => (
        <Form
          name="details"
          fields={all}
          submit={t.saveDetails}
          onCancel={close}
          send={send}
          beside={
            given === null ? null : (
              <Button
                tone="quiet"
                onPress={() => {
                  keep(null, names.value);
                }}
              >
                {t.removeDetails}
              </Button>
            )
          }
        >
          <p>{t.detailsExplained}</p>
          {precedence === null ? null : <p class="hint">{precedence}</p>}
          <Field of={title} label={t.detailTitle} />
          <div class="field-row">
            <Field of={author} label={t.detailAuthor} />
            <Field of={reference} label={t.detailReference} />
          </div>
          <Field of={note} label={t.detailNote} lines={2} />
          <Field of={tags} label={t.detailTags} hint={t.detailTagsHint} />
          {chosen ? (
            <Choice
              type="checkbox"
              name="withName"
              label={t.withName}
              explained={t.withNameExplained}
              checked={names.value}
              onChange={(on) => (names.value = on)}
            />
          ) : null}
        </Form>
      )}
    </Modal>
  );
}

function sentenceOf(fault: DetailsFault | null): string | null {
  if (fault === null) return null;
  return fault === 'too_long' ? common().tooLong : messages().detailFaults[fault];
}
