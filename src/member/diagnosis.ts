import { nodeSha256 } from '../node-crypto.js';
import {
  checkEvidence,
  equal,
  ProofError,
  splitHashes,
  TILE_WIDTH,
  tileAt,
  TiledTree,
  verifyConsistency,
  type Evidence,
  type ForkEvidence,
  type ReadTile,
  type ShownHeader,
  type TileId,
  type VerifierKey,
} from '../proof/index.js';
import { readEntryBundle } from '../log/entry-bundle.js';
import type { LogSource } from '../log/remote-audit.js';
import type { SignedCheckpoint } from './signed-checkpoint.js';

/** A signed checkpoint and where the tree behind it can be read. */
export interface SignedTree {
  readonly signed: SignedCheckpoint;
  readonly source: Pick<LogSource, 'tile' | 'entryBundle'>;
}

export type Comparison =
  /** The larger is shown to extend the smaller. */
  | { readonly kind: 'consistent' }
  | { readonly kind: 'fork'; readonly evidence: ForkEvidence }
  /** The tree of the larger cannot be read, or what is served is not it: what is claimed must be shown. */
  | { readonly kind: 'unknown'; readonly says: string };

/** Whether two signed checkpoints of one log are of one history. Rejects with what the sources reject with. */
export async function compareTrees(a: SignedTree, b: SignedTree): Promise<Comparison> {
  const [smaller, larger] = a.signed.checkpoint.size <= b.signed.checkpoint.size ? [a, b] : [b, a];
  const [first, second] = [smaller.signed.checkpoint, larger.signed.checkpoint];
  const fork = { kind: 'fork', first: smaller.signed.note, second: larger.signed.note } as const;
  if (first.size === second.size) {
    return equal(first.root, second.root)
      ? { kind: 'consistent' }
      : { kind: 'fork', evidence: { ...fork, prefix: null } };
  }
  if (first.size === 0) return { kind: 'consistent' };
  try {
    const root = await treeOf(larger, first.size).root();
    const path = await treeOf(larger, second.size).consistencyPath(first.size);
    if (!verifyConsistency(first.size, second.size, root, second.root, path))
      return { kind: 'unknown', says: 'the tiles that are served do not lead to the signed root' };
    return equal(root, first.root)
      ? { kind: 'consistent' }
      : { kind: 'fork', evidence: { ...fork, prefix: { root, path } } };
  } catch (error) {
    if (error instanceof ProofError) return { kind: 'unknown', says: error.message };
    throw error;
  }
}

/** Evidence that two signed checkpoints of one log are of two histories; null when nothing shows that they are. */
export async function findFork(a: SignedTree, b: SignedTree): Promise<Evidence | null> {
  const found = await compareTrees(a, b);
  return found.kind === 'fork' ? proven(found.evidence, [...a.signed.keys, ...b.signed.keys]) : null;
}

/** Evidence that the block at `height` of a signed tree breaks a rule; null when the tree that is served does not show it. */
export async function findBrokenRule(tree: SignedTree, height: number): Promise<Evidence | null> {
  try {
    const evidence: Evidence = {
      kind: 'rule',
      checkpoint: tree.signed.note,
      block: await showHeader(tree, height),
      previous: height === 0 ? null : await showHeader(tree, height - 1),
      first: height < 2 ? null : await showHeader(tree, 0),
    };
    return proven(evidence, tree.signed.keys);
  } catch (error) {
    if (error instanceof ProofError) return null;
    throw error;
  }
}

function proven(evidence: Evidence, keys: readonly VerifierKey[]): Evidence | null {
  return checkEvidence(evidence, ...keys).holds ? evidence : null;
}

/** The tree over the first `size` blocks, read from tiles as wide as the whole signed tree makes them. */
function treeOf({ signed, source }: SignedTree, size: number): TiledTree {
  const read: ReadTile = async ({ level, index, width }: TileId) => {
    const whole = tileAt(level, index * TILE_WIDTH, signed.checkpoint.size);
    const bytes = await source.tile(whole);
    if (bytes === null) throw new ProofError('malformed_path', 'a tile is not served');
    return splitHashes(bytes).slice(0, width);
  };
  return new TiledTree(size, read, nodeSha256);
}

async function showHeader(tree: SignedTree, index: number): Promise<ShownHeader> {
  const { size } = tree.signed.checkpoint;
  const bundle = Math.floor(index / TILE_WIDTH);
  const width = Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH);
  const headers = readEntryBundle(await tree.source.entryBundle(bundle, width));
  const header = headers?.[index % TILE_WIDTH];
  if (header === undefined) throw new ProofError('malformed_path', 'a header is not served');
  return { index, header, path: await treeOf(tree, size).inclusionPath(index) };
}
