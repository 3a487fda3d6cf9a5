import { signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { equal } from '../../../proof/bytes.js';
import { nodeHash } from '../../../proof/hash.js';
import { type ReadTile, TiledTree } from '../../../proof/tiles.js';
import { Field, FieldState, Form } from '../../components/fields.js';
import { Failed, Load } from '../../components/load.js';
import { Panel } from '../../components/panel.js';
import { type Drawing, Picture } from '../../components/picture.js';
import {
  Boxes,
  drawTree,
  frontier,
  isLeaf,
  type NodeHashes,
  nodeKey,
  PathSteps,
  type TreeNode,
  treePath,
  treeTop,
  wholeTree,
} from '../../components/tree.js';
import { announce } from '../../lib/announce.js';
import { counted, formatNumber, formatSpan } from '../../lib/format.js';
import { blockLink } from '../../lib/links.js';
import { Resource } from '../../lib/resource.js';
import { messages } from '../../messages/explorer.js';
import type { SealedBlock } from './blocks.js';

/** The tree of one block, from its published tiles. All other hashes are computed. */
export class BlockTree {
  readonly block: SealedBlock;
  readonly #read: ReadTile;
  #tiles: TiledTree;
  readonly #shown = new Map<string, Resource<NodeHashes>>();
  readonly #failure = signal<unknown>(null);
  /** Those who wait until it is tried again. */
  readonly #waiting: (() => void)[] = [];

  constructor(block: SealedBlock, read: ReadTile) {
    this.block = block;
    this.#read = read;
    this.#tiles = this.#newTiles();
  }

  /** Why a tile could not be read; null: nothing has failed since the last try. */
  get failure(): unknown {
    return this.#failure.value;
  }

  /** Reads again what failed. */
  readonly retry = (): void => {
    this.#failure.value = null;
    this.#tiles = this.#newTiles();
    for (const go of this.#waiting.splice(0)) go();
  };

  /** Whether all published hashes lead to the root in the block's header. */
  async rootHolds(): Promise<boolean> {
    return this.#isRoot(await this.#from((tiles) => tiles.root()));
  }

  /** The hash of every node of `shape`: nodes without children from the tiles, all others computed. */
  async hashes(shape: TreeNode): Promise<NodeHashes> {
    const found = new Map<string, Uint8Array>();
    const visit = async (node: TreeNode): Promise<Uint8Array> => {
      const hash =
        node.children === null
          ? await this.#from((tiles) => tiles.range(node.start, node.end))
          : nodeHash(...(await Promise.all([visit(node.children[0]), visit(node.children[1])])));
      found.set(nodeKey(node), hash);
      return hash;
    };
    await visit(shape);
    return found;
  }

  /** The same, loaded once. @param name unique among the shapes of this tree */
  shown(name: string, shape: TreeNode): Resource<NodeHashes> {
    const known = this.#shown.get(name);
    if (known !== undefined) return known;
    const loaded = new Resource(() => this.hashes(shape));
    this.#shown.set(name, loaded);
    void loaded.load();
    return loaded;
  }

  /** Whether these hashes of a shape lead to the root in the block's header. */
  leads(shape: TreeNode, hashes: NodeHashes): boolean {
    return this.#isRoot(hashes.get(nodeKey(shape)) ?? new Uint8Array());
  }

  #isRoot(hash: Uint8Array): boolean {
    return equal(hash, this.block.header.merkleRoot);
  }

  async #from(read: (tiles: TiledTree) => Promise<Uint8Array>): Promise<Uint8Array> {
    for (;;) {
      try {
        return await read(this.#tiles);
      } catch (error) {
        this.#failure.value = error;
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    }
  }

  #newTiles(): TiledTree {
    return new TiledTree(this.block.header.entryCount, this.#read);
  }
}

/** Minimum width of a leaf, in sixteenths of the root's font size. */
const NARROWEST = 40;
const MOST_LEAVES = 16;
/** Minimum width of a collapsed node, which shows a range of numbers. */
const NARROWEST_TOP = 92;

/** Shows the whole tree if it fits; otherwise the path of the entry, or the top levels. */
function shapeFor(size: number, index: number | null, width: number): ['whole' | 'path' | 'top', TreeNode] {
  const most = Math.min(MOST_LEAVES, Math.floor(width / NARROWEST));
  if (size <= most) return ['whole', wholeTree(size)];
  if (index !== null) return ['path', treePath(size, index)];
  return ['top', treeTop(size, Math.floor(width / NARROWEST_TOP))];
}

function drawBlockTree(tree: BlockTree, index: number | null, width: number): Drawing {
  const t = messages();
  const { height, entryCount } = tree.block.header;
  const [kind, shape] = shapeFor(entryCount, index, width);
  const ladder = kind === 'path';
  const hashes = tree.shown(ladder ? pathName(index) : `${kind} ${frontier(shape)}`, shape);
  const all = counted(entryCount);
  return drawTree(width, {
    label: index === null ? t.treeLabel(all) : t.pathLabel(formatNumber(index + 1), all),
    root: shape,
    hashes: hashes.value ?? new Map(),
    index,
    ladder,
    caption: ({ start, end }) => formatSpan(start, end),
    link: (node, hash) => ({
      href: blockLink(height, node.start + 1),
      label: isLeaf(node)
        ? t.nodeEntry(formatNumber(node.end), hash)
        : t.nodeEntries(formatSpan(node.start, node.end), hash),
    }),
  });
}

const pathName = (index: number | null): string => `path ${index ?? ''}`;

interface TreePanelProps {
  readonly tree: BlockTree;
  /** The selected entry, counted from 1. */
  readonly entry: number | null;
}

export function TreePanel({ tree, entry }: TreePanelProps) {
  const t = messages();
  const { entryCount } = tree.block.header;
  const index = entry === null || entry > entryCount ? null : entry - 1;
  return (
    <Panel class="tree-panel" heading={t.treeHeading}>
      <p class="hint">{t.treeExplained}</p>
      <EntryChoice block={tree.block} entry={entry} />
      <Picture role="group" draw={(width) => drawBlockTree(tree, index, width)} />
      <Legend />
      {tree.failure === null ? null : <Failed error={tree.failure} onRetry={tree.retry} />}
      {index === null ? null : <Path key={index} tree={tree} index={index} />}
    </Panel>
  );
}

interface EntryChoiceProps {
  readonly block: SealedBlock;
  readonly entry: number | null;
}

function EntryChoice({ block, entry }: EntryChoiceProps) {
  const t = messages();
  const { height, entryCount } = block.header;
  const field = useMemo(() => {
    const isEntry = (typed: string) => /^[1-9][0-9]{0,6}$/.test(typed) && Number(typed) <= entryCount;
    const check = (typed: string) =>
      isEntry(typed) ? null : messages().chooseWrong(formatNumber(entryCount));
    const created = new FieldState({ name: 'entry', value: String(entry ?? ''), check });
    if (entry !== null) created.check();
    return created;
  }, [entryCount, entry]);
  const here = entry !== null && entry <= entryCount ? entry : null;
  const link = (name: 'previousEntry' | 'nextEntry' | 'showAll', to: number | null) => (
    <a key={name} class="button" href={blockLink(height, to)}>
      {t[name]}
    </a>
  );
  return (
    <Form
      name="entry"
      fields={[field]}
      submit={t.show}
      secondary
      inLine
      send={() => {
        location.hash = blockLink(height, Number(field.value));
      }}
      beside={
        <>
          {here !== null && here > 1 ? link('previousEntry', here - 1) : null}
          {here !== null && here < entryCount ? link('nextEntry', here + 1) : null}
          {entry === null ? null : link('showAll', null)}
        </>
      }
    >
      <Field of={field} label={t.chooseEntry} numeric />
    </Form>
  );
}

function Legend() {
  const t = messages();
  const samples = [
    [t.legendPath, 'node is-path', false],
    [t.legendGiven, 'node is-given', false],
    [t.legendFolded, 'node', true],
  ] as const;
  return (
    <ul class="legend">
      {samples.map(([meaning, kind, folded]) => (
        <li key={kind}>
          <svg viewBox="0 0 32 22" class="sample" aria-hidden="true">
            <g class={kind}>
              <Boxes x={2} y={2} width={22} height={12} rx={3} folded={folded} />
            </g>
          </svg>
          {meaning}
        </li>
      ))}
    </ul>
  );
}

interface PathProps {
  readonly tree: BlockTree;
  readonly index: number;
}

/** Where the path of an entry leads, and its steps. */
function Path({ tree, index }: PathProps) {
  const { entryCount } = tree.block.header;
  const shape = useMemo(() => treePath(entryCount, index), [entryCount, index]);
  return (
    <Load of={tree.shown(pathName(index), shape)}>
      {(hashes) => <LoadedPath tree={tree} index={index} shape={shape} hashes={hashes} />}
    </Load>
  );
}

function LoadedPath({
  tree,
  index,
  shape,
  hashes,
}: PathProps & { readonly shape: TreeNode; readonly hashes: NodeHashes }) {
  const t = messages();
  const { height, firstPosition } = tree.block.header;
  const holds = tree.leads(shape, hashes);
  const entry = formatNumber(index + 1);
  const sentence = holds
    ? t.entryLeads(entry, formatNumber(height), formatNumber(firstPosition + index))
    : t.entryFails(entry);
  useEffect(() => {
    announce(sentence);
  }, [tree, index]);
  return (
    <>
      <p class={holds ? 'path-state is-good' : 'path-state problem'}>{sentence}</p>
      {shape.children === null ? (
        <p class="hint">{t.onlyEntry}</p>
      ) : (
        <details class="path-details">
          <summary>{t.foldHeading(counted(frontier(shape) - 1))}</summary>
          <PathSteps
            root={shape}
            index={index}
            hashes={hashes}
            start={t.foldStart(entry)}
            join={(side, { start, end }) =>
              (side === 'left' ? t.foldLeft : t.foldRight)(formatSpan(start, end))
            }
            given={t.given}
            computed={t.computed}
          />
        </details>
      )}
    </>
  );
}
