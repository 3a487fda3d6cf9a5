import { randomBytes } from 'node:crypto';
import { toHex } from '../../src/proof/index.js';
import { automaticLeaf, formatAutomatic } from '../../src/proof/records/automatic.js';
import {
  type Change,
  changesDigest,
  encodeChanges,
  nextValue,
  NO_VALUE,
} from '../../src/proof/records/changes.js';
import { EMPTY_MAP } from '../../src/proof/records/map-step.js';
import { formatStatement, stateHash, type StateStatement } from '../../src/proof/time/state.js';
import { MapTree } from '../proof/map-tree.js';
import { type BlockWish, FORGER_KEY, ForgedChain, type View } from './forger.js';

const ORIGIN = FORGER_KEY.key.name;
export const random = () => new Uint8Array(randomBytes(32));

/** A change, but for the leaf that it is of. */
interface Wish {
  readonly key: Uint8Array;
  /** Of the automatic event; absent: it is the block's second leaf. */
  readonly automatic?: string;
  readonly value?: Uint8Array;
  readonly index?: number;
}

/** What an operator with the log key publishes about records. */
export class Operator {
  readonly chain: ForgedChain;
  readonly #tree: MapTree;
  readonly #values: ReadonlyMap<string, Uint8Array>;
  readonly statements: readonly (string | null)[];
  readonly lists: ReadonlyMap<number, Uint8Array>;

  private constructor(
    chain: ForgedChain,
    tree: MapTree,
    values: ReadonlyMap<string, Uint8Array>,
    statements: readonly (string | null)[],
    lists: ReadonlyMap<number, Uint8Array>,
  ) {
    this.chain = chain;
    this.#tree = tree;
    this.#values = values;
    this.statements = statements;
    this.lists = lists;
  }

  static readonly EMPTY = new Operator(new ForgedChain(), MapTree.EMPTY, new Map(), [], new Map());

  valueOf(key: Uint8Array): Uint8Array {
    return this.#values.get(toHex(key)) ?? NO_VALUE;
  }

  get map(): Pick<StateStatement['map'], 'root' | 'records'> {
    return { root: this.#tree.root, records: this.#values.size };
  }

  /** One block more. @param lie what its statement says instead, or what its list is */
  with(
    wishes: readonly Wish[],
    lie: Partial<StateStatement['map']> & { readonly list?: Uint8Array } = {},
    wish: BlockWish = {},
  ): Operator {
    const second = wish.second ?? random();
    let tree = this.#tree;
    const values = new Map(this.#values);
    const changes = wishes.map(({ key, automatic, value, index = 1 }): Change => {
      const leaf = automatic === undefined ? second : automaticLeaf(automatic);
      const next = value ?? nextValue(values.get(toHex(key)) ?? NO_VALUE, leaf);
      values.set(toHex(key), next);
      tree = tree.set(key, next);
      return automatic === undefined ? { key, value: next, index } : { key, value: next, text: automatic };
    });
    const { list = encodeChanges(changes), ...said } = lie;
    const told = { changes: changesDigest(list), records: values.size, root: tree.root };
    const map = { ...EMPTY_MAP, ...told, ...said };
    const text = map.records === 0 ? null : formatStatement({ beacons: [], map });
    const chain = this.chain.with({
      second,
      ...wish,
      change: (header) => ({ ...header, state: stateHash(text) }),
    });
    const lists = list.length === 0 ? this.lists : new Map([...this.lists, [this.chain.size, list]]);
    return new Operator(chain, tree, values, [...this.statements, text], lists);
  }

  automatic(key: Uint8Array, change: object = {}): string {
    const record = { record: key, sequence: 1, before: this.valueOf(key), height: this.chain.size };
    return formatAutomatic({ origin: ORIGIN, type: 'contract.expired', facts: [], ...record, ...change });
  }

  get view(): View {
    return {
      chain: this.chain,
      instead: (path, res) => {
        const states = /^\/v1\/states\?first=([0-9]+)&count=([0-9]+)$/.exec(path);
        const list = this.lists.get(Number(/^\/v1\/blocks\/([0-9]+)\/changes$/.exec(path)?.[1] ?? NaN));
        if (states === null && list === undefined) return false;
        const first = Number(states?.[1]);
        const statements = this.statements.slice(first, first + Number(states?.[2]));
        res.end(list ?? JSON.stringify({ statements }));
        return true;
      },
    };
  }
}
