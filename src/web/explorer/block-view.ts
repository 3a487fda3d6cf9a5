import { element } from '../dom.js';
import { formatNumber, formatTime } from '../format.js';
import { words } from '../messages/explorer.js';
import { persist } from '../persist.js';
import { counted } from '../pictures/count.js';
import { keepFocus } from '../pictures/keep-focus.js';
import { RefusedError } from '../resources.js';
import { blockAddress } from './address.js';
import { BlockTree } from './block-tree.js';
import { blockTile } from './calls.js';
import type { ChainWatch } from './chain-watch.js';
import { linksSection } from './chain-view.js';
import { checkList, follows, type Findings } from './checks.js';
import { hashSection, headerSection } from './header-view.js';
import type { KnownBlocks } from './known-blocks.js';
import { brokenLinks, linksPicture } from './links-view.js';
import type { SealedBlock } from './sealed-block.js';
import { treeSection, type TreeSection } from './tree-view.js';
import { failure, loadingLine, type View } from './view.js';

export interface BlockView extends View {
  readonly height: number;
  readonly pick: (entry: number | null) => void;
}

/** One block: its links, hash, header and tree, and what this browser finds of them. */
export function blockView(
  watch: ChainWatch,
  known: KnownBlocks,
  height: number,
  firstEntry: number | null,
  say: (text: string) => void,
): BlockView {
  const t = words();
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
      shown = blockBody(block, { watch, known, signal, say }, body);
      shown.tree.pick(entry);
      if (entry !== null) body.querySelector('.tree-panel')?.scrollIntoView();
    } catch (error) {
      if (signal.aborted) return;
      absent = error instanceof RefusedError && error.problem.code === 'block_not_found';
      body.replaceChildren(absent ? absence(height) : failure(error, () => void load()));
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
    title: t.title(t.blockHeading(formatNumber(height))),
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
  const t = words();
  return element(
    'div',
    { class: 'panel is-empty' },
    element('h2', {}, t.noBlockYet(formatNumber(height))),
    element('p', {}, t.noBlockYetExplained),
  );
}

function showNeighbours(place: HTMLElement, height: number, tip: number | null): void {
  const t = words();
  const link = (id: string, address: string, name: string) =>
    element('a', { id, class: 'button', href: address }, name);
  keepFocus(place, () => {
    place.replaceChildren(
      link('all-blocks', '#', t.allBlocks),
      ...(height === 0 || (tip !== null && height > tip + 1)
        ? []
        : [link('previous-block', blockAddress(height - 1), t.previousBlock(formatNumber(height - 1)))]),
      ...(tip === null || height >= tip
        ? []
        : [link('next-block', blockAddress(height + 1), t.nextBlock(formatNumber(height + 1)))]),
    );
  });
}

interface Means {
  readonly watch: ChainWatch;
  readonly known: KnownBlocks;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

function blockBody(block: SealedBlock, { watch, known, signal, say }: Means, body: HTMLElement) {
  const t = words();
  const { height, entryCount, sealedAt } = block.header;
  const tree = new BlockTree(block, (tile) => persist(() => blockTile(height, tile, signal), signal));
  const section = treeSection(block, tree, say);
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
      checks.append(failure(error, examineAgain));
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
    element(
      'section',
      { class: 'panel', 'aria-labelledby': 'checks-heading' },
      element('h2', { id: 'checks-heading' }, t.checksHeading),
      checks,
    ),
  );
  return { tree: section, update };
}
