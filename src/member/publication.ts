import { rowFilePath } from '../audit/log-paths.js';
import { nodeSha256 } from '../crypto/primitives.js';
import { keyStatementsJson } from '../log/key-statements.js';
import { formatStates } from '../log/state-statements.js';
import { formatEntryBundle, readEntryBundle } from '../log/tiles.js';
import { TileBuilder } from '../merkle/growing-tree.js';
import {
  blockHash,
  type Checkpoint,
  concat,
  decodeHeader,
  equal,
  HASH_LENGTH,
  HEADER_LENGTH,
  indexPath,
  isZero,
  leafHash,
  levelWidth,
  LogKeys,
  NO_CHANGES,
  ProofError,
  type ReadTile,
  rowPath,
  splitHashes,
  TILE_WIDTH,
  type TileId,
  tilePath,
  toHex,
  utf8,
  utf8Decode,
  type VerifierKey,
} from '../proof/index.js';
import { changesDigest } from '../proof/records/changes.js';
import { parseStatement } from '../proof/time/state.js';
import { RefusedError, UnavailableError } from './alarms.js';
import { type CheckedBlock, checkedBlocks, checkStatement, HashThreads } from './blocks.js';
import { compareTrees, forked } from './comparison.js';
import { HeaderWalk, placed, StatedKeys, type WalkedHeader, type WalkStart } from './headers.js';
import { openCheckpoint, readCheckpoint, type RemoteLog, type SignedCheckpoint } from './remote-log.js';

/**
 * Where the files of a log go, for a web server to serve them. Names are the paths at which a service serves the same
 * bytes, without the slash at the beginning.
 */
export interface Archive {
  /** null: there is no such file. */
  read(name: string): Promise<Uint8Array | null>;
  /** Writes or replaces a file. Nobody sees a part of it; it is durable when this resolves. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Removes a folder with its files. It may not be there. */
  removeFolder(name: string): Promise<void>;
}

export type ArchiveProblem =
  /** It holds another log: that of the name `what`. */
  | 'other_log'
  /** The file `what` is missing or is not what the log has there. */
  | 'differs'
  /** It has more blocks than the log publishes: `what`. */
  | 'ahead'
  /** Another process writes there at the same time. */
  | 'busy';

/** Why an archive was left as it is. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly problem: ArchiveProblem;
  readonly what: string;

  constructor(problem: ArchiveProblem, what: string) {
    super(`${problem}: ${what}`);
    this.problem = problem;
    this.what = what;
  }
}

export interface PublishOptions {
  /** Nothing that it serves is believed without proof. */
  readonly source: RemoteLog;
  /** A key of the log of this name that the caller trusts. May throw. */
  readonly keyOf: (origin: string) => VerifierKey;
  readonly archive: Archive;
  /** Whether to compare what is there already, and to mend it. */
  readonly check: boolean;
  readonly signal: AbortSignal;
  /** Blocks written, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Published {
  readonly origin: string;
  /** Under the checkpoint that is there now. */
  readonly blocks: number;
  readonly entries: number;
  /** Files that were written, without the checkpoint and the key statements. */
  readonly written: number;
  /** How many of these were there before with other bytes, or should have been there. */
  readonly mended: number;
  /** Whether the checkpoint is another one than before. */
  readonly isNewer: boolean;
}

const CHECKPOINT = 'checkpoint';
const LOG_KEYS = 'v1/log-keys';
/** The most that an archive waits for at once: each write lasts until it is on disk. */
const WRITES_AT_ONCE = 16;

/**
 * Brings an archive to the checkpoint that a log publishes. Everything is verified as a member verifies it, but for the
 * map of records, which a member recomputes: signatures, headers, roots, leaf hashes, state statements and change lists.
 * The checkpoint is written last, so each one that is there has its tiles there. Whoever is interrupted is continued by
 * the next call.
 * @returns null while the log has no checkpoint
 * @throws {RefusedError} what is served is wrong, with evidence if there is any; {UnavailableError}; {ArchiveError};
 *   what the archive throws
 */
