import { type Child, element, setText } from '../lib/dom.js';

interface NumberFormOptions {
  /** Unique within the page. */
  readonly id: string;
  /** Class name of the form. */
  readonly name: string;
  readonly label: string;
  readonly submit: string;
  /** Message for what `parse` does not accept. */
  readonly wrong: string;
  readonly parse: (typed: string) => number | null;
  readonly go: (value: number) => void;
  readonly beside?: Child;
}

/** A form for one number, in one line. */
export function numberForm({ id, name, label, submit, wrong, parse, go, beside }: NumberFormOptions): {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  readonly complain: (isWrong: boolean) => void;
} {
  const input = element('input', {
    id,
    class: 'input',
    type: 'text',
    inputmode: 'numeric',
    autocomplete: 'off',
    'aria-describedby': `${id}-state`,
  });
  const state = element('p', { id: `${id}-state`, class: 'field-state' });
  const complain = (isWrong: boolean) => {
    if (isWrong) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
    setText(state, isWrong ? wrong : '');
  };
  const onsubmit = (event: Event) => {
    event.preventDefault();
    const value = parse(input.value.trim());
    complain(value === null);
    if (value === null) input.focus();
    else go(value);
  };
  return {
    input,
    complain,
    element: element(
      'form',
      { class: name, onsubmit, novalidate: true },
      element('label', { for: id }, label),
      input,
      element('button', { type: 'submit', class: 'button' }, submit),
      beside ?? null,
      state,
    ),
  };
}
