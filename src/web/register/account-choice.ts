import { element, uniqueId } from '../dom.js';
import { words } from '../messages/register.js';
import { form } from '../parts/form.js';
import { announce } from '../parts/section.js';
import { chooseOrganization, type Session } from '../session/index.js';

/** For people of several organizations: whose register they see is whom they act for, on every page. */
export function organizationChoice({ memberships, user }: Session): HTMLElement | null {
  const others = memberships.some(({ organization }) => organization.id !== user?.organization?.id);
  if (!others) return null;
  const t = words();
  const select = element(
    'select',
    { class: 'input', id: uniqueId('organization'), name: 'organization' },
    ...memberships.map(({ organization }) =>
      element('option', { value: organization.id }, organization.name),
    ),
  );
  if (user?.organization != null) select.value = user.organization.id;
  return element(
    'div',
    { class: 'organization-choice' },
    form({
      name: 'organization',
      fields: [],
      content: [
        element('div', { class: 'field' }, element('label', { for: select.id }, t.organization), select),
      ],
      submit: t.chooseOrganization,
      secondary: user?.organization != null,
      send: async () => {
        const { user: now } = await chooseOrganization(select.value);
        announce(words().actsFor(now?.organization?.name ?? ''));
      },
    }),
  );
}
