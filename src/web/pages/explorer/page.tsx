import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { mountPage, refreshChain } from '../../components/frame.js';
import { announce } from '../../lib/announce.js';
import { counted, formatNumber } from '../../lib/format.js';
import { type ExplorerPlace, parseExplorerLink } from '../../lib/links.js';
import { messages } from '../../messages/explorer.js';
import { BlockView } from './block.js';
import { watch } from './blocks.js';
import { ChainView } from './chain.js';

const place = signal(parseExplorerLink(location.hash));

function Explorer() {
  const root = useRef<HTMLDivElement>(null);
  const last = useRef<ExplorerPlace | null>(null);
  const here = place.value;
  useLayoutEffect(() => {
    const from = last.current;
    last.current = here;
    if (from === null) return;
    // Another entry of the same block keeps the focus.
    if (from.kind === 'block' && here.kind === 'block' && from.height === here.height) return;
    // After turning a page, focus the beginning of the list.
    const turned = from.kind === 'chain' && here.kind === 'chain';
    if (!turned) window.scrollTo(0, 0);
    const heading =
      (turned ? root.current?.querySelector<HTMLElement>('.list-panel h2') : null) ??
      root.current?.querySelector<HTMLElement>('h1');
    heading?.focus({ preventScroll: !turned });
  }, [here]);
  return (
    <div ref={root}>
      {here.kind === 'chain' ? (
        <ChainView before={here.before} />
      ) : (
        <BlockView key={here.height} height={here.height} entry={here.entry} />
      )}
    </div>
  );
}

function title(): string {
  const t = messages();
  const here = place.value;
  return here.kind === 'chain' ? t.heading : t.blockHeading(formatNumber(here.height));
}

/** Minimum interval between announcements of new blocks. */
const ANNOUNCE_EVERY_MS = 8000;
let unannounced = 0;
let announcing: ReturnType<typeof setTimeout> | undefined;

function announceBlocks(): void {
  announcing = undefined;
  if (unannounced === 0 || watch.tip === null) return;
  announce(messages().arrived(counted(unannounced), formatNumber(watch.tip)));
  unannounced = 0;
  announcing = setTimeout(announceBlocks, ANNOUNCE_EVERY_MS);
}

mountPage('explorer', title, <Explorer />);
window.addEventListener('hashchange', () => {
  place.value = parseExplorerLink(location.hash);
});
watch
  .run((arrived) => {
    refreshChain();
    unannounced += arrived;
    if (announcing === undefined) announceBlocks();
  })
  .catch(() => undefined);
