import { element, setText, uniqueId, type Child } from '../dom.js';
import { partWords } from '../messages/parts.js';

export interface FieldOptions {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'email' | 'password' | 'date' | 'search';
  /** Of several lines. */
  readonly lines?: number;
  readonly autocomplete?: string;
  readonly numeric?: boolean;
  readonly hint?: string;
  readonly value?: string;
  /** 'quietly': something else says so. */
  readonly optional?: boolean | 'quietly';
  readonly readonly?: boolean;
  /** What is wrong with a value that is not empty; null: nothing. */
  readonly check?: (value: string) => string | null;
  /** Stands below the input. */
  readonly below?: Child;
}

/** A line to fill in: its label, what is asked, and what is wrong with it. */
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
      // What was wrong is being mended: it is judged again when it is sent.
      if (this.input.getAttribute('aria-invalid') === 'true') this.#show(null);
    });
    this.element = element(
      'div',
      { class: 'field' },
      element(
        'label',
        { for: id },
        options.optional === true ? partWords().optional(options.label) : options.label,
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

  /** Judges the value, and says what is wrong with it. */
  check(): boolean {
    const { value } = this;
    const empty = value === '' ? (isOptional(this.#options) ? null : partWords().missing) : undefined;
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
