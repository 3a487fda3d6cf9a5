import { nodeSha256 } from '../crypto/primitives.js';
import { keyStatementsJson } from '../log/key-statements.js';
import { formatStates } from '../log/state-statements.js';
import { formatEntryBundle } from '../log/tiles.js';
import { TileBuilder } from '../merkle/growing-tree.js';
import {
  blockHash,
  type Checkpoint,
  concat,
  decodeHeader,
  equal,
  isZero,
  leafHash,
  LogKeys,
  NO_CHANGES,
  ProofError,
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
import {
  type Archive,
  archivedHeader,
  archivedLeaves,
  ArchiveError,
  isSame,
  knownBundle,
  tilesOf,
} from './archive.js';
import { compareTrees, forked } from './comparison.js';
import { Filing, type Lengths, NOTHING, Row } from './filing.js';
import { HeaderWalk, placed, StatedKeys, type WalkedHeader, type WalkStart } from './headers.js';
import { openCheckpoint, readCheckpoint, type RemoteLog, type SignedCheckpoint } from './remote-log.js';

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
  /** Files that were written. */
  readonly written: number;
  /** How many of these were missing under the checkpoint that was there, or wrong. */
  readonly mended: number;
  /** Whether the checkpoint is another one than before. */
  readonly isNewer: boolean;
}

const CHECKPOINT = 'checkpoint';
const LOG_KEYS = 'v1/log-keys';

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
  const isNewer = before?.text !== text;
  const statements = utf8(keyStatementsJson(learned));
  const stated = await archive.read(LOG_KEYS);
  // Under a newer checkpoint there can be one more.
  const isWrong = before !== null && (stated === null || !isNewer);
  if (!isSame(stated, statements)) await filing.write(LOG_KEYS, statements, isWrong);
  if (!isSame(await archive.read(CHECKPOINT), known)) throw new ArchiveError('busy', CHECKPOINT);
  if (isNewer) await filing.write(CHECKPOINT, utf8(text), known !== null && before === null);
  // Until here, the tiles that are full now were served as partial ones.
  for (const folder of filing.outgrown) await archive.removeFolder(folder);
  const { written, mended } = filing;
  return { origin: anchor.name, blocks: size, entries, written, mended, isNewer };
}

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
