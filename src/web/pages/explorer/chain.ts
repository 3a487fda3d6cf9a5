import { numberForm } from '../../components/form.js';
import { errorSentence, loadFailed, loadingLine } from '../../components/loaded.js';
import { shortHashView } from '../../components/picture.js';
import { namedPanel, table } from '../../components/section.js';
import { element, setText } from '../../lib/dom.js';
import { counted, formatNumber, formatTime } from '../../lib/format.js';
import { blockLink, explorerLink } from '../../lib/links.js';
import { connection, ProblemError, retryWhileUnavailable } from '../../lib/request.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/explorer.js';
import {
  type BlockCache,
  type ChainState,
  type ChainWatch,
  latestBlocks,
  type SealedBlock,
} from './blocks.js';
import { brokenLinks, chartsSection, linksPicture } from './pictures.js';

const PAGE_LENGTH = 20;

interface BlockList {
  readonly element: HTMLElement;
  /** @param before as in the address; null: these are the latest */
  readonly update: (blocks: readonly SealedBlock[], before: number | null, tip: number) => void;
}

/** A page of blocks. Unchanged rows are kept, so that the focus stays when a block arrives. */
function blockList(): BlockList {
  const t = messages();
  const body = element('tbody');
  const pages = element('nav', { class: 'pages', 'aria-label': t.pages });
  const rows = new Map<string, HTMLElement>();
  let shown = false;

  const update = (blocks: readonly SealedBlock[], before: number | null, tip: number) => {
    const wanted = new Set(blocks.map(keyOf));
    for (const [key, row] of rows) {
      if (wanted.has(key)) continue;
      row.remove();
      rows.delete(key);
    }
    let next = body.firstElementChild;
    for (const block of blocks) {
      const key = keyOf(block);
      const row = rows.get(key) ?? rowOf(block, shown && before === null);
      rows.set(key, row);
      if (row === next) next = row.nextElementSibling;
      else body.insertBefore(row, next);
    }
    shown = true;
    showPages(pages, blocks, before, tip);
  };
  return {
    update,
    element: element(
      'section',
      { class: 'panel', 'aria-labelledby': 'list-heading' },
      element(
        'div',
        { class: 'list-head' },
        element('h2', { id: 'list-heading', tabindex: -1 }, t.listHeading),
        goTo(),
      ),
      table('blocks', [t.block, t.sealed, t.entryCount, t.hash], body),
      pages,
    ),
  };
}

const keyOf = ({ header, hash }: SealedBlock) => `${header.height} ${hash.join(' ')}`;

function rowOf({ header, hash }: SealedBlock, isNew: boolean): HTMLElement {
  return element(
    'tr',
    { class: isNew ? 'is-new' : '', 'data-height': header.height },
    element(
      'th',
      { scope: 'row' },
      element('a', { href: blockLink(header.height) }, formatNumber(header.height)),
    ),
    element('td', {}, formatTime(header.sealedAt)),
    element(
      'td',
      { class: 'is-number' },
      element('span', { class: 'under-heading' }, formatNumber(header.entryCount)),
      // For layouts without visible table headings.
      element('span', { class: 'alone' }, messages().entries(counted(header.entryCount))),
    ),
    element('td', { class: 'is-hash' }, shortHashView(hash)),
  );
}

/** Only the addresses of the links change when blocks arrive. */
function showPages(
  pages: HTMLElement,
  blocks: readonly SealedBlock[],
  before: number | null,
  tip: number,
): void {
  const t = messages();
  const lowest = blocks.at(-1)?.header.height ?? 0;
  const above = before === null || before + PAGE_LENGTH > tip ? null : before + PAGE_LENGTH;
  const links: readonly (readonly [id: string, name: string, address: string | null])[] = [
    ['newer', t.newer, before === null ? null : explorerLink({ kind: 'chain', before: above })],
    ['older', t.older, lowest === 0 ? null : explorerLink({ kind: 'chain', before: lowest })],
  ];
  for (const [id, name, address] of links) {
    const there = pages.querySelector(`#${id}`);
    if (address === null) {
      there?.remove();
      continue;
    }
    const link = there ?? element('a', { id, class: 'button' }, name);
    link.setAttribute('href', address);
    if (there === null && id === 'newer') pages.prepend(link);
    else if (there === null) pages.append(link);
  }
}

