import { NODE_VERIFIERS, nodeSha256 } from '../crypto/primitives.js';
import {
  blockHash,
  checkCosignature,
  checkSignature,
  decodeHeader,
  equal,
  isSignedBy,
  type Header,
  isZero,
  leafHash,
  LogKeys,
  logKeysFor,
  parseCheckpointNote,
  ProofError,
  quorumHolds,
  sameKey,
  splitHashes,
  successionFault,
  TILE_WIDTH,
  tilePath,
  toHex,
  type Checkpoint,
  type CheckpointNote,
  type Note,
  type Policy,
  type RetiredKey,
  type TileId,
  type VerifierKey,
} from '../proof/index.js';
import { statementFault } from '../log/state-statements.js';
import { readEntryBundle } from '../log/tiles.js';
import { stateHash } from '../proof/time/state.js';
import type { LogFinding, LogSource } from './log-source.js';
import { RemoteMap } from './remote-map.js';
import { TileBuilder } from '../merkle/growing-tree.js';
import {
  isOfHeader,
  parseKeyStatements,
  type ShownStatement,
  expectationOf,
  type Predecessor,
} from '../log/key-statements.js';

export interface LogAuditOptions {
  readonly source: LogSource;
  /** The auditor's trust policy. */
  readonly policy: Policy;
  /** Blocks checked, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Checks a published log: the signatures of its checkpoint, the succession and proof of work of every header,
 * every tile, and that they lead to the signed root; and the map of its records. Yields what is wrong, in the
 * order of the log; a log without findings is sound. Memory is flat but for the map: one bundle and one tile of each
 * level at a time.
 *
 * Rejects with what `source` rejects with, and with the signal's reason when it aborts.
 * @returns the checkpoint that the findings are about; null when there is none
 */
export async function* auditLog(options: LogAuditOptions): AsyncGenerator<LogFinding, Checkpoint | null> {
  const { source, policy } = options;
  const text = await source.checkpoint();
  if (text === null) return null;
  let parsed: CheckpointNote;
  try {
    parsed = parseCheckpointNote(text);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    yield finding('checkpoint', 'text', 'a signed checkpoint', error.message);
    return null;
  }
  const { note, checkpoint } = parsed;
  const statements = yield* readStatements(source, checkpoint.size);
  yield* checkSignatures(note, checkpoint, policy, statements);
  const builder = TileBuilder.empty();
  const whole = yield* checkBlocks(options, checkpoint, builder, statements);
  if (!whole) return checkpoint;
  for (const { id, hashes } of builder.partialTiles()) yield* checkTile(source, id, hashes);
  const root = builder.root();
  if (!equal(root, checkpoint.root)) {
    yield finding('checkpoint', 'root', toHex(root), toHex(checkpoint.root));
  }
  return checkpoint;
}

/** The key statements in the blocks under the checkpoint. */
async function* readStatements(
  source: LogSource,
  size: number,
): AsyncGenerator<LogFinding, ShownStatement[]> {
  const text = (await source.keyStatements?.()) ?? null;
  if (text === null) return [];
  try {
    return parseKeyStatements(text).filter(({ proof }) => proof.block.header.height < size);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    yield finding('log keys', 'statements', 'statements with proofs', error.message);
    return [];
  }
}

function* checkSignatures(
  note: Note,
  { origin, size }: Checkpoint,
  policy: Policy,
  statements: readonly ShownStatement[],
): Generator<LogFinding> {
  const believed = logKeysFor(policy, origin, 0);
  const keys = yield* keysOf(believed, statements, policy, size);
  const expected = keys?.at(size) ?? [];
  const states = (keys === null ? logKeysFor(policy, origin, size) : expected).map(
    (key) => checkSignature(note, key, NODE_VERIFIERS).state,
  );
  const names = [...policy.logs, ...policy.retired.map(({ key }) => key)].map(({ name }) => name).join(', ');
  if (!states.includes('good') || states.includes('bad')) {
    yield finding(
      'checkpoint',
      'signature',
      `a valid signature by ${names}`,
      states.includes('bad')
        ? `an invalid signature by ${origin}`
        : `${origin}, not signed by a key that you trust`,
    );
  } else if (keys !== null && !isSignedBy(note, expected, NODE_VERIFIERS)) {
    const found = note.signatures.filter(({ name }) => name === origin);
    const ids = (signers: readonly { readonly keyId: Uint8Array }[]) =>
      signers.map(({ keyId }) => toHex(keyId)).join(' and ');
    yield finding('checkpoint', 'signatures', `those of ${ids(expected)}`, ids(found));
  }
  const cosigned = [...policy.witnesses].filter(
    ([, key]) => checkCosignature(note, key, NODE_VERIFIERS).state === 'good',
  );
  if (!quorumHolds(policy, new Set(cosigned.map(([name]) => name)))) {
    yield finding(
      'checkpoint',
      'cosignatures',
      `the quorum ${policy.quorum ?? 'none'}`,
      cosigned.map(([name]) => name).join(', ') || 'none',
    );
  }
}

/**
 * The keys of the log by its own key statements, if a trusted key is one of them: it vouches for the later
 * ones. Null: there are no statements, and the policy names several keys; then the policy decides which of
 * them sign.
 */
function* keysOf(
  believed: readonly VerifierKey[],
  statements: readonly ShownStatement[],
  policy: Policy,
  size: number,
): Generator<LogFinding, LogKeys | null> {
  const [known] = believed;
  if (known === undefined || (statements.length === 0 && believed.length > 1)) return null;
  try {
    const keys = LogKeys.of(
      known,
      statements.map(({ note: text, proof }) => ({ text, firstSize: proof.block.header.height + 1 })),
    );
    // The holder of a retired key can sign any statement with it, so the size at which it was retired is that
    // of the policy.
    const given = policy.retired.filter(({ key, until }) => key.name === known.name && until < size);
    const ends = ({ key, until }: RetiredKey) =>
      keys.all.some((each) => sameKey(each.key, key) && each.until === until);
    if (!given.every(ends))
      yield finding('log keys', 'statements', 'the end of each retired key', 'another end, or none');
    else if (logKeysFor(policy, known.name, size).some((key) => keys.has(key))) return keys;
    else yield finding('log keys', 'statements', 'a key that you trust', 'statements of other keys');
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    yield finding('log keys', 'statements', 'statements that follow from each other', error.message);
  }
  return null;
}

/** @returns whether the log could be read to its end */
async function* checkBlocks(
  { source, onProgress, signal }: LogAuditOptions,
  { origin, size }: Checkpoint,
  builder: TileBuilder,
  statements: readonly ShownStatement[],
): AsyncGenerator<LogFinding, boolean> {
  let previous: Predecessor | null = null;
  let minimum = 0;
  const map = source.changes === undefined ? null : new RemoteMap(origin, source);
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
    const decoded: Header[] = [];
    for (const [i, bytes] of headers.entries()) {
      const block = `block ${first + i}`;
      try {
        const header = decodeHeader(bytes);
        decoded.push(header);
        if (previous === null) minimum = header.difficulty;
        const fault = successionFault(bytes, previous, minimum);
        if (fault !== null) {
          const { expected, found } = expectationOf(fault, bytes, previous, minimum);
          yield finding(block, fault, expected, found);
        }
        previous = { header, hash: blockHash(bytes, nodeSha256) };
      } catch (error) {
        if (!(error instanceof ProofError)) throw error;
        yield finding(block, 'header', 'a header', error.message);
        return false;
      }
      for (const { proof } of statements) {
        if (proof.block.header.height === first + i && !isOfHeader(proof, bytes))
          yield finding('log keys', 'statements', `a statement in ${block}`, 'one in a block of another log');
      }
      for (const { level, index, hashes } of builder.push(leafHash(bytes, nodeSha256)))
        yield* checkTile(source, { level, index, width: TILE_WIDTH }, hashes);
    }
    yield* checkStatements(source, decoded, map);
    onProgress?.(first + id.width, size);
  }
  return true;
}

