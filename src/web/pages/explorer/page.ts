import { connection } from '../../lib/request.js';
import { mountFrame } from '../../components/dom-page.js';
import { announce } from '../../components/section.js';
import { parseExplorerLink } from '../../lib/links.js';
import { blockView, type BlockView } from './block.js';
import { ChainWatch, BlockCache } from './blocks.js';
import { chainView, arrivalSentence, type View } from './chain.js';

/** Minimum interval between announcements of new blocks. */
const ANNOUNCE_EVERY_MS = 8000;

const known = new BlockCache();
let place = parseExplorerLink(location.hash);
let view: View | BlockView | null = null;
let unannounced = 0;
let announcing: ReturnType<typeof setTimeout> | undefined;

const watch = new ChainWatch((arrived) => {
  known.add(watch.state?.latest ?? []);
  view?.update();
  const latest = arrived[0];
  if (latest === undefined) return;
  refreshChain();
  unannounced += arrived.length;
  if (announcing === undefined) announceBlocks();
});

function announceBlocks(): void {
  const tip = watch.state?.latest[0]?.header.height;
  announcing = undefined;
  if (unannounced === 0 || tip === undefined) return;
  announce(arrivalSentence(unannounced, tip));
  unannounced = 0;
  announcing = setTimeout(announceBlocks, ANNOUNCE_EVERY_MS);
}

const { show, refreshChain } = mountFrame('explorer', () => {
  view?.leave();
  // The last announcement may be in another language.
  announce('');
  view =
    place.kind === 'chain'
      ? chainView(watch, known, place.before)
      : blockView(watch, known, place.height, place.entry);
  return { title: view.title, content: view.element };
});

window.addEventListener('hashchange', () => {
  const from = place;
  place = parseExplorerLink(location.hash);
  if (from.kind === 'block' && place.kind === 'block' && from.height === place.height) {
    if (view !== null && 'pick' in view) view.pick(place.entry);
    return;
  }
  show();
  // After turning a page, focus the beginning of the list.
  const turned = from.kind === 'chain' && place.kind === 'chain';
  const heading = view?.element.querySelector<HTMLElement>(turned ? '#list-heading, h1' : 'h1');
  if (!turned) window.scrollTo(0, 0);
  heading?.focus({ preventScroll: !turned });
});
connection.onChange(() => {
  view?.update();
});
watch.run(new AbortController().signal).catch(() => undefined);
