import type { LogSource } from '../audit/log-source.js';
import { nodeSha256 } from '../crypto/primitives.js';
import { readEntryBundle } from '../log/tiles.js';
import type { MapStep } from '../proof/records/map-evidence.js';
import {
  checkEvidence,
  equal,
  type Evidence,
  type ForkEvidence,
  ProofError,
  type ReadTile,
  type ShownHeader,
  splitHashes,
  TILE_WIDTH,
  tileAt,
  TiledTree,
  type TileId,
  type VerifierKey,
  verifyConsistency,
} from '../proof/index.js';
import { RefusedError, UnavailableError } from './alarms.js';
import type { SignedCheckpoint } from './remote-log.js';

/** A signed checkpoint and where the tree behind it can be read. */
export interface SignedTree {
  readonly signed: SignedCheckpoint;
  readonly source: Pick<LogSource, 'tile' | 'entryBundle'>;
}

export type Comparison =
  /** The larger tree provably extends the smaller one. */
  | { readonly kind: 'consistent' }
  | { readonly kind: 'fork'; readonly evidence: ForkEvidence }
  /** The larger tree cannot be read, or its tiles do not lead to its root. */
  | { readonly kind: 'unknown'; readonly message: string };

/**
 * Whether two signed checkpoints of one log belong to one history. Rejects with what the sources reject with.
 */
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
      return { kind: 'unknown', message: 'the served tiles do not lead to the signed root' };
    return equal(root, first.root)
      ? { kind: 'consistent' }
      : { kind: 'fork', evidence: { ...fork, prefix: { root, path } } };
  } catch (error) {
    if (error instanceof ProofError) return { kind: 'unknown', message: error.message };
    throw error;
  }
}

/** Evidence that two signed checkpoints of one log belong to two histories; null when there is none. */
export async function findFork(a: SignedTree, b: SignedTree): Promise<Evidence | null> {
  const found = await compareTrees(a, b);
  return found.kind === 'fork' ? proven(found.evidence, [...a.signed.keys, ...b.signed.keys]) : null;
}

/** The refusal of a log that has signed two histories. */
export function forked(
  signed: SignedCheckpoint,
  before: SignedCheckpoint | null,
  evidence: NonNullable<RefusedError['details']['evidence']>,
): RefusedError {
  const sizes = `${before?.checkpoint.size ?? 0} and ${signed.checkpoint.size} blocks`;
  return new RefusedError(
    'fork',
    `the log has signed two histories: its checkpoints over ${sizes} contradict each other`,
    {
      where: 'checkpoint',
      evidence,
    },
  );
}

/**
 * Evidence that the block at `height` of a signed tree breaks a rule; null when the served tree does not
 * prove it.
 */
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

/** Evidence that the map of the block at `height` does not follow; null when what is served does not prove it. */
export async function findBrokenMap(
  tree: SignedTree,
  height: number,
  step: MapStep,
): Promise<Evidence | null> {
  try {
    const evidence: Evidence = {
      kind: 'map',
      checkpoint: tree.signed.note,
      block: await showHeader(tree, height),
      previous: height === 0 ? null : await showHeader(tree, height - 1),
      step,
    };
    return proven(evidence, tree.signed.keys);
  } catch (error) {
    if (error instanceof ProofError || error instanceof UnavailableError) return null;
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
