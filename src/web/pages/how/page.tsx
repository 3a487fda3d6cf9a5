import { mountPage } from '../../components/frame.js';
import { Panel } from '../../components/panel.js';
import { Table } from '../../components/table.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/how.js';
import { BlockPart } from './block.js';
import { HashPart, TreePart } from './hash-tree.js';
import { ProofPart } from './proof.js';

function Page() {
  const t = messages();
  return (
    <div class="page how">
      <h1>{common().how}</h1>
      <p class="lead">{t.lead}</p>
      <HashPart />
      <TreePart />
      <BlockPart />
      <ProofPart />
      <Panel heading={t.chainHeading} prose={t.chainText}>
        <p>
          <a href="./explorer.html">{t.seeChain}</a>
        </p>
      </Panel>
      <Panel heading={t.limitsHeading}>
        <Stacked name="limits" caption={t.limitsHeading} heads={[t.proves, t.provesNot]} rows={t.limits} />
        <h3>{t.trustHeading}</h3>
        <Stacked name="trust" caption={t.trustHeading} heads={[t.who, t.can, t.cannot]} rows={t.trust} />
        <p class="form-actions">
          <a class="button" href="./verify.html">
            {t.verifyLink}
          </a>
          <a class="button" href="./docs">
            {common().docs}
          </a>
        </p>
      </Panel>
    </div>
  );
}

interface StackedProps {
  readonly name: string;
  readonly caption: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One of the tables of the README, in the reader's language. On a phone each cell is below its own heading. */
function Stacked({ name, caption, heads, rows }: StackedProps) {
  return (
    <Table
      class={`stacked is-${name}`}
      caption={caption}
      rows={rows}
      keyOf={(row) => row.join(' ')}
      columns={heads.map((head, i) => ({
        id: head,
        head,
        cell: (row: readonly string[]) => row[i],
        names: i === 0 && heads.length > 2,
      }))}
    />
  );
}

mountPage('how', () => common().how, <Page />);
