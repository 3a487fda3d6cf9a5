import { form } from '../../components/form.js';
import { announce } from '../../components/section.js';
import { type Child, element, icon, type IconName, uniqueId } from '../../lib/dom.js';
import { chooseOrganization, type Session } from '../../lib/session.js';
import { type Place, placeAddress } from './search.js';
import { messages } from '../../messages/register.js';
import { common } from '../../messages/common.js';
import { signInLink } from '../../lib/links.js';

/** The choice of the current organization, for people with several; it applies to all pages. */
export function organizationChoice({ memberships, user }: Session): HTMLElement | null {
  const others = memberships.some(({ organization }) => organization.id !== user?.organization?.id);
  if (!others) return null;
  const t = messages();
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
        announce(messages().chosen(now?.organization?.name ?? ''));
      },
    }),
  );
}

/** Shown instead of a list: why it is empty, and what to do. */
export function emptyState(
  heading: string,
  message: string,
  name: IconName,
  ...actions: readonly Child[]
): HTMLElement {
  return element(
    'section',
    { class: 'empty-state' },
    icon(name),
    element('h2', {}, heading),
    element('p', {}, message),
    element('div', { class: 'drop-buttons' }, ...actions),
  );
}

/** Signing in leads back to the requested place. */
export function signedOutView(place: Place): HTMLElement {
  const t = messages();
  const back = placeAddress(place).slice(1);
  const href = signInLink('register', back);
  return emptyState(
    t.signInFirst,
    t.signInExplained,
    'person',
    element('a', { class: 'button is-primary', href }, common().signIn),
  );
}

export function noOrganizationView(session: Session): HTMLElement {
  const t = messages();
  const choice = organizationChoice(session);
  return emptyState(
    t.noOrganization,
    choice === null ? t.noOrganizationExplained : t.noOrganizationChoose,
    'person',
    choice ?? element('a', { class: 'button is-primary', href: './account.html' }, common().openAccount),
  );
}
