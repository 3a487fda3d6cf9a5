import { words } from '../messages/account.js';
import { Field, type FieldOptions } from '../parts/field.js';

export function emailField(options: Partial<FieldOptions> = {}): Field {
  const t = words();
  return new Field({
    name: 'email',
    label: t.email,
    type: 'email',
    autocomplete: 'username',
    check: (value) => (/^[^\s@]+@[^\s@]+$/.test(value) ? null : t.invalidEmail),
    ...options,
  });
}
