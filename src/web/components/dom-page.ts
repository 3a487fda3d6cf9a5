import { effect, signal, untracked } from '@preact/signals';
import { language } from '../lib/language.js';
import { mountPage, type PageName, refreshChain } from './frame.js';
import type { Render } from './section.js';

/**
 * Mounts a page whose content is not written in TSX yet: `render` builds it, again whenever the language changes.
 */
export function mountFrame(page: PageName, render: Render) {
  const title = signal('');
  mountPage(page, () => title.value, null);
  const show = () => {
    const { title: own, content } = render();
    title.value = own;
    document.querySelector('main')?.replaceChildren(content);
  };
  effect(() => {
    language();
    untracked(show);
  });
  return { show, refreshChain };
}
