import { button, element, present, setText, uniqueId, type Child } from '../lib/dom.js';
import { errorSentence } from './loaded.js';
import { common } from '../messages/common.js';

/**
 * Opens a modal dialog. The browser keeps the focus inside, restores it afterwards, and closes on Escape.
 * @param build creates the content; `close` closes the dialog
 */
function openDialog(heading: string, build: (close: () => void) => readonly Child[]): void {
  const id = uniqueId('dialog');
  const dialog = element('dialog', { class: 'dialog', 'aria-labelledby': id });
  const close = () => {
    dialog.close();
  };
  dialog.append(element('h2', { id, tabindex: -1 }, heading), ...present(build(close)));
  dialog.addEventListener('close', () => {
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
}

export interface Question {
  readonly heading: string;
  readonly message: string;
  readonly yes: string;
  /** If it rejects, the dialog stays open and shows why. */
  readonly run: () => Promise<void>;
  /** Called after success, when the dialog is closed and the focus restored. */
  readonly done?: () => void;
}

/** Asks for confirmation of an action that cannot be undone. Cancel has the focus. */
export function confirmFirst({ heading, message, yes, run, done }: Question): void {
  openDialog(heading, (close) => {
    const problem = element('p', { class: 'problem form-problem', role: 'alert' });
    const no = button(common().cancel, close, { class: 'button is-quiet', autofocus: true });
    let busy = false;
    const act = async () => {
      if (busy) return;
      busy = true;
      setText(problem, '');
      go.setAttribute('aria-disabled', 'true');
      try {
        await run();
        close();
        done?.();
      } catch (error) {
        setText(problem, errorSentence(error));
      }
      busy = false;
      go.setAttribute('aria-disabled', 'false');
    };
    const go = button(yes, () => void act(), { class: 'button is-danger' });
    return [element('p', {}, message), problem, element('div', { class: 'form-actions' }, go, no)];
  });
}
