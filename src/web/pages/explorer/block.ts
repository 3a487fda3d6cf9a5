import { isZero, toHex } from '../../../proof/bytes.js';
import { HASH_LENGTH } from '../../../proof/hash.js';
import {
  hasProofOfWork,
  HEADER_LENGTH,
  leadingZeroBits,
  NONCE_OFFSET,
  successionFault,
} from '../../../proof/header.js';
import { bitsView, hashView, keepFocus } from '../../components/picture.js';
import { button, element, hiddenText, icon } from '../../lib/dom.js';
import { counted, formatNumber, formatTime } from '../../lib/format.js';
import { blockLink } from '../../lib/links.js';
import { retryWhileUnavailable, ProblemError } from '../../lib/request.js';
import { blockTile, type BlockCache, type SealedBlock, type ChainWatch } from './blocks.js';
import { linksSection, type View } from './chain.js';
import { brokenLinks, linksPicture } from './pictures.js';
import { BlockTree, treeSection, type TreeSection } from './tree.js';
import { messages } from '../../messages/explorer.js';
import { valueNames } from '../../messages/values.js';
import { loadFailed, loadingLine } from '../../components/loaded.js';
import { namedPanel } from '../../components/section.js';
import { saveBlob } from '../../lib/files.js';

/** Results of the checks of a block; null: not known yet. */
interface Findings {
  readonly follows: boolean | null;
  readonly rootHolds: boolean | null;
}

/** Whether the block correctly follows the previous one. @param minimum difficulty of block 0 */
export function follows(block: SealedBlock, previous: SealedBlock | null, minimum: number): boolean {
  return successionFault(block.bytes, previous, minimum) === null;
}

function checkList(block: SealedBlock, { follows, rootHolds }: Findings): HTMLElement {
  const t = messages();
  const { height, difficulty, entryCount } = block.header;
  const found = counted(leadingZeroBits(block.hash));
  const worked = hasProofOfWork(block.hash, difficulty);
  const required = formatNumber(difficulty);
  const before = formatNumber(height - 1);
  return element(
    'ol',
    { class: 'steps checks' },
    check(
      'work',
      t.workTitle,
      worked,
      worked ? t.workPassed(found, required) : t.workFailed(found, required),
    ),
    check(
      'succession',
      t.successionTitle,
      follows,
      follows === false
        ? t.successionFailed(before)
        : height === 0
          ? t.successionFirst
          : t.successionPassed(before),
    ),
    check(
      'root',
      t.rootTitle,
      rootHolds,
      rootHolds === false ? t.rootFailed : t.rootPassed(counted(entryCount)),
    ),
  );
}

function check(name: string, title: string, passed: boolean | null, message: string): HTMLElement {
  const outcome = passed === null ? 'skipped' : passed ? 'passed' : 'failed';
  return element(
    'li',
    { class: 'step', 'data-check': name, 'data-outcome': outcome },
    element('span', { class: 'step-icon' }, icon(passed === null ? 'clock' : passed ? 'check' : 'cross')),
    element(
      'div',
      {},
      element(
        'h3',
        {},
        title,
        passed === null ? null : hiddenText(`: ${passed ? messages().passed : messages().failed}`),
      ),
      element('p', {}, passed === null ? messages().checking : message),
    ),
  );
}

const FIRST_BYTES = 3;

/** The block's hash and its leading zero bits. */
function hashSection({ header, hash }: SealedBlock): HTMLElement {
  const t = messages();
  return namedPanel(
    'hash',
    t.hashHeading,
    element('p', { class: 'big-hash' }, hashView(hash)),
    element(
      'p',
      { class: 'hint' },
      element('span', { class: 'bits-name' }, t.hashBits),
      ' ',
      bitsView(hash, Math.max(FIRST_BYTES, Math.ceil((leadingZeroBits(hash) + 1) / 8))),
    ),
    element(
      'p',
      { class: 'hint' },
      t.hashSentence(counted(leadingZeroBits(hash)), formatNumber(header.difficulty)),
    ),
  );
}

interface Field {
  readonly name: string;
  readonly length: number;
  readonly value: string | HTMLElement;
}

function fieldsOf({ header }: SealedBlock): Field[] {
  const v = valueNames();
  const previous = header.height === 0 ? '–' : previousBlockLink(header.height - 1);
  return [
    { name: messages().version, length: 1, value: '1' },
    { name: v.height, length: 8, value: formatNumber(header.height) },
    { name: v.previousHash, length: HASH_LENGTH, value: previous },
    { name: v.merkleRoot, length: HASH_LENGTH, value: messages().topOfTree },
    { name: v.state, length: HASH_LENGTH, value: isZero(header.state) ? '–' : hashView(header.state) },
    { name: v.firstPosition, length: 8, value: formatNumber(header.firstPosition) },
    { name: v.entryCount, length: 4, value: formatNumber(header.entryCount) },
    { name: v.sealedAt, length: 8, value: formatTime(header.sealedAt, 'UTC') },
    { name: v.difficulty, length: 1, value: formatNumber(header.difficulty) },
    { name: v.nonce, length: HEADER_LENGTH - NONCE_OFFSET, value: header.nonce.toString() },
  ];
}

const previousBlockLink = (height: number) =>
  element('a', { href: blockLink(height) }, messages().blockHeading(formatNumber(height)));

