import {
  blockHash,
  checkSignature,
  decodeHeader,
  equal,
  leafHash,
  parseCheckpoint,
  parseNote,
  ProofError,
  quorumHolds,
  sha256,
  splitHashes,
  successionFault,
  TILE_WIDTH,
  tilePath,
  toHex,
  type Checkpoint,
  type Note,
  type Policy,
  type Sha256,
} from '../proof/index.js';
import { readEntryBundle } from './entry-bundle.js';
import { expectationOf, type Predecessor } from './succession.js';
import { TileBuilder, type BuiltTile } from './tile-builder.js';

/** A log as it is published (c2sp.org/tlog-tiles), from wherever it is read. null: there is no such thing there. */
export interface LogSource {
  checkpoint(): Promise<string | null>;
  tile(tile: BuiltTile['id']): Promise<Uint8Array | null>;
  entryBundle(index: number, width: number): Promise<Uint8Array | null>;
}

export interface LogFinding {
  /** `checkpoint`, `block 12`, `tile/0/000`, `tile/entries/000`. */
  readonly where: string;
  /** Which of its values, as docs name them. */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

export interface LogAuditOptions {
  readonly source: LogSource;
  /** Whom the auditor believes. */
  readonly policy: Policy;
  readonly hash?: Sha256;
  /** Blocks checked, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Checks all that a log shows to the world: the signatures of its checkpoint, every header's succession and proof of work,
 * every tile, and that all of it leads to the signed root. Yields what is wrong, in the order of the log; nothing
 * means that the log is sound. Memory is flat: one bundle and one tile of each level at a time.
 *
 * Rejects with what `source` rejects with, and with the signal's reason when it aborts.
 * @returns the checkpoint that the findings are about; null when there is none
 */
export async function* auditLog(options: LogAuditOptions): AsyncGenerator<LogFinding, Checkpoint | null> {
  const { source, policy, hash = sha256 } = options;
  const text = await source.checkpoint();
  if (text === null) return null;
  let note: Note;
  let checkpoint: Checkpoint;
  try {
    note = parseNote(text);
    checkpoint = parseCheckpoint(note.text);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    yield finding('checkpoint', 'text', 'a signed checkpoint', error.message);
    return null;
  }
  yield* checkSignatures(note, checkpoint, policy);
  const builder = new TileBuilder(hash);
  const whole = yield* checkBlocks(options, checkpoint.size, builder);
  if (!whole) return checkpoint;
  for (const tile of builder.finish()) yield* checkTile(source, tile);
  const root = builder.root();
  if (!equal(root, checkpoint.root)) {
    yield finding('checkpoint', 'root', toHex(root), toHex(checkpoint.root));
  }
  return checkpoint;
}

function* checkSignatures(note: Note, { origin }: Checkpoint, policy: Policy): Generator<LogFinding> {
  const states = policy.logs
    .filter(({ name }) => name === origin)
    .map((key) => checkSignature(note, key).state);
  if (!states.includes('good') || states.includes('bad')) {
    const names = policy.logs.map(({ name }) => name).join(', ');
    yield finding(
      'checkpoint',
      'signature',
      `a good signature by ${names}`,
      states.includes('bad')
        ? `a bad signature by ${origin}`
        : `${origin}, not signed by a key that you trust`,
    );
  }
  const cosigned = [...policy.witnesses].filter(([, key]) => checkSignature(note, key).state === 'good');
  if (!quorumHolds(policy, new Set(cosigned.map(([name]) => name)))) {
    yield finding(
      'checkpoint',
      'cosignatures',
      `the quorum ${policy.quorum ?? 'none'}`,
      cosigned.map(([name]) => name).join(', ') || 'none',
    );
  }
}

/** @returns whether the log could be read to its end */
async function* checkBlocks(
  { source, hash = sha256, onProgress, signal }: LogAuditOptions,
  size: number,
  builder: TileBuilder,
): AsyncGenerator<LogFinding, boolean> {
  let previous: Predecessor | null = null;
  let minimum = 0;
  for (let first = 0; first < size; first += TILE_WIDTH) {
    signal?.throwIfAborted();
    const id = { level: 0, index: first / TILE_WIDTH, width: Math.min(TILE_WIDTH, size - first) };
    const where = tilePath(id).replace('tile/0', 'tile/entries');
    const headers = readEntryBundle(await source.entryBundle(id.index, id.width));
    if (headers?.length !== id.width) {
      yield finding(
        where,
        'entries',
        `${id.width} headers`,
        headers === null ? 'no such bundle' : `${headers.length}`,
      );
      return false;
    }
    for (const [i, bytes] of headers.entries()) {
      const block = `block ${first + i}`;
      try {
        const header = decodeHeader(bytes);
        if (previous === null) minimum = header.difficulty;
        const fault = successionFault(bytes, previous, minimum);
        if (fault !== null) {
          const { expected, found } = expectationOf(fault, bytes, previous, minimum);
          yield finding(block, fault, expected, found);
        }
        previous = { header, hash: blockHash(bytes, hash) };
      } catch (error) {
        if (!(error instanceof ProofError)) throw error;
        yield finding(block, 'header', 'a header', error.message);
        return false;
      }
      for (const tile of builder.push(leafHash(bytes, hash))) yield* checkTile(source, tile);
    }
    onProgress?.(first + id.width, size);
  }
  return true;
}

async function* checkTile(source: LogSource, { id, hashes }: BuiltTile): AsyncGenerator<LogFinding> {
  const bytes = await source.tile(id);
  const where = tilePath(id);
  if (bytes?.length !== id.width * 32) {
    yield finding(
      where,
      'length',
      `${id.width * 32} bytes`,
      bytes === null ? 'no such tile' : `${bytes.length} bytes`,
    );
    return;
  }
  for (const [i, found] of splitHashes(bytes).entries()) {
    const expected = hashes[i];
    if (expected !== undefined && !equal(found, expected)) {
      yield finding(where, `hash ${i}`, toHex(expected), toHex(found));
    }
  }
}

function finding(where: string, what: string, expected: string, found: string): LogFinding {
  return { where, what, expected, found };
}
