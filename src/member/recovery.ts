import { nodeSha256 } from '../crypto/primitives.js';
import { TileBuilder } from '../merkle/growing-tree.js';
import {
  encodeEntry,
  encodeHeader,
  equal,
  formatCheckpoint,
  formatNote,
  HASH_LENGTH,
  isZero,
  leafHash,
  LogKeys,
  signCheckpoint,
  TILE_WIDTH,
  type VerifierKey,
} from '../proof/index.js';
import { parseStatement } from '../proof/time/state.js';
import { type LogSigners, readLogTile } from '../sealer/index.js';
import type { FollowedBlock, Store, StoredCheckpoint } from '../store/index.js';
import { UnavailableError } from './alarms.js';
import { Follower, type Progress } from './follower.js';
import { readCheckpoint, type RemoteLog } from './remote-log.js';

/** Why blocks cannot be taken back. */
export type RecoveryProblem =
  /** One of the missing blocks changed records, or events of records wait: only the database had these. */
  | 'records'
  /** Data keys of entries that wait are missing, so that these cannot be compared with the blocks. */
  | 'key_missing';

export class RecoveryError extends Error {
  override readonly name = 'RecoveryError';
  readonly problem: RecoveryProblem;

  constructor(problem: RecoveryProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

export interface Recovered {
  /** Blocks in the database before and after. */
  readonly before: number;
  readonly after: number;
  /** Entries in the blocks that were taken back, and how many of them the database has. */
  readonly entries: number;
  readonly kept: number;
  /** Positions at which the database had an entry that the log does not have: accepted, and lost. */
  readonly foreign: readonly number[];
}

interface RecoveryOptions {
  /** Of the service. Nothing else may seal in it meanwhile. */
  readonly store: Store;
  readonly key: VerifierKey;
  readonly signers: LogSigners;
  /** A member, or another copy of the log. Nothing that it says is believed without proof. */
  readonly source: RemoteLog;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

const STATES_AT_ONCE = 256;

/**
 * Takes the blocks that a database has lost back from a member: headers, statements, tiles and leaf hashes, as a member
 * verifies them, up to the last checkpoint that the member shows. Their entries are there as erased ones, unless the
 * database has them. Each block gets the checkpoint that the log has signed for it before: the same text, since the
 * headers lead to a signed root. An interrupted call is resumed by the next.
 * @throws {RefusedError} the member shows another history, or nothing that the log has signed; {UnavailableError};
 *   {RecoveryError}; {SealProblem} key_missing; {StoreError}
 */
export async function recoverBlocks(options: RecoveryOptions): Promise<Recovered> {
  const { store, key, signers, source, signal, onProgress } = options;
  const state = await store.sealingState();
  const before = state.tip === null ? 0 : state.tip.height + 1;
  const found = { before, after: before, entries: 0, kept: 0, foreign: [] as number[] };
  const text = await source.checkpoint();
  if (text === null) throw new UnavailableError(`${source.host} publishes no checkpoint`);
  const { size } = readCheckpoint(text).checkpoint;
  const probe = new Follower({ store, key, signal });
  const { learned } = await probe.keys.open(text, source, false);
  await probe.end();
  if (size > before) {
    if ((await store.eventsWithin(state.firstUnsealed, Number.MAX_SAFE_INTEGER)) > 0)
      throw new RecoveryError('records', 'events of records wait for their block in this database');
    await assertNoRecords(source, before, size);
  }
  const stored = (await store.logKeyStatements()).flatMap(({ note, height }) =>
    height === null ? [] : [{ text: note, firstSize: height + 1 }],
  );
  const shown = learned.map(({ note, proof }) => ({ text: note, firstSize: proof.block.header.height + 1 }));
  const keys = LogKeys.of(key, [...stored, ...shown]);
  const builder = await TileBuilder.resume(before, (tile) => readLogTile(store, tile));

  const sign = async ({ block }: FollowedBlock): Promise<StoredCheckpoint> => {
    builder.push(leafHash(encodeHeader(block), nodeSha256));
    const [of, root] = [block.height + 1, builder.root()];
    const checkpoint = formatCheckpoint({ origin: key.name, size: of, root, extensions: [] });
    const time = Math.floor(block.sealedAt / 1000);
    return {
      ...{ size: of, root },
      note: formatNote(signCheckpoint(checkpoint, await signers.of(keys.at(of)), time)),
    };
  };
  const follower = new Follower({
    ...{ key, signal },
    ...(onProgress === undefined ? {} : { onProgress }),
    store: {
      ...store,
      // The member's has signatures of others, and comes before its blocks.
      storeCheckpoint: () => Promise.resolve(),
      followBlocks: async (blocks, logTiles) => {
        const checkpoints: StoredCheckpoint[] = [];
        const changed = blocks.find(({ map }) => map !== undefined && map.changes.length > 0);
        if (changed !== undefined) throw recordsChanged(changed.block.height);
        for (const each of blocks) checkpoints.push(await sign(each));
        const compared = await compareEntries(store, blocks, state.nextPosition);
        const outcome = await store.recoverBlocks({
          blocks,
          logTiles,
          checkpoints,
          foreign: compared.foreign,
        });
        found.kept += compared.kept;
        found.foreign.push(...compared.foreign);
        found.entries += blocks.reduce((sum, { block }) => sum + block.entryCount, 0);
        return outcome;
      },
    },
  });
  try {
    // Also when nothing is missing: the member's history must be that of the database.
    await follower.advance(text, source);
  } finally {
    await follower.end();
  }
  return { ...found, after: Math.max(before, size) };
}

/** @throws {RecoveryError} records */
async function assertNoRecords(source: RemoteLog, from: number, size: number): Promise<void> {
  for (let at = from; at < size; at += STATES_AT_ONCE) {
    const statements = await source.statements(at, Math.min(STATES_AT_ONCE, size - at));
    // Whether they are those of the blocks is verified with the blocks.
    const changing = (statements ?? []).findIndex(
      (each) => each !== null && !isZero(parseStatement(each).map.changes),
    );
    if (changing !== -1) throw recordsChanged(at + changing);
  }
}

function recordsChanged(height: number): RecoveryError {
  return new RecoveryError('records', `block ${height} changed records, whose events no member has`);
}

/** The entries that the database has of these blocks, although it does not have the blocks: they waited. */
async function compareEntries(
  store: Store,
  blocks: readonly FollowedBlock[],
  nextPosition: number,
): Promise<{ readonly kept: number; readonly foreign: readonly number[] }> {
  let kept = 0;
  const foreign: number[] = [];
  for (const { block, tiles } of blocks) {
    const count = Math.min(block.entryCount, nextPosition - block.firstPosition);
    if (count <= 0) continue;
    const leaves = new Map(
      tiles.flatMap(({ level, index, hashes }) => (level === 0 ? [[index, hashes]] : [])),
    );
    for (const entry of await store.entries(block.firstPosition, count)) {
      if (entry.erased) {
        throw new RecoveryError(
          'key_missing',
          `the data key of the entry at position ${entry.position} is missing`,
        );
      }
      const at = entry.position - block.firstPosition;
      const from = (at % TILE_WIDTH) * HASH_LENGTH;
      const expected = leaves.get(Math.floor(at / TILE_WIDTH))?.subarray(from, from + HASH_LENGTH);
      if (expected !== undefined && equal(leafHash(encodeEntry(entry), nodeSha256), expected)) kept++;
      else foreign.push(entry.position);
    }
  }
  return { kept, foreign };
}
