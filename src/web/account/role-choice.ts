import { element, uniqueId } from '../dom.js';
import { words } from '../messages/account.js';
import { usersWords } from '../messages/account-users.js';
import { ROLES, type Role } from '../session/index.js';

export function roleChoice(chosen: Role): { readonly element: HTMLElement; readonly value: Role } {
  const t = words();
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
      element('legend', {}, usersWords().role),
      ...choices.map((each) => each.element),
    ),
    get value() {
      return choices.find(({ input }) => input.checked)?.role ?? chosen;
    },
  };
}
