import { button, type Child, element, setText, uniqueId } from '../lib/dom.js';
import { formatDuration } from '../lib/format.js';
import { ProblemError } from '../lib/request.js';
import { errorSentence } from './loaded.js';
import { common } from '../messages/common.js';

export interface FieldOptions {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'email' | 'password' | 'date' | 'search';
  /** Number of lines of a multi-line field. */
  readonly lines?: number;
  readonly autocomplete?: string;
  readonly numeric?: boolean;
  readonly hint?: string;
  readonly value?: string;
  /** 'quietly': without marking the label. */
  readonly optional?: boolean | 'quietly';
  readonly readonly?: boolean;
  /** Returns what is wrong with a non-empty value; null: nothing. */
  readonly check?: (value: string) => string | null;
  /** Shown below the input. */
  readonly below?: Child;
}

/** An input with its label, hint and error. */
export class Field {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement | HTMLTextAreaElement;
  readonly #options: FieldOptions;
  readonly #state: HTMLElement;

  constructor(options: FieldOptions) {
    this.#options = options;
    const id = uniqueId(options.name);
    const hint =
      options.hint === undefined ? null : element('p', { class: 'hint', id: `${id}-hint` }, options.hint);
    this.#state = element('p', { class: 'field-state', id: `${id}-state` });
    const attributes = {
      id,
      name: options.name,
      autocomplete: options.autocomplete ?? 'off',
      'aria-describedby': [...(hint === null ? [] : [hint.id]), this.#state.id].join(' '),
      'aria-required': isOptional(options) ? 'false' : 'true',
      readonly: options.readonly === true,
    };
    this.input =
      options.lines === undefined
        ? element('input', {
            ...attributes,
            class: 'input',
            type: options.type ?? 'text',
            ...(options.numeric === true ? { inputmode: 'numeric' } : {}),
            ...(['email', 'password'].includes(options.type ?? '')
              ? { spellcheck: 'false', autocapitalize: 'none' }
              : {}),
          })
        : element('textarea', { ...attributes, rows: options.lines, spellcheck: 'false' });
    this.input.value = options.value ?? '';
    this.input.addEventListener('input', () => {
      // The user is correcting the value; it is checked again on submit.
      if (this.input.getAttribute('aria-invalid') === 'true') this.#show(null);
    });
    this.element = element(
      'div',
      { class: 'field' },
      element(
        'label',
        { for: id },
        options.optional === true ? common().optional(options.label) : options.label,
      ),
      hint,
      this.input,
      this.#state,
      options.below ?? null,
    );
  }

  get value(): string {
    return this.#options.type === 'password' ? this.input.value : this.input.value.trim();
  }

  /** Checks the value and shows what is wrong with it. */
  check(): boolean {
    const { value } = this;
    const empty = value === '' ? (isOptional(this.#options) ? null : common().missing) : undefined;
    const wrong = empty === undefined ? (this.#options.check?.(value) ?? null) : empty;
    this.#show(wrong);
    return wrong === null;
  }

  fail(sentence: string): void {
    this.#show(sentence);
  }

  #show(wrong: string | null): void {
    if (wrong === null) this.input.removeAttribute('aria-invalid');
    else this.input.setAttribute('aria-invalid', 'true');
    setText(this.#state, wrong ?? '');
  }
}

function isOptional({ optional }: FieldOptions): boolean {
  return optional !== undefined && optional !== false;
}

/** A select element with its label. @param options value and label of each, in order */
export function selection<Value extends string>(
  name: string,
  label: string,
  options: readonly (readonly [value: Value, label: string])[],
  chosen: Value,
): { readonly element: HTMLElement; readonly value: Value } {
  const select = element(
    'select',
    { class: 'input', id: uniqueId(name), name },
    ...options.map(([value, text]) => element('option', { value }, text)),
  );
  select.value = chosen;
  return {
    element: element('div', { class: 'field' }, element('label', { for: select.id }, label), select),
    get value() {
      return options.find(([value]) => value === select.value)?.[0] ?? chosen;
    },
  };
}

interface FormOptions {
  /** Unique within the page. */
  readonly name: string;
  readonly fields: readonly Field[];
  /** The content, including the fields. */
  readonly content: readonly Child[];
  readonly submit: string;
  /** Not the primary action of its page. */
  readonly secondary?: boolean;
  readonly cancel?: () => void;
  /** If it rejects, the form shows why and can be submitted again. */
  readonly send: () => Promise<void>;
  /** The field that shows the problem of a code and gets the focus. */
  readonly blame?: Readonly<Record<string, Field>>;
  /** Messages for codes that mean something specific here. */
  readonly sentences?: Readonly<Record<string, string>>;
  /** Called before an invalid field gets the focus. */
  readonly onWrong?: (field: Field) => void;
}

/** A form with its own validation messages, because the browser's are in the browser's language. */
export function form(options: FormOptions): HTMLFormElement {
  const problem = element('p', { class: 'problem form-problem', role: 'alert', id: uniqueId('problem') });
  const submit = element(
    'button',
    { type: 'submit', class: options.secondary === true ? 'button' : 'button is-primary' },
    options.submit,
  );
  const created = element(
    'form',
    { class: 'form', novalidate: true, 'data-form': options.name },
    ...options.content,
    problem,
    element(
      'div',
      { class: 'form-actions' },
      submit,
      options.cancel === undefined
        ? null
        : button(common().cancel, options.cancel, { class: 'button is-quiet' }),
    ),
  );
  const submission = new Submission(options, problem, submit);
  created.addEventListener('submit', (event) => {
    event.preventDefault();
    void submission.begin();
  });
  return created;
}

class Submission {
  readonly #options: FormOptions;
  readonly #problem: HTMLElement;
  readonly #submit: HTMLButtonElement;
  /** Being sent, or blocked for now. */
  #busy = false;

  constructor(options: FormOptions, problem: HTMLElement, submit: HTMLButtonElement) {
    this.#options = options;
    this.#problem = problem;
    this.#submit = submit;
  }

  async begin(): Promise<void> {
    if (this.#busy) return;
    setText(this.#problem, '');
    const wrong = this.#options.fields.filter((field) => !field.check());
    const [first] = wrong;
    if (first !== undefined) {
      this.#point(first);
      return;
    }
    this.#setBusy(true);
    try {
      await this.#options.send();
      this.#setBusy(false);
    } catch (error) {
      this.#explain(error);
    }
  }

  #explain(error: unknown): void {
    const { code, retryAfterSeconds } =
      error instanceof ProblemError ? error.problem : { code: '', retryAfterSeconds: null };
    if (code === 'sign_in_blocked' && retryAfterSeconds !== null) {
      this.#wait(retryAfterSeconds);
      return;
    }
    this.#setBusy(false);
    const sentence = errorSentence(error, this.#options.sentences);
    const field = this.#options.blame?.[code];
    if (field === undefined) setText(this.#problem, sentence);
    else {
      field.fail(sentence);
      this.#point(field);
    }
  }

  #point(field: Field): void {
    this.#options.onWrong?.(field);
    field.input.focus();
  }

  /** Counts down to the next possible try. Screen readers hear only the beginning and the end. */
  #wait(seconds: number): void {
    const until = Date.now() + seconds * 1000;
    const shown = element('span', { 'aria-hidden': 'true' });
    const spoken = element('span', { class: 'visually-hidden' }, common().blocked(formatDuration(seconds)));
    this.#problem.replaceChildren(shown, spoken);
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      if (left > 0 && this.#problem.isConnected) {
        setText(shown, common().blocked(formatDuration(left)));
        setTimeout(tick, 250);
        return;
      }
      this.#setBusy(false);
      setText(this.#problem, common().blockedOver);
    };
    tick();
  }

  /** Not `disabled`, which would lose the focus. */
  #setBusy(busy: boolean): void {
    this.#busy = busy;
    this.#submit.setAttribute('aria-disabled', String(busy));
  }
}

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

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/**
 * Remembers what was typed, chosen and expanded in `shown`, and returns a function that restores it in the
 * rebuilt content: a change of language must not lose input.
 */
export function preserveInputs(shown: HTMLElement): (instead: HTMLElement) => void {
  const kept = new Map(controls(shown).map(([key, control]) => [key, stateOf(control)]));
  const unfolded = [...shown.querySelectorAll('details')].map(({ open }) => open);
  return (instead) => {
    for (const [key, control] of controls(instead)) {
      const state = kept.get(key);
      if (state === undefined || state === stateOf(control)) continue;
      if (isBox(control)) control.checked = state === 'on';
      else control.value = state;
      control.dispatchEvent(new Event('input', { bubbles: true }));
      control.dispatchEvent(new Event('change', { bubbles: true }));
    }
    instead.querySelectorAll('details').forEach((details, i) => {
      details.open = unfolded[i] === true;
    });
  };
}

function controls(within: HTMLElement): [string, Control][] {
  return [...within.querySelectorAll('form')].flatMap((form) =>
    [...form.querySelectorAll<Control>('input, textarea, select')]
      .filter((control) => !('readOnly' in control) || !control.readOnly)
      .map((control): [string, Control] => {
        const value = isBox(control) && control.type === 'radio' ? control.value : '';
        return [[form.dataset['form'], control.name, value].join(' '), control];
      }),
  );
}

function stateOf(control: Control): string {
  if (isBox(control)) return control.checked ? 'on' : 'off';
  return control.value;
}

function isBox(control: Control): control is HTMLInputElement {
  return control instanceof HTMLInputElement && (control.type === 'checkbox' || control.type === 'radio');
}