/** @param headers of consecutive blocks */
async function* checkStatements(
  source: LogSource,
  headers: readonly Header[],
  map: RemoteMap | null,
): AsyncGenerator<LogFinding> {
  if (source.statements === undefined) return;
  const hasNone = headers.every(({ state }) => isZero(state));
  const statements = hasNone
    ? []
    : ((await source.statements(headers[0]?.height ?? 0, headers.length)) ?? []);
  for (const [i, header] of headers.entries()) {
    const { height, state } = header;
    const statement = statements[i] ?? null;
    const fault = statementFault(state, statement);
    if (fault !== null)
      yield finding(`block ${height}`, 'state', toHex(state), `${toHex(stateHash(statement))}: it ${fault}`);
    if (map !== null) yield* map.check(header, statement);
  }
}

async function* checkTile(source: LogSource, id: TileId, hashes: Uint8Array): AsyncGenerator<LogFinding> {
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
  const computed = splitHashes(hashes);
  for (const [i, found] of splitHashes(bytes).entries()) {
    const expected = computed[i];
    if (expected !== undefined && !equal(found, expected)) {
      yield finding(where, `hash ${i}`, toHex(expected), toHex(found));
    }
  }
}

function finding(where: string, what: string, expected: string, found: string): LogFinding {
  return { where, what, expected, found };
}
