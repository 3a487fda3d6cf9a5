import { type Signal, signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { formatDuration } from '../lib/format.js';
import { ProblemError } from '../lib/request.js';
import { common } from '../messages/common.js';
import { Button } from './button.js';
import { errorSentence, type Sentences } from './problem.js';

interface FieldRules {
  readonly name: string;
  readonly value?: string;
  readonly optional?: boolean;
  /** Passwords are sent as they are typed. */
  readonly untrimmed?: boolean;
  /** Returns what is wrong with a non-empty value, in the current language; null: nothing. */
  readonly check?: (value: string) => string | null;
}

/** The state of an input: what was typed, and what is wrong with it. */
export class FieldState {
  readonly name: string;
  readonly optional: boolean;
  readonly typed: Signal<string>;
  /** In the current language; null: nothing is wrong, or it was not checked yet. */
  readonly #wrong = signal<(() => string | null) | null>(null);
  readonly #rules: FieldRules;
  input: HTMLInputElement | HTMLTextAreaElement | null = null;

  constructor(rules: FieldRules) {
    this.name = rules.name;
    this.optional = rules.optional === true;
    this.typed = signal(rules.value ?? '');
    this.#rules = rules;
  }

  get value(): string {
    return this.#rules.untrimmed === true ? this.typed.value : this.typed.value.trim();
  }

  get wrong(): string | null {
    return this.#wrong.value?.() ?? null;
  }

  /** Whether it differs from what it was created with. */
  get changed(): boolean {
    return this.typed.value !== (this.#rules.value ?? '');
  }

  type(text: string): void {
    this.typed.value = text;
    // The user is correcting the value; it is checked again on submit.
    this.#wrong.value = null;
  }

  /** Checks the value and shows what is wrong with it. */
  check(): boolean {
    const { value, optional } = this;
    const wrong = () =>
      value === '' ? (optional ? null : common().missing) : (this.#rules.check?.(value) ?? null);
    this.#wrong.value = wrong() === null ? null : wrong;
    return this.#wrong.value === null;
  }

  fail(sentence: () => string): void {
    this.#wrong.value = sentence;
  }
}

interface FieldProps {
  readonly of: FieldState;
  readonly label: string;
  readonly type?: 'text' | 'email' | 'password' | 'date' | 'search';
  /** Number of lines of a multi-line field. */
  readonly lines?: number;
  readonly autocomplete?: string;
  readonly numeric?: boolean;
  readonly hint?: string;
  /** Says so beside the label. */
  readonly markOptional?: boolean;
  readonly readOnly?: boolean;
  /** Shown below the input. */
  readonly below?: ComponentChildren;
}

/** An input with its label, hint and error. */
export function Field({ of, label, type = 'text', lines, hint, below, ...rest }: FieldProps) {
  const id = useId();
  const { wrong } = of;
  const attributes = {
    id,
    name: of.name,
    autocomplete: rest.autocomplete ?? 'off',
    'aria-describedby': [...(hint === undefined ? [] : [`${id}-hint`]), `${id}-state`].join(' '),
    'aria-required': !of.optional,
    'aria-invalid': wrong !== null,
    readOnly: rest.readOnly === true,
    value: of.typed.value,
    onInput: (event: { readonly currentTarget: { readonly value: string } }) => {
      of.type(event.currentTarget.value);
    },
    ref: (input: HTMLInputElement | HTMLTextAreaElement | null) => {
      of.input = input;
    },
  };
  const secret = type === 'email' || type === 'password';
  return (
    <div class="field">
      <label for={id}>{rest.markOptional === true ? common().optional(label) : label}</label>
      {hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {lines === undefined ? (
        <input
          {...attributes}
          class="input"
          // The types know each kind of input alone.
          {...({ type } as { readonly type: 'text' })}
          {...(rest.numeric === true ? { inputmode: 'numeric' } : {})}
          {...(secret ? { spellcheck: false, autocapitalize: 'none' } : {})}
        />
      ) : (
        <textarea {...attributes} rows={lines} spellcheck={false} />
      )}
      <p class="field-state" id={`${id}-state`}>
        {wrong}
      </p>
      {below}
    </div>
  );
}

interface ChoiceProps {
  readonly type: 'radio' | 'checkbox';
  readonly name: string;
  readonly label: ComponentChildren;
  readonly explained?: ComponentChildren;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** A radio button or checkbox with its label and explanation. */
export function Choice({ type, name, label, explained, checked, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <div class="choice">
      <input
        type={type}
        name={name}
        id={id}
        checked={checked}
        {...(explained === undefined ? {} : { 'aria-describedby': `${id}-explained` })}
        onChange={(event) => {
          onChange(event.currentTarget.checked);
        }}
      />
      <label for={id}>{label}</label>
      {explained === undefined ? null : <p id={`${id}-explained`}>{explained}</p>}
    </div>
  );
}

/** A group of choices under one legend. */
export function Choices({
  legend,
  children,
}: {
  readonly legend: string;
  readonly children: ComponentChildren;
}) {
  return (
    <fieldset class="choices">
      <legend>{legend}</legend>
      {children}
    </fieldset>
  );
}

interface SelectProps<Value extends string> {
  readonly name: string;
  readonly label: string;
  /** Value and label of each, in order. */
  readonly options: readonly (readonly [value: Value, label: string])[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

/** A select element with its label. */
export function Select<Value extends string>({ name, label, options, value, onChange }: SelectProps<Value>) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        class="input"
        id={id}
        name={name}
        value={value}
        onChange={({ currentTarget }) => {
          const chosen = options.find(([each]) => each === currentTarget.value);
          if (chosen !== undefined) onChange(chosen[0]);
        }}
      >
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

interface FormProps {
  /** Unique within the page. */
  readonly name: string;
  readonly fields: readonly FieldState[];
  /** The content, including the fields. */
  readonly children: ComponentChildren;
  readonly submit: string;
  /** Not the primary action of its page. */
  readonly secondary?: boolean;
  /** With the button beside the one field. */
  readonly inLine?: boolean;
  /** What it does cannot be undone. */
  readonly danger?: boolean;
  readonly onCancel?: () => void;
  /** More buttons beside these. */
  readonly beside?: ComponentChildren;
  /** If it rejects, the form shows why and can be submitted again. */
  readonly send: () => Promise<void> | void;
  /** Called before an invalid field gets the focus, to make it visible. */
  readonly onWrong?: (field: FieldState) => void;
  /** The field that shows the problem of a code and gets the focus. */
  readonly blame?: Readonly<Record<string, FieldState>>;
  /** Messages for codes that mean something specific here, in the current language. */
  readonly own?: () => Sentences;
}

/** A form with its own validation messages, because the browser's are in the browser's language. */
export function Form(props: FormProps) {
  const id = useId();
  const busy = useSignal(false);
  const problem = useSignal<(() => string) | null>(null);
  const blockedUntil = useSignal<number | null>(null);
  const focus = (field: FieldState | undefined) => {
    if (field !== undefined) props.onWrong?.(field);
    field?.input?.focus();
  };
  const submit = async () => {
    if (busy.value || blockedUntil.value !== null) return;
    problem.value = null;
    const wrong = props.fields.filter((field) => !field.check());
    if (wrong.length > 0) {
      focus(wrong[0]);
      return;
    }
    busy.value = true;
    try {
      await props.send();
    } catch (error) {
      const given = error instanceof ProblemError ? error.problem : null;
      const field = props.blame?.[given?.code ?? ''];
      const sentence = () => errorSentence(error, props.own?.());
      if (given?.code === 'sign_in_blocked' && given.retryAfterSeconds !== null) {
        blockedUntil.value = Date.now() + given.retryAfterSeconds * 1000;
      } else if (field === undefined) problem.value = sentence;
      else {
        field.fail(sentence);
        focus(field);
      }
    }
    busy.value = false;
  };
  return (
    <form
      class={props.inLine === true ? 'form is-line' : 'form'}
      noValidate
      data-form={props.name}
      aria-describedby={id}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {props.children}
      <p class="problem form-problem" role="alert" id={id}>
        {problem.value?.()}
        {blockedUntil.value === null ? null : (
          <Countdown
            until={blockedUntil.value}
            onOver={() => {
              blockedUntil.value = null;
              problem.value = () => common().blockedOver;
            }}
          />
        )}
      </p>
      <div class="form-actions">
        <Button
          submit
          held={busy.value || blockedUntil.value !== null}
          tone={props.danger === true ? 'danger' : props.secondary === true ? undefined : 'primary'}
        >
          {props.submit}
        </Button>
        {props.onCancel === undefined ? null : (
          <Button tone="quiet" onPress={props.onCancel}>
            {common().cancel}
          </Button>
        )}
        {props.beside}
      </div>
    </form>
  );
}

/** Counts down to the next possible try. Screen readers hear only the beginning and the end. */
function Countdown({ until, onOver }: { readonly until: number; readonly onOver: () => void }) {
  const now = useSignal(Date.now());
  const first = useRef(Math.ceil((until - Date.now()) / 1000));
  const left = Math.ceil((until - now.value) / 1000);
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = Date.now();
      if (now.value >= until) onOver();
    }, 250);
    return () => {
      clearInterval(timer);
    };
  }, [until]);
  return (
    <>
      <span aria-hidden="true">{common().blocked(formatDuration(left))}</span>
      <span class="visually-hidden">{common().blocked(formatDuration(first.current))}</span>
    </>
  );
}
