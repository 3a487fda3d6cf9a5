import { button, icon } from '../dom.js';
import { words } from '../messages/notarize.js';
import type { Desk } from './desk.js';
import { certificateButton, proofButton, type DownloadTarget } from './downloads.js';
import { isCancellableAlone, isOpen, type Item } from './item.js';

export interface RowListener {
  readonly onProblem: (error: unknown) => void;
  readonly onEdit: (item: Item) => void;
}

/** What can be done with one document, by what it has come to. */
export function rowActions(item: Item, desk: Desk, { onProblem, onEdit }: RowListener): HTMLElement[] {
  const t = words();
  const { state, path, notarization } = item;
  const act = (action: string, label: string, named: string, run: () => void, kind = '') =>
    button(label, run, { class: `button ${kind}`, 'aria-label': named, 'data-action': action });
  const edit = () => {
    const has = item.details !== null;
    const label = has ? t.editDetails : t.addDetails;
    const named = has ? t.editDetailsOf(path) : t.addDetailsTo(path);
    const run = () => {
      onEdit(item);
    };
    return act('details', label, named, run, 'is-quiet');
  };
  const retry = () => {
    const again = () => {
      desk.retry(item);
    };
    return button(t.retry, again, { 'data-action': 'retry' });
  };
  const notarizeAgain = () =>
    act('again', t.notarizeAgain, t.notarizeAgainNamed(path), () => {
      desk.submitAgain([item]);
    });
  const cancel = () => {
    const run = () => {
      desk.cancel([item]);
    };
    return act('cancel', t.cancel, t.cancelNamed(path), run, 'is-quiet');
  };
  const target = (id: string): DownloadTarget => ({ id, path, name: item.file.name, onProblem });
  switch (state.phase) {
    case 'sealed':
      return notarization === null
        ? []
        : [proofButton(target(notarization.id)), certificateButton(target(notarization.id))];
    case 'known': {
      const leave = () => {
        desk.leaveOut([item]);
      };
      return [act('leave', t.leaveOut, t.leaveOutNamed(path), leave), notarizeAgain()];
    }
    case 'left':
      return [
        ...(state.known.notarization.block === undefined
          ? []
          : [proofButton(target(state.known.notarization.id))]),
        notarizeAgain(),
        removeButton(item, desk),
      ];
    case 'failed':
    case 'cancelled':
      return [...(isForDetails(item) ? [edit()] : []), retry(), removeButton(item, desk)];
    case 'hashing':
      return [...(isOpen(item) ? [edit()] : []), cancel()];
    default:
      if (isOpen(item)) return [edit(), removeButton(item, desk)];
      return isCancellableAlone(item) ? [cancel()] : [];
  }
}

/** Whether it was refused for what was written of it. */
function isForDetails({ state }: Item): boolean {
  if (state.phase !== 'failed' || state.problem === 'unreadable') return false;
  return ['invalid_body', 'invalid_details'].includes(state.problem.code);
}

function removeButton(item: Item, desk: Desk): HTMLElement {
  const t = words();
  const run = () => {
    desk.remove(item);
  };
  const remove = button('', run, {
    class: 'button is-quiet is-icon',
    'aria-label': t.removeNamed(item.path),
    title: t.remove,
    'data-action': 'remove',
  });
  remove.append(icon('cross'));
  return remove;
}
