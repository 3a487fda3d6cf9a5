import { element, setText, uniqueId } from '../dom.js';
import { formatNumber } from '../format.js';
import { words } from '../messages/account.js';
import { Field } from '../parts/field.js';

export const MIN_PASSWORD_LENGTH = 12;
export const MAX_PASSWORD_LENGTH = 1024;

/** As the service counts: characters, however many bytes or strokes each is. */
export function passwordLength(password: string): number {
  return Array.from(password.normalize('NFKC')).length;
}

/** A sentence on the length of what has been typed so far. */
export function lengthSentence(password: string): string {
  const t = words();
  const length = passwordLength(password);
  if (length > MAX_PASSWORD_LENGTH) return t.passwordLong;
  const missing = MIN_PASSWORD_LENGTH - length;
  return missing > 0 ? t.passwordShort(missing, formatNumber(missing)) : t.passwordEnough;
}

export interface NewPassword {
  readonly fields: readonly [Field, Field];
  readonly element: HTMLElement;
  readonly value: string;
}

/** A new password, typed twice; its length is told while it grows. */
export function newPassword(): NewPassword {
  const t = words();
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
  // Left behind and different: said at once, not only when all is sent.
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
  const box = element('input', { type: 'checkbox', id: uniqueId('show'), name: 'show-passwords' });
  box.addEventListener('change', () => {
    for (const input of inputs) input.setAttribute('type', box.checked ? 'text' : 'password');
  });
  return element('div', { class: 'choice' }, box, element('label', { for: box.id }, words().showPasswords));
}

export function currentPassword(label: string): Field {
  return new Field({ name: 'password', label, type: 'password', autocomplete: 'current-password' });
}