function goTo(): HTMLElement {
  const t = messages();
  const { element } = numberForm({
    id: 'go-to',
    name: 'go-to',
    label: t.goTo,
    submit: t.go,
    wrong: t.goToWrong,
    parse: (typed) => (/^(0|[1-9][0-9]{0,14})$/.test(typed) ? Number(typed) : null),
    go: (height) => {
      location.hash = blockLink(height);
    },
  });
  return element;
}

/** The page's content for one address. */
export interface View {
  readonly title: string;
  readonly element: HTMLElement;
  /** Called after every poll of the chain. */
  readonly update: () => void;
  /** Stops all work for it. */
  readonly leave: () => void;
}

/** The state of the chain, and how current it is. */
function chainStatus(watch: ChainWatch): {
  readonly element: HTMLElement;
  readonly update: () => void;
} {
  const sentence = element('p', { class: 'chain-sentence' });
  const freshness = element('p', { class: 'freshness' });
  const update = () => {
    const { state, problem } = watch;
    setText(sentence, state === null ? common().loading : sentences(state).join(' '));
    sentence.toggleAttribute('aria-busy', state === null);
    const stale = connection.offline || problem !== null;
    freshness.classList.toggle('is-stale', stale);
    setText(freshness, freshnessOf(watch));
  };
  update();
  return { element: element('div', { class: 'chain-state' }, sentence, freshness), update };
}

function freshnessOf({ state, problem }: ChainWatch): string {
  const t = messages();
  if (problem !== null) return errorSentence(new ProblemError(problem));
  if (state === null) return '';
  return connection.offline ? t.asOf(formatTime(state.at)) : t.live;
}

function sentences({ chain, latest }: ChainState): string[] {
  const t = messages();
  const tip = latest[0];
  const waiting = chain.nextPosition - chain.size;
  return [
    tip === undefined
      ? t.stateEmpty
      : t.state(
          counted(tip.header.height + 1),
          counted(tip.header.firstPosition + tip.header.entryCount),
          formatTime(tip.header.sealedAt),
        ),
    ...(waiting > 0 && tip !== undefined ? [t.waiting(counted(waiting))] : []),
    ...cosigned(chain.cosigned, tip?.header.height),
  ];
}

function cosigned(signed: number | undefined, height: number | undefined): string[] {
  const t = messages();
  if (signed === undefined || height === undefined) return [];
  if (signed > height) return [t.cosignedAll];
  return [signed === 0 ? t.cosignedNone : t.cosignedSome(counted(signed))];
}

/** The announcement of new blocks. */
export function arrivalSentence(count: number, latest: number): string {
  return messages().arrived(counted(count), formatNumber(latest));
}

const MOST_LINKED = 5;

/** The chain: its state, latest links, charts, and a page of its blocks. */
export function chainView(watch: ChainWatch, known: BlockCache, before: number | null): View {
  const t = messages();
  const stop = new AbortController();
  const state = chainStatus(watch);
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
    title: t.heading,
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

/** @returns a function that updates the content */
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
  const t = messages();
  return namedPanel(
    'links',
    t.linksHeading,
    element('p', { class: 'hint' }, t.linksExplained),
    picture,
    broken,
  );
}

function olderBody(
  watch: ChainWatch,
  known: BlockCache,
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
      blocks = await retryWhileUnavailable(() => latestBlocks(before, PAGE_LENGTH, signal), signal);
      known.add(blocks);
      update();
      body.replaceChildren(list.element);
    } catch (error) {
      if (!signal.aborted) body.replaceChildren(loadFailed(error, () => void load()));
    }
  };
  void load();
  return update;
}
