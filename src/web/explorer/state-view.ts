import { connection } from '../connection.js';
import { element, setText } from '../dom.js';
import { formatNumber, formatShortTime } from '../format.js';
import { words } from '../messages/explorer.js';
import { counted } from '../pictures/count.js';
import { errorSentence } from '../problem-view.js';
import { RefusedError } from '../resources.js';
import type { ChainState, ChainWatch } from './chain-watch.js';

/** How the chain stands, and how fresh that is. */
export function stateView(watch: ChainWatch): { readonly element: HTMLElement; readonly update: () => void } {
  const sentence = element('p', { class: 'chain-sentence' });
  const freshness = element('p', { class: 'freshness' });
  const update = () => {
    const { state, problem } = watch;
    setText(sentence, state === null ? words().loading : sentences(state).join(' '));
    sentence.toggleAttribute('aria-busy', state === null);
    const stale = connection.away || problem !== null;
    freshness.classList.toggle('is-stale', stale);
    setText(freshness, freshnessOf(watch));
  };
  update();
  return { element: element('div', { class: 'chain-state' }, sentence, freshness), update };
}

function freshnessOf({ state, problem }: ChainWatch): string {
  const t = words();
  if (problem !== null) return errorSentence(new RefusedError(problem));
  if (state === null) return '';
  return connection.away ? t.asOf(formatShortTime(state.at)) : t.live;
}

function sentences({ chain, latest }: ChainState): string[] {
  const t = words();
  const tip = latest[0];
  const waiting = chain.nextPosition - chain.size;
  return [
    tip === undefined
      ? t.stateEmpty
      : t.state(
          counted(tip.header.height + 1),
          counted(tip.header.firstPosition + tip.header.entryCount),
          formatShortTime(tip.header.sealedAt),
        ),
    ...(waiting > 0 && tip !== undefined ? [t.waiting(counted(waiting))] : []),
    ...cosigned(chain.cosigned, tip?.header.height),
  ];
}

function cosigned(signed: number | undefined, height: number | undefined): string[] {
  const t = words();
  if (signed === undefined || height === undefined) return [];
  if (signed > height) return [t.cosignedAll];
  return [signed === 0 ? t.cosignedNone : t.cosignedSome(counted(signed))];
}

/** For what is spoken when blocks arrive. */
export function arrivalSentence(count: number, latest: number): string {
  return words().arrived(counted(count), formatNumber(latest));
}
