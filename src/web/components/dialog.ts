import { button, element, present, setText, uniqueId, type Child } from '../lib/dom.js';
import { errorSentence } from './problem.js';
import { common } from '../messages/common.js';

/**
 * Asks something before the rest of the page goes on. The browser keeps the focus within, gives it back to where it was, and
 * closes on Escape.
 * @param build makes the content; `close` ends the dialog
 */
export function openDialog(heading: string, build: (close: () => void) => readonly Child[]): void {
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
  /** Rejects when it did not come to pass; then the dialog stays and says why. */
  readonly run: () => Promise<void>;
  /** When it came to pass and the dialog is gone, and what had the focus before has it again. */
  readonly done?: () => void;
}

/** Asks before something that cannot be taken back. Saying no is what has the focus. */
export function confirmFirst({ heading, message, yes, run, done }: Question): void {
  openDialog(heading, (close) => {
    const problem = element('p', { class: 'problem form-problem', role: 'alert' });
    const no = button(common().cancel, close, { class: 'button is-quiet', autofocus: true });
    let held = false;
    const act = async () => {
      if (held) return;
      held = true;
      setText(problem, '');
      go.setAttribute('aria-disabled', 'true');
      try {
        await run();
        close();
        done?.();
      } catch (error) {
        setText(problem, errorSentence(error));
      }
      held = false;
      go.setAttribute('aria-disabled', 'false');
    };
    const go = button(yes, () => void act(), { class: 'button is-danger' });
    return [element('p', {}, message), problem, element('div', { class: 'form-actions' }, go, no)];
  });
}
