import { choice, choices, Field, type FieldOptions } from '../../components/form.js';
import type { Limits } from '../../lib/api.js';
import { element, setText } from '../../lib/dom.js';
import { counted, formatBytes, formatNumber } from '../../lib/format.js';
import { type Role, ROLES } from '../../lib/session.js';
import { messages } from '../../messages/account.js';
import { common } from '../../messages/common.js';

export function emailField(options: Partial<FieldOptions> = {}): Field {
  const t = messages();
  return new Field({
    name: 'email',
    label: t.email,
    type: 'email',
    autocomplete: 'username',
    check: (value) => (/^[^\s@]+@[^\s@]+$/.test(value) ? null : common().problems.invalid_email),
    ...options,
  });
}

const MIN_PASSWORD_LENGTH = 12;
const MAX_PASSWORD_LENGTH = 1024;

/** Counts characters as the service does. */
export function passwordLength(password: string): number {
  return Array.from(password.normalize('NFKC')).length;
}

/** Describes the length of the password typed so far. */
export function lengthSentence(password: string): string {
  const t = messages();
  const length = passwordLength(password);
  if (length > MAX_PASSWORD_LENGTH) return t.passwordLong;
  const missing = MIN_PASSWORD_LENGTH - length;
  return missing > 0 ? t.passwordShort(counted(missing)) : t.passwordEnough;
}

interface NewPassword {
  readonly fields: readonly [Field, Field];
  readonly element: HTMLElement;
  readonly value: string;
}

/** Inputs for a new password and its confirmation, with feedback on its length. */
export function newPassword(): NewPassword {
  const t = messages();
  const length = element('p', { class: 'hint password-length', role: 'status' });
  const first = new Field({
    name: 'new-password',
    label: t.newPassword,
    type: 'password',
    autocomplete: 'new-password',
    hint: t.passwordRule,
    check: (value) => {
      const count = passwordLength(value);
      return count < MIN_PASSWORD_LENGTH || count > MAX_PASSWORD_LENGTH ? lengthSentence(value) : null;
    },
    below: length,
  });
  const second = new Field({
    name: 'repeat-password',
    label: t.repeatPassword,
    type: 'password',
    autocomplete: 'new-password',
    check: (value) => (value === first.value ? null : t.passwordsDiffer),
  });
  first.input.addEventListener('input', () => {
    const wrong = first.input.getAttribute('aria-invalid') === 'true';
    setText(length, first.value === '' || wrong ? '' : lengthSentence(first.value));
    length.classList.toggle('is-good', passwordLength(first.value) >= MIN_PASSWORD_LENGTH);
  });
  // Check on leaving the field, not only on submit.
  second.input.addEventListener('change', () => {
    if (second.value !== '') second.check();
  });
  const inputs = [first.input, second.input];
  return {
    fields: [first, second],
    element: element('div', { class: 'field-group' }, first.element, second.element, showTyped(inputs)),
    get value() {
      return first.value;
    },
  };
}

function showTyped(inputs: readonly (HTMLInputElement | HTMLTextAreaElement)[]): HTMLElement {
  const box = choice({
    type: 'checkbox',
    name: 'show-passwords',
    label: messages().showPasswords,
    checked: false,
    onchange: () => {
      for (const input of inputs) input.setAttribute('type', box.input.checked ? 'text' : 'password');
    },
  });
  return box.element;
}

export function currentPassword(label: string): Field {
  return new Field({ name: 'password', label, type: 'password', autocomplete: 'current-password' });
}

export function roleChoice(chosen: Role): { readonly element: HTMLElement; readonly value: Role } {
  const t = messages();
  const roles = ROLES.map((role) => ({
    role,
    ...choice({
      type: 'radio',
      name: 'role',
      value: role,
      label: t.roles[role],
      explained: t.rolesExplained[role],
      checked: role === chosen,
    }),
  }));
  return {
    element: choices(t.users.role, ...roles.map((each) => each.element)),
    get value() {
      return roles.find(({ input }) => input.checked)?.role ?? chosen;
    },
  };
}

interface LimitsFields {
  readonly fields: readonly Field[];
  readonly element: HTMLElement;
  readonly value: Limits;
}

export function limitsFields(given: Limits | null): LimitsFields {
  const t = messages().keys;
  const field = (name: keyof Limits, label: string) =>
    new Field({
      name,
      label,
      numeric: true,
      optional: 'quietly',
      value: given?.[name] == null ? '' : String(given[name]),
      check: (value) => (/^[0-9]+$/.test(value) && Number.isSafeInteger(Number(value)) ? null : t.notANumber),
    });
  const requests = field('requestsPerMinute', t.requestsPerMinute);
  const digests = field('digestsPerDay', t.digestsPerDay);
  const bytes = field('bytesPerDay', t.bytesPerDay);
  const fields = [requests, digests, bytes];
  return {
    fields,
    element: element(
      'fieldset',
      { class: 'field-set' },
      element('legend', {}, t.limits),
      element('p', { class: 'hint' }, t.limitsHint),
      element('div', { class: 'field-row' }, ...fields.map((each) => each.element)),
    ),
    get value() {
      return {
        requestsPerMinute: numberOf(requests),
        digestsPerDay: numberOf(digests),
        bytesPerDay: numberOf(bytes),
      };
    },
  };
}

function numberOf({ value }: Field): number | null {
  return value === '' ? null : Number(value);
}

/** A sentence for each limit. */
export function limitSentences({ requestsPerMinute, digestsPerDay, bytesPerDay }: Limits): string[] {
  const t = messages().keys;
  return [
    ...(requestsPerMinute === null ? [] : [t.requestsLimit(formatNumber(requestsPerMinute))]),
    ...(digestsPerDay === null ? [] : [t.digestsLimit(formatNumber(digestsPerDay))]),
    ...(bytesPerDay === null ? [] : [t.bytesLimit(formatBytes(bytesPerDay))]),
  ];
}
