import { element, icon, type Child, type IconName } from '../dom.js';
import { words } from '../messages/register.js';
import type { Session } from '../session/index.js';
import { organizationChoice } from './account-choice.js';
import { placeAddress, type Place } from './address.js';

/** What stands where there is no list: why, and what to do about it. */
export function absentView(
  heading: string,
  says: string,
  name: IconName,
  ...actions: readonly Child[]
): HTMLElement {
  return element(
    'section',
    { class: 'barred' },
    icon(name),
    element('h2', {}, heading),
    element('p', {}, says),
    element('div', { class: 'drop-buttons' }, ...actions),
  );
}

/** Signing in leads back to where one wanted to go. */
export function signedOutView(place: Place): HTMLElement {
  const t = words();
  const back = placeAddress(place).slice(1);
  const href = `./account.html#from=register${back === '' ? '' : `&${back}`}`;
  return absentView(
    t.signInFirst,
    t.signInExplained,
    'person',
    element('a', { class: 'button is-primary', href }, t.signIn),
  );
}

export function noOrganizationView(session: Session): HTMLElement {
  const t = words();
  const choice = organizationChoice(session);
  return absentView(
    t.noOrganization,
    choice === null ? t.noOrganizationExplained : t.noOrganizationChoose,
    'person',
    choice ?? element('a', { class: 'button is-primary', href: './account.html' }, t.openOrganization),
  );
}
