import { errorSentence, loadFailed, loadingLine } from '../../components/loaded.js';
import { element, setText } from '../../lib/dom.js';
import { counted, formatNumber, formatTime } from '../../lib/format.js';
import { connection, retryWhileUnavailable, ProblemError } from '../../lib/request.js';
import {
  type BlockCache,
  latestBlocks,
  type SealedBlock,
  type ChainState,
  type ChainWatch,
} from './blocks.js';
import { chartsSection, brokenLinks, linksPicture } from './pictures.js';
import { blockList, PAGE_LENGTH } from './list.js';
import { messages } from '../../messages/explorer.js';
import { common } from '../../messages/common.js';
import { namedPanel } from '../../components/section.js';

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
