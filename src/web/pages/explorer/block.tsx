import { useEffect, useMemo } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { isZero, toHex } from '../../../proof/bytes.js';
import { HASH_LENGTH } from '../../../proof/hash.js';
import { hasProofOfWork, HEADER_LENGTH, leadingZeroBits, NONCE_OFFSET } from '../../../proof/header.js';
import { Button } from '../../components/button.js';
import { Icon } from '../../components/icon.js';
import { Load } from '../../components/load.js';
import { Panel } from '../../components/panel.js';
import { Bits, Hash } from '../../components/picture.js';
import { Time } from '../../components/time.js';
import { saveBlob } from '../../lib/files.js';
import { counted, formatNumber, spacedHex } from '../../lib/format.js';
import { blockLink } from '../../lib/links.js';
import { ProblemError } from '../../lib/request.js';
import { Resource } from '../../lib/resource.js';
import { messages } from '../../messages/explorer.js';
import { valueNames } from '../../messages/values.js';
import { blockAt, blockTile, follows, type SealedBlock, watch } from './blocks.js';
import { LinksPanel } from './pictures.js';
import { BlockTree, TreePanel } from './tree.js';

interface BlockViewProps {
  readonly height: number;
  /** The selected entry, counted from 1. */
  readonly entry: number | null;
}

/** The page of one block: its links, hash, header, tree and checks. */
export function BlockView({ height, entry }: BlockViewProps) {
  const t = messages();
  const block = blockAt(height);
  const { state } = block;
  const isAbsent =
    state.kind === 'failed' &&
    state.error instanceof ProblemError &&
    state.error.problem.code === 'block_not_found';
  useEffect(() => {
    if (isAbsent && (watch.tip ?? -1) >= height) void block.load();
  }, [watch.state]);
  return (
    <div class="page explorer">
      <Neighbours height={height} />
      <h1 tabIndex={-1}>{t.blockHeading(formatNumber(height))}</h1>
      {isAbsent ? (
        <div class="panel is-empty">
          <h2>{t.noBlockYet(formatNumber(height))}</h2>
          <p>{t.noBlockYetExplained}</p>
        </div>
      ) : (
        <Load of={block}>{(value) => <LoadedBlock block={value} entry={entry} />}</Load>
      )}
    </div>
  );
}

function Neighbours({ height }: { readonly height: number }) {
  const t = messages();
  const { tip } = watch;
  const link = (name: 'previousBlock' | 'nextBlock', to: number) => (
    <a key={name} class="button" href={blockLink(to)}>
      {t[name](formatNumber(to))}
    </a>
  );
  return (
    <nav class="pages" aria-label={t.blockNavigation}>
      <a class="button" href="#">
        {t.allBlocks}
      </a>
      {height === 0 || (tip !== null && height > tip + 1) ? null : link('previousBlock', height - 1)}
      {tip === null || height >= tip ? null : link('nextBlock', height + 1)}
    </nav>
  );
}

interface LoadedBlockProps {
  readonly block: SealedBlock;
  readonly entry: number | null;
}

function LoadedBlock({ block, entry }: LoadedBlockProps) {
  const t = messages();
  const { height, entryCount, sealedAt } = block.header;
  const tree = useMemo(() => new BlockTree(block, (tile) => blockTile(height, tile)), [block]);
  useEffect(() => {
    if (entry !== null) document.querySelector('.tree-panel')?.scrollIntoView();
  }, []);
  const previous = height === 0 ? null : blockAt(height - 1);
  const next = watch.tip === null || watch.tip <= height ? null : blockAt(height + 1);
  const around = [next?.value ?? null, block, previous?.value ?? null];
  return (
    <div class="panels">
      <p class="lead">{t.blockSentence(counted(entryCount), <Time at={sealedAt} />)}</p>
      <LinksPanel blocks={around.filter((one) => one !== null)} most={3} current={height} />
      <HashPanel block={block} />
      <TreePanel tree={tree} entry={entry} />
      <HeaderPanel block={block} />
      <Checks block={block} tree={tree} previous={previous} />
    </div>
  );
}

/** The block's hash and its leading zero bits. */
function HashPanel({ block: { header, hash } }: { readonly block: SealedBlock }) {
  const t = messages();
  const zeros = leadingZeroBits(hash);
  return (
    <Panel heading={t.hashHeading}>
      <p class="big-hash">
        <Hash of={hash} />
      </p>
      <p class="hint">
        <span class="bits-name">{t.hashBits}</span>{' '}
        <Bits of={hash} bytes={Math.max(3, Math.ceil((zeros + 1) / 8))} />
      </p>
      <p class="hint">{t.hashSentence(counted(zeros), formatNumber(header.difficulty))}</p>
    </Panel>
  );
}