export async function publishLog(options: PublishOptions): Promise<Published | null> {
  const { source, keyOf, archive, check, signal } = options;
  const text = await source.checkpoint();
  if (text === null) return null;
  const anchor = keyOf(readCheckpoint(text).checkpoint.origin);
  // None are kept: all of them are read and verified again.
  const keys = new StatedKeys(() => Promise.resolve([]), anchor);
  const { signed, learned } = await keys.open(text, source, true);
  const { size } = signed.checkpoint;
  const known = await archive.read(CHECKPOINT);
  const before = readBefore(known, signed, LogKeys.of(anchor, learned.map(placed)), check);
  if (before?.text === text && !check) {
    const { entries } = await lengthsOf(size, (height) => archivedHeader(archive, height, size));
    return { origin: anchor.name, blocks: size, entries, written: 0, mended: 0, isNewer: false };
  }
  if (before !== null) await assertExtends({ before, archive }, signed, source);
  const had = before?.checkpoint.size ?? 0;
  const from = check ? null : before;
  const walk = new HeaderWalk(source, await startAt(archive, source, from), signed.checkpoint, signal);
  const entries = await walk.check(
    new Set([had - 1, ...learned.map(({ proof }) => proof.block.header.height)]),
  );
  const headerAt = async (height: number) =>
    walk.remembered(height) ?? (await archivedHeader(archive, height, had));
  await keys.confirm(learned, headerAt);
  const lengths = await lengthsOf(had, headerAt);
  const filing = new Filing(archive, check, lengths);
  await writeBlocks(options, { walk, filing, size, from: check ? NOTHING : lengths });
  const statements = utf8(keyStatementsJson(learned));
  if (!isSame(await archive.read(LOG_KEYS), statements)) await archive.write(LOG_KEYS, statements);
  if (!isSame(await archive.read(CHECKPOINT), known)) throw new ArchiveError('busy', CHECKPOINT);
  const isNewer = before?.text !== text;
  if (isNewer) await archive.write(CHECKPOINT, utf8(text));
  // Until here, the tiles that are full now were served as partial ones.
  for (const folder of filing.outgrown) await archive.removeFolder(folder);
  const { written, mended } = filing;
  return { origin: anchor.name, blocks: size, entries, written, mended, isNewer };
}

const isSame = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : equal(a, b);

/**
 * The checkpoint of an archive; null: it has none, or one that is to be mended.
 * @param keys of the log, as far as its statements lie under the checkpoint that it publishes now
 * @throws {ArchiveError} other_log, differs, ahead
 */
function readBefore(
  bytes: Uint8Array | null,
  now: SignedCheckpoint,
  keys: LogKeys,
  check: boolean,
): SignedCheckpoint | null {
  if (bytes === null) return null;
  let there: Checkpoint;
  try {
    there = readCheckpoint(utf8Decode(bytes)).checkpoint;
  } catch (error) {
    if (!(error instanceof RefusedError || error instanceof ProofError)) throw error;
    if (check) return null;
    throw new ArchiveError('differs', CHECKPOINT);
  }
  if (there.origin !== now.checkpoint.origin) throw new ArchiveError('other_log', there.origin);
  try {
    return openCheckpoint(utf8Decode(bytes), keys);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    // Perhaps a key that a statement beyond the present checkpoint names has signed it.
    if (there.size > now.checkpoint.size) throw new ArchiveError('ahead', String(there.size));
    throw new ArchiveError('other_log', there.origin);
  }
}

/** @throws {ArchiveError} ahead; {RefusedError} fork; {UnavailableError} */
async function assertExtends(
  { before, archive }: { readonly before: SignedCheckpoint; readonly archive: Archive },
  signed: SignedCheckpoint,
  source: RemoteLog,
): Promise<void> {
  const archived = {
    tile: (tile: TileId) => archive.read(tilePath(tile)),
    entryBundle: () => Promise.resolve(null),
  };
  const found = await compareTrees({ signed: before, source: archived }, { signed, source });
  if (found.kind === 'fork') throw forked(signed, before, found.evidence);
  if (found.kind === 'unknown') throw new UnavailableError(found.message);
  if (signed.checkpoint.size < before.checkpoint.size)
    throw new ArchiveError('ahead', String(before.checkpoint.size));
}

