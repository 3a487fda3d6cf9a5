import { randomBytes } from 'node:crypto';
import { loadKeys } from '../../../src/service/keys.js';
import { nodeSha256 } from '../../../src/crypto/primitives.js';
import {
  accountTagOf,
  canonicalJson,
  detailsDigestOf,
  encodeHeader,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  KIND_DOCUMENT,
  NO_PREVIOUS_HASH,
  NO_STATE,
  signNote,
  type JsonObject,
  type NoteSigner,
} from '../../../src/proof/index.js';
import { DifficultyControl } from '../../../src/sealer/seal-block.js';
import { formatStatement, stateHash } from '../../../src/proof/time/state.js';
import { extendLog } from '../../../src/sealer/log.js';
import { sealRecords } from '../../../src/sealer/records.js';
import { entryRuns, SealWorkers } from '../../../src/sealer/workers.js';
import {
  lexemesOf,
  LastCheckpointFile,
  migrate,
  openStore,
  type AcceptGroup,
  type KeptEntry,
  type NewEntry,
  type Store,
  type StoredBlock,
} from '../../../src/store/index.js';
import { digestBytes } from '../processes/digest.mjs';

/** The service's default. */
const MAX_BLOCK_ENTRIES = 65_536;
/** A chain of a single block would have shorter paths than any real one. */
const MIN_BLOCKS = 10;
const MIN_DIFFICULTY = 12;
/** Larger groups are not faster. */
const GROUP_ENTRIES = 10_000;
/** Mining should be short, because it is not measured; the rules about difficulty still apply. */
const MINING_TARGET_MS = 5;
/** More than a search scans before it uses an index, so that a short chain has no advantage. */
const HELD_FIRST = 5000;
/**
 * One of this many other entries is the organization's too. Each was submitted alone, which takes the most
 * rows in the register.
 */
const HELD_EVERY = 16;

/** The organization that owns some of the entries. */
export interface Holder extends Organization {
  /** The API key by which it submitted them: the audit asks whether there is one. */
  readonly submittedBy: string;
}

export interface Organization {
  readonly id: string;
  readonly number: number;
}

export interface Filling {
  readonly url: string;
  /**
   * The directory of the keys, which are created if missing: a service with this data directory continues the
   * chain.
   */
  readonly dataDir: string;
  /** Number of entries to add. */
  readonly entries: number;
  /** Entries per block; by default `blockEntries` of them. */
  readonly perBlock?: number;
  /** The owner of some entries, which have details; null: all entries are anonymous and have no details. */
  readonly holder: Holder | null;
  readonly onBlock?: (entries: number) => void;
}

/** Entries per block of a chain that is filled with this many. */
export function blockEntries(entries: number): number {
  return Math.min(MAX_BLOCK_ENTRIES, Math.ceil(entries / MIN_BLOCKS));
}

/**
 * Adds entries to a chain as fast as PostgreSQL can insert them: by the accepting statement in large groups,
 * with the sealer's own trees, headers, log tiles and signed checkpoints, so that every block verifies. It
 * leaves out HTTP, receipts, and reading back what was written. Document number i has the digest that
 * digest.mjs computes. No service may use the database at the same time.
 * @returns the log's verifier key
 */
export async function fillChain({
  url,
  dataDir,
  entries,
  perBlock,
  holder,
  onBlock,
}: Filling): Promise<string> {
  await migrate(url);
  const store = await openStore({ url });
  const workers = new SealWorkers();
  try {
    const { log } = await loadKeys({
      ...{ dataDir, origin: null },
      ...{ logKey: null, receiptKey: null, secret: null },
    });
    const sealer = new FillingSealer(store, workers, log, await store.tip());
    const { nextPosition: start, latestTime } = await store.head();
    let sealing: Promise<void> = Promise.resolve();
    const full = perBlock ?? blockEntries(entries);
    for (let done = 0; done < entries; done += full) {
      const count = Math.min(full, entries - done);
      const acceptedAt = Math.max(Date.now(), latestTime);
      const fresh = Array.from({ length: count }, (_, i) => newDocument(start + done + i, holder));
      // While PostgreSQL writes this block, the threads hash it; the block before may still be on its way.
      const tree = workers.buildTree(entryRuns(fresh.map(({ entry }) => ({ ...entry, acceptedAt }))));
      tree.catch(() => undefined);
      for (let at = 0; at < count; at += GROUP_ENTRIES) {
        await store.accept(groupOf(fresh.slice(at, at + GROUP_ENTRIES), acceptedAt, holder, 'unsigned\n'));
      }
      await sealing;
      sealing = tree.then(async (built) => {
        await sealer.seal(built, count, start + done);
        onBlock?.(done + count);
      });
      sealing.catch(() => undefined);
    }
    await sealing;
    // As the service would have kept it: without it, none starts on these blocks.
    const last = await store.checkpoint();
    if (last !== null) await new LastCheckpointFile(dataDir).write(last.note);
    return formatVerifierKey(log.key);
  } finally {
    await workers.close();
    await store.close();
  }
}

