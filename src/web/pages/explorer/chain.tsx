import { useEffect, useMemo } from 'preact/hooks';
import { Load } from '../../components/load.js';
import { Panel } from '../../components/panel.js';
import { ShortHash } from '../../components/picture.js';
import { errorSentence } from '../../components/problem.js';
import { Table } from '../../components/table.js';
import { Time } from '../../components/time.js';
import { counted, formatNumber } from '../../lib/format.js';
import { explorerLink } from '../../lib/links.js';
import { connection } from '../../lib/request.js';
import { Resource } from '../../lib/resource.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/explorer.js';
import { type ChainState, keepBlocks, latestBlocks, type SealedBlock, watch } from './blocks.js';
import { BlockNumber, Charts, LinksPanel } from './pictures.js';
import { Search } from './search.js';

const PAGE_LENGTH = 20;
const MOST_LINKED = 5;

/** The chain: its state, latest links, charts, and a page of its blocks. */
export function ChainView({ before }: { readonly before: number | null }) {
  const t = messages();
  return (
    <div class="page explorer">
      <h1 tabIndex={-1}>{t.heading}</h1>
      <p class="lead">{t.lead}</p>
      <Status />
      <Search />
      {before === null ? <Latest /> : <Older key={before} before={before} />}
    </div>
  );
}

/** The state of the chain, and how current it is. */
function Status() {
  const t = messages();
  const { state, refused } = watch;
  const freshness =
    refused !== null
      ? errorSentence(refused)
      : state === null
        ? ''
        : connection.offline
          ? t.asOf(<Time at={state.at} />)
          : t.live;
  return (
    <div class="chain-state">
      <p class="chain-sentence" aria-busy={state === null}>
        {state === null ? common().loading : <Summary of={state} />}
      </p>
      <p class={connection.offline || refused !== null ? 'freshness is-stale' : 'freshness'}>{freshness}</p>
    </div>
  );
}

function Summary({ of: { chain, latest } }: { readonly of: ChainState }) {
  const t = messages();
  const tip = latest[0]?.header;
  if (tip === undefined) return <>{t.stateEmpty}</>;
  const waiting = chain.nextPosition - chain.size;
  const blocks = tip.height + 1;
  const { cosigned } = chain;
  return (
    <>
      {t.state(counted(blocks), counted(tip.firstPosition + tip.entryCount), <Time at={tip.sealedAt} />)}
      {waiting > 0 ? ` ${t.waiting(counted(waiting))}` : ''}
      {cosigned === undefined
        ? ''
        : ` ${cosigned >= blocks ? t.cosignedAll : cosigned === 0 ? t.cosignedNone : t.cosignedSome(counted(cosigned))}`}
    </>
  );
}

function Latest() {
  const latest = watch.state?.latest ?? [];
  if (latest.length === 0) return null;
  return (
    <div class="panels">
      <LinksPanel blocks={latest} most={MOST_LINKED} />
      <Charts latest={latest} />
      <Panel class="list-panel" heading={messages().listHeading} focusable>
        <Blocks blocks={latest.slice(0, PAGE_LENGTH)} before={null} />
      </Panel>
    </div>
  );
}

function Older({ before }: { readonly before: number }) {
  const page = useMemo(() => new Resource(() => latestBlocks(before, PAGE_LENGTH)), [before]);
  useEffect(() => {
    void page.load().then(() => {
      keepBlocks(page.value ?? []);
    });
  }, [page]);
  return (
    <Panel class="list-panel" heading={messages().listHeading} focusable>
      <Load of={page}>{(blocks) => <Blocks blocks={blocks} before={before} />}</Load>
    </Panel>
  );
}

interface BlocksProps {
  readonly blocks: readonly SealedBlock[];
  /** As in the address; null: these are the latest. */
  readonly before: number | null;
}

/** A page of blocks. */
function Blocks({ blocks, before }: BlocksProps) {
  const t = messages();
  const first = useMemo(() => blocks[0]?.header.height ?? 0, []);
  const lowest = blocks.at(-1)?.header.height ?? 0;
  const tip = watch.tip ?? before ?? 0;
  const above = before === null || before + PAGE_LENGTH > tip ? null : before + PAGE_LENGTH;
  return (
    <>
      <Table
        class="blocks"
        caption={t.listHeading}
        rows={blocks}
        keyOf={({ header }) => String(header.height)}
        rowClass={({ header }) => (before === null && header.height > first ? 'is-new' : '')}
        columns={[
          { id: 'block', head: t.block, cell: (block) => <BlockNumber of={block} />, names: true },
          { id: 'sealed', head: t.sealed, cell: ({ header }) => <Time at={header.sealedAt} /> },
          { id: 'entries', head: t.entryCount, cell: entriesOf, numeric: true },
          { id: 'hash', head: t.hash, cell: ({ hash }) => <ShortHash of={hash} /> },
        ]}
      />
      <nav class="pages" aria-label={t.pages}>
        {before === null ? null : (
          <a key="newer" class="button" href={explorerLink({ kind: 'chain', before: above })}>
            {t.newer}
          </a>
        )}
        {lowest === 0 ? null : (
          <a key="older" class="button is-older" href={explorerLink({ kind: 'chain', before: lowest })}>
            {t.older}
          </a>
        )}
      </nav>
    </>
  );
}

function entriesOf({ header: { entryCount } }: SealedBlock) {
  return (
    <>
      <span class="under-heading">{formatNumber(entryCount)}</span>
      {/* For layouts without visible table headings. */}
      <span class="alone">{messages().entries(counted(entryCount))}</span>
    </>
  );
}