function headerSection(block: SealedBlock): HTMLElement {
  const t = messages();
  let offset = 0;
  const rows = fieldsOf(block).map(({ name, length, value }) => {
    const from = offset;
    offset += length;
    const at = t.bytesAt(formatNumber(from), formatNumber(offset - 1));
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, name, element('small', { class: 'byte-place' }, at)),
      element('td', { class: 'field-value' }, value),
      element(
        'td',
        { class: 'field-bytes' },
        element('code', {}, toHex(block.bytes.subarray(from, offset)).replace(/(..)(?=.)/g, '$1 ')),
      ),
    );
  });
  return namedPanel(
    'header',
    t.headerHeading,
    element('p', { class: 'hint' }, t.headerExplained),
    element(
      'table',
      { class: 'fields' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...[t.field, t.value, t.bytes].map((name) => element('th', { scope: 'col' }, name)),
        ),
      ),
      element('tbody', {}, ...rows),
    ),
    element(
      'p',
      {},
      button(t.rawHeader, () => {
        saveBlob(`block-${block.header.height}.bin`, new Blob([Uint8Array.from(block.bytes)]));
      }),
    ),
  );
}

export interface BlockView extends View {
  readonly height: number;
  readonly pick: (entry: number | null) => void;
}

/** The page of one block: its links, hash, header, tree and checks. */
export function blockView(
  watch: ChainWatch,
  known: BlockCache,
  height: number,
  firstEntry: number | null,
): BlockView {
  const t = messages();
  const stop = new AbortController();
  const { signal } = stop;
  const heading = element('h1', { tabindex: -1 }, t.blockHeading(formatNumber(height)));
  const neighbours = element('nav', { class: 'pages', 'aria-label': t.blockNavigation });
  const body = element('div', { class: 'panels' });
  let entry = firstEntry;
  let shown: { readonly tree: TreeSection; readonly update: () => void } | null = null;
  let absent = false;

  const load = async () => {
    absent = false;
    body.replaceChildren(loadingLine());
    try {
      const block = await known.get(height, signal);
      shown = blockBody(block, { watch, known, signal }, body);
      shown.tree.pick(entry);
      if (entry !== null) body.querySelector('.tree-panel')?.scrollIntoView();
    } catch (error) {
      if (signal.aborted) return;
      absent = error instanceof ProblemError && error.problem.code === 'block_not_found';
      body.replaceChildren(absent ? absence(height) : loadFailed(error, () => void load()));
    }
  };
  const update = () => {
    const tip = watch.state?.latest[0]?.header.height ?? null;
    showNeighbours(neighbours, height, tip);
    if (absent && tip !== null && tip >= height) void load();
    shown?.update();
  };
  void load();
  update();
  return {
    title: t.blockHeading(formatNumber(height)),
    height,
    element: element('div', { class: 'page explorer' }, neighbours, heading, body),
    update,
    pick(chosen) {
      entry = chosen;
      shown?.tree.pick(chosen);
    },
    leave() {
      stop.abort();
    },
  };
}

function absence(height: number): HTMLElement {
  const t = messages();
  return element(
    'div',
    { class: 'panel is-empty' },
    element('h2', {}, t.noBlockYet(formatNumber(height))),
    element('p', {}, t.noBlockYetExplained),
  );
}

function showNeighbours(place: HTMLElement, height: number, tip: number | null): void {
  const t = messages();
  const link = (id: string, address: string, name: string) =>
    element('a', { id, class: 'button', href: address }, name);
  keepFocus(place, () => {
    place.replaceChildren(
      link('all-blocks', '#', t.allBlocks),
      ...(height === 0 || (tip !== null && height > tip + 1)
        ? []
        : [link('previous-block', blockLink(height - 1), t.previousBlock(formatNumber(height - 1)))]),
      ...(tip === null || height >= tip
        ? []
        : [link('next-block', blockLink(height + 1), t.nextBlock(formatNumber(height + 1)))]),
    );
  });
}

interface Means {
  readonly watch: ChainWatch;
  readonly known: BlockCache;
  readonly signal: AbortSignal;
}

function blockBody(block: SealedBlock, { watch, known, signal }: Means, body: HTMLElement) {
  const t = messages();
  const { height, entryCount, sealedAt } = block.header;
  const tree = new BlockTree(block, (tile) =>
    retryWhileUnavailable(() => blockTile(height, tile, signal), signal),
  );
  const section = treeSection(block, tree);
  let neighbours: readonly SealedBlock[] = [block];
  const links = linksPicture(() => neighbours, 3, height);
  const broken = element('div', { class: 'broken-links' });
  const checks = element('div', {});
  let findings: Findings = { follows: null, rootHolds: null };
  const found = (more: Partial<Findings>) => {
    findings = { ...findings, ...more };
    checks.replaceChildren(checkList(block, findings));
  };
  const update = () => {
    const around = [height + 1, height, height - 1].flatMap((at) => known.find(at) ?? []);
    if (around.length === neighbours.length && neighbours.every((one, i) => one === around[i])) return;
    neighbours = around;
    links.redraw();
    broken.replaceChildren(...brokenLinks(neighbours));
  };
  const examine = async () => {
    const previous = height === 0 ? null : await known.get(height - 1, signal);
    const first = height === 0 ? block : await known.get(0, signal);
    update();
    found({ follows: follows(block, previous, first.header.difficulty) });
    found({ rootHolds: await tree.rootHolds() });
  };
  const lookAhead = async () => {
    const tip = watch.state?.latest[0]?.header.height ?? 0;
    if (height < tip) await known.get(height + 1, signal);
    update();
  };
  found({});
  const examineAgain = () => {
    examine().catch((error: unknown) => {
      if (signal.aborted) return;
      tree.forget();
      checks.append(loadFailed(error, examineAgain));
    });
  };
  examineAgain();
  lookAhead().catch(() => undefined);
  body.replaceChildren(
    element('p', { class: 'lead' }, t.blockSentence(counted(entryCount), formatTime(sealedAt))),
    linksSection(links.element, broken),
    hashSection(block),
    section.element,
    headerSection(block),
    namedPanel('checks', t.checksHeading, checks),
  );
  return { tree: section, update };
}