/** Where the headers that are read begin: with those of the last bundle of the archive that is not full. */
async function startAt(
  archive: Archive,
  source: RemoteLog,
  from: SignedCheckpoint | null,
): Promise<WalkStart> {
  const none = { size: 0, tip: null, minimumDifficulty: null, builder: TileBuilder.empty() };
  if (from === null) return none;
  const { size, root } = from.checkpoint;
  const archived = await TileBuilder.resume(size, tilesOf(archive));
  if (!equal(archived.root(), root)) throw new ArchiveError('differs', 'tile/');
  const bundles = Math.floor(size / TILE_WIDTH);
  const [first] = bundles === 0 ? [] : await knownBundle(archive, source, 0);
  const last = bundles === 0 ? undefined : (await knownBundle(archive, source, bundles - 1)).at(-1);
  if (first === undefined || last === undefined) return none;
  return {
    size: bundles * TILE_WIDTH,
    tip: { header: decodeHeader(last), hash: blockHash(last, nodeSha256) },
    minimumDifficulty: decodeHeader(first).difficulty,
    builder: await TileBuilder.resume(bundles * TILE_WIDTH, tilesOf(archive)),
  };
}

/** @throws {ArchiveError} differs */
function tilesOf(archive: Archive): ReadTile {
  return async (tile) => {
    const name = tilePath(tile);
    const bytes = await archive.read(name);
    if (bytes?.length !== tile.width * HASH_LENGTH) throw new ArchiveError('differs', name);
    return splitHashes(bytes);
  };
}

const bundleName = (index: number, width: number) => `tile/entries/${rowPath(index, width)}`;

/**
 * The headers of a full bundle that is in the archive as the log serves it.
 * @throws {ArchiveError} differs; {UnavailableError}
 */
async function knownBundle(archive: Archive, source: RemoteLog, index: number): Promise<Uint8Array[]> {
  const name = bundleName(index, TILE_WIDTH);
  const [there, served] = await Promise.all([archive.read(name), source.entryBundle(index, TILE_WIDTH)]);
  if (served === null) throw new UnavailableError(`${name} is not served`);
  const headers = readEntryBundle(served);
  if (!isSame(there, served) || headers === null) throw new ArchiveError('differs', name);
  return headers;
}

/**
 * The header of a block in an archive of this size.
 * @throws {ArchiveError} differs
 */
async function archivedHeader(archive: Archive, height: number, size: number): Promise<Uint8Array> {
  const index = Math.floor(height / TILE_WIDTH);
  const name = bundleName(index, Math.min(TILE_WIDTH, size - index * TILE_WIDTH));
  const header = readEntryBundle(await archive.read(name))?.[height % TILE_WIDTH];
  if (header?.length !== HEADER_LENGTH) throw new ArchiveError('differs', name);
  return header;
}

/** How long the rows of an archive are. */
interface Lengths {
  readonly blocks: number;
  readonly entries: number;
}

const NOTHING: Lengths = { blocks: 0, entries: 0 };

async function lengthsOf(
  blocks: number,
  headerAt: (height: number) => Promise<Uint8Array>,
): Promise<Lengths> {
  if (blocks === 0) return NOTHING;
  const { firstPosition, entryCount } = decodeHeader(await headerAt(blocks - 1));
  return { blocks, entries: firstPosition + entryCount };
}

interface Writing {
  readonly walk: HeaderWalk;
  readonly filing: Filing;
  readonly size: number;
  /** What needs no writing. */
  readonly from: Lengths;
}