function HeaderPanel({ block: { bytes, header } }: { readonly block: SealedBlock }) {
  const t = messages();
  const v = valueNames();
  const { height } = header;
  const previous =
    height === 0 ? '–' : <a href={blockLink(height - 1)}>{t.blockHeading(formatNumber(height - 1))}</a>;
  const fields: readonly (readonly [name: string, length: number, value: ComponentChildren])[] = [
    [t.version, 1, '1'],
    [v.height, 8, formatNumber(height)],
    [v.previousHash, HASH_LENGTH, previous],
    [v.merkleRoot, HASH_LENGTH, t.topOfTree],
    [v.state, HASH_LENGTH, isZero(header.state) ? '–' : <Hash of={header.state} />],
    [v.firstPosition, 8, formatNumber(header.firstPosition)],
    [v.entryCount, 4, formatNumber(header.entryCount)],
    [v.sealedAt, 8, <Time at={header.sealedAt} />],
    [v.difficulty, 1, formatNumber(header.difficulty)],
    [v.nonce, HEADER_LENGTH - NONCE_OFFSET, header.nonce.toString()],
  ];
  let offset = 0;
  return (
    <Panel heading={t.headerHeading}>
      <p class="hint">{t.headerExplained}</p>
      <table class="fields">
        <thead>
          <tr>
            {[t.field, t.value, t.bytes].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {fields.map(([name, length, value]) => {
            const from = offset;
            offset += length;
            return (
              <tr key={name}>
                <th scope="row">
                  {name}
                  <small class="byte-place">{t.bytesAt(formatNumber(from), formatNumber(offset - 1))}</small>
                </th>
                <td class="field-value">{value}</td>
                <td class="field-bytes">
                  <code>{spacedHex(toHex(bytes.subarray(from, offset)))}</code>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p>
        <Button
          onPress={() => {
            saveBlob(`block-${height}.bin`, new Blob([Uint8Array.from(bytes)]));
          }}
        >
          {t.rawHeader}
        </Button>
      </p>
    </Panel>
  );
}

interface ChecksProps {
  readonly block: SealedBlock;
  readonly tree: BlockTree;
  /** null: there is none. */
  readonly previous: Resource<SealedBlock> | null;
}

/** What this page checks of the block. */
function Checks({ block, tree, previous }: ChecksProps) {
  const t = messages();
  const { hash, header } = block;
  const { height, difficulty, entryCount } = header;
  const first = blockAt(0);
  const root = useMemo(() => new Resource(() => tree.rootHolds()), [tree]);
  useEffect(() => void root.load(), [root]);
  const found = counted(leadingZeroBits(hash));
  const required = formatNumber(difficulty);
  const before = formatNumber(height - 1);
  const start = first.value?.header.difficulty;
  const isReady = start !== undefined && (previous === null || previous.value !== null);
  return (
    <Panel heading={t.checksHeading}>
      <ol class="steps checks">
        <Check
          name="work"
          title={t.workTitle}
          passed={hasProofOfWork(hash, difficulty)}
          yes={t.workPassed(found, required)}
          no={t.workFailed(found, required)}
        />
        <Check
          name="succession"
          title={t.successionTitle}
          passed={isReady ? follows(block, previous?.value ?? null, start) : null}
          yes={height === 0 ? t.successionFirst : t.successionPassed(before)}
          no={t.successionFailed(before)}
        />
        <Check
          name="root"
          title={t.rootTitle}
          passed={root.value}
          yes={t.rootPassed(counted(entryCount))}
          no={t.rootFailed}
        />
      </ol>
      {[...new Set([previous, first])].map((needed, i) =>
        needed?.state.kind === 'failed' ? (
          <Load key={i} of={needed}>
            {() => null}
          </Load>
        ) : null,
      )}
    </Panel>
  );
}

interface CheckProps {
  readonly name: string;
  readonly title: string;
  /** null: not known yet. */
  readonly passed: boolean | null;
  readonly yes: string;
  readonly no: string;
}

function Check({ name, title, passed, yes, no }: CheckProps) {
  const t = messages();
  return (
    <li
      class="step"
      data-check={name}
      data-outcome={passed === null ? 'skipped' : passed ? 'passed' : 'failed'}
    >
      <span class="step-icon">
        <Icon name={passed === null ? 'clock' : passed ? 'check' : 'cross'} />
      </span>
      <div>
        <h3>
          {title}
          {passed === null ? null : <span class="visually-hidden">: {passed ? t.passed : t.failed}</span>}
        </h3>
        <p>{passed === null ? t.checking : passed ? yes : no}</p>
      </div>
    </li>
  );
}
