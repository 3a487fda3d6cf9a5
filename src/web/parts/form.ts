import { button, element, setText, uniqueId, type Child } from '../dom.js';
import { formatDuration } from '../format.js';
import { partWords } from '../messages/parts.js';
import { errorSentence } from '../problem-view.js';
import { RefusedError } from '../resources.js';
import type { Field } from './field.js';

export interface FormOptions {
  /** Tells the forms of a page apart. */
  readonly name: string;
  readonly fields: readonly Field[];
  /** What is seen, the fields among it. */
  readonly content: readonly Child[];
  readonly submit: string;
  /** Beside something that matters more on its page. */
  readonly secondary?: boolean;
  readonly cancel?: () => void;
  /** Rejects when it did not come to pass; then the form says why and can be sent again. */
  readonly send: () => Promise<void>;
  /** Which field is to blame for a code, so that it says so and has the focus. */
  readonly blame?: Readonly<Record<string, Field>>;
  /** What a code means here, when that is not what it means elsewhere. */
  readonly sentences?: Readonly<Record<string, string>>;
  /** Before a field that is wrong gets the focus. */
  readonly onWrong?: (field: Field) => void;
}

/** A form with its own words for what is wrong: the browser's come in the browser's language. */
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
        : button(partWords().cancel, options.cancel, { class: 'button is-quiet' }),
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
  /** Being sent, or not allowed yet. */
  #held = false;

  constructor(options: FormOptions, problem: HTMLElement, submit: HTMLButtonElement) {
    this.#options = options;
    this.#problem = problem;
    this.#submit = submit;
  }

  async begin(): Promise<void> {
    if (this.#held) return;
    setText(this.#problem, '');
    const wrong = this.#options.fields.filter((field) => !field.check());
    const [first] = wrong;
    if (first !== undefined) {
      this.#point(first);
      return;
    }
    this.#hold(true);
    try {
      await this.#options.send();
      this.#hold(false);
    } catch (error) {
      this.#explain(error);
    }
  }

  #explain(error: unknown): void {
    const { code, retryAfterSeconds } =
      error instanceof RefusedError ? error.problem : { code: '', retryAfterSeconds: null };
    if (code === 'sign_in_blocked' && retryAfterSeconds !== null) {
      this.#wait(retryAfterSeconds);
      return;
    }
    this.#hold(false);
    const sentence = errorSentence(error, { ...partWords().problems, ...this.#options.sentences });
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

  /** Says how long until the next try, and counts down; what is spoken is the beginning and the end. */
  #wait(seconds: number): void {
    const until = Date.now() + seconds * 1000;
    const shown = element('span', { 'aria-hidden': 'true' });
    const spoken = element(
      'span',
      { class: 'visually-hidden' },
      partWords().blocked(formatDuration(seconds)),
    );
    this.#problem.replaceChildren(shown, spoken);
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      if (left > 0 && this.#problem.isConnected) {
        setText(shown, partWords().blocked(formatDuration(left)));
        setTimeout(tick, 250);
        return;
      }
      this.#hold(false);
      setText(this.#problem, partWords().blockedOver);
    };
    tick();
  }

  /** Not `disabled`: that would take the focus away. */
  #hold(held: boolean): void {
    this.#held = held;
    this.#submit.setAttribute('aria-disabled', String(held));
  }
}