/** Does what sealNextBlock does, for entries that need not be read back. */
export class FillingSealer {
  readonly #store: Store;
  readonly #workers: SealWorkers;
  readonly #key: NoteSigner;
  readonly #difficulty = new DifficultyControl(MINING_TARGET_MS);
  #tip: StoredBlock | null;

  constructor(store: Store, workers: SealWorkers, key: NoteSigner, tip: StoredBlock | null) {
    this.#store = store;
    this.#workers = workers;
    this.#key = key;
    this.#tip = tip;
  }

  /** @param entries absent: they are documents, in a chain without records */
  async seal(
    tree: Awaited<ReturnType<SealWorkers['buildTree']>>,
    count: number,
    first: number,
    entries: readonly KeptEntry[] | null = null,
  ): Promise<void> {
    const tip = this.#tip;
    const minimum = (await this.#store.block(0))?.difficulty ?? MIN_DIFFICULTY;
    const place = {
      ...{ height: tip === null ? 0 : tip.height + 1, firstPosition: first },
      sealedAt: Math.max(Date.now(), tip?.sealedAt ?? 0),
    };
    const origin = this.#key.key.name;
    const sealed =
      entries === null
        ? null
        : await sealRecords(this.#store, await this.#store.sealingState(), { ...place, origin, entries });
    const statement = sealed === null ? null : formatStatement({ beacons: [], map: sealed.map });
    const header = {
      ...place,
      previousHash: tip?.hash ?? NO_PREVIOUS_HASH,
      merkleRoot: tree.root,
      state: statement === null ? NO_STATE : stateHash(statement),
      entryCount: count,
      difficulty: tip === null ? minimum : this.#difficulty.next(tip.difficulty, minimum),
    };
    const mined = await this.#workers.mine(header);
    this.#difficulty.observe(mined.attempts, mined.milliseconds);
    const block = { ...header, nonce: mined.nonce, hash: mined.hash };
    const log = await extendLog(this.#store, block.height, encodeHeader(block));
    const size = block.height + 1;
    const checkpoint = { origin, size, root: log.root, extensions: [] };
    const committed = await this.#store.commitBlock({
      expectedTip: tip?.hash ?? null,
      block,
      statement,
      records: sealed?.commit ?? null,
      blockTiles: tree.tiles,
      logTiles: log.tiles,
      checkpoint: {
        size,
        root: log.root,
        note: formatNote(signNote(formatCheckpoint(checkpoint), this.#key)),
      },
    });
    if (committed !== 'committed') throw new Error('somebody else seals in this database');
    this.#tip = block;
  }
}

interface Filled {
  readonly entry: NewEntry;
  readonly details: JsonObject | null;
}

/** Details of the owner's documents: words that all of them have, and one that is unique. */
function detailsOf(index: number): JsonObject {
  return { name: `contract-${index}.pdf`, title: 'Contract', reference: referenceOf(index) };
}

/** References of the owner's documents, from the whole length of the chain. */
export function heldReferences(entries: number, count: number): string[] {
  const all = Math.floor(entries / HELD_EVERY);
  return Array.from({ length: count }, (_, i) => referenceOf(Math.floor((i * all) / count) * HELD_EVERY));
}

function referenceOf(index: number): string {
  return `R${String(index).padStart(9, '0')}`;
}

function newDocument(index: number, holder: Holder | null): Filled {
  const isHeld = holder !== null && (index < HELD_FIRST || index % HELD_EVERY === 0);
  const details = isHeld ? detailsOf(index) : null;
  const salt = randomBytes(16);
  return {
    details,
    entry: {
      kind: KIND_DOCUMENT,
      digest: digestBytes(index),
      size: null,
      salt,
      accountTag: accountTagOf(salt, isHeld ? holder.id : null, nodeSha256),
      detailsDigest: detailsDigestOf(salt, details),
    },
  };
}

function groupOf(
  filled: readonly Filled[],
  acceptedAt: number,
  holder: Holder | null,
  receipt: string,
): AcceptGroup {
  const held = filled.flatMap(({ details }, index) =>
    details === null || holder === null
      ? []
      : [{ index, details, organization: holder.number, submittedBy: holder.submittedBy }],
  );
  return {
    acceptedAt,
    entries: filled.map(({ entry }) => entry),
    receipt,
    details: held.map(({ index, details, organization }) => ({
      index,
      json: canonicalJson(details),
      words: lexemesOf(organization, details),
    })),
    idempotency: [],
    register: held.map(({ index, organization, submittedBy }) => ({
      offset: index,
      count: 1,
      organization,
      submittedBy,
    })),
  };
}
