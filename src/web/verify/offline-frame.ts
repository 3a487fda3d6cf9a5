import { element } from '../dom.js';
import { formatTime } from '../format.js';
import { brandParts, languageSwitch, skipLink } from '../frame-parts.js';
import { language, onLanguageChange } from '../language.js';
import { common } from '../messages/common.js';
import { fileWords } from '../messages/verify-offline.js';
import type { Render } from '../render.js';
import type { Made } from './made.js';

/** Head, foot and language of the page that is a file: what frame.ts is for the service's pages, without a service. */
export function mountOfflineFrame(render: Render): void {
  const header = element('header', { class: 'site-header' });
  const main = element('main', { id: 'content', tabindex: -1 });
  const footer = element('footer', { class: 'site-footer' });
  const show = () => {
    const { title, content } = render();
    document.title = title;
    document.documentElement.lang = language();
    header.replaceChildren(
      skipLink(),
      element(
        'div',
        { class: 'site-header-inner' },
        element('div', { class: 'brand' }, ...brandParts()),
        element('p', { class: 'frame-note' }, fileWords().frameNote),
        languageSwitch(),
      ),
    );
    main.replaceChildren(content);
    footer.replaceChildren(element('p', { class: 'fine-print' }, common().notANotary));
  };
  document.body.append(header, main, footer);
  onLanguageChange(show);
  show();
}

/** Where the file comes from, whom it trusts, and what it cannot do. */
export function madePanel(made: Made | null): HTMLElement {
  const t = fileWords();
  return element(
    'section',
    { class: 'offline-offer', 'aria-labelledby': 'made-heading' },
    element('h2', { id: 'made-heading' }, t.heading),
    element('p', {}, made === null ? t.madeByNobody : t.made(made.origin, formatTime(made.at))),
    element('p', {}, t.absent),
    made === null
      ? null
      : element(
          'details',
          {},
          element('summary', {}, t.showPolicy),
          element('pre', { tabindex: 0, role: 'region', 'aria-label': t.showPolicy }, made.policy.trim()),
        ),
  );
}
