import { MapChain } from '../log/map-chain.js';
import { nodeSha256 } from '../crypto/primitives.js';
import type { MapPage } from '../merkle/map-pages.js';
import { HASH_LENGTH, inclusionPath, splitHashes, TILE_WIDTH, toHex } from '../proof/index.js';
import type { MapPath } from '../proof/map.js';
import { changesDigest } from '../proof/records/changes.js';
import type { MapStep } from '../proof/records/map-evidence.js';
import { EMPTY_MAP, lastValues, type MapState } from '../proof/records/map-step.js';
import { parseStatement } from '../proof/time/state.js';
import type { Store } from '../store/index.js';
import { RefusedError } from './alarms.js';
import type { CheckedBlock } from './blocks.js';
import { findBrokenMap, type SignedTree } from './comparison.js';

/** More paths would make the evidence larger than it can be stored. */
const MAX_PATHS = 4096;

/** Keeps this node's own map of the followed log's records, and refuses a block whose map does not follow. */
export class MapFollower {
  readonly #origin: string;
  readonly #chain: MapChain;
  /** Of the last block that was followed. */
  #statement: string | null;

  private constructor(origin: string, chain: MapChain, statement: string | null) {
    this.#origin = origin;
    this.#chain = chain;
    this.#statement = statement;
  }

  /**
   * Continues behind the stored blocks.
   * @param size how many they are
   */
  static async resume(store: Store, origin: string, size: number): Promise<MapFollower> {
    const [placed] = size === 0 ? [] : await store.stateStatements(size - 1, size);
    const statement = placed?.statement ?? null;
    const [last] = size === 0 ? [] : await store.blocksAt([size - 1]);
    // While a block is followed, the pages of the blocks before it may have been written.
    const chain = new MapChain({ map: mapOf(statement), sealedAt: last?.sealedAt ?? 0 }, (prefixes) =>
      store.mapPages(prefixes, Number.MAX_SAFE_INTEGER),
    );
    return new MapFollower(origin, chain, statement);
  }

  /**
   * Checks the map of the next block.
   * @param tree what the log has signed, for evidence
   * @returns the pages that it changes
   * @throws {RefusedError} changes, map; {UnavailableError}
   */
  async follow(block: CheckedBlock, tree: SignedTree): Promise<readonly MapPage[]> {
    const { height, entryCount, sealedAt } = block.block;
    const map = mapOf(block.statement);
    const leaves = leavesOf(block);
    const { changes: list } = block;
    const followed = await this.#chain.follow({
      ...{ origin: this.#origin, height, entryCount, sealedAt, map, list },
      leaf: (index) => leaves(index),
    });
    if (followed.fault === null) {
      this.#statement = block.statement;
      return followed.pages;
    }
    const where = `block ${height}`;
    if (followed.fault === 'other_changes') {
      const message = `the change list of block ${height} is not the one that its statement names`;
      throw new RefusedError('changes', message, {
        ...{ where, height, expected: toHex(map.changes) },
        found: toHex(changesDigest(list, nodeSha256)),
      });
    }
    const { changes, at } = followed;
    const change = at === null ? undefined : changes[at];
    const keys =
      change === undefined ? [...lastValues(changes).values()].map(({ key }) => key) : [change.key];
    const step: MapStep = {
      statement: block.statement,
      before: this.#statement,
      changes: list,
      paths: keys.length > MAX_PATHS ? new Map() : await this.#paths(keys),
      leaves: change === undefined || 'text' in change ? new Map() : leafShown(block, change.index),
    };
    const evidence = await findBrokenMap(tree, height, step);
    throw new RefusedError(
      'map',
      `the map of records after block ${height} does not follow: ${FAULTS[followed.fault]}`,
      {
        ...{ where, height },
        ...(change === undefined ? {} : { found: `record ${toHex(change.key)}` }),
        ...(evidence === null ? {} : { evidence }),
      },
    );
  }

  /** The blocks that were followed are stored. */
  stored(): void {
    this.#chain.stored();
  }

  async #paths(keys: readonly Uint8Array[]): Promise<Map<string, MapPath>> {
    const paths = new Map<string, MapPath>();
    for (const key of keys) paths.set(toHex(key), await this.#chain.path(key));
    return paths;
  }
}

const FAULTS = {
  malformed_changes: 'its change list is malformed',
  wrong_value: 'a value is not that of its event',
  wrong_root: 'the root or the number of records is another one',
  wrong_full: 'its statement is wrong about whether the block is full',
  wrong_now: 'its statement names another time for what happens by itself',
} as const;

function mapOf(statement: string | null): MapState {
  return statement === null ? EMPTY_MAP : parseStatement(statement).map;
}

function leavesOf({ tiles }: CheckedBlock): (index: number) => Uint8Array | null {
  return (index) => {
    const tile = tiles.find(({ level, index: at }) => level === 0 && at === Math.floor(index / TILE_WIDTH));
    const from = (index % TILE_WIDTH) * HASH_LENGTH;
    const hash = tile?.hashes.slice(from, from + HASH_LENGTH);
    return hash?.length === HASH_LENGTH ? hash : null;
  };
}

function leafShown(block: CheckedBlock, index: number): MapStep['leaves'] {
  const hashes = block.tiles.flatMap((tile) => (tile.level === 0 ? splitHashes(tile.hashes) : []));
  const hash = hashes[index];
  return hash === undefined ? new Map() : new Map([[index, { hash, path: inclusionPath(index, hashes) }]]);
}