async function writeBlocks(
  { source, archive, signal, onProgress }: PublishOptions,
  { walk, filing, size, from }: Writing,
): Promise<void> {
  const start = Math.floor(from.blocks / TILE_WIDTH) * TILE_WIDTH;
  const builder = await TileBuilder.resume(start, tilesOf(archive));
  const headers = new Row<Uint8Array>(start, [], (index, items) =>
    filing.row('tile/entries', 'blocks', { index, width: items.length }, formatEntryBundle(items)),
  );
  const states = new Row<string | null>(start, [], (index, items) =>
    filing.row('v1/tile/states', 'blocks', { index, width: items.length }, utf8(formatStates(items))),
  );
  const lastLeaves = await archivedLeaves(archive, source, from.entries);
  const leaves = new Row<Uint8Array>(from.entries, lastLeaves, (index, items) =>
    filing.row('v1/tile/leaves', 'entries', { index, width: items.length }, concat(...items)),
  );

  async function* newHeaders(): AsyncGenerator<WalkedHeader> {
    const earlier: WalkedHeader[] = [];
    for await (const walked of walk.headers()) {
      await headers.add([walked.bytes]);
      for (const { level, index, hashes } of builder.push(leafHash(walked.bytes, nodeSha256)))
        await filing.tile({ level, index, width: TILE_WIDTH }, hashes);
      const { height } = walked.header;
      if (height < from.blocks) earlier.push(walked);
      if (height === from.blocks - 1) await states.add(await statementsOf(earlier, source));
      if (height >= from.blocks) yield walked;
    }
  }

  const threads = new HashThreads();
  try {
    for await (const { blocks, refusal } of checkedBlocks(newHeaders(), source, threads)) {
      signal.throwIfAborted();
      for (const block of blocks) {
        await leaves.add(leavesOf(block));
        await states.add([block.statement]);
        await fileChanges(filing, block);
      }
      if (refusal !== null) throw refusal;
      const last = blocks.at(-1)?.block.height;
      if (last !== undefined) onProgress?.(last + 1, size);
    }
    await headers.end();
    await states.end();
    await leaves.end();
    for (const { id, hashes } of builder.partialTiles()) await filing.tile(id, hashes);
    await filing.settled();
  } finally {
    await threads.destroy();
    await filing.idle();
  }
}

/**
 * The leaf hashes in the last file of an archive, while it is not full. They must be those that the log serves.
 * @throws {ArchiveError} differs; {UnavailableError}
 */
async function archivedLeaves(archive: Archive, source: RemoteLog, entries: number): Promise<Uint8Array[]> {
  const width = entries % TILE_WIDTH;
  if (width === 0) return [];
  const name = rowFilePath('leaves', Math.floor(entries / TILE_WIDTH), width);
  const served = new Uint8Array(width * HASH_LENGTH);
  const [there, length] = await Promise.all([archive.read(name), source.leaves(entries - width, served)]);
  if (length === null) throw new UnavailableError(`${name} is not served`);
  if (length !== served.length || !isSame(there, served)) throw new ArchiveError('differs', name);
  return splitHashes(served);
}

/** The state statements of consecutive blocks. @throws {RefusedError} state; {UnavailableError} */
async function statementsOf(
  blocks: readonly WalkedHeader[],
  source: RemoteLog,
): Promise<readonly (string | null)[]> {
  const [first] = blocks;
  if (first === undefined) return [];
  if (blocks.every(({ header }) => isZero(header.state))) return blocks.map(() => null);
  const statements = await source.statements(first.header.height, blocks.length);
  if (statements === null) throw new UnavailableError('state statements are not served');
  return blocks.map(({ header }, i) => checkStatement(header, statements[i] ?? null));
}

/** Copies: the memory of a block is used again. */
function leavesOf({ tiles }: CheckedBlock): Uint8Array[] {
  return tiles.flatMap(({ level, hashes }) => (level === 0 ? splitHashes(hashes.slice()) : []));
}

/** @throws {RefusedError} changes */
async function fileChanges(filing: Filing, { block, statement, changes }: CheckedBlock): Promise<void> {
  const named = statement === null ? NO_CHANGES : parseStatement(statement).map.changes;
  const found = changesDigest(changes, nodeSha256);
  if (!equal(named, found)) {
    const where = `block ${block.height}`;
    const message = `the change list of ${where} is not the one that its statement names`;
    throw new RefusedError('changes', message, { where, expected: toHex(named), found: toHex(found) });
  }
  if (changes.length > 0) await filing.changes(block.height, changes);
}

