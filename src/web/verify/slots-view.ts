import { button, element, icon } from '../dom.js';
import { dropZone, type DropZoneOptions } from '../drop-zone.js';
import type { ChosenFile } from '../dropped-files.js';
import { formatBytes } from '../format.js';
import { words } from '../messages/verify.js';
import type { Examination } from './examination.js';
import { PROOF_ENDING } from './given.js';

/** The two places for what is to be verified: each asks for its file, or shows the one it has. */
export function slotsView(examination: Examination): HTMLElement[] {
  const t = words();
  return [
    slot(examination, 'document', t.chooseDocument, {
      heading: t.document,
      explained: t.documentExplained,
      icon: 'file',
    }),
    slot(examination, 'proof', t.chooseProof, {
      heading: t.proof,
      explained: t.proofExplained,
      icon: 'proof',
      accept: `.json,${PROOF_ENDING},.pdf`,
    }),
  ];
}

function slot(
  examination: Examination,
  what: 'document' | 'proof',
  label: string,
  options: Omit<DropZoneOptions, 'id' | 'choose' | 'onFiles'>,
): HTMLElement {
  const given = examination[what];
  if (given !== null) {
    return filledSlot(given, options.heading, () => {
      examination.take(what);
    });
  }
  return dropZone({
    ...options,
    id: `${what}-slot`,
    choose: [{ label, folder: false, multiple: false }],
    onFiles: ([file]) => {
      if (file !== undefined) examination.give(what === 'document' ? { document: file } : { proof: file });
    },
  });
}

function filledSlot({ file, path }: ChosenFile, label: string, remove: () => void): HTMLElement {
  const clear = button('', remove, { class: 'button is-quiet is-icon', 'aria-label': words().remove(path) });
  clear.append(icon('cross'));
  return element(
    'div',
    { class: 'slot is-filled' },
    element('span', { class: 'slot-label' }, label),
    element('bdi', { class: 'slot-name' }, path),
    element('span', { class: 'slot-size' }, formatBytes(file.size)),
    clear,
  );
}
