import { nodeSha256 } from '../crypto/primitives.js';
import { MapChain } from '../log/map-chain.js';
import { statementFault } from '../log/state-statements.js';
import {
  equal,
  fromHex,
  HASH_LENGTH,
  type Header,
  isZero,
  merkleRoot,
  splitHashes,
  toHex,
} from '../proof/index.js';
import { parseAutomatic } from '../proof/records/automatic.js';
import { type Change, changesDigest } from '../proof/records/changes.js';
import { EMPTY_MAP, readChanges, valueIn } from '../proof/records/map-step.js';
import { parseStatement } from '../proof/time/state.js';
import type { LogFinding, LogSource } from './log-source.js';

/**
 * Recomputes the map of records from what a log publishes: statements, change lists and leaf hashes. Memory grows
 * with the number of records. Events are not published, so whether the rules allow them is not seen, nor whether
 * everything happened by itself that had to: that is what histories and the audit of a database show.
 */
export class RemoteMap {
  readonly #origin: string;
  readonly #source: LogSource;
  // No page is stored: all are newer than those that can be read.
  readonly #chain = new MapChain({ map: EMPTY_MAP, sealedAt: 0 }, (prefixes) =>
    Promise.resolve(prefixes.map(() => null)),
  );
  /** A map that does not follow makes all that comes after it follow from nothing. */
  #lost = false;

  constructor(origin: string, source: LogSource) {
    this.#origin = origin;
    this.#source = source;
  }

  /** Checks the map of the next block. @param statement null: the block shows none */
  async *check(header: Header, statement: string | null): AsyncGenerator<LogFinding> {
    if (this.#lost) return;
    const { height, entryCount, sealedAt, state } = header;
    const where = `block ${height}`;
    if (statementFault(state, statement) !== null) {
      // That is a finding of its own.
      this.#lost = true;
      return;
    }
    const map = statement === null ? EMPTY_MAP : parseStatement(statement).map;
    const list = isZero(map.changes) ? new Uint8Array() : await this.#source.changes?.(height);
    if (list === undefined || list === null || !equal(changesDigest(list, nodeSha256), map.changes)) {
      this.#lost = true;
      const found = list == null ? 'no change list' : toHex(changesDigest(list, nodeSha256));
      yield { where, what: 'changes', expected: toHex(map.changes), found };
      return;
    }
    const leaves = list.length === 0 ? [] : await this.#leavesOf(header);
    if (leaves === null) {
      this.#lost = true;
      yield {
        where,
        what: 'leaves',
        expected: `hashes that lead to ${toHex(header.merkleRoot)}`,
        found: 'others, or none',
      };
      return;
    }
    const changes = readChanges(list) ?? [];
    const before = await this.#valuesBefore(changes);
    const leaf = (index: number) => leaves[index] ?? null;
    const facts = { origin: this.#origin, height, entryCount, sealedAt };
    const followed = await this.#chain.follow({ ...facts, map, list, leaf });
    if (followed.fault !== null) {
      this.#lost = true;
      yield { where, what: 'map', expected: 'a map that follows from the one before', found: followed.fault };
      return;
    }
    yield* falseFacts(where, changes, before);
  }

  /** null: what is served are not the leaf hashes of the block. */
  async #leavesOf({ firstPosition, entryCount, merkleRoot: root }: Header): Promise<Uint8Array[] | null> {
    const bytes = new Uint8Array(entryCount * HASH_LENGTH);
    const length = (await this.#source.leaves?.(firstPosition, bytes)) ?? null;
    if (length !== bytes.length) return null;
    const leaves = splitHashes(bytes);
    return equal(merkleRoot(leaves, nodeSha256), root) ? leaves : null;
  }

  /** Of the records that automatic events rest on. */
  async #valuesBefore(changes: readonly Change[]): Promise<Map<string, Uint8Array>> {
    const values = new Map<string, Uint8Array>();
    const { root } = this.#chain.map;
    for (const { id } of changes.flatMap(recordFacts)) {
      if (values.has(id)) continue;
      const key = fromHex(id, HASH_LENGTH);
      const value = valueIn(root, key, await this.#chain.path(key), nodeSha256);
      if (value !== null) values.set(id, value);
    }
    return values;
  }
}

/** Automatic events that rest on a value that the record did not have at the beginning of any round until then. */
function* falseFacts(
  where: string,
  changes: readonly Change[],
  before: ReadonlyMap<string, Uint8Array>,
): Generator<LogFinding> {
  const had = new Map([...before].map(([id, value]) => [id, new Set([toHex(value)])]));
  for (const change of changes) {
    for (const { id, value } of recordFacts(change)) {
      const values = had.get(id) ?? new Set();
      if (values.has(value)) continue;
      const expected = `a value of record ${id}: ${[...values].join(' or ')}`;
      yield { where, what: `automatic event of record ${toHex(change.key)}`, expected, found: value };
    }
    const id = toHex(change.key);
    const values = had.get(id);
    // Rounds begin behind the last signed event.
    if (values !== undefined && !('text' in change)) values.clear();
    values?.add(toHex(change.value));
  }
}

function recordFacts(change: Change): { readonly id: string; readonly value: string }[] {
  if (!('text' in change)) return [];
  return parseAutomatic(change.text).facts.flatMap((fact) => {
    const [what, id = '', value = ''] = fact.split(' ');
    return what === 'record' ? [{ id, value }] : [];
  });
}