/** A growing row of items, filed 256 at a time. */
class Row<T> {
  #index: number;
  #items: T[];
  readonly #file: (index: number, items: readonly T[]) => Promise<void>;

  /** @param last those at the end of `length` that do not fill a file */
  constructor(
    length: number,
    last: readonly T[],
    file: (index: number, items: readonly T[]) => Promise<void>,
  ) {
    this.#index = Math.floor(length / TILE_WIDTH);
    this.#items = [...last];
    this.#file = file;
  }

  async add(items: readonly T[]): Promise<void> {
    for (const item of items) {
      this.#items.push(item);
      if (this.#items.length < TILE_WIDTH) continue;
      await this.#file(this.#index, this.#items);
      this.#index++;
      this.#items = [];
    }
  }

  async end(): Promise<void> {
    if (this.#items.length > 0) await this.#file(this.#index, this.#items);
  }
}

/** Writes what an archive lacks, several files at a time. */
class Filing {
  written = 0;
  mended = 0;
  /** Folders with the partial tiles of tiles that are full now. */
  readonly outgrown: string[] = [];
  readonly #archive: Archive;
  readonly #check: boolean;
  /** What the archive has by its checkpoint. */
  readonly #had: Lengths;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | null = null;

  constructor(archive: Archive, check: boolean, had: Lengths) {
    this.#archive = archive;
    this.#check = check;
    this.#had = had;
  }

  /** A file of a row of headers, statements (`blocks`) or leaf hashes (`entries`). */
  async row(
    folder: string,
    of: keyof Lengths,
    file: Pick<TileId, 'index' | 'width'>,
    bytes: Uint8Array,
  ): Promise<void> {
    await this.#file(folder, this.#had[of], file, bytes);
  }

  async tile(tile: TileId, bytes: Uint8Array): Promise<void> {
    await this.#file(`tile/${tile.level}`, levelWidth(this.#had.blocks, tile.level), tile, bytes);
  }

  async changes(height: number, bytes: Uint8Array): Promise<void> {
    await this.#put(`v1/blocks/${height}/changes`, bytes, height < this.#had.blocks);
  }

  /** @param had how long the row is in the archive */
  async #file(
    folder: string,
    had: number,
    { index, width }: Pick<TileId, 'index' | 'width'>,
    bytes: Uint8Array,
  ): Promise<void> {
    await this.#put(`${folder}/${rowPath(index, width)}`, bytes, index * TILE_WIDTH + width <= had);
    const full = Math.floor(had / TILE_WIDTH);
    // Those of the tile before, if a call ended before it could remove them.
    const isOutgrown = (index === full && had % TILE_WIDTH > 0) || (this.#check && index === full - 1);
    if (width === TILE_WIDTH && isOutgrown) this.outgrown.push(`${folder}/${indexPath(index)}.p`);
  }

  /** @param isKnown whether it should be there already */
  async #put(name: string, bytes: Uint8Array, isKnown: boolean): Promise<void> {
    while (this.#running.size >= WRITES_AT_ONCE) await Promise.race(this.#running);
    if (this.#failure !== null) throw this.#failure.error;
    const running = this.#write(name, bytes, isKnown)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #write(name: string, bytes: Uint8Array, isKnown: boolean): Promise<void> {
    const there = await this.#archive.read(name);
    if (isSame(there, bytes)) return;
    // What nobody was shown a checkpoint of is what an interrupted call has left: the same bytes, or of another log.
    if (there !== null && !this.#check) throw new ArchiveError('differs', name);
    await this.#archive.write(name, bytes);
    this.written++;
    if (isKnown || there !== null) this.mended++;
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Resolves when everything is written; rejects with what has failed. */
  async settled(): Promise<void> {
    await this.idle();
    if (this.#failure !== null) throw this.#failure.error;
  }
}
