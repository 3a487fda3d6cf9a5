import { hiddenText, setText } from './dom.js';

/** One live region for the whole page: what is put there is spoken once, in its turn. */
export function announcer(): { readonly node: HTMLElement; readonly say: (text: string) => void } {
  const node = hiddenText('');
  node.setAttribute('role', 'status');
  return {
    node,
    say(text) {
      setText(node, text);
    },
  };
}
