import { button, element } from '../../lib/dom.js';
import { openDialog } from '../../components/dialog.js';
import { choice, Field, form } from '../../components/form.js';
import type { Details } from '../../lib/api.js';
import type { Documents } from './documents.js';
import {
  MAX_LENGTH,
  readDetails,
  sizeFault,
  tagsFault,
  textFault,
  writeDetails,
  type DetailsFault,
} from './details.js';
import type { Item } from './item.js';
import { messages } from '../../messages/notarize.js';
import { common } from '../../messages/common.js';

/** Loaded on demand, because most documents are notarized without details. */

/** Opens the details of one document, or of all if `item` is null. */
export function openDetails(documents: Documents, item: Item | null): void {
  const t = messages();
  const heading = item === null ? t.detailsForAll : t.detailsFor(item.path);
  openDialog(heading, (close) => {
    const given = item === null ? documents.common.details : item.details;
    const fields = detailFields(given);
    const withName =
      item === null && documents.mode === 'digest'
        ? choice({
            type: 'checkbox',
            name: 'withName',
            label: t.withName,
            explained: t.withNameExplained,
            checked: documents.common.withName,
          })
        : null;
    const many = documents.items.length > 1;
    const precedence = item === null ? t.detailsForAllExplained : many ? t.detailsForOneExplained : null;
    const keep = (details: Details | null, name: boolean) => {
      // First, so that the focus returns to the button and is kept when the button is rebuilt.
      close();
      if (item === null) documents.common = { details, withName: name };
      else documents.setDetails(item, details);
    };
    const read = () => readDetails(textsOf(fields));
    const created = form({
      name: 'details',
      fields: Object.values(fields),
      content: [
        element('p', {}, t.detailsExplained),
        precedence === null ? null : element('p', { class: 'hint' }, precedence),
        fields.title.element,
        element('div', { class: 'field-row' }, fields.author.element, fields.reference.element),
        fields.note.element,
        fields.tags.element,
        withName?.element ?? null,
      ],
      submit: t.saveDetails,
      cancel: close,
      send: () => {
        const details = read();
        if (sizeFault(details) === null) keep(details, withName?.input.checked ?? documents.common.withName);
        else fields.note.fail(t.detailFaults.too_large);
        return Promise.resolve();
      },
    });
    if (given !== null || (item === null && documents.common.withName)) {
      const remove = () => {
        keep(null, false);
      };
      created
        .querySelector('.form-actions')
        ?.append(button(t.removeDetails, remove, { class: 'button is-quiet' }));
    }
    return [created];
  });
}

type Fields = Readonly<Record<'title' | 'author' | 'reference' | 'note' | 'tags', Field>>;

function detailFields(details: Details | null): Fields {
  const t = messages();
  const value = writeDetails(details);
  const messageOf = (fault: DetailsFault | null) =>
    fault === null ? null : fault === 'too_long' ? common().tooLong : t.detailFaults[fault];
  const line = (name: 'title' | 'author' | 'reference', label: string) =>
    new Field({
      name,
      label,
      value: value[name],
      optional: 'quietly',
      check: (text) => messageOf(textFault(text, MAX_LENGTH[name])),
    });
  return {
    title: line('title', t.detailTitle),
    author: line('author', t.detailAuthor),
    reference: line('reference', t.detailReference),
    note: new Field({
      name: 'note',
      label: t.detailNote,
      value: value.note,
      lines: 2,
      optional: 'quietly',
      check: (text) => messageOf(textFault(text, MAX_LENGTH.note, true)),
    }),
    tags: new Field({
      name: 'tags',
      label: t.detailTags,
      value: value.tags,
      hint: t.detailTagsHint,
      optional: 'quietly',
      check: (text) => messageOf(tagsFault(text)),
    }),
  };
}

function textsOf({ title, author, reference, note, tags }: Fields) {
  return {
    title: title.value,
    author: author.value,
    reference: reference.value,
    note: note.value,
    tags: tags.value,
  };
}
