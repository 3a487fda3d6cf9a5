import { element } from '../dom.js';
import { words } from '../messages/explorer.js';
import { persist } from '../persist.js';
import { latestBlocks } from './calls.js';
import type { ChainWatch } from './chain-watch.js';
import { chartsSection } from './charts-view.js';
import type { KnownBlocks } from './known-blocks.js';
import { brokenLinks, linksPicture } from './links-view.js';
import { blockList, PAGE_LENGTH } from './list-view.js';
import type { SealedBlock } from './sealed-block.js';
import { stateView } from './state-view.js';
import { failure, loadingLine, type View } from './view.js';

const MOST_LINKED = 5;

/** The chain as a whole: its state, its latest links, its charts, and a page of its blocks. */
export function chainView(watch: ChainWatch, known: KnownBlocks, before: number | null): View {
  const t = words();
  const stop = new AbortController();
  const state = stateView(watch);
  const body = element('div', { class: 'panels' });
  const content = element(
    'div',
    { class: 'page explorer' },
    element('h1', { tabindex: -1 }, t.heading),
    element('p', { class: 'lead' }, t.lead),
    state.element,
    body,
  );
  const inner =
    before === null ? latestBody(watch, body) : olderBody(watch, known, before, body, stop.signal);
  return {
    title: t.title(t.heading),
    element: content,
    update() {
      state.update();
      inner();
    },
    leave() {
      stop.abort();
    },
  };
}

/** @returns what shows the chain as it is now */
function latestBody(watch: ChainWatch, body: HTMLElement): () => void {
  const latest = () => watch.state?.latest ?? [];
  const links = linksPicture(() => latest().slice(0, MOST_LINKED + 1), MOST_LINKED, null);
  const broken = element('div', { class: 'broken-links' });
  const charts = chartsSection(latest);
  const list = blockList();
  const update = () => {
    const blocks = latest();
    if (blocks.length === 0) return;
    if (body.childElementCount === 0)
      body.append(linksSection(links.element, broken), charts.element, list.element);
    links.redraw();
    broken.replaceChildren(...brokenLinks(blocks));
    charts.update();
    list.update(blocks.slice(0, PAGE_LENGTH), null, blocks[0]?.header.height ?? 0);
  };
  update();
  return update;
}

export function linksSection(picture: HTMLElement, broken: HTMLElement): HTMLElement {
  const t = words();
  return element(
    'section',
    { class: 'panel', 'aria-labelledby': 'links-heading' },
    element('h2', { id: 'links-heading' }, t.linksHeading),
    element('p', { class: 'hint' }, t.linksExplained),
    picture,
    broken,
  );
}

function olderBody(
  watch: ChainWatch,
  known: KnownBlocks,
  before: number,
  body: HTMLElement,
  signal: AbortSignal,
): () => void {
  const list = blockList();
  let blocks: readonly SealedBlock[] | null = null;
  const update = () => {
    if (blocks !== null) list.update(blocks, before, watch.state?.latest[0]?.header.height ?? before);
  };
  const load = async () => {
    body.replaceChildren(loadingLine());
    try {
      blocks = await persist(() => latestBlocks(before, PAGE_LENGTH, signal), signal);
      known.add(blocks);
      update();
      body.replaceChildren(list.element);
    } catch (error) {
      if (!signal.aborted) body.replaceChildren(failure(error, () => void load()));
    }
  };
  void load();
  return update;
}
