import { copyable } from '../../components/copyable.js';
import { Field, type FieldOptions } from '../../components/form.js';
import type { IssuedInvitation, Limits } from '../../lib/api.js';
import { button, element, setText, uniqueId } from '../../lib/dom.js';
import { counted, formatBytes, formatNumber, formatTime } from '../../lib/format.js';
import { type Role, ROLES } from '../../lib/session.js';
import { invitationLink } from '../../lib/links.js';
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
  const box = element('input', { type: 'checkbox', id: uniqueId('show'), name: 'show-passwords' });
  box.addEventListener('change', () => {
    for (const input of inputs) input.setAttribute('type', box.checked ? 'text' : 'password');
  });
  return element(
    'div',
    { class: 'choice' },
    box,
    element('label', { for: box.id }, messages().showPasswords),
  );
}

export function currentPassword(label: string): Field {
  return new Field({ name: 'password', label, type: 'password', autocomplete: 'current-password' });
}

export function roleChoice(chosen: Role): { readonly element: HTMLElement; readonly value: Role } {
  const t = messages();
  const name = uniqueId('role');
  const choices = ROLES.map((role) => {
    const id = `${name}-${role}`;
    const input = element('input', {
      type: 'radio',
      name: 'role',
      value: role,
      id,
      'aria-describedby': `${id}-explained`,
    });
    input.checked = role === chosen;
    const explained = element('p', { id: `${id}-explained` }, t.rolesExplained[role]);
    return {
      role,
      input,
      element: element(
        'div',
        { class: 'choice' },
        input,
        element('label', { for: id }, t.roles[role]),
        explained,
      ),
    };
  });
  return {
    element: element(
      'fieldset',
      { class: 'choices' },
      element('legend', {}, messages().users.role),
      ...choices.map((each) => each.element),
    ),
    get value() {
      return choices.find(({ input }) => input.checked)?.role ?? chosen;
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

export interface Issued {
  readonly name: string;
  readonly invitation: IssuedInvitation;
}

/** Shows a new invitation link, which cannot be shown again, until the user confirms. */
export function invitationPanel({ name, invitation }: Issued, onDone: () => void): HTMLElement {
  const t = messages().users;
  const expires = formatTime(Date.parse(invitation.expiresAt));
  return element(
    'section',
    { class: 'panel is-once' },
    element('h3', { tabindex: -1 }, t.invitationHeading(name)),
    copyable(t.invitationLink, invitationLink(document.baseURI, invitation.token)),
    element('p', {}, t.invitationExplained(expires)),
    element('div', { class: 'form-actions' }, button(common().done, onDone)),
  );
}
