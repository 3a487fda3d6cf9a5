import { element, icon, type Child } from '../dom.js';
import { blockAddress } from '../explorer/address.js';
import { formatNumber } from '../format.js';
import { words } from '../messages/register.js';
import type { Registered } from './calls.js';

/** How far a notarization has come: never a failure, only not yet. */
export function statusView({ block, cosigned, status }: Registered): HTMLElement {
  const t = words();
  if (block === undefined) {
    return element(
      'div',
      { class: 'standing is-pending' },
      icon('clock'),
      element('p', {}, t.statusAccepted),
    );
  }
  const address = `./explorer.html${blockAddress(block.height, block.index + 1)}`;
  const lines: Child[] = [
    element('p', {}, element('a', { href: address }, t.sealedIn(formatNumber(block.height)))),
  ];
  if (cosigned !== undefined) {
    const [signed, of, needed] = [cosigned.signed, cosigned.of, cosigned.needed].map(formatNumber) as [
      string,
      string,
      string,
    ];
    const enough = status === 'cosigned';
    lines.push(
      element(
        'p',
        { class: 'hint' },
        enough ? t.cosignedBy(signed, of) : t.cosignedPartly(signed, of, needed),
      ),
    );
  }
  return element('div', { class: 'standing' }, icon('check'), element('div', {}, ...lines));
}
