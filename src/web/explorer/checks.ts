import { hasProofOfWork, leadingZeroBits, successionFault } from '../../proof/header.js';
import { element, hiddenText, icon } from '../dom.js';
import { formatNumber } from '../format.js';
import { words } from '../messages/explorer.js';
import { counted } from '../pictures/count.js';
import type { SealedBlock } from './sealed-block.js';

/** What was found of a block, as far as that is known; null: not yet. */
export interface Findings {
  readonly follows: boolean | null;
  readonly rootHolds: boolean | null;
}

/** Whether the block keeps the rules between it and the one before. @param minimum the difficulty of block 0 */
export function follows(block: SealedBlock, previous: SealedBlock | null, minimum: number): boolean {
  return successionFault(block.bytes, previous, minimum) === null;
}

export function checkList(block: SealedBlock, { follows, rootHolds }: Findings): HTMLElement {
  const t = words();
  const { height, difficulty, entryCount } = block.header;
  const found = counted(leadingZeroBits(block.hash));
  const worked = hasProofOfWork(block.hash, difficulty);
  const asked = formatNumber(difficulty);
  const before = formatNumber(height - 1);
  return element(
    'ol',
    { class: 'steps checks' },
    check('work', t.workTitle, worked, worked ? t.workHeld(found, asked) : t.workFailed(found, asked)),
    check(
      'succession',
      t.successionTitle,
      follows,
      follows === false
        ? t.successionFailed(before)
        : height === 0
          ? t.successionFirst
          : t.successionHeld(before),
    ),
    check(
      'root',
      t.rootTitle,
      rootHolds,
      rootHolds === false ? t.rootFailed : t.rootHeld(counted(entryCount)),
    ),
  );
}

function check(name: string, title: string, held: boolean | null, says: string): HTMLElement {
  const outcome = held === null ? 'skipped' : held ? 'held' : 'failed';
  return element(
    'li',
    { class: 'step', 'data-check': name, 'data-outcome': outcome },
    element('span', { class: 'step-icon' }, icon(held === null ? 'clock' : held ? 'check' : 'cross')),
    element(
      'div',
      {},
      element(
        'h3',
        {},
        title,
        held === null ? null : hiddenText(`: ${held ? words().held : words().failed}`),
      ),
      element('p', {}, held === null ? words().checking : says),
    ),
  );
}
