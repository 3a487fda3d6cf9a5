import { button, element } from '../lib/dom.js';
import { language, LANGUAGE_NAMES, LANGUAGES, setLanguage } from '../lib/language.js';
import sealAddress from '../../../public/seal.svg';
import { common } from '../messages/common.js';

/** Parts of the frame that need no service. */

export function skipLink(): HTMLElement {
  return element('a', { class: 'skip-link', href: '#content' }, common().skipToContent);
}

/** The logo: seal and name. */
export function brandParts(): HTMLElement[] {
  return [
    element('img', { src: sealAddress, alt: '', width: 32, height: 32 }),
    element('span', { class: 'brand-name' }, 'Ingam'),
    element('span', { class: 'brand-hangul', lang: 'ko', 'aria-hidden': 'true' }, '인감'),
  ];
}

export function languageSwitch(): HTMLElement {
  const choices = LANGUAGES.map((choice) =>
    button(
      LANGUAGE_NAMES[choice],
      () => {
        setLanguage(choice);
        // The switch was rebuilt: keyboard users must not lose their place.
        document.querySelector<HTMLElement>(`.language-switch [lang="${choice}"]`)?.focus();
      },
      { class: 'button language', lang: choice, 'aria-pressed': choice === language() ? 'true' : 'false' },
    ),
  );
  return element(
    'div',
    { class: 'language-switch', role: 'group', 'aria-label': common().chooseLanguage },
    ...choices,
  );
}
